"""The built-in bot for OpenAI and every server that speaks its chat completions API.

Options, endpoint, choice of the model; the conversation itself is `loop.py`'s, its requests are `chat.py`'s. Made by
`registry.py` through `make_bot`. The openai package is loaded when a run begins, not before.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from git_draft.bots.blocks import parse_answer
from git_draft.bots.chat import ChatCompletions, Dislikes, Endpoint, translate_errors
from git_draft.bots.client import open_client
from git_draft.bots.edits import Edit, Renaming, Replacement, WholeFile
from git_draft.bots.intents import is_question
from git_draft.bots.loop import TextNeededError, run_loop
from git_draft.bots.replies import ChatModel, Reply
from git_draft.bots.retry import RequestError, with_retries
from git_draft.bots.rounds import Manner, run_rounds
from git_draft.bots.turns import Limits, Turns
from git_draft.bots.wording import Form
from git_draft.config import describe_invalid
from git_draft.errors import BotError, ConfigError, ToolError
from git_draft.events import Warned
from git_draft.model import Goal, Outcome
from git_draft.protocols import Clock, Feedback, Memory, Worktree

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

DEFAULT_BASE_URL = "https://api.openai.com/v1"
NO_KEY = "placeholder-as-no-api-key-is-set"
"""Sent where there is no key: the openai package wants one, a server on this machine mostly does not."""
_LIMITS = Limits()
_EDITS = "edits"
"""What is learned under this name: that a model's edits are text, ``blocks``, or that it calls tools, ``tools``."""
Options = TypeVar("Options", bound=BaseModel)


