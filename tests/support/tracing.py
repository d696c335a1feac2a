"""Whole commands under strace: which calls they write to disk with, and killed before the n-th of one of them.

Two places can be killed: git-draft's own process, and a git that it runs. For the second one a script named git stands
first on PATH, and puts under strace the k-th of those that write. A signal that strace injects comes before the call is
done. Used by `tests/cases/test_crashes.py` and `tests/git/test_syncing.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.skips import require_program

OURS = ("rename", "link", "unlink", "pwrite64", "fsync", "fdatasync", "ftruncate", "mkdir", "rmdir")
"""What git-draft's own process, libgit2 and SQLite change files with."""

GITS = ("rename", "link", "unlink", "fsync", "mkdir", "rmdir", "write")
"""What git does, files of the user included."""

_SPELLINGS = {"rename": ("renameat", "renameat2"), "link": ("linkat",), "unlink": ("unlinkat",), "mkdir": ("mkdirat",)}
_TIMEOUT_S = 60

# of those that write: the others may run at the same time, which would make the count uncertain
_WRAPPER = """\
#!/bin/sh
case " $* " in
  *" add "*|*" write-tree "*|*" merge "*|*" merge-recursive "*|*" read-tree "*|*" update-index "*|*" update-ref "*|*" checkout-index "*|*" --remove-section "*) ;;
  *) exec {git} "$@" ;;
esac
count=$(($(cat {folder}/count) + 1))
echo $count > {folder}/count
[ $count = "$(cat {folder}/at)" ] || exec {git} "$@"
{strace} -f -qq -o {folder}/git.txt $(cat {folder}/options) {git} "$@"
status=$?
[ -e {folder}/both ] && kill -9 $PPID
[ $status = 137 ] && kill -9 $$
exit $status
"""


def require_strace() -> str:
    """Give the path of strace; skip where it is missing, or where the machine lets nobody trace."""
    strace = require_program("strace", package="strace")
    if subprocess.run([strace, "-qq", "-f", "-e", "trace=none", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine lets nobody trace a process")
    return strace


@dataclass(frozen=True, slots=True)
class KillPoint:
    """Where a command is killed: before the n-th call of its kind.

    Args:
        call: the name of the system call, others that do the same included.
        number: from 1.
        git: which of the gits that write, from 1; None for git-draft's own process.
        both: git and then git-draft, where it is a git.
    """

    call: str
    number: int
    git: int | None = None
    both: bool = False


class Tracer:
    """Runs git-draft under strace.

    Args:
        folder: for what strace writes, and for the script that stands for git.
    """

    def __init__(self, folder: Path) -> None:
        self._strace = require_strace()
        self._folder = folder / "tracing"
        programs = self._folder / "programs"
        programs.mkdir(parents=True)
        git = programs / "git"
        git.write_text(_WRAPPER.format(git=shutil.which("git"), strace=self._strace, folder=self._folder))
        git.chmod(0o755)
        self._env = {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}

    def count(self, folder: Path, words: Sequence[str], git: int | None = None) -> Counter[str]:
        """Run a command whole; count the calls of its process, or of the git named; an empty count means no such git."""
        calls = OURS if git is None else GITS
        trace = self._folder / ("own.txt" if git is None else "git.txt")
        trace.unlink(missing_ok=True)
        done = self._run(folder, words, _select(*calls), git)
        assert done.returncode in (0, 3), done.stderr  # 3: a merge left conflicts
        lines = trace.read_text(errors="replace").splitlines() if trace.exists() else []
        names = (match[1] for line in lines if (match := re.match(r"(?:\d+ +)?(\w+)\(", line)))
        return Counter(_name(name) for name in names)

    def trace(self, command: Sequence[str], folder: Path, calls: Sequence[str]) -> list[str]:
        """Run any program; give the calls of its own process, with the files that they name."""
        traced = self._folder / "own.txt"
        options = ["-y", "-qq", "-o", str(traced), *_select(*calls)]
        done = run_command([self._strace, *options, *command], folder, self._env)
        assert done.returncode == 0, done.stderr
        return traced.read_text(errors="replace").splitlines()

    def iter_points(self, folder: Path, words: Sequence[str], *, git: bool) -> Iterator[KillPoint]:
        """Give each point at which a command can be killed, in a run of it; the repository is copied for each count."""
        for number in range(1, 30) if git else (None,):
            copied = self._folder / "counted"
            shutil.copytree(folder, copied, symlinks=True)
            counted = self.count(copied, words, number)
            shutil.rmtree(copied)
            if not counted:
                return
            for call, count in sorted(counted.items()):
                yield from (KillPoint(call, at, number) for at in range(1, count + 1))

    def kill(self, folder: Path, words: Sequence[str], point: KillPoint) -> subprocess.CompletedProcess[str]:
        """Run a command that is killed at a point."""
        inject = ["-e", f"inject={','.join(_spell(point.call))}:signal=SIGKILL:when={point.number}"]
        return self._run(folder, words, [*_select(point.call), *inject], point.git, both=point.both)

    def _run(
        self, folder: Path, words: Sequence[str], options: Sequence[str], git: int | None, *, both: bool = False
    ) -> subprocess.CompletedProcess[str]:
        for name, text in {"count": "0", "at": str(git), "options": " ".join(options)}.items():
            (self._folder / name).write_text(text)
        (self._folder / "both").unlink(missing_ok=True)
        if both:
            (self._folder / "both").touch()
        command = [sys.executable, "-m", "git_draft", *words]
        if git is None:
            command = [self._strace, "-qq", "-o", str(self._folder / "own.txt"), *options, *command]
        return run_command(command, folder, self._env)


def run_command(
    command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, of its own making or not."""
    return subprocess.run(
        list(command),
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TIMEOUT_S,
        check=False,
    )


def was_killed(done: subprocess.CompletedProcess[str]) -> bool:
    """Tell whether a command came to its end by SIGKILL."""
    return done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)


def _spell(call: str) -> tuple[str, ...]:
    return (call, *_SPELLINGS.get(call, ()))


def _name(call: str) -> str:
    return next((name for name, others in _SPELLINGS.items() if call in others), call)


def _select(*calls: str) -> list[str]:
    return ["-e", "trace=" + ",".join(name for call in calls for name in _spell(call))]
