"""The built-in bot that needs no key, no account and no network: a model that llama.cpp runs on this machine.

It is the openai bot with a server of its own, which `serving.py` starts before the snapshot is taken and ends with the
run. Options and the choice of the model's file are here. Made by `registry.py` through `make_bot`.
"""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from git_draft.bots.openai import OpenAIBot
from git_draft.bots.options import ChatOptions, OpenAIOptions, check_options
from git_draft.bots.retry import RequestError
from git_draft.bots.serving import INSTALL_HINT, ModelFile, ModelServer, Served, started_server
from git_draft.catalogue import DEFAULT_MODEL, find_model, get_model
from git_draft.errors import BotError, ConfigError
from git_draft.events import ModelLoading
from git_draft.model import Explanation, Finding, Goal, Outcome, OutcomeKind
from git_draft.protocols import Clock, Feedback, Memory, Worktree

_ENDPOINT = "local"
_VARIANT_TEMPERATURE = 0.7
"""Of siblings but the first, which would all be the same without; used where no temperature is set."""
_MAGIC = b"GGUF"


class LocalOptions(ChatOptions):
    """What the configuration and ``--option`` may set.

    Args:
        model: a name of the catalogue, or the path of a GGUF file.
        context_size: tokens of prompt and answer together; no more are used than the model was made for.
        threads: else as many as the machine has cores.
        temperature: at 0 a small model makes the fewest slips.
        max_tokens: a small model may write the same lines without end; this has room for a file of 300 lines.
        edits: small models write whole files best, and call no tools.
        context_tokens: else half of the context.
        first_byte_timeout_s: how long the model may load, and an answer take to begin: two cores read a prompt of
            4,000 tokens in over a minute.
    """

    model: str = Field(DEFAULT_MODEL, min_length=1)
    context_size: int = Field(8192, ge=256)
    threads: int | None = Field(None, ge=1)
    temperature: float | None = Field(0, ge=0)
    max_tokens: int = Field(3072, ge=1)
    edits: Literal["auto", "tools", "blocks", "whole"] = "whole"
    first_byte_timeout_s: float = Field(600, gt=0)


def make_bot(options: Mapping[str, object], *, env: Mapping[str, str], clock: Clock, memory: Memory) -> LocalBot:
    """Make the bot from its options; nothing is started yet.

    Args:
        options: as `LocalOptions` describes them.
        env: where the folders for weights and logs are read.
        clock: the time.
        memory: what was learned of models.

    Raises:
        ConfigError: where an option is unknown or wrong, the model is not here, or xllamacpp is not installed.
        UsageError: where the model is neither in the catalogue nor a file.
    """
    checked = check_options(LocalOptions, options, bot="local")
    if importlib.util.find_spec("xllamacpp") is None:
        raise ConfigError("the local bot needs xllamacpp, which is not installed", hint=INSTALL_HINT)
    path = _find_file(checked.model, env)
    name = path.stem if _is_path(checked.model) else checked.model
    return LocalBot(checked, ModelFile(name, path, checked.context_size, checked.threads), env, clock, memory)


