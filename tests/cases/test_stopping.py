"""Ctrl-C and SIGTERM: once, and what there is is recorded; twice, and git-draft is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Feedback, Worktree
from tests.support.bots import ScriptedBot, write
from tests.support.sources import CHECKOUT
from tests.support.studio import Studio

RUN = """
import asyncio, os, sys
from pathlib import Path
from git_draft.drafter import raise_for_attention
from git_draft.errors import GitDraftError
from git_draft.model import Outcome, OutcomeKind
from tests.support.bots import ScriptedBot
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

class Slow(ScriptedBot):
    async def act(self, goal, worktree, feedback):
        if "write" in sys.argv:
            worktree.write_file("a", "a\\n")
        print("ready", flush=True)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            print("stopping", flush=True)
            if "stubborn" in sys.argv:
                await asyncio.sleep(60)
            if "report" in sys.argv:
                return Outcome(OutcomeKind.INTERRUPTED, turns=3)
            raise
        return Outcome()

try:
    result = Studio(GitRepo(Path(sys.argv[1]))).draft(bot=Slow())
    raise_for_attention(result, None)
except GitDraftError as error:
    print(f"{type(error).__name__}: {error}", flush=True)
    sys.exit(error.exit_code)
"""


@contextmanager
def _running(studio: Studio, *manners: str) -> Iterator[subprocess.Popen[str]]:
    """Run a draft whose bot never ends by itself, from the moment that it is at work."""
    command = [sys.executable, "-c", RUN, str(studio.repo.path), *manners]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("manner", ["raises", "report"])
def test_once_records_what_there_is(studio: Studio, number: signal.Signals, manner: str) -> None:
    with _running(studio, "write", manner) as process:
        process.send_signal(number)
        said, _ = process.communicate(timeout=30)
    assert said.splitlines() == ["stopping", "InterruptedRunError: interrupted; what was made is draft 1/1"]
    assert process.returncode == 130
    (draft,) = studio.list_drafts()
    assert draft.record.outcome is OutcomeKind.INTERRUPTED
    assert draft.record.turns == (3 if manner == "report" else None)
    assert studio.repo.show("drafts/1/1", "a") == "a\n"
    assert studio.tidy_up() == []


def test_once_before_any_change_leaves_nothing(studio: Studio) -> None:
    with _running(studio) as process:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert said.splitlines()[-1] == "InterruptedRunError: interrupted before anything was changed, no draft was made"
    assert process.returncode == 130
    assert (studio.head(), list(studio.repo.list_refs())) == ("main", ["refs/heads/main"])
    assert studio.tidy_up() == []


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_twice_leaves_now_and_the_next_command_says_so(studio: Studio, second: signal.Signals) -> None:
    with _running(studio, "write", "stubborn") as process:
        process.send_signal(signal.SIGINT)
        assert process.stdout
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGINT)  # git passes on what the terminal has sent already: still the first one
        time.sleep(0.7)
        assert process.poll() is None
        process.send_signal(second)
        assert process.wait(timeout=10) == 130
    assert studio.tidy_up() == ["a run in folio 1 was killed; its prompt was: do it"]
    assert studio.list_drafts() == []
    assert studio.quit().folio.number == 1


def test_killed_run_is_listed_with_its_prompt(studio: Studio) -> None:
    with _running(studio, "write") as process:
        with studio.opened() as project:
            assert [run.prompt for run in project.store.list_runs_under_way()] == ["do it"]
        process.kill()
        process.wait()
    assert studio.tidy_up() == ["a run in folio 1 was killed; its prompt was: do it"]


def test_signals_are_as_before_after_a_run(studio: Studio) -> None:
    def handle(_number: int, _frame: object) -> None: ...

    before = [signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        studio.draft()
        assert [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)] == [handle, handle]
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


def test_signal_that_is_ignored_stays_so(studio: Studio) -> None:
    """A script's background job is not ended by Ctrl-C on the script's terminal."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        edits = [lambda _files: os.kill(os.getpid(), signal.SIGINT), write("a", "a\n")]
        studio.draft(bot=ScriptedBot(edits, delay_s=0.05))
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert [draft.record.outcome for draft in studio.list_drafts()] == [OutcomeKind.COMPLETE]


class _Deaf(ScriptedBot):
    """Never waits, so that it can't be cancelled; and is stopped by the user meanwhile."""

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Work."""
        worktree.write_file("a", "a\n")
        os.kill(os.getpid(), signal.SIGINT)
        return Outcome(title="Done")


def test_a_run_that_was_stopped_is_not_complete(studio: Studio) -> None:
    record = studio.draft(bot=_Deaf()).draft.record
    assert record.outcome is OutcomeKind.INTERRUPTED


_MERGE = """
import sys
from pathlib import Path
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

Studio(GitRepo(Path(sys.argv[1]))).merge()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_merge_is_done_before_it_is_interrupted(studio: Studio, tmp_path: Path, number: signal.Signals) -> None:
    repo = studio.repo
    repo.commit({".gitattributes": "slow filter=slow\n", "slow": "1\n"})
    studio.draft(write("slow", "2\n"))
    repo.write("mine", "precious\n")
    ready = tmp_path / "ready"
    repo.git("config", "filter.slow.smudge", f"touch {ready}; sleep 1; cat")
    process = subprocess.Popen([sys.executable, "-c", _MERGE, str(repo.path)], cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    while not ready.exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(timeout=20) != 0
    assert (repo.read("slow"), repo.read("mine")) == ("2\n", "precious\n")
    assert repo.subjects("HEAD")[0] == "draft! merge"
    assert repo.resolve("draft/1+") == repo.resolve("HEAD")
    assert repo.status() == []
