"""Servers that speak the OpenAI API, a bench to run the openai bot against them, and a model for the local bot."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from git_draft.bots.openai import OpenAIBot, make_bot
from git_draft.bots.quirks import ALL_QUIRKS, Quirks
from git_draft.model import Goal, Outcome
from git_draft.protocols import Clock
from tests.support.bots import Notebook, RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.gguf import write_model
from tests.support.models import DictWorktree
from tests.support.server import ScriptedServer, Turn

KEY = "sk-very-secret"
CONTEXT_TOKENS = 1 << 17
"""What the tiny model says it was made for."""


@dataclass
class Bench:
    """A bot, its worktree and what it told; `outcome` is that of the last run."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=lambda: {"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "scripted"})
    clock: Clock = field(default_factory=FakeClock)
    worktree: DictWorktree = field(default_factory=lambda: DictWorktree({"a.txt": "one\ntwo\n"}))
    feedback: RecordingFeedback = field(default_factory=RecordingFeedback)
    transport: Any = None
    memory: Notebook = field(default_factory=Notebook)
    quirks: Quirks = ALL_QUIRKS

    def __post_init__(self) -> None:
        env = {"OPENAI_BASE_URL": self.url, **self.env}
        self.bot: OpenAIBot = make_bot(
            self.options, env=env, clock=self.clock, memory=self.memory, transport=self.transport, quirks=self.quirks
        )

    def act(self, prompt: str = "do it", *, limit_s: float | None = None) -> Outcome:
        """Run the bot to its end, or for so long."""
        return asyncio.run(asyncio.wait_for(self.bot.act(Goal(prompt), self.worktree, self.feedback), limit_s))

    @property
    def told(self) -> list[str]:
        """What the user saw: kind and description of each event, less the pieces in which replies come."""
        return [f"{event.kind} {event.describe()}" for event in self.feedback.events if event.is_kept]


Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start scripted servers, which end with the test."""
    with contextlib.ExitStack() as stack:

        def start(*turns: Turn, **settings: Any) -> ScriptedServer:
            return stack.enter_context(ScriptedServer(turns, **settings))

        yield start


_LLMOCK = """
import sys
from llmock.testing import LLMockServer
with LLMockServer() as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class FaultyServer:
    """llmock in a process of its own."""

    url: str

    def request(self, method: str, path: str, body: object = None) -> Any:
        """Call its administration."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # it is our own server
            f"{self.url}/_llmock/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # likewise
            return json.load(answer)

    def script(self, *behaviors: Mapping[str, Any]) -> None:
        """Queue what it does next."""
        self.request("POST", "scenario", {"behaviors": list(behaviors)})


@pytest.fixture(scope="session")
def faulty_process() -> Iterator[FaultyServer]:
    """Start llmock once for the session."""
    with subprocess.Popen(
        [sys.executable, "-c", _LLMOCK],
        # paced: an answer that is sent whole before we hang up counts as accepted, and the next attempt as another call
        env={**os.environ, "LLMOCK_STREAM_CHUNK_DELAY_MS": "20"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield FaultyServer(process.stdout.readline().strip())
        process.stdin.close()


@pytest.fixture
def faulty(faulty_process: FaultyServer) -> FaultyServer:
    """Give a llmock that remembers nothing of other tests."""
    faulty_process.request("POST", "reset")
    return faulty_process


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of some 100 kB that knows two answers."""
    return write_model(
        tmp_path_factory.mktemp("models") / "tiny.gguf",
        {"greet": "Hello there.", "rewrite": "a.txt\n```\ntwo\n```\n"},
        context_tokens=CONTEXT_TOKENS,
    )
