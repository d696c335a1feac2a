"""The program itself against llmock's faults: each ends in a recorded draft or a clear error, and llmock finds no fault with it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from llmock.chaos import StreamChaos
from llmock.pytest_plugin import LLMock
from llmock.scenarios import Behavior, Fail, Reply, SlowFirstToken, StreamFault, ToolCall, ToolFault
from llmock.testing import LLMockServer

from tests.support.gitrepo import GitRepo

EDIT = Reply(tool_calls=(ToolCall("edit_file", {"path": "a.txt", "old": "one", "new": "1"}),))
FINISH = Reply(tool_calls=(ToolCall("finish", {"title": "Count in digits"}),))
OVERFLOW = Fail(400, message="This model's maximum context length is 8192 tokens.", code="context_length_exceeded")


@dataclass(frozen=True)
class Ended:
    """How the program ended."""

    status: int
    out: str
    err: str


@pytest.fixture
def server(llmock: LLMock, llmock_server: LLMockServer) -> LLMock:
    """Give a llmock whose answers take some time: one that is sent whole before we hang up counts as accepted."""
    llmock_server.state.stream_chaos = StreamChaos(chunk_delay_ms=20)
    return llmock


def draft(folder: Path, *behaviors: Behavior, server: LLMock, api: str = "chat") -> tuple[GitRepo, Ended]:
    """Make a draft by the program, with a server that behaves so."""
    for behavior in behaviors:
        server.add(behavior)
    repo = GitRepo.create(folder / "repo")
    repo.commit({"a.txt": "one\ntwo\n"})
    command = [
        sys.executable,
        "-m",
        "git_draft",
        "-m",
        "scripted",
        "-o",
        "first_byte_timeout_s=2",
        "-o",
        "idle_timeout_s=2",
        "-o",
        f"api={api}",
    ]
    done = subprocess.run(
        [*command, "count in digits"],
        cwd=repo.path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return repo, Ended(done.returncode, done.stdout, done.stderr)


def is_edited(repo: GitRepo) -> bool:
    return repo.show("drafts/1/1", "a.txt") == "1\ntwo\n"


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([Fail(429, retry_after=0.3, times=2)], id="rate limit with Retry-After"),
        pytest.param([Fail(503, times=2)], id="outage that passes"),
        pytest.param([StreamFault("truncate", after_chunks=3), EDIT], id="truncation"),
        pytest.param([StreamFault("disconnect", after_chunks=3), EDIT], id="disconnect"),
        pytest.param([StreamFault("stall", after_chunks=2, stall_seconds=5), EDIT], id="stall"),
        pytest.param([StreamFault("malformed", after_chunks=3), EDIT], id="malformed chunk"),
        pytest.param([SlowFirstToken(5), EDIT], id="slow first token"),
        pytest.param([ToolFault("malformed_arguments"), EDIT], id="malformed arguments"),
        pytest.param([ToolFault("unknown_tool"), EDIT], id="unknown tool"),
    ],
)
@pytest.mark.parametrize("api", ["chat", pytest.param("responses", marks=pytest.mark.deep)])
def test_a_fault_ends_in_a_draft(server: LLMock, tmp_path: Path, faults: list[Behavior], api: str) -> None:
    repo, ended = draft(tmp_path, *faults, EDIT, FINISH, server=server, api=api)
    assert (ended.status, is_edited(repo)) == (0, True), ended.err
    assert ended.out.startswith("draft 1/1: Count in digits (1 file +1 -1")
    assert len(server.requests) > 2
    server.assert_resilient(strict=True)


@pytest.mark.parametrize(
    "fault, words",
    [
        (OVERFLOW, "the conversation is too long for the model"),
        (Fail(429, retry_after=300, times=None), "it says to come back in 5 minutes"),
        (Fail(503, times=None), "answered 503"),
        (Fail(401, times=None), "refuses the API key (401)"),
        (Fail(400, times=None), "answered 400"),
    ],
)
def test_a_fault_at_once_ends_in_a_clear_error(server: LLMock, tmp_path: Path, fault: Fail, words: str) -> None:
    repo, ended = draft(tmp_path, fault, server=server)
    assert ended.status == 1
    [line] = [line for line in ended.err.splitlines() if line.startswith("error: ")]
    assert words in line
    assert "Traceback" not in ended.err
    assert repo.list_refs("refs/drafts/") == {}
    assert repo.git("symbolic-ref", "--short", "HEAD") == "main"
    server.assert_resilient(strict=fault.retry_after is None)  # else it warns of what is meant: not to wait minutes
