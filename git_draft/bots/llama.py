"""The program in which llama.cpp's server runs: a child process of git-draft, ``python -m git_draft.bots.llama``.

A process of its own, since loading a model holds Python's lock for seconds, and since llama.cpp ends the process where
it meets a state that should not be (docs/decisions/0005-local-model.md). It reads an `Order` from its standard input,
answers with an `Answer` on its standard output, and ends when the standard input does. llama.cpp writes what it logs to
standard error. Started and ended by `serving.py`.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from typing import Any, Self
from urllib.parse import urlsplit

from git_draft.frozen import frozen

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_ANSWER_S = 60


@frozen
class Order:
    """What is to be served; a line of JSON on the child's standard input, where no other user can read the key.

    Args:
        parent: the process that it is served for.
        path: the model's file.
        name: what the model is called.
        api_key: asked of every request.
        context_tokens: for prompt and answer together.
        threads: None for as many as llama.cpp thinks best.
    """

    parent: int
    path: str
    name: str
    api_key: str
    context_tokens: int
    threads: int | None

    def format(self) -> bytes:
        """Write it as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read it from its line."""
        return cls(**json.loads(line))


@frozen
class Answer:
    """What became of an order; a line of JSON.

    Args:
        url: where the server listens; None where it does not.
        context_tokens: what prompt and answer have together, less than ordered where the model was made for less.
        problem: why it does not listen.
        is_missing: there is no xllamacpp, or none that works here.
    """

    url: str | None = None
    context_tokens: int = 0
    problem: str = ""
    is_missing: bool = False

    def format(self) -> bytes:
        """Write it as a line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read it from its line."""
        return cls(**json.loads(line))


def main() -> None:
    """Serve until the parent is gone."""
    answers = os.dup(1)
    os.dup2(2, 1)  # whatever llama.cpp writes goes to the log
    line = sys.stdin.buffer.readline()
    if not line:
        return
    order = Order.parse(line)
    _die_with(order.parent)
    threading.Thread(target=_wait_for_end, daemon=True).start()
    server, answer = _serve(order)
    os.write(answers, answer.format())
    os.close(answers)
    if server is not None:
        threading.Event().wait()


def _die_with(parent: int) -> None:
    """Let the kernel end this process with its parent: while a model loads, no thread could."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        os._exit(1)


def _wait_for_end() -> None:
    while os.read(0, 1):
        pass
    os._exit(0)


def _serve(order: Order) -> tuple[object | None, Answer]:
    try:
        import xllamacpp  # type: ignore[import-untyped]  # it has none
    except ImportError as error:
        return None, Answer(problem=str(error), is_missing=True)
    params: Any = xllamacpp.CommonParams()
    params.model.path = order.path
    params.model_alias = {order.name}
    params.n_ctx = order.context_tokens
    params.fit_params = False  # the context is as ordered, also where memory is short: then loading fails
    params.ctx_shift = False  # a prompt that is too long is refused, not cut
    params.n_parallel = 1
    params.cache_ram_mib = 0  # its eight gigabytes are for servers with many conversations
    if order.threads is not None:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = order.threads
    params.hostnames = [HOST]
    params.port = 0
    params.api_keys = [order.api_key]
    params.cors_origins = ""  # no page in a browser has business here
    params.ui = params.endpoint_slots = False
    try:
        server = xllamacpp.Server(params)
    except (RuntimeError, MemoryError) as error:
        return None, Answer(problem=str(error) or "no memory")
    url: str = server.listening_address
    return server, Answer(url, _read_context_tokens(url, order.api_key))


def _read_context_tokens(url: str, api_key: str) -> int:
    connection = http.client.HTTPConnection(HOST, urlsplit(url).port, timeout=_ANSWER_S)
    connection.request("GET", "/v1/models", headers={"Authorization": f"Bearer {api_key}"})
    return int(json.load(connection.getresponse())["data"][0]["meta"]["n_ctx"])


if __name__ == "__main__":
    main()
