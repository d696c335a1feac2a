"""The one scripted server that speaks the OpenAI API: for tests and for ``make demo-scripted``.

It answers from data, and keeps what it was asked. A script is a list of turns for every conversation, or several
conversations told apart by what the user's message contains:

    {"models": ["scripted"], "turns": [{"calls": [{"name": "finish", "arguments": {"title": "Done"}}]}]}
    {"conversations": [{"when": "fix", "turns": [...]}, {"when": "", "turns": [...]}]}

Run it in a thread (``with ScriptedServer(...) as server``) or as a process of its own, which prints its base URL:

    python -m tests.support.server --script FILE
"""

from __future__ import annotations

import argparse
import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

USAGE = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}
_PIECE = 12  # characters of text or arguments in a chunk


@dataclass(frozen=True)
class Turn:
    """One answer of the server.

    Args:
        text: what the model says.
        calls: tool calls; each has ``name``, ``arguments`` (an object, or a string sent as it is), maybe ``id``.
        usage: the usage object, None to leave it out.
        finish_reason: None for what fits; "" is sent as null.
        extra: fields added to the assistant's message, reasoning for example.
        status: an HTTP status; other than 200 the answer is an error.
        headers: added to the answer.
        error: the error object or its message; with status 200 it comes in place of the answer.
        body: sent as it is, in place of everything else, with `content_type`.
        chunks: the stream's chunks as data (or as text, sent raw), in place of those made from text and calls.
        end: how the stream ends: with its end marks, silently without them, with the connection broken, or never.
        delay_s: waited before the answer.
        chunk_delay_s: waited before each chunk.
    """

    text: str = ""
    calls: Sequence[Mapping[str, Any]] = ()
    usage: Mapping[str, Any] | None = field(default_factory=lambda: USAGE)
    finish_reason: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    error: Mapping[str, Any] | str | None = None
    body: str | None = None
    content_type: str = "text/html"
    chunks: Sequence[Any] | None = None
    end: Literal["done", "early", "break", "hang"] = "done"
    delay_s: float = 0
    chunk_delay_s: float = 0

    @property
    def message(self) -> dict[str, Any]:
        """The whole assistant message."""
        message: dict[str, Any] = {"role": "assistant", "content": self.text or None, **self.extra}
        if self.calls:
            message["tool_calls"] = [_format_call(call, number) for number, call in enumerate(self.calls)]
        return message

    @property
    def reason(self) -> str | None:
        """The finish reason as sent."""
        if self.finish_reason is None:
            return "tool_calls" if self.calls else "stop"
        return self.finish_reason or None

    def format_chunks(self) -> list[Any]:
        """Cut the answer into the chunks of a stream."""
        if self.chunks is not None:
            return list(self.chunks)
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": "" if self.text else None, **self.extra}]
        deltas += [{"content": piece} for piece in _iter_pieces(self.text)]
        for index, call in enumerate(self.message.get("tool_calls", [])):
            name, arguments = call["function"]["name"], call["function"]["arguments"]
            if not isinstance(arguments, str):
                deltas.append({"tool_calls": [{"index": index, **call}]})
                continue
            deltas.append({"tool_calls": [{"index": index, **call, "function": {"name": name, "arguments": ""}}]})
            deltas += [
                {"tool_calls": [{"index": index, "function": {"arguments": p}}]} for p in _iter_pieces(arguments)
            ]
        return [_format_chunk([{"index": 0, "delta": delta, "finish_reason": None}]) for delta in deltas]


@dataclass(frozen=True)
class Conversation:
    """The turns for those requests whose last user message before any answer contains `when`."""

    turns: Sequence[Turn]
    when: str = ""


@dataclass(frozen=True)
class Request:
    """A request as it arrived; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation that was sent."""
        messages: list[dict[str, Any]] = self.body["messages"]
        return messages


def _format_call(call: Mapping[str, Any], number: int) -> dict[str, Any]:
    known = {"name", "arguments", "id"}
    arguments = call.get("arguments", {})
    raw = arguments if isinstance(arguments, str) or call.get("as_object") else json.dumps(arguments)
    function = {"name": call["name"], "arguments": raw}
    more = {key: value for key, value in call.items() if key not in known | {"as_object"}}
    return {"id": call.get("id", f"call_{number}"), "type": "function", "function": function, **more}


def _iter_pieces(text: str) -> Iterator[str]:
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE]


def _format_chunk(choices: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1715947200, "model": "scripted"}
    return {**head, "choices": choices, **more}