class ChatOptions(BaseModel):
    """What may be set of a run, wherever the model is.

    Args:
        temperature: sent only where it is set.
        max_tokens: the most tokens in one reply, sent only where it is set.
        edits: how the model makes changes: by calling tools, or by writing them as text, as search/replace blocks or
            as whole files; ``auto`` begins with tools and finds out.
        context_tokens: how much of the files a model is shown that writes its edits as text.
        timeout_s: how long the server may be silent; a slow machine reads a long prompt for minutes.
        max_turns: see `Limits`, as the next three.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float | None = Field(None, ge=0)
    max_tokens: int | None = Field(None, ge=1)
    edits: Literal["auto", "tools", "blocks", "whole"] = "auto"
    context_tokens: int = Field(16_000, ge=0)
    timeout_s: float = Field(180, gt=0)
    max_turns: int = Field(_LIMITS.turns, ge=1)
    max_identical_calls: int = Field(_LIMITS.identical_calls, ge=2)
    max_walltime_s: float = Field(_LIMITS.walltime_s, gt=0)
    max_tokens_out: int = Field(_LIMITS.tokens_out, ge=1)


class OpenAIOptions(ChatOptions):
    """What the configuration and ``--option`` may set.

    Args:
        model: else OPENAI_MODEL, where no base_url is set here, else the only model that the server names.
        base_url: else OPENAI_BASE_URL, else OpenAI's own.
        api_key: else OPENAI_API_KEY, where no base_url is set here; not needed for this machine.
    """

    model: str | None = Field(None, min_length=1)
    base_url: str | None = None
    api_key: SecretStr | None = None


def make_bot(
    options: Mapping[str, object],
    *,
    env: Mapping[str, str],
    clock: Clock,
    memory: Memory,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> OpenAIBot:
    """Make the bot from its options; nothing is sent yet.

    Args:
        options: as `OpenAIOptions` describes them.
        env: where OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL are read.
        clock: the time.
        memory: what was learned of endpoints.
        transport: in place of the network, for tests.

    Raises:
        ConfigError: where an option is unknown or wrong, or the API key is missing.
    """
    checked = check_options(OpenAIOptions, options, bot="openai")
    return OpenAIBot(checked, env=env, clock=clock, memory=memory, transport=transport)


def check_options(kind: type[Options], options: Mapping[str, object], *, bot: str) -> Options:
    """Read options as their class describes them.

    Raises:
        ConfigError: where one is unknown or wrong.
    """
    try:
        return kind.model_validate(options)
    except ValidationError as error:
        known = ", ".join(sorted(kind.model_fields))
        raise ConfigError(
            f"the {bot} bot's option {describe_invalid(error)}", hint=f"its options are {known}"
        ) from None


class OpenAIBot:
    """Implements `git_draft.protocols.Bot` with a model behind an OpenAI-compatible server.

    Args:
        is_guided: whether a model that writes whole files gets the help that small ones need, see `Manner`. It takes a
            server that goes on with a given beginning and tells the alternatives of each token, as llama.cpp's does.
    """

    def __init__(
        self,
        options: OpenAIOptions,
        *,
        env: Mapping[str, str],
        clock: Clock,
        memory: Memory,
        transport: httpx2.AsyncBaseTransport | None,
        is_guided: bool = False,
    ) -> None:
        self._options = options
        self._clock = clock
        self._memory = memory
        self._transport = transport
        self._is_guided = is_guided
        self._url = _parse_base_url(options.base_url or env.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL)
        # model and key of the environment are for its endpoint, never for one that the configuration names
        self._model = options.model or (None if options.base_url else env.get("OPENAI_MODEL")) or None
        self._dislikes = Dislikes()
        env_key = "" if options.base_url else env.get("OPENAI_API_KEY", "")
        key = options.api_key.get_secret_value() if options.api_key else env_key
        self._endpoint = Endpoint(_format_url(self._url), _check_key(key, self.host), options.timeout_s)

    @property
    def model(self) -> str | None:
        """The model's name; None before the first run where the server is still to be asked."""
        return self._model

    @property
    def host(self) -> str | None:
        """The host that everything is sent to, None where that is this machine."""
        name = self._url.hostname or ""
        return None if _is_this_machine(name) else name

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Work on the goal until it is done.

        Raises:
            BotError: where no reply came at all, or the server offers no clear choice of a model.
        """
        async with self._open_client() as client:
            self._model = self._model or await self._choose_model(client, feedback)
            options = self._options
            sent = {"temperature": options.temperature, "max_tokens": options.max_tokens}
            sent |= {"logprobs": True, "top_logprobs": 5} if self._is_guided and options.edits == "whole" else {}
            chat = ChatCompletions(
                client,
                self._endpoint,
                self._model,
                parameters={name: value for name, value in sent.items() if value is not None},
                dislikes=self._dislikes,
                clock=self._clock,
                feedback=feedback,
            )
            return await self._converse(chat, goal, worktree, feedback)

    async def _converse(self, chat: ChatModel, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Work on the goal by tools, or by edits as text where that is wanted, known to be needed, or found out to be."""
        options = self._options
        limits = Limits(options.max_turns, options.max_identical_calls, options.max_walltime_s, options.max_tokens_out)
        turns = Turns(chat, feedback, self._clock, limits)
        form = self._find_form()
        if form is None:
            try:
                outcome = await self._call_tools(turns, goal, worktree, feedback)
            except TextNeededError as needed:
                return await self._change_over(turns, goal, worktree, feedback, needed.reply)
            if turns.has_calls:  # forgets that its edits are text, if that was learned
                self._learn("tools")
            return outcome
        return await run_rounds(turns, goal, worktree, feedback, self._make_manner(form))

    async def _change_over(
        self, turns: Turns, goal: Goal, worktree: Worktree, feedback: Feedback, first: Reply | None
    ) -> Outcome:
        """Go on with edits as text; that the model needs them is learned once it is plain.

        It is where the server refused tools. A model that was seen to call them is tried with them again; one that was
        not may have written something else that only reads as edits, unless files are different afterwards.
        """
        if first is None:
            self._learn("blocks")
            how = "does not call tools; its edits are read as text from now on"
        else:
            how = "wrote its edits as text; they are read as such"
        feedback.emit(Warned(message=f"{self.model} {how}"))
        names = _list_names(first.text, worktree) if first else frozenset()
        before = _read_namesakes(names, worktree)
        outcome = await run_rounds(turns, goal, worktree, feedback, self._make_manner("blocks"), first=first)
        if first and self._recall() != "tools" and _read_namesakes(names, worktree) != before:
            self._learn("blocks")
        return outcome

    def _make_manner(self, form: Form) -> Manner:
        return Manner(form, self._options.context_tokens, is_guided=self._is_guided and form == "whole")

    async def _call_tools(self, turns: Turns, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        def holds_edits(text: str) -> bool:
            return not is_question(goal.prompt) and any(_is_change(edit, worktree) for edit in _parse(text, worktree))

        is_text_edit = holds_edits if self._options.edits == "auto" else None
        return await run_loop(turns, goal, worktree, feedback, clock=self._clock, is_text_edit=is_text_edit)

    def _recall(self) -> str | None:
        return self._memory.recall(self._endpoint.base_url, self.model or "", _EDITS)

    def _learn(self, value: str) -> None:
        if self._recall() != value:
            self._memory.learn(self._endpoint.base_url, self.model or "", _EDITS, value)

    def _find_form(self) -> Form | None:
        """Find the form in which edits are written as text, None for tools."""
        wanted: str | None = self._options.edits
        if wanted == "auto":
            wanted = self._recall()
        return "whole" if wanted == "whole" else "blocks" if wanted == "blocks" else None

    def _open_client(self) -> AsyncOpenAI:
        return open_client(
            self._url.geturl(),
            self._endpoint.api_key,
            timeout_s=self._endpoint.timeout_s,
            is_remote=self.host is not None,
            transport=self._transport,
        )

    async def _choose_model(self, client: AsyncOpenAI, feedback: Feedback) -> str:
        """Ask the server for its models and take the only one."""
        where = self._endpoint.base_url

        async def list_models() -> list[str]:
            with translate_errors(self._endpoint, self._clock):
                answer = await client.models.with_raw_response.list()
                return _parse_models(answer.content)

        try:
            names = await with_retries(list_models, self._clock, feedback)
        except RequestError as error:
            is_unlisted = error.status in {404, 405, 501}
            reason = f"no model is named, and {where} does not list any" if is_unlisted else error.reason
            raise BotError(reason, hint="name one with -m NAME" if is_unlisted else error.hint) from error
        if len(names) == 1:
            return names[0]
        if not names:
            raise BotError(f"{where} offers no model", hint="load one there, or name one with -m NAME")
        some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        raise BotError(f"{where} offers {len(names)} models: {some}", hint="name one with -m NAME, or set OPENAI_MODEL")


def _parse(text: str, worktree: Worktree) -> Sequence[Edit]:
    return parse_answer(text, [str(path) for path in worktree.list_tracked()]).edits


def _list_names(text: str, worktree: Worktree) -> frozenset[str]:
    """List the names, without folders, of the files that an answer is to change."""
    edits = _parse(text, worktree)
    paths = [edit.dst_path if isinstance(edit, Renaming) else edit.path for edit in edits]
    return frozenset(PurePosixPath(path).name for path in paths)


def _read_namesakes(names: Collection[str], worktree: Worktree) -> dict[str, str | None]:
    """Read the files of these names; a model may leave out the folder."""
    texts: dict[str, str | None] = {}
    for path in worktree.list_files():
        if path.name in names:
            try:
                texts[str(path)] = worktree.read_file(str(path))
            except ToolError:
                texts[str(path)] = None
    return texts


def _is_change(edit: Edit, worktree: Worktree) -> bool:
    """Tell whether an edit is more than a quotation of all that is there: a model that explains quotes."""
    match edit:
        case Replacement():
            return edit.search.strip() != edit.replace.strip()
        case WholeFile():
            texts = _read_namesakes({PurePosixPath(edit.path).name}, worktree).values()
            return not any(_fold(edit.contents) == _fold(text) for text in texts if text)
        case _:
            return True


def _fold(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _parse_models(body: bytes) -> list[str]:
    try:
        data: Any = json.loads(body)
        return sorted(str(model["id"]) for model in data["data"])
    except (ValueError, TypeError, KeyError):
        raise RequestError(
            "the list of models is no JSON as it should be", hint="is the base URL right? it often ends in /v1"
        ) from None


def _parse_base_url(text: str) -> SplitResult:
    try:
        url = urlsplit(text.strip())
        is_complete = url.scheme in {"http", "https"} and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        is_complete = False
    if not is_complete:
        shown = f"***@{text.rpartition('@')[2]}" if "@" in text else text  # before it: user and password
        raise ConfigError(f"bad base URL: {shown}", hint="it looks like http://localhost:11434/v1")
    return url


def _format_url(url: SplitResult) -> str:
    """Give a URL as it may be shown, without user and password."""
    return url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")


def _is_this_machine(name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _check_key(key: str, host: str | None) -> str:
    key = key.strip()
    if not key and host is None:
        return NO_KEY
    if not key:
        raise ConfigError(
            f"no API key for {host}",
            hint="set api_key of this bot, or, for the default host and OPENAI_BASE_URL, OPENAI_API_KEY",
        )
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"the API key for {host or 'this machine'} has characters that can't be sent")
    return key
