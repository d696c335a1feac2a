"""A server whose answers break in every way that was seen, while its model does its edits: for random sequences.

The model writes one file after the other, each with contents of its own, and ends when all are written. What a tool
confirmed to it is read from the requests, so that a test can tell what must not be lost.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

STALL_S = 30.0
"""Longer than any run under test may wait."""


@dataclass
class FaultyModel:
    """A model behind a server with faults; `answer` is for `httpx2.MockTransport`.

    Args:
        faults: what happens to each request, by names of `FAULTS`; after the last one all is well.
        files: how many files the model writes.
        key: what a server that tells too much repeats.
    """

    faults: Sequence[str]
    files: int
    key: str
    requests: int = 0
    written: int = 0
    confirmed: set[int] = field(default_factory=set)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request, with the fault that is due."""
        body = json.loads(request.content)
        self._read_confirmations(body.get("messages") or ())
        fault = self.faults[self.requests] if self.requests < len(self.faults) else "none"
        self.requests += 1
        return FAULTS[fault](self)

    def _read_confirmations(self, messages: Sequence[Mapping[str, Any]]) -> None:
        for message in messages:
            if message.get("role") == "tool" and str(message.get("content")).startswith("wrote f"):
                self.confirmed.add(int(str(message["content"]).removeprefix("wrote f").removesuffix(".txt")))

    def format_contents(self, number: int) -> str:
        """Give what is in a file."""
        return f"contents of file {number}\n"

    def list_calls(self, count: int = 1) -> list[dict[str, Any]]:
        """Give the next calls: files that are still to be written, or the end."""
        self.written = max(self.confirmed, default=-1) + 1  # what was not confirmed is written again
        numbers = range(self.written, min(self.written + count, self.files))
        if not numbers:
            return [_make_call("finish", {"title": "All written"}, 99)]
        return [
            _make_call("write_file", {"path": f"f{number}.txt", "contents": self.format_contents(number)}, number)
            for number in numbers
        ]


def _make_call(name: str, arguments: object, number: int, index: int | None = None) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments if isinstance(arguments, dict) else str(arguments)}
    if isinstance(arguments, dict):
        function["arguments"] = json.dumps(arguments)
    return {"index": number % 8 if index is None else index, "id": f"c{number}", "function": function}


def _chunk(reason: str | None = None, **delta: Any) -> str:
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}) + "\n\n"


_USAGE = "data: " + json.dumps({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 10}}) + "\n\n"
_DONE = "data: [DONE]\n\n"


def _stream(*pieces: str | bytes | float | Exception) -> httpx2.Response:
    """Answer with a stream: a number is waited, an exception is raised."""

    async def iter_bytes() -> AsyncIterator[bytes]:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            if isinstance(piece, float):
                await asyncio.sleep(piece)
            else:
                yield piece if isinstance(piece, bytes) else piece.encode()

    return httpx2.Response(200, headers={"Content-Type": "text/event-stream"}, content=iter_bytes())


def _say(calls: Sequence[Mapping[str, Any]], *ends: str | bytes | float | Exception) -> httpx2.Response:
    head = _chunk(role="assistant", content="Now. ")
    return _stream(
        head, *(_chunk(tool_calls=[call]) for call in calls), *(ends or (_chunk("tool_calls"), _USAGE, _DONE))
    )


def _fail(status: int, message: str, **headers: str) -> httpx2.Response:
    text = json.dumps({"error": {"message": message}})
    return httpx2.Response(status, headers=headers, content=text)


def _break_arguments(model: FaultyModel, arguments: str) -> list[dict[str, Any]]:
    call = model.list_calls()[0]
    return [{**call, "function": {**call["function"], "arguments": arguments}}]


def _raise(error: Exception) -> httpx2.Response:
    raise error


_CUT = '{"path": "f0.txt", "contents": "conte'
FAULTS: Mapping[str, Callable[[FaultyModel], httpx2.Response]] = {
    "none": lambda model: _say(model.list_calls()),
    "two calls": lambda model: _say(model.list_calls(2)),
    "same index": lambda model: _say([{**call, "index": 0} for call in model.list_calls(2)]),
    "no index, no id": lambda model: _say([{"function": call["function"]} for call in model.list_calls(2)]),
    "arguments as object": lambda model: _say(
        [
            {**c, "function": {**c["function"], "arguments": json.loads(c["function"]["arguments"])}}
            for c in model.list_calls()
        ]
    ),
    "usage missing": lambda model: _say(model.list_calls(), _chunk("stop"), _DONE),
    "slow drip": lambda model: _say(model.list_calls(), 0.01, _chunk(), 0.01, _chunk("tool_calls"), _DONE),
    "rate limit": lambda _: _fail(429, "slow down"),
    "rate limit, wait": lambda _: _fail(429, "slow down", **{"Retry-After": "7"}),
    "rate limit, wait long": lambda _: _fail(429, "slow down", **{"Retry-After": "700"}),
    "500": lambda _: _fail(500, "oops"),
    "502 page": lambda _: httpx2.Response(502, content="<html><title>Bad gateway</title>"),
    "503": lambda _: _fail(503, "overloaded"),
    "400": lambda _: _fail(400, "bad thing"),
    "key refused": lambda model: _fail(401, f"bad key {model.key}"),
    "context full": lambda _: _fail(400, "maximum context length is 8192 tokens"),
    "connection refused": lambda _: _raise(httpx2.ConnectError("refused")),
    "reset before headers": lambda _: _raise(httpx2.ReadError("reset")),
    "reset in the middle": lambda model: _say(model.list_calls(), httpx2.ReadError("reset")),
    "stall at first": lambda _: _stream(STALL_S),
    "stall in the middle": lambda model: _say(model.list_calls(), STALL_S),
    "truncated": lambda model: _say(model.list_calls(), ""),
    "garbage chunk": lambda model: _say(model.list_calls(), "data: {oops\n\n", _DONE),
    "invalid UTF-8": lambda model: _say(model.list_calls(), b"data: \xff\xfe\n\n", _DONE),
    "empty": lambda _: httpx2.Response(200, content=b""),
    "page": lambda _: httpx2.Response(200, content="<!doctype html><html>Welcome"),
    "error with 200": lambda _: httpx2.Response(200, json={"error": {"message": "overloaded", "code": 503}}),
    "error in the stream": lambda model: _say(model.list_calls(), 'data: {"error": {"message": "overloaded"}}\n\n'),
    "cut arguments": lambda model: _say(_break_arguments(model, _CUT), _chunk("length"), _DONE),
    "malformed arguments": lambda model: _say(_break_arguments(model, "{'path': 'f0.txt', 'contents': oops}")),
    "unknown tool": lambda _: _say([_make_call("run_shell", {"command": "rm -rf /"}, 7)]),
    "no arguments": lambda _: _say([_make_call("list_files", "", 8)]),
    "empty answer": lambda _: _stream(_chunk(content=""), _chunk("stop"), _DONE),
    "words only": lambda _: _stream(_chunk(content="Let me think about it."), _chunk("length"), _DONE),
    "filter": lambda _: _stream(_chunk("content_filter"), _DONE),
    "endless": lambda _: _stream(*[_chunk(content="again and again\n" * 50)] * 30),
    "key in the reply": lambda model: _say(
        [*model.list_calls(), _make_call("write_file", {"path": "note.txt", "contents": f"key {model.key}\n"}, 6)]
    ),
    "key in the text": lambda model: _stream(_chunk(content=f"your key is {model.key}"), _chunk("stop"), _DONE),
}
