"""Servers that were not written here, and one conversation that each of them can hold: look, read, edit, finish.

aimock runs on node, from `make test`'s ``.venv/node``; llama.cpp with a model made for this conversation. What each is
told to answer is made from the same `STEPS`, so that the same must come of it everywhere. What was tried besides, by
hand, is in docs/servers.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from git_draft.bots.serving import ModelFile, started_server
from tests.support.gguf import format_call, write_model
from tests.support.skips import require_program

KEY = "sk-of-the-test"
FILES = {"a.txt": "one\ntwo\n"}
EDITED = {"a.txt": "1\ntwo\n"}
TITLE = "Count in digits"
CONTEXT_TOKENS = 16_384
_AIMOCK = Path(sys.prefix, "node/node_modules/@copilotkit/aimock/dist/cli.js")
_END_WITH_STDIN = "data:text/javascript,process.stdin.on('end', () => process.exit()).resume()"


@dataclass(frozen=True)
class Step:
    """One thing that the model does.

    Args:
        after: what stands in the result of the call before; empty for the first step.
        name: the tool that is called.
        arguments: what it is given.
    """

    after: str
    name: str
    arguments: Mapping[str, Any]


STEPS = (
    Step("", "list_files", {}),
    Step("a.txt", "read_file", {"path": "a.txt"}),
    Step("one\ntwo", "edit_file", {"path": "a.txt", "old": "one", "new": "1"}),
    Step("edited a.txt", "finish", {"title": TITLE}),
)
"""Which one comes next is found from the last backwards, since later results may hold the words of earlier ones."""


@dataclass(frozen=True)
class OtherServer:
    """A server that listens.

    Args:
        url: with ``/v1``.
        api_key: what it asks for.
        model: a model that it has.
    """

    url: str
    api_key: str
    model: str

    @property
    def environ(self) -> dict[str, str]:
        """What a user sets who wants to use it."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": self.api_key, "OPENAI_MODEL": self.model}

    def list_requests(self) -> list[dict[str, Any]]:
        """Give what aimock was asked, with its own view of it."""
        request = urllib.request.Request(  # noqa: S310  # it is our own server
            f"{self.url.removesuffix('/v1')}/__aimock/journal", headers={"Authorization": f"Bearer {self.api_key}"}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # likewise
            return list(json.load(answer))


def find_aimock() -> list[str]:
    """Give the command of aimock; skip the test where it or node is missing."""
    node = require_program("node", package="nodejs")
    if not _AIMOCK.exists():
        require_program("npm", package="npm")
        pytest.skip("aimock is missing: make test installs it")
    return [node, "--import", _END_WITH_STDIN, str(_AIMOCK)]


def format_fixtures(*first: Mapping[str, Any]) -> str:
    """Write the conversation as aimock reads it.

    Args:
        first: fixtures that are looked at before.
    """
    fixtures = [*first]
    for step in reversed(STEPS):
        match = {"toolResultContains": step.after} if step.after else {"hasToolResult": False}
        call = {"name": step.name, "arguments": json.dumps(step.arguments)}
        usage = {"prompt_tokens": 120, "completion_tokens": 30, "input_tokens": 120, "output_tokens": 30}
        text = {} if step.after else {"content": "I look first."}
        fixtures.append({"match": match, "response": {**text, "toolCalls": [call], "usage": usage}})
    return json.dumps({"fixtures": fixtures})


@contextmanager
def running_aimock(folder: Path, *first: Mapping[str, Any]) -> Iterator[OtherServer]:
    """Run aimock with the conversation; it ends with the block, and with this process.

    Args:
        folder: where its fixtures are written.
        first: fixtures that are looked at before those of the conversation.
    """
    command = find_aimock()
    fixtures = folder / "fixtures.json"
    fixtures.write_text(format_fixtures(*first))
    with subprocess.Popen(
        [*command, "--port", "0", "--strict", "--fixtures", str(fixtures)],
        env={**os.environ, "AIMOCK_API_KEYS": KEY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            _, is_there, url = line.partition("listening on ")
            if is_there:
                break
        else:
            pytest.fail(f"aimock does not listen: {''.join(said)}")
        try:
            yield OtherServer(f"{url.strip()}/v1", KEY, "gpt-4o-mini")
        finally:
            process.stdin.close()


@contextmanager
def running_llama(folder: Path) -> Iterator[OtherServer]:
    """Run llama.cpp's server with a model that holds the conversation.

    Args:
        folder: where the model is written.
    """
    answers = {step.after: format_call(step.name, step.arguments) for step in reversed(STEPS)}
    answers = {"only finish": format_call("finish", {"title": "Checked"}), **answers}  # it is held to what is offered
    path = write_model(folder / "calling.gguf", answers, context_tokens=CONTEXT_TOKENS, calls_tools=True)
    with started_server(ModelFile("calling", path, CONTEXT_TOKENS, threads=1), os.environ) as server:
        served = asyncio.run(server.wait_until_ready(60))
        yield OtherServer(served.url, served.api_key, "calling")
