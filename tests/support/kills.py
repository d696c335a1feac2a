"""Processes that end in the middle of what they do: at the k-th effect on a repository, or at the one named.

A command is run in a child process, which kills itself by SIGKILL, so that nothing is cleaned up. The points are before
and after each effect, and inside each transaction of refs, while its locks are held.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

from git_draft.git.objects import Objects
from git_draft.git.refs import Refs
from git_draft.git.repo import Repository
from git_draft.git.workdir import Workdir
from git_draft.store import Store

EFFECTS: tuple[tuple[type, str], ...] = (
    (Objects, "write_commit"),
    (Refs, "commit"),
    *((Repository, name) for name in ("set_config", "remove_config_section")),
    *((Workdir, name) for name in ("stage", "unstage_untracked", "merge", "replace_files", "replace_index")),
    *((Store, name) for name in ("begin_run", "end_run", "add_draft", "add_folio", "advance_notes_tip")),
)


class _Countdown:
    def __init__(self, points: int) -> None:
        self._left = points

    def pass_point(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrap(self, owner: type, name: str) -> None:
        inner = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self.pass_point()
            result = inner(*args, **kwargs)
            self.pass_point()
            return result

        setattr(owner, name, wrapped)

    def wrap_transactions(self) -> None:
        """Count also the moment when a transaction has its locks, which is when it reads the refs again."""
        commit, find = Refs._commit_once, Refs.find
        inside: list[bool] = []

        def commit_once(refs: Refs, *args: Any) -> None:
            inside.append(True)
            commit(refs, *args)
            inside.clear()

        def find_ref(refs: Refs, name: str) -> str | None:
            if inside:
                inside.clear()
                self.pass_point()
            return find(refs, name)

        setattr(Refs, "_commit_once", commit_once)  # noqa: B010  # mypy takes the plain form for a slip
        setattr(Refs, "find", find_ref)  # noqa: B010  # likewise


def run_and_kill(command: Callable[[], object], points: int) -> bool:
    """Run a command in a child process, killed at its k-th point; tell whether it came to that.

    A command that raises fails the test with what it said on standard error.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: the child starts none
        pid = os.fork()
    if pid == 0:
        countdown = _Countdown(points)
        countdown.wrap_transactions()
        for owner, name in EFFECTS:
            countdown.wrap(owner, name)
        status = 1
        try:
            command()
            status = 0
        finally:
            if status:
                traceback.print_exc(file=sys.__stderr__)
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)
