"""The built-in bot for OpenAI and every server that speaks one of its two APIs.

Puts endpoint, key, model, transport and limits together for a run; the conversation itself is `conversing.py`'s, its
requests are the transports'. Made by `registry.py` through `make_bot`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from git_draft.bots.address import (
    DEFAULT_BASE_URL,
    NO_KEY,
    check_key,
    format_url,
    is_this_machine,
    make_account_headers,
    parse_base_url,
)
from git_draft.bots.capability import Api, Capabilities
from git_draft.bots.chat import ChatCompletions
from git_draft.bots.client import Azure, Client, loading, open_client
from git_draft.bots.conversing import Conversation
from git_draft.bots.endpoint import Endpoint
from git_draft.bots.explaining import FirstRequest
from git_draft.bots.meter import Bounds
from git_draft.bots.offers import choose_model, list_models
from git_draft.bots.options import OpenAIOptions, check_options
from git_draft.bots.prices import Prices, make_fixed_price
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.bots.replies import ChatModel
from git_draft.bots.responses import Responses
from git_draft.bots.retry import RequestError
from git_draft.bots.room import Room
from git_draft.bots.sending import Wire
from git_draft.bots.spending import Spending
from git_draft.bots.transports import EitherApi, choose_api
from git_draft.bots.turns import Limits, Turns
from git_draft.errors import ConfigError
from git_draft.log import register_secret
from git_draft.model import Explanation, Finding, Goal, Outcome
from git_draft.protocols import Clock, Feedback, Memory, Worktree

if TYPE_CHECKING:
    import httpx2


def make_bot(
    options: Mapping[str, object],
    *,
    env: Mapping[str, str],
    clock: Clock,
    memory: Memory,
    transport: httpx2.AsyncBaseTransport | None = None,
    quirks: Quirks = ALL_QUIRKS,
) -> OpenAIBot:
    """Make the bot from its options; nothing is sent yet.

    Args:
        options: as `OpenAIOptions` describes them.
        env: where OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL, OPENAI_ORG_ID and OPENAI_PROJECT_ID are read.
        clock: the time.
        memory: what was learned of endpoints.
        transport: in place of the network, for tests.
        quirks: the rows of the table that are handled.

    Raises:
        ConfigError: where an option is unknown or wrong, or the API key is missing.
    """
    checked = check_options(OpenAIOptions, options, bot="openai")
    return OpenAIBot(checked, env=env, clock=clock, memory=memory, transport=transport, quirks=quirks)


class OpenAIBot:
    """Implements `Bot`, `Preparing`, `Checkable` and `Explaining` of `git_draft.protocols` with an OpenAI-compatible server.

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
        quirks: Quirks = ALL_QUIRKS,
    ) -> None:
        self._options = options
        self._clock = clock
        self._memory = memory
        self._transport = transport
        self._is_guided = is_guided
        self._quirks = quirks
        own = options.azure_endpoint or options.base_url
        self._url = parse_base_url(own or env.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL)
        self._azure = _find_azure(options)
        # model and key of the environment are for its endpoint, never for one that the configuration names
        self._model = options.model or (None if own else env.get("OPENAI_MODEL")) or None
        variable = "AZURE_OPENAI_API_KEY" if self._azure else "" if own else "OPENAI_API_KEY"
        secret = options.azure_ad_token or options.api_key
        key = secret.get_secret_value() if secret else env.get(variable, "")
        register_secret(key.strip())
        register_secret(self._url.password)
        self._endpoint = Endpoint(
            format_url(self._url), check_key(key, self.host), options.first_byte_timeout_s, options.idle_timeout_s
        )
        self._account = {} if own else make_account_headers(env)
        fixed = make_fixed_price(options.price_in, options.price_out, options.price_cached)
        self._prices = Prices(self._endpoint.base_url, fixed, clock.now())
        if options.max_cost is not None and self._model:  # said before a folio is opened
            self._prices.get(self._model)

    @property
    def model(self) -> str | None:
        """The model's name; None before the first run where the server is still to be asked."""
        return self._model

    @property
    def host(self) -> str | None:
        """The host that everything is sent to, None where that is this machine."""
        name = self._url.hostname or ""
        return None if is_this_machine(name) else name

    def prepared(self, feedback: Feedback) -> AbstractContextManager[None]:  # noqa: ARG002  # as `Preparing` has it
        """Load what speaks to servers while the snapshot is taken."""
        return loading()

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Work on the goal until it is done.

        Raises:
            BotError: where no reply came at all, or the server offers no clear choice of a model.
            ConfigError: where there is a limit of cost for a model whose price is not known.
        """
        async with self._open_client() as client:
            self._model = self._model or await choose_model(client, self._endpoint, self._clock, feedback)
            known = self._recall(self._model)
            wire = Wire(client, self._endpoint, known, self._clock, feedback, self._quirks)
            spending = Spending(self._prices, self._model, self._options.max_cost, feedback)
            turns = self._make_turns(self._make_model(wire), known, feedback, spending)
            return await self._make_conversation(turns, known, goal, worktree, feedback).hold()

    async def explain(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Explanation:
        """Tell what the first request would be; nothing is sent, and the server is not asked for its model."""
        first, known = FirstRequest(), self._recall(self._model or "")
        turns = self._make_turns(first, known, feedback, None)
        run = self._make_conversation(turns, known, goal, worktree, feedback).hold()
        return await first.explain(run, model=self._model, host=self.host, url=self._endpoint.base_url)

    def _make_turns(
        self, model: ChatModel, known: Capabilities, feedback: Feedback, spending: Spending | None
    ) -> Turns:
        options = self._options
        limits = Limits(options.max_turns, options.max_identical_calls, options.max_walltime_s, options.max_tokens_out)
        room = Room(known, self._quirks)
        return Turns(model, feedback, self._clock, limits, room=room, spending=spending, quirks=self._quirks)

    def _make_conversation(
        self, turns: Turns, known: Capabilities, goal: Goal, worktree: Worktree, feedback: Feedback
    ) -> Conversation:
        return Conversation(
            turns,
            goal,
            worktree,
            feedback,
            clock=self._clock,
            known=known,
            options=self._options,
            is_guided=self._is_guided,
        )

    async def check(self, feedback: Feedback) -> Sequence[Finding]:
        """Find out what the server and the model can do, by a tiny request or two."""
        from git_draft.bots.checking import Offers, converse, describe_offers

        async with self._open_client() as client:
            try:
                offers = Offers(await list_models(client, self._endpoint, self._clock, feedback))
            except RequestError as error:
                offers = Offers(error=error)
            if self._model is None and len(offers.models) == 1:
                self._model = offers.models[0].name
            findings = list(describe_offers(self._endpoint, offers, self._model))
            if self._model is None:
                return [*findings, Finding("model", "none is named", is_ok=False, hint="name one with -m NAME")]
            if not all(finding.is_ok for finding in findings):
                return findings
            known = self._recall(self._model)
            for offered in offers.models:
                if offered.name == self._model and offered.context_tokens:
                    known.learn_context(offered.context_tokens)
            wire = Wire(client, self._endpoint, known, self._clock, feedback, self._quirks)
            return [*findings, *await converse(self._make_model(wire), known, has_key=self._endpoint.api_key != NO_KEY)]

    def forget(self) -> None:
        """Forget what was learned of the server, or of the one model that is named."""
        self._memory.forget(self._endpoint.base_url, self._model)

    def _recall(self, model: str) -> Capabilities:
        """Give what is known of the model here: what the options say, and what was learned."""
        options = self._options
        given = {
            "api": "" if options.api == "auto" else options.api,
            "context": str(options.context_size or ""),
            "refused": ",".join(options.refused.replace(" ", "").split(",")),
        }
        return Capabilities(self._memory, self._endpoint.base_url, model, given)

    def _make_model(self, wire: Wire) -> EitherApi:
        options = self._options
        sent = {"temperature": options.temperature, "max_tokens": options.max_tokens}
        sent |= {"logprobs": True, "top_logprobs": 5} if self._is_guided and options.edits == "whole" else {}
        parameters = {name: value for name, value in sent.items() if value is not None}
        bounds = Bounds(options.max_tokens)
        is_open = options.api == "auto" and Quirk.OTHER_API in self._quirks  # then the other API comes first
        chat_wire = replace(wire, quirks=wire.quirks - {Quirk.TOOLS_WITH_REASONING}) if is_open else wire
        models: Mapping[Api, ChatModel] = {
            "chat": ChatCompletions(chat_wire, parameters=parameters, bounds=bounds),
            "responses": Responses(wire, parameters=parameters, bounds=bounds),
        }
        first = choose_api(self._url.hostname or "")
        return EitherApi(models, first=first, known=wire.known, quirks=self._quirks)

    def _open_client(self) -> Client:
        return open_client(
            self._url,
            self._make_headers(),
            is_remote=self.host is not None,
            transport=self._transport,
            azure=self._azure,
        )

    def _make_headers(self) -> Mapping[str, str]:
        key = self._endpoint.api_key
        if self._azure and not self._azure.is_token:
            return {"api-key": key}
        return {"Authorization": f"Bearer {key}", **self._account}


def _find_azure(options: OpenAIOptions) -> Azure | None:
    if options.azure_endpoint is None:
        return None
    if options.base_url:
        raise ConfigError("base_url and azure_endpoint are two ways to say where", hint="give one of them")
    if options.api_version is None:
        raise ConfigError(
            "azure_endpoint needs an api_version", hint="or base_url, ending in /openai/v1, which needs none"
        )
    return Azure(options.api_version, is_token=options.azure_ad_token is not None)
