"""A model that answers at once: it writes one file, then says that it is done; in chat completions, with and without tools.

Run as a process of its own, so that it takes nothing from what is measured: `python -m benchmarks.speed.server` prints
its base URL and serves until its standard input is closed.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "bot.txt"
CONTENTS = "made by a bot\n"
_CALL = {"name": "write_file", "arguments": json.dumps({"path": NAME, "contents": CONTENTS})}
_WRITE: Mapping[str, Any] = {"tool_calls": [{"id": "call_0", "type": "function", "function": _CALL}]}
_DONE: Mapping[str, Any] = {"content": "Done."}
_WHOLE: Mapping[str, Any] = {"content": f"{NAME}\n```\n{CONTENTS}```\n"}
_USAGE = {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the last packet of an answer waits for forty milliseconds

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        self._send("application/json", json.dumps({"object": "list", "data": [{"id": "instant", "object": "model"}]}))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_told = any(message["role"] == "tool" for message in asked["messages"])
        message = _WHOLE if not asked.get("tools") else _DONE if is_told else _WRITE
        reason = "tool_calls" if message is _WRITE else "stop"
        head = {"id": "chatcmpl-1", "created": 1715947200, "model": "instant"}
        if not asked.get("stream"):
            whole = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
            body = {**head, "object": "chat.completion", "choices": [whole], "usage": _USAGE}
            self._send("application/json", json.dumps(body))
            return
        calls = [{"index": number, **call} for number, call in enumerate(message.get("tool_calls", ()))]
        delta = {"role": "assistant", **message, **({"tool_calls": calls} if calls else {})}
        chunk = {**head, "object": "chat.completion.chunk"}
        chunks = [
            {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
            {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
            {**chunk, "choices": [], "usage": _USAGE},
        ]
        events = "".join(f"data: {json.dumps(each)}\n\n" for each in chunks) + "data: [DONE]\n\n"
        self._send("text/event-stream", events)

    def _send(self, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    """Serve on a free port of the loopback interface."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