class ScriptedServer:
    """An OpenAI-compatible server on a free port of the loopback interface.

    Args:
        turns: the answers, one for each request for a completion, in order.
        conversations: instead of `turns`, answers by what the user asks for; the first that fits is taken. One whose
            turns are used up starts again when a new conversation begins.
        models: what ``GET /v1/models`` names; a request for another model gets 404. None allows all, names "scripted".
        api_key: where given, any other key gets 401.
        port: 0 for a free one.
    """

    def __init__(
        self,
        turns: Sequence[Turn] = (),
        *,
        conversations: Sequence[Conversation] = (),
        models: Sequence[str] | None = None,
        api_key: str | None = None,
        port: int = 0,
    ) -> None:
        self.conversations = tuple(conversations) or (Conversation(turns),)
        self.models = models
        self.api_key = api_key
        self.requests: list[Request] = []
        self._used = [0] * len(self.conversations)
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._http = _HttpServer(("127.0.0.1", port), _Handler)
        self._http.scripted = self
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @classmethod
    def parse(cls, script: Mapping[str, Any], *, port: int = 0) -> ScriptedServer:
        """Make a server from a script, as the module's text shows it."""
        conversations = script.get("conversations") or [{"turns": script.get("turns", [])}]
        parsed = [Conversation([Turn(**turn) for turn in c["turns"]], c.get("when", "")) for c in conversations]
        return cls(conversations=parsed, models=script.get("models"), api_key=script.get("api_key"), port=port)

    @property
    def url(self) -> str:
        """The base URL, ending in /v1."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def completions(self) -> list[Request]:
        """The requests for a completion."""
        return [request for request in self.requests if request.path.endswith("/chat/completions")]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def record(self, request: Request) -> None:
        """Keep a request."""
        with self._lock:
            self.requests.append(request)

    def choose_turn(self, request: Request) -> Turn:
        """Find the answer to a request."""
        messages = request.messages
        answered = next((i for i, m in enumerate(messages) if m["role"] == "assistant"), len(messages))
        asked = " ".join(str(m["content"]) for m in messages[:answered] if m["role"] == "user")
        with self._lock:
            for number, conversation in enumerate(self.conversations):
                if conversation.when in asked:
                    turns = conversation.turns
                    if self._used[number] == len(turns) and answered == len(messages):
                        self._used[number] = 0
                    if self._used[number] < len(turns):
                        self._used[number] += 1
                        return turns[self._used[number] - 1]
                    break
        return Turn(status=500, error="the script has no more turns")

    def check(self, request: Request) -> Turn | None:
        """Refuse a request with a wrong key or model."""
        if self.api_key is not None and request.headers.get("authorization") != f"Bearer {self.api_key}":
            return Turn(status=401, error={"message": "Incorrect API key provided", "code": "invalid_api_key"})
        if self.models is not None and request.body and request.body.get("model") not in self.models:
            message = f"The model `{request.body.get('model')}` does not exist"
            return Turn(status=404, error={"message": message, "code": "model_not_found"})
        return None


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    scripted: ScriptedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client goes away in the middle of an answer; tests do that on purpose."""


class _Handler(BaseHTTPRequestHandler):
    server: _HttpServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        request = self._take(None)
        refusal = self.server.scripted.check(request)
        if refusal is None and request.path == "/v1/models":
            names = ["scripted"] if self.server.scripted.models is None else self.server.scripted.models
            self._send_json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
        else:
            self._send_error(refusal or Turn(status=404, error="no such page"))

    def do_POST(self) -> None:
        request = self._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        scripted = self.server.scripted
        if request.path != "/v1/chat/completions":
            return self._send_error(Turn(status=404, error="no such page"))
        turn = scripted.check(request) or scripted.choose_turn(request)
        scripted.closing.wait(turn.delay_s)
        if turn.body is not None:
            return self._send(turn.status, turn.content_type, turn.body.encode(), turn.headers)
        if turn.status != 200 or turn.error is not None:
            return self._send_error(turn)
        if request.body.get("stream"):
            return self._send_stream(turn, with_usage=bool(request.body.get("stream_options")))
        choice = {"index": 0, "message": turn.message, "finish_reason": turn.reason}
        return self._send_json(200, _format_chunk([choice], object="chat.completion", usage=turn.usage))

    def _take(self, body: Any) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        self.server.scripted.record(request)
        return request

    def _send(self, status: int, content_type: str, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _send_json(self, status: int, data: Any, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(data).encode(), headers or {})

    def _send_error(self, turn: Turn) -> None:
        error = turn.error if isinstance(turn.error, Mapping) else {"message": turn.error or "it failed", "code": None}
        self._send_json(turn.status, {"error": error}, turn.headers)

    def _send_stream(self, turn: Turn, *, with_usage: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        for name, value in turn.headers.items():
            self.send_header(name, value)
        self.end_headers()
        chunks = turn.format_chunks()
        if turn.end == "done" and turn.chunks is None:
            chunks.append(_format_chunk([{"index": 0, "delta": {}, "finish_reason": turn.reason}]))
            if with_usage and turn.usage is not None:
                chunks.append(_format_chunk([], usage=turn.usage))
        for chunk in chunks:
            self.server.scripted.closing.wait(turn.chunk_delay_s)
            self._send_event(chunk if isinstance(chunk, str) else json.dumps(chunk))
        if turn.end == "done":
            self._send_event("[DONE]")
        elif turn.end == "hang":
            self.server.scripted.closing.wait()
        elif turn.end == "break":
            self.wfile.write(b'data: {"choices": [{"del')
        self.close_connection = True

    def _send_event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()


def main() -> None:
    """Serve a script until ended; the first line printed is the base URL."""
    parser = argparse.ArgumentParser(description="a scripted server that speaks the OpenAI API")
    parser.add_argument("--script", type=Path, required=True, help="a JSON file, see the module's text")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    args = parser.parse_args()
    with ScriptedServer.parse(json.loads(args.script.read_text()), port=args.port) as server:
        print(server.url, flush=True)  # noqa: T201  # it is what a caller waits for
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


if __name__ == "__main__":
    main()