class LocalBot:
    """Implements `git_draft.protocols.Bot`, `Preparing` and `Checkable` with a model on this machine."""

    host = None

    def __init__(
        self, options: LocalOptions, file: ModelFile, env: Mapping[str, str], clock: Clock, memory: Memory
    ) -> None:
        self._options = options
        self._file = file
        self._env = env
        self._clock = clock
        self._memory = _LocalMemory(memory)
        self._server: ModelServer | None = None

    @property
    def model(self) -> str:
        """The model's name in the catalogue, or its file's."""
        return self._file.name

    @contextlib.contextmanager
    def prepared(self, feedback: Feedback) -> Iterator[None]:
        """Let the model load, and end its server afterwards."""
        with started_server(self._file, self._env) as server:
            feedback.emit(ModelLoading(model=self.model))
            self._server = server
            try:
                yield
            finally:
                self._server = None

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Work on the goal until it is done.

        Raises:
            BotError: where the model can't be loaded, or gave no reply at all.
        """
        if self._server is None:
            with self.prepared(feedback):
                return await self.act(goal, worktree, feedback)
        if not self._server.is_ready:
            feedback.emit(ModelLoading(model=self.model))
        served = await self._server.wait_until_ready(self._options.first_byte_timeout_s)
        try:
            outcome = await self._make_bot(served, goal.variant).act(goal, worktree, feedback)
        except BotError as error:
            raise self._server.find_death() or _explain(error, served) from error
        death = self._server.find_death() if outcome.kind is OutcomeKind.FAILED else None
        return replace(outcome, detail=death.message) if death else outcome

    async def explain(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Explanation:
        """Tell what the first request would be, if the model was made for as much context as the options say."""
        served = Served("http://127.0.0.1", "", self._options.context_size)  # none is started
        explanation = await self._make_bot(served).explain(goal, worktree, feedback)
        return replace(explanation, host=None, url=None)

    async def check(self, feedback: Feedback) -> Sequence[Finding]:
        """Find out whether the model can be loaded and answers."""
        with started_server(self._file, self._env) as server:
            feedback.emit(ModelLoading(model=self.model))
            served = await server.wait_until_ready(self._options.first_byte_timeout_s)
            return await self._make_bot(served).check(feedback)

    def forget(self) -> None:
        """Forget what was learned of the model."""
        self._memory.forget(_ENDPOINT, self.model)

    def _make_bot(self, served: Served, variant: int = 0) -> OpenAIBot:
        return OpenAIBot(
            self._make_openai_options(served, variant),
            env={},
            clock=self._clock,
            memory=self._memory,
            transport=None,
            is_guided=True,
        )

    def _make_openai_options(self, served: Served, variant: int = 0) -> OpenAIOptions:
        shared = self._options.model_dump(include=set(ChatOptions.model_fields))
        if variant and "temperature" not in self._options.model_fields_set:
            shared["temperature"] = _VARIANT_TEMPERATURE
        if "context_tokens" not in self._options.model_fields_set:
            shared["context_tokens"] = served.context_tokens // 2  # the other half is for the answer
        own: dict[str, object] = {"model": self.model, "base_url": served.url, "api_key": served.api_key, "api": "chat"}
        own["context_size"] = served.context_tokens
        return OpenAIOptions.model_validate(shared | own)


class _LocalMemory:
    """Remembers by the model alone: the address is another one each time."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def recall(self, endpoint: str, model: str, key: str) -> str | None:
        del endpoint
        return self._memory.recall(_ENDPOINT, model, key)

    def learn(self, endpoint: str, model: str, key: str, value: str) -> None:
        del endpoint
        self._memory.learn(_ENDPOINT, model, key, value)

    def forget(self, endpoint: str, model: str | None = None) -> None:
        del endpoint
        self._memory.forget(_ENDPOINT, model)


def _explain(error: BotError, served: Served) -> BotError:
    """Say what may help with a prompt that the context has no room for; give any other error as it is."""
    cause = error.__cause__
    if isinstance(cause, RequestError) and "exceeds the available context size" in cause.message:
        return BotError(
            f"the prompt does not fit into {served.context_tokens} tokens of context",
            hint=f"-o context_size={2 * served.context_tokens} makes it larger, where the model was made for that",
        )
    return error


def _is_path(model: str) -> bool:
    return "/" in model or model.endswith(".gguf")


def _find_file(model: str, env: Mapping[str, str]) -> Path:
    if not _is_path(model):
        name = get_model(model).name
        found = find_model(name, env)
        if found is None:
            raise ConfigError(f"the model {name} is not here", hint=f"git draft models pull {name}")
        return found
    path = Path(model).expanduser().absolute()
    try:
        with path.open("rb") as file:
            is_model = file.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise ConfigError(f"can't read the model {model}: {error.strerror}", hint="git draft models") from error
    if not is_model:
        raise ConfigError(f"{model} is no GGUF file", hint="git draft models")
    return path
