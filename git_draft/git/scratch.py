"""Indexes that nobody else knows: copies of the user's, and those of a tree. Called by workdir and parts."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from git_draft.errors import RepoError
from git_draft.git.repo import Repository


class ScratchIndexes:
    """Makes indexes that go when they were used.

    Args:
        repo: the repository.
        temp_dir: where they are made; on the file system of the repository.
    """

    def __init__(self, repo: Repository, temp_dir: Path) -> None:
        self._repo = repo
        self._temp_dir = temp_dir

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """Make a folder, named after this process, so that what a killed one left is found.

        Raises:
            RepoError: where it can't be made.
        """
        import tempfile  # it takes time to load, which looking around need not

        try:
            self._temp_dir.mkdir(parents=True, exist_ok=True)
            scratch = tempfile.TemporaryDirectory(dir=self._temp_dir, prefix=f"{os.getpid()}-")
        except OSError as error:
            raise RepoError(f"can't write to {self._temp_dir}: {error.strerror}") from error
        with scratch as folder:
            yield Path(folder)

    def copy_to(self, copy: Path) -> None:
        """Copy the user's index; one that is missing is an empty one.

        Raises:
            RepoError: where it can't be copied.
        """
        try:  # with its time: git takes entries that are as young as the index for possibly changed
            shutil.copy2(self._repo.index_path, copy)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise RepoError(f"can't copy the index to {copy.parent}: {error.strerror}") from error

    @contextlib.contextmanager
    def copied(self) -> Iterator[dict[str, str]]:
        """Give the environment in which git works on a copy of the user's index."""
        with self.folder() as folder:
            self.copy_to(folder / "index")
            yield self._make_env(folder / "index")

    @contextlib.contextmanager
    def of_tree(self, tree: str) -> Iterator[dict[str, str]]:
        """Give the environment in which git works on an index that holds a tree.

        Raises:
            GitCommandError: where git can't read the tree.
        """
        with self.folder() as folder:
            env = self._make_env(folder / "index")
            self._repo.run("read-tree", tree, env=env)
            yield env

    def _make_env(self, index: Path) -> dict[str, str]:
        count = int(self._repo.env.get("GIT_CONFIG_COUNT") or 0)
        return {
            "GIT_INDEX_FILE": str(index),
            "GIT_OPTIONAL_LOCKS": "0",
            # a split index would leave its shared part behind in the git directory
            "GIT_CONFIG_COUNT": str(count + 1),
            f"GIT_CONFIG_KEY_{count}": "core.splitIndex",
            f"GIT_CONFIG_VALUE_{count}": "false",
        }
