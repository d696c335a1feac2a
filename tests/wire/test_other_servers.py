"""The same conversation with servers that were not written here: aimock, llama.cpp's, llmock.

Each is told by `tests/support/servers.py` to look, read, edit and finish. aimock and llama.cpp choose the next step from
the results that they were sent, so they must have understood them. What was tried by hand is in docs/servers.md.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from git_draft.errors import BotError
from git_draft.model import OutcomeKind
from tests.support.gitrepo import GitRepo
from tests.support.models import DictWorktree
from tests.support.servers import (
    CONTEXT_TOKENS,
    EDITED,
    FILES,
    STEPS,
    TITLE,
    OtherServer,
    running_aimock,
    running_llama,
)
from tests.wire.conftest import KEY, Bench, FaultyServer

APIS = {"chat": "/v1/chat/completions", "responses": "/v1/responses"}
WAYS = [(api, is_streamed) for api in APIS for is_streamed in (True, False)]
SERVERS = ["aimock", "llama_cpp", "llmock"]


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherServer]:
    """Start aimock."""
    with running_aimock(tmp_path_factory.mktemp("aimock")) as server:
        yield server


@pytest.fixture(scope="module")
def llama_cpp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherServer]:
    """Start llama.cpp's server."""
    with running_llama(tmp_path_factory.mktemp("llama")) as server:
        yield server


@pytest.fixture
def llmock(faulty: FaultyServer) -> OtherServer:
    """Give a llmock that does the steps one after the other, whatever it is sent."""
    calls = [{"name": step.name, "arguments": step.arguments} for step in STEPS]
    faulty.script(*({"type": "reply", "tool_calls": [call]} for call in calls))
    return OtherServer(f"{faulty.url}/v1", KEY, "gpt-4o-mini")


@pytest.fixture(params=SERVERS)
def other(request: pytest.FixtureRequest) -> OtherServer:
    """Give each of them in turn."""
    server = request.getfixturevalue(request.param)
    assert isinstance(server, OtherServer)
    return server


def make_bench(server: OtherServer, **options: Any) -> Bench:
    return Bench(server.url, options, env=server.environ, worktree=DictWorktree(FILES))


@pytest.mark.parametrize("api, is_streamed", WAYS)
def test_the_conversation_is_held(other: OtherServer, api: str, is_streamed: bool) -> None:
    bench = make_bench(other, api=api, refused="" if is_streamed else "stream")
    outcome = bench.act(limit_s=60)
    assert (outcome.kind, outcome.title, outcome.turns) == (OutcomeKind.COMPLETE, TITLE, len(STEPS))
    assert bench.worktree.files == EDITED
    assert [line.split()[0] for line in bench.told] == ["ask", "reply"] * len(STEPS)  # no retry, no warning
    assert outcome.usage.tokens_in
    assert outcome.usage.tokens_out


@pytest.mark.parametrize("api, is_streamed", WAYS)
def test_aimock_finds_all_requests_right(tmp_path: Path, api: str, is_streamed: bool) -> None:
    with running_aimock(tmp_path) as server:
        bench = make_bench(server, api=api, refused="" if is_streamed else "stream")
        outcome = bench.act()
        requests = server.list_requests()
    assert (outcome.usage.tokens_in, outcome.usage.tokens_out) == (120 * len(STEPS), 30 * len(STEPS))
    assert [request["path"] for request in requests] == [APIS[api]] * len(STEPS)
    assert [request["response"]["status"] for request in requests] == [200] * len(STEPS)
    assert [bool(request["body"].get("stream")) for request in requests] == [is_streamed] * len(STEPS)


def test_llama_cpp_reuses_what_it_has_read(llama_cpp: OtherServer) -> None:
    """The start of each request is the one before, so that only the new part is read."""
    usage = make_bench(llama_cpp).act().usage
    assert usage.tokens_in
    assert usage.tokens_cached
    assert usage.tokens_cached > usage.tokens_in / 2


@pytest.mark.parametrize("api", APIS)
def test_llama_cpp_says_how_long_its_context_is(llama_cpp: OtherServer, api: str) -> None:
    bench = make_bench(llama_cpp, api=api)
    with pytest.raises(BotError, match="too long for the model") as caught:
        bench.act("count " * CONTEXT_TOKENS)
    assert caught.value.hint
    assert str(CONTEXT_TOKENS) in [value for (_, _, key), value in bench.memory.pages.items() if "context" in key]


@pytest.mark.parametrize("server", ["aimock", "llama_cpp"])
def test_a_wrong_key_is_told(request: pytest.FixtureRequest, server: str) -> None:
    bench = make_bench(request.getfixturevalue(server), api_key="sk-wrong")
    with pytest.raises(BotError, match=r"refuses the API key \(401\)") as caught:
        bench.act()
    assert "sk-wrong" not in f"{caught.value} {caught.value.hint} {bench.told}"


FAULTS: Mapping[str, Mapping[str, Any]] = {
    "rate limit": {
        "response": {"error": {"message": "slow down", "type": "rate_limit"}, "status": 429, "retryAfter": 1}
    },
    "overload": {"response": {"error": {"message": "too much to do", "type": "server_error"}, "status": 503}},
    "cut": {"response": {"content": "I look at all of it, first."}, "chunkSize": 4, "truncateAfterChunks": 2},
    "lost": {"response": {"content": "I look at it. " * 50}, "chunkSize": 4, "latency": 20, "disconnectAfterMs": 90},
}


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("fault", FAULTS)
def test_what_aimock_breaks_is_asked_for_again(tmp_path: Path, fault: str, api: str) -> None:
    first = {"match": {"hasToolResult": False, "sequenceIndex": 0}, **FAULTS[fault]}
    with running_aimock(tmp_path, first) as server:
        bench = make_bench(server, api=api)
        assert bench.act().title == TITLE
    assert bench.worktree.files == EDITED
    assert bench.feedback.kinds.count("retry") == 1


def run_program(repo: GitRepo, environ: Mapping[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    """Run git-draft as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "git_draft", *args],
        cwd=repo.path,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("api", APIS)
def test_the_program_records_the_draft(repo: GitRepo, other: OtherServer, api: str) -> None:
    repo.commit(FILES)
    done = run_program(repo, other.environ, "-o", f"api={api}", "count in digits")
    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stdout
    assert repo.show("refs/drafts/1/1", "a.txt") == EDITED["a.txt"]
    assert repo.read("a.txt") == FILES["a.txt"]
    assert repo.git("log", "-1", "--format=%s", "refs/drafts/1/1") == f"draft! prompt: {TITLE}"
    note = repo.git("notes", "--ref=drafts", "show", "refs/drafts/1/1")
    assert f"Turns: {len(STEPS)}" in note
    assert "Tokens:" in note
    assert other.api_key not in note


def test_a_check_finds_out_what_it_can_do(other: OtherServer) -> None:
    bench = make_bench(other)
    found = {finding.name: finding for finding in asyncio.run(bench.bot.check(bench.feedback))}
    assert all(finding.is_ok for finding in found.values())
    assert found["tools"].value == "called"
    assert found["streaming"].value == "yes"
