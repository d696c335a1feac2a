"""`git draft stop` from a second process, while a bot waits for its server."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.children import wait_for
from tests.support.gitrepo import GitRepo
from tests.support.server import Conversation, ScriptedServer, Turn

PROGRAM = Path(__file__).resolve().parents[2] / "bin/git-draft"
WRITE = {"name": "write_file", "arguments": {"path": "new.txt", "contents": "new\n"}}


@pytest.fixture
def environ() -> Iterator[Mapping[str, str]]:
    """Serve a model that never ends, and give the environment of the program."""
    conversations = [
        Conversation([Turn(calls=[WRITE]), Turn(delay_s=120)], when="slow"),
        Conversation([Turn(delay_s=120)] * 2, when="never"),
    ]
    with ScriptedServer(conversations=conversations) as server:
        yield {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_MODEL": "scripted"}


def _run(repo: GitRepo, environ: Mapping[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *args], cwd=repo.path, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def _started(
    repo: GitRepo, environ: Mapping[str, str], *args: str, event: str
) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Start a draft, and wait until its bot has come to an event; give the process and the numbers of the runs."""
    with subprocess.Popen(
        [PROGRAM, *args], cwd=repo.path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            wait_for(lambda: event in _run(repo, environ, "events").stdout or None, event)
            yield process, [run["run"] for run in json.loads(_run(repo, environ, "list", "--json").stdout)["runs"]]
        finally:
            process.kill()


def test_the_only_run_is_stopped_and_what_it_made_is_kept(repo: GitRepo, environ: Mapping[str, str]) -> None:
    with _started(repo, environ, "be slow", event="new.txt") as (process, (number,)):
        listed = _run(repo, environ, "list").stdout.splitlines()
        assert listed[1].startswith(f"  run {number} running: be slow (openai, ")
        stopped = _run(repo, environ, "stop")
        assert (stopped.returncode, stopped.stdout) == (0, f"stopped run {number}: draft 1/1\n")
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert f"warning: run {number} is stopped by git draft stop" in said
    assert "interrupted; what was made is draft 1/1" in said
    assert repo.git("show", "drafts/1/1:new.txt") == "new"
    assert _run(repo, environ, "stop", str(number)).returncode == 1


def test_one_of_two_siblings_is_stopped_by_its_number(repo: GitRepo, environ: Mapping[str, str]) -> None:
    with _started(repo, environ, "-n", "2", "never answer", event="ask") as (process, (first, second)):
        which = _run(repo, environ, "stop")
        assert which.returncode == 2
        assert [line for line in which.stderr.splitlines() if f"hint: git draft stop {second}" in line]
        stopped = json.loads(_run(repo, environ, "stop", "--json", str(first)).stdout)
        assert stopped == {"version": 1, "run": first, "outcome": "interrupted"}
        assert process.poll() is None
        assert _run(repo, environ, "stop").stdout == f"stopped run {second}: nothing was changed, no draft\n"
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"


def test_killed_siblings_are_all_interrupted(repo: GitRepo, environ: Mapping[str, str]) -> None:
    with _started(repo, environ, "-n", "2", "never answer", event="ask") as (process, numbers):
        process.kill()
        process.wait()
    stopped = _run(repo, environ, "stop", str(numbers[0]))
    assert stopped.stderr.count("was killed; its prompt was: never answer") == 2
    assert "it has ended: interrupted, no draft" in stopped.stderr
    listed = json.loads(_run(repo, environ, "list", "--json", "--all").stdout)
    assert [run["run"] for run in listed["interrupted"]] == numbers
    assert listed["runs"] == []
