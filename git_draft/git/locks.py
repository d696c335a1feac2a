"""Locks of files in a git directory: waited for, and named where they stay, with the way to remove them.

libgit2 never waits for a lock, git for some of them; one that was killed leaves its locks behind, and nobody can tell
these from held ones but the user. Called by repo, refs and workdir.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pygit2

from git_draft.errors import RefLockedError
from git_draft.folders import iter_files

WORKTREE_LOCK = "git-draft.lock"
"""The file in a git directory by which one git-draft at a time changes a worktree; it stays, and is no lock by itself."""

_TIMEOUT_S = 5.0
_HELD = re.compile("failed to (?:lock|create locked) file '(.*)'")  # what libgit2 says of a lock that another one holds


def find_locks(folder: Path) -> Iterator[Path]:
    """Give the lock files in a git directory: of its own files, and of refs."""
    for file in (*folder.glob("*.lock"), *iter_files(folder / "refs")):
        if file.suffix == ".lock" and file.name != WORKTREE_LOCK:
            yield file


def advise_on_locks(locks: Iterable[Path]) -> str | None:
    """Say how to remove locks, if nobody holds them; None where there are none."""
    named = " ".join(shlex.quote(str(lock)) for lock in sorted(locks))
    return f"if no git command is running: rm {named}" if named else None


def retry_while_locked(change: Callable[[], None], what: str) -> None:
    """Make a change that libgit2 needs locks for, and wait for the locks of others, as libgit2 itself never does.

    Args:
        change: makes it; called again where a lock is held.
        what: what it changes, for the error.

    Raises:
        RefLockedError: where another process holds a lock for some seconds, or the file system says no.
    """
    import random  # it takes time to load, which looking around need not

    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        try:
            return change()
        except (pygit2.GitError, OSError) as error:
            held = _HELD.match(str(error))
            if held is None or time.monotonic() > deadline:
                said = str(error).rstrip(": ")  # libgit2 leaves room for the system's reason, also where there is none
                raise RefLockedError(f"can't change {what}: {said}", hint=_advise_on_lock(held)) from error
        time.sleep(random.uniform(0.005, 0.05))  # noqa: S311  # jitter, no secret


def _advise_on_lock(held: re.Match[str] | None) -> str | None:
    if held is None or not Path(held[1]).exists():
        return None
    return advise_on_locks([Path(held[1])])
