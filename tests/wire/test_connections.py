"""Connections are used again: an answer is heard to its end, but nobody waits for an end that does not come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.gitrepo import GitRepo

WRITE = {"name": "write_file", "arguments": json.dumps({"path": "new.txt", "contents": "new\n"})}
EVENTS: Mapping[bool, Mapping[str, Any]] = {
    False: {"tool_calls": [{"index": 0, "id": "call_0", "type": "function", "function": WRITE}]},
    True: {"content": "Done."},
}


class Server(ThreadingHTTPServer):
    """A model that writes a file and is done, in streams that end in a certain way.

    Args:
        end: ``at once`` with the last words, ``late`` a moment after them, ``never``, ``broken`` off; ``gone`` is
            an end at once, but the connection's next request is not answered, as where the server had closed it.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, end: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.end = end
        self.connections = self.requests = 0
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1
        self.is_used = False

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Say nothing."""

    def do_POST(self) -> None:
        self.server.requests += 1
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.is_used and self.server.end == "gone":
            self.close_connection = True
            return
        self.is_used = True
        delta = EVENTS[any(message["role"] == "tool" for message in asked["messages"])]
        chunks = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}]
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        text = "".join(f"data: {json.dumps({'id': 'x', **chunk})}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text.encode()))
        if self.server.end == "late":
            time.sleep(0.03)
        if self.server.end == "never":
            self.server.closing.wait(60)
        if self.server.end == "broken":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Serve, with the end that the test names."""
    with Server(request.param) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.closing.set()
        server.shutdown()


@pytest.mark.parametrize(
    "server, requests, connections",
    [("at once", 2, 1), ("late", 2, 1), ("never", 2, 2), ("broken", 2, 2), ("gone", 3, 2)],
    indirect=["server"],
)
def test_connections(repo: GitRepo, server: Server, requests: int, connections: int) -> None:
    command = [sys.executable, "-m", "git_draft", "-m", "any", "write"]
    environ = {**os.environ, "OPENAI_BASE_URL": server.url, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, cwd=repo.path, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "draft 1/1: write (1 file +1 -0" in done.stdout
    assert (server.requests, server.connections) == (requests, connections)
    assert "again" not in done.stderr + done.stdout
