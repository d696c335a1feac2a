"""Programs as bots that do not end, or leave something behind: whatever happens, nothing of them is left."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from git_draft.bots.programs import FIRST_LINES, LAST_LINES
from git_draft.model import OutcomeKind
from git_draft.processes import read_start
from tests.support.children import Child, wait_for
from tests.support.programs import draft_by_script, list_output
from tests.support.sources import CHECKOUT
from tests.support.studio import Studio


def find_process(file: Path) -> Child | None:
    """Find the process that has written its number to a file."""
    text = file.read_text() if file.exists() else ""
    return Child(int(text), read_start(int(text))) if text.endswith("\n") else None


def check_gone(child: Child) -> None:
    wait_for(lambda: not child.is_alive or None, f"end of process {child.pid}")


def list_checkouts(home: Path) -> list[Path]:
    folder = home / ".local/state/git-draft/checkouts"
    return list(folder.iterdir()) if folder.exists() else []


def test_program_that_hangs_is_ended_at_its_limit(studio: Studio, tmp_path: Path, home: Path) -> None:
    draft_by_script(studio, f"echo x > x; echo $$ > {tmp_path}/pid; sleep 100", {"timeout_s": 0.5})
    (draft,) = studio.list_drafts()
    assert (draft.record.outcome, draft.record.detail) == (OutcomeKind.LIMIT, "0.5 s of time")
    assert studio.repo.list_files("drafts/1/1") == ["README.md", "x"]
    child = find_process(tmp_path / "pid")
    assert child is not None
    assert not child.is_alive
    assert list_checkouts(home) == []


def test_program_that_does_not_listen_is_killed(studio: Studio, tmp_path: Path) -> None:
    started = time.monotonic()
    script = f"trap 'echo asked >> {tmp_path}/asked' TERM; echo x > x; while :; do sleep 0.1; done"
    draft_by_script(studio, script, {"timeout_s": 0.5})
    assert (tmp_path / "asked").read_text() == "asked\n"
    assert time.monotonic() - started < 8
    assert studio.list_drafts()[0].record.outcome is OutcomeKind.LIMIT


@pytest.mark.parametrize("how", ["", "setsid", "nohup setsid"])
def test_what_runs_on_in_the_background_is_ended_with_the_program(studio: Studio, tmp_path: Path, how: str) -> None:
    script = f"""{how} sh -c 'sh -c "echo \\$\\$ > {tmp_path}/pid; exec sleep 100" & exec sleep 100' &
    while ! test -s {tmp_path}/pid; do sleep 0.05; done; echo x > x"""
    started = time.monotonic()
    draft_by_script(studio, script)
    assert time.monotonic() - started < 5
    child = find_process(tmp_path / "pid")
    assert child is not None
    assert not child.is_alive
    assert studio.list_drafts()[0].record.outcome is OutcomeKind.COMPLETE


def test_much_output_is_kept_in_part(studio: Studio) -> None:
    program = "for n in range(100_000): print(str(n), 95 * 'x')\nprint('last')"
    draft_by_script(studio, f'{sys.executable} -c "{program}"; echo x > x')
    lines = list_output(studio)
    assert len(lines) == FIRST_LINES + LAST_LINES + 1
    assert (lines[0][:3], lines[FIRST_LINES], lines[-1]) == ("0 x", "… 98001 more lines", "last")
    with studio.opened() as project:
        stored = [body for _, number, body in project.store.list_events(1) if number == 1]
    assert sum('"kind":"output"' in body for body in stored) == len(lines)


RUN = """
import os, sys
from pathlib import Path
from git_draft.drafter import raise_for_attention
from git_draft.errors import GitDraftError
from tests.support.gitrepo import GitRepo
from tests.support.programs import draft_by_script
from tests.support.studio import Studio

try:
    raise_for_attention(draft_by_script(Studio(GitRepo(Path(sys.argv[1]))), sys.argv[2]), None)
except GitDraftError as error:
    print(f"{type(error).__name__}: {error}", flush=True)
    sys.exit(error.exit_code)
"""


@contextmanager
def at_work(studio: Studio, tmp_path: Path, script: str) -> Iterator[tuple[subprocess.Popen[str], Child]]:
    """Run git-draft with a script that says when it is at work, by the file with its number."""
    words = [sys.executable, "-c", RUN, str(studio.repo.path), f"{script} echo $$ > {tmp_path}/pid; sleep 100 & wait"]
    with subprocess.Popen(words, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, wait_for(lambda: find_process(tmp_path / "pid"), "script at work")
        finally:
            process.kill()


def test_ctrl_c_ends_the_program_and_keeps_what_it_made(studio: Studio, tmp_path: Path, home: Path) -> None:
    with at_work(studio, tmp_path, "echo x > x;") as (process, child):
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
    assert said == "InterruptedRunError: interrupted; what was made is draft 1/1\n"
    assert process.returncode == 130
    assert studio.repo.list_files("drafts/1/1") == ["README.md", "x"]
    check_gone(child)
    assert list_checkouts(home) == []


@pytest.mark.parametrize("manner", ["second Ctrl-C", "SIGKILL"])
def test_program_does_not_outlive_git_draft(studio: Studio, tmp_path: Path, home: Path, manner: str) -> None:
    with at_work(studio, tmp_path, "trap '' TERM; echo x > x;") as (process, child):
        if manner == "SIGKILL":
            process.kill()
        else:
            process.send_signal(signal.SIGINT)
            time.sleep(0.8)  # later than what counts as one
            process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    assert process.returncode == (-signal.SIGKILL if manner == "SIGKILL" else 130)
    check_gone(child)
    assert len(list_checkouts(home)) == 1
    assert studio.tidy_up()
    assert list_checkouts(home) == []
    assert list((studio.repo.path / ".git/git-draft/tmp").iterdir()) == []
