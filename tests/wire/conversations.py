"""Conversations with a server that is played within the test: what it answers, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from git_draft.bots.quirks import Quirks
from git_draft.errors import BotError
from git_draft.model import Outcome, OutcomeKind
from tests.support.clock import FakeClock
from tests.wire.conftest import Bench

LIMIT_S = 2.0
"""A run that takes longer hangs."""


@dataclass(frozen=True)
class Answer:
    """What the server sends for one request.

    Args:
        body: the whole body; JSON where it is no text.
        chunks: instead of it, the events of a stream; ``[DONE]`` is sent after them where `is_ended`.
        is_ended: whether the stream ends as it should.
        stalls: whether it says nothing more after the chunks, and does not end either.
        only_with: passed over where the request does not hold this text.
    """

    body: Any = None
    chunks: Sequence[Any] | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_ended: bool = True
    stalls: bool = False
    only_with: str = ""

    def make_response(self) -> httpx2.Response:
        """Give it as the client's library wants it."""
        if self.chunks is None:
            text = self.body if isinstance(self.body, str) else json.dumps(self.body)
            return httpx2.Response(self.status, headers=self.headers, content=text)
        return httpx2.Response(self.status, headers=self.headers, content=self._iter_bytes())

    async def _iter_bytes(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks or ():
            text = chunk if isinstance(chunk, str) else json.dumps(chunk)
            yield f"data: {text}\n\n".encode()
        if self.stalls:
            await asyncio.sleep(LIMIT_S * 10)
        if self.is_ended:
            yield b"data: [DONE]\n\n"


def chunk(reason: str | None = None, **delta: Any) -> dict[str, Any]:
    """Make one event of a stream."""
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def fragment(name: str | None, arguments: Any, call_id: str | None = "c1", index: int | None = 0) -> dict[str, Any]:
    """Make one fragment of a call."""
    call: dict[str, Any] = {"function": {"arguments": arguments, **({"name": name} if name else {})}}
    call |= {} if index is None else {"index": index}
    return call | ({} if call_id is None else {"id": call_id})


def calling(*calls: Mapping[str, Any], reason: str | None = "tool_calls", **more: Any) -> Answer:
    """Make a streamed answer with calls."""
    return Answer(chunks=[chunk(tool_calls=[call], **more) for call in calls] + [chunk(reason)])


def saying(text: Any, reason: str = "stop", **more: Any) -> Answer:
    """Make a streamed answer with text."""
    return Answer(chunks=[chunk(content=text, **more), chunk(reason)])


def refusing(message: str, status: int = 400, **more: Any) -> Answer:
    """Make a refusal."""
    return Answer({"error": {"message": message, **more}}, status=status)


@dataclass(frozen=True)
class Case:
    """A conversation, and what must come of it.

    Args:
        answers: in order; the last one again and again.
        check: fails where the row is not handled.
    """

    answers: Sequence[Answer]
    check: Callable[[Result], None]
    options: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=lambda: {"a.txt": "one\ntwo\n"})
    prompt: str = "do it"


@dataclass(frozen=True)
class Result:
    """What came of a case."""

    bench: Bench
    requests: Sequence[Mapping[str, Any]]
    outcome: Outcome | None
    error: str | None

    @property
    def files(self) -> Mapping[str, str]:
        """The files as the run left them."""
        return self.bench.worktree.files

    @property
    def told(self) -> str:
        """All that the user was told."""
        return "\n".join(self.bench.told)

    @property
    def learned(self) -> Mapping[str, str]:
        """What is remembered."""
        return {key: value for (_, _, key), value in self.bench.memory.pages.items()}

    def get_results(self) -> list[str]:
        """Give the results of tools in the last request."""
        return [message["content"] for message in self.requests[-1]["messages"] if message["role"] == "tool"]

    def is_done(self) -> bool:
        """Tell whether the run ended with the model's own finish."""
        return bool(self.outcome and self.outcome.kind is OutcomeKind.COMPLETE and self.outcome.title == "Done")


def play(case: Case, quirks: Quirks) -> Result:
    """Run the bot through a case, with some rows handled only."""
    requests: list[Mapping[str, Any]] = []
    left = list(case.answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        body = request.content.decode()
        requests.append({"path": request.url.path, **json.loads(body)})
        while len(left) > 1 and left[0].only_with not in body:
            del left[0]
        given = left[0] if len(left) == 1 else left.pop(0)
        return given.make_response()

    bench = Bench(
        "http://127.0.0.1:9/v1",
        {"max_turns": 12, **case.options},
        clock=FakeClock(),
        transport=httpx2.MockTransport(answer),
        quirks=quirks,
    )
    bench.worktree.files = dict(case.files)
    try:
        return Result(bench, requests, bench.act(case.prompt, limit_s=LIMIT_S), None)
    except BotError as error:
        return Result(bench, requests, None, f"{error.message} ({error.hint})")
    except TimeoutError:
        return Result(bench, requests, None, "it hangs")
