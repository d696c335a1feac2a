"""From the bytes of an answer to one whole assistant message, believing nothing that it says about itself.

Reads server-sent events and the chunks of a chat completion as servers really send them: no choices, no index, the
same index for several calls, arguments as objects, an error in place of a chunk, an end in the middle. The SDK's own
accumulator is not used: it merges parallel calls and raises on null. No HTTP here: `chat.py`
hands in bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from git_draft.bots.meter import Bounds, Meter
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.bots.replies import Reply, parse_reply, parse_tokens
from git_draft.bots.retry import RequestError, describe_error_object
from git_draft.events import TextArrived

_HEAD_BYTES = 8  # enough to tell a field of a stream from JSON and from HTML

Tell = Callable[[TextArrived], None]
"""Takes a piece of an answer as it comes in."""


async def iter_events(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """Give the data of each server-sent event; lines end where the standard says, not at any Unicode line break."""
    begun, data = bytearray(), []
    async for chunk in chunks:
        begun += chunk
        if b"\n" not in chunk:
            continue  # splitting again and again what has no end yet would take its square
        *lines, begun = begun.split(b"\n")
        for line in lines:
            text = bytes(line.rstrip(b"\r"))
            if text.startswith(b"data:"):
                data.append(text[5:].removeprefix(b" "))
            elif not text and data:
                yield b"\n".join(data).decode("utf-8", "replace")
                data = []
    if begun.startswith(b"data:"):
        data.append(bytes(begun[5:].removeprefix(b" ")))
    if data:
        yield b"\n".join(data).decode("utf-8", "replace")


class Assembler(Protocol):
    """Puts the parts of an answer together.

    Args:
        is_ended: whether the end was seen.
        has_choice: whether there was anything of an answer.
        is_streamed: whether it came in pieces.
    """

    is_ended: bool
    has_choice: bool
    is_streamed: bool

    def feed(self, chunk: object) -> None:
        """Take in a part.

        Raises:
            RequestError: where it is an error, or the answer grows without end.
        """
        ...


async def feed_answer(chunks: AsyncIterable[bytes], accumulator: Assembler, *, is_wanted: bool, quirks: Quirks) -> None:
    """Hand the parts of an answer on, by what it begins with: a stream, or one piece of JSON.

    Args:
        chunks: the bytes of the answer as they come.
        accumulator: takes them.
        is_wanted: whether a stream was asked for.
        quirks: the rows of the table that are handled.

    Raises:
        RequestError: where it holds an error, is no answer at all, or does not stop.
    """
    parts = aiter(chunks)
    head = b""
    async for part in parts:
        head += part
        if len(head.lstrip()) >= _HEAD_BYTES:
            break
    is_stream = re.match(rb"\s*(?:data|event|id|retry)?:", head) or not head.strip()
    if is_wanted and not is_stream and head.lstrip().startswith(b"{") and Quirk.ANSWER_IN_ONE_PIECE not in quirks:
        raise RequestError("the answer is no stream")
    accumulator.is_streamed = bool(is_stream)
    if is_stream:
        await _read_stream(_chain(head, parts), accumulator, quirks)
    else:
        body = head + b"".join([part async for part in parts])
        _read_completion(body, accumulator, quirks)


async def _chain(head: bytes, rest: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for part in rest:
        yield part


async def _read_stream(chunks: AsyncIterable[bytes], accumulator: Assembler, quirks: Quirks) -> None:
    async for event in iter_events(chunks):
        if event.strip() == "[DONE]":
            accumulator.is_ended = True
            break
        try:
            data = json.loads(event)
        except ValueError:
            if Quirk.CORRUPT_CHUNK not in quirks:
                continue
            raise RequestError("the answer was garbled in the middle", is_retryable=True) from None
        accumulator.feed(data)


def _read_completion(body: bytes, accumulator: Assembler, quirks: Quirks) -> None:
    """Read an answer that came in one piece though a stream was asked for."""
    hint = "is the base URL right? it often ends in /v1" if Quirk.PAGE_AS_ANSWER in quirks else None
    try:
        data = json.loads(body)
    except ValueError:
        start = " ".join(body[:80].decode("utf-8", "replace").split())
        raise RequestError(f"the answer is no JSON, it begins with {start!a}", hint=hint) from None
    accumulator.feed(data)
    accumulator.is_ended = True
    if not accumulator.has_choice:
        raise RequestError("the answer holds no choices", hint=hint)


def _ignore(_event: TextArrived) -> None:
    pass


def _find_thought(delta: Mapping[str, Any]) -> object:
    return next((delta[name] for name in ("reasoning_content", "reasoning") if delta.get(name)), None)


def _iter_mappings(value: object) -> Iterator[Mapping[str, Any]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            yield item


class Accumulator:
    """Puts the chunks of one completion together.

    Args:
        bounds: where the answer is cut.
        quirks: the rows of the table that are handled.
        tell: told of each piece; None for nobody.
    """

    def __init__(self, bounds: Bounds, quirks: Quirks = ALL_QUIRKS, tell: Tell | None = None) -> None:
        self._meter = Meter(bounds)
        self._quirks = quirks
        self._tell = tell or _ignore
        self.is_ended = False
        self.has_choice = False
        self.is_streamed = False
        self._message: dict[str, Any] = {}
        self._calls: list[_Call] = []
        self._finish_reason: str | None = None
        self._usage: object = None
        self._logprobs: list[object] = []

    def feed(self, chunk: object) -> None:
        """Take in a chunk.

        Raises:
            RequestError: where it is an error object, or the reply grows without end.
        """
        if not isinstance(chunk, Mapping):
            return
        if (error := chunk.get("error")) and Quirk.ERROR_AS_ANSWER in self._quirks:
            raise describe_error_object(error)
        if usage := chunk.get("usage"):
            self._usage = usage
            self.is_ended = self.is_ended or not chunk.get("choices")  # some send it along with every chunk
        if not chunk.get("choices") and Quirk.EMPTY_CHOICES not in self._quirks:
            raise RequestError("a part of the answer holds no choices")
        for choice in _iter_mappings(chunk.get("choices")):
            if choice.get("index"):
                continue  # not the one answer that was asked for: that is 0, or has no index
            self.has_choice = True
            if reason := choice.get("finish_reason"):
                self._finish_reason = str(reason)
            delta = choice.get("delta") or choice.get("message")
            if isinstance(delta, Mapping):
                self._add_delta(delta)
            logprobs = choice.get("logprobs")
            if isinstance(logprobs, Mapping) and isinstance(content := logprobs.get("content"), list):
                self._logprobs += content

    def finish(self, offered: Collection[str] = ()) -> Reply:
        """Give the whole reply.

        Args:
            offered: names of tools, calls of which may be written as text.

        Raises:
            RequestError: where the stream broke off before its end.
        """
        if not (self.is_ended or self._finish_reason) and Quirk.STREAM_BREAKS_OFF in self._quirks:
            what = "broke off in the middle" if self.has_choice else "is empty"
            raise RequestError(f"the answer {what}", is_retryable=True)
        calls = [call.format() for call in self._calls if call.name or call.arguments]
        message = {**self._message, "tool_calls": calls} if calls else self._message
        reply = parse_reply(message, self._finish_reason, self._usage, offered=offered, quirks=self._quirks)
        return replace(reply, tokens=parse_tokens(self._logprobs), is_streamed=self.is_streamed)

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        for key, value in delta.items():
            old = self._message.get(key)
            if key == "tool_calls":
                for fragment in _iter_mappings(value):
                    self._add_call(fragment)
            elif isinstance(old, str) and isinstance(value, str) and key != "role":
                self._message[key] = old + value
            elif isinstance(old, list) and isinstance(value, list):
                self._message[key] = [*old, *value]
            elif value is not None or key not in self._message:
                self._message[key] = value
            self._count(value)
        for text, is_thought in ((_find_thought(delta), True), (delta.get("content"), False)):
            if isinstance(text, str) and text:
                self._tell(TextArrived(text=text, is_thought=is_thought))

    def _count(self, value: object) -> None:
        if isinstance(value, str) and value and Quirk.ENDLESS in self._quirks:
            self._meter.count(value)

    def _add_call(self, fragment: Mapping[str, Any]) -> None:
        function = fragment.get("function")
        function = function if isinstance(function, Mapping) else {}
        piece = function.get("arguments")
        text = piece if isinstance(piece, str) else "" if piece is None else json.dumps(piece, ensure_ascii=False)
        self._count(text)
        call = self._find_call(fragment.get("index"))
        call_id, name = str(fragment.get("id") or ""), str(function.get("name") or "")
        is_split = Quirk.SHARED_INDEX in self._quirks
        if call is None or (is_split and call.is_followed_by(call_id, name, text)):
            call = _Call(fragment.get("index"))
            self._calls.append(call)
        call.id = call.id or call_id
        call.name = call.name or name
        call.arguments += text
        if call.name:
            self._tell(TextArrived(text=text, tool=call.name))
        call.more.update({k: v for k, v in fragment.items() if k not in {"index", "id", "type", "function"}})

    def _find_call(self, index: object) -> _Call | None:
        """Find the call that a fragment may belong to: the last with its index, or just the last."""
        return next((call for call in reversed(self._calls) if index is None or call.index == index), None)


class _Call:
    """A call whose fragments are still coming in."""

    def __init__(self, index: object) -> None:
        self.index = index
        self.id = ""
        self.name = ""
        self.arguments = ""
        self.more: dict[str, Any] = {}

    def is_followed_by(self, call_id: str, name: str, text: str) -> bool:
        """Tell whether a fragment with the same index, or none, begins another call."""
        if call_id and self.id and call_id != self.id:
            return True
        if not name or not self.name:
            return False
        is_repeated = bool(call_id) and call_id == self.id and not text.strip()  # id and name in every chunk
        return name != self.name or (self._is_complete() and not is_repeated)

    def _is_complete(self) -> bool:
        try:
            return isinstance(json.loads(self.arguments), dict)
        except ValueError:
            return False

    def format(self) -> dict[str, Any]:
        """Give the call as a message holds it."""
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": self.id, "type": "function", "function": function, **self.more}
