"""An open repository with everything that acts on it: git layer, index of records, the lock of a worktree.

One value that the rooms above are given, so that none of them builds its own. Nothing is decided here. Made by the cli,
used by everything between it and the git layer.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from git_draft.errors import OperationInProgressError
from git_draft.folders import find_state_folder
from git_draft.frozen import frozen
from git_draft.git.checkout import Checkouts
from git_draft.git.locks import WORKTREE_LOCK
from git_draft.git.notes import Notes
from git_draft.git.objects import Objects
from git_draft.git.refs import Refs
from git_draft.git.repo import Repository
from git_draft.git.workdir import Workdir
from git_draft.store import Store

STATE_FOLDER = "git-draft"
"""In the common git directory; not ``draft``, which would shadow the branches ``draft/1``."""

_LOCK_TIMEOUT_S = 10.0


@frozen
class Project:
    """Everything that acts on one repository."""

    repo: Repository
    objects: Objects
    refs: Refs
    notes: Notes
    workdir: Workdir
    store: Store

    @classmethod
    def open(cls, folder: Path, environ: Mapping[str, str], *, with_index: bool = True) -> Project:
        """Find the repository that git would use in a folder, and open its index of records.

        Args:
            folder: the current folder.
            environ: the environment.
            with_index: else the index is an empty one in memory, for a repository that can only be read.

        Raises:
            RepoError: where git finds none, or libgit2 can't read it.
            StoreError: where the index can't be used.
        """
        repo = Repository.open(folder, environ)
        state = repo.common_dir / STATE_FOLDER
        store = Store(state / "state.sqlite3" if with_index else None)
        objects = Objects(repo)
        refs = Refs(repo, store.noted_locks)
        return cls(repo, objects, refs, Notes(objects, refs), Workdir(repo, state / "tmp"), store)

    @property
    def checkouts_dir(self) -> Path:
        """The folder of trees that programs work on: outside of any repository, or git in there would find the user's."""
        return find_state_folder(self.repo.env) / "checkouts"

    @property
    def checkouts(self) -> Checkouts:
        """What puts trees into folders."""
        return Checkouts(self.repo, self.checkouts_dir, self.state_dir / "tmp")

    @property
    def state_dir(self) -> Path:
        """The folder of our own state, shared by linked worktrees."""
        return self.repo.common_dir / STATE_FOLDER

    def find_checkout(self, ref: str, *, elsewhere: bool = False) -> Path | None:
        """Find the working directory that has a branch checked out.

        Args:
            ref: the full name of the branch.
            elsewhere: whether only other worktrees than this one count.
        """
        for git_dir, checked_out in self.repo.iter_checked_out():
            if checked_out == ref and not (elsewhere and git_dir.resolve() == self.repo.git_dir.resolve()):
                return self._read_workdir(git_dir)
        return None

    def _read_workdir(self, git_dir: Path) -> Path:
        linked = git_dir / "gitdir"  # names the file .git at the top of a linked worktree
        if linked.exists():
            return (git_dir / os.fsdecode(linked.read_bytes()).rstrip("\n")).parent.resolve()
        return (git_dir / (self.repo.config.get("core.worktree") or "..")).resolve()

    @contextlib.contextmanager
    def locked_worktree(self) -> Iterator[None]:
        """Keep other merges, quits and undos out of this worktree for as long as it lasts.

        Raises:
            OperationInProgressError: where another one takes longer than some seconds.
        """
        deadline = time.monotonic() + _LOCK_TIMEOUT_S
        with (self.repo.git_dir / WORKTREE_LOCK).open("w") as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise OperationInProgressError("another git draft is merging or quitting here") from None
                    time.sleep(0.05)
            yield
