"""The user's working directory and index: stage everything, merge into it, put it back.

All of it is the git program's work, since filters, attributes, sparse checkouts and ignore rules are its business. A
snapshot (`snapshots.py`) works on a copy of the index and changes nothing. What is under "Writing" are the only functions of the project
that write to the index or to files of the user. Called by drafter, merging, quitting, history.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path, PurePosixPath

from git_draft.errors import GitCommandError, OperationInProgressError, RepoError
from git_draft.frozen import frozen
from git_draft.git.locks import advise_on_locks
from git_draft.git.program import first_line
from git_draft.git.repo import Repository
from git_draft.git.scratch import ScratchIndexes
from git_draft.git.snapshots import Snapshot, Snapshots
from git_draft.model import MergeStrategy


@frozen
class MergeResult:
    """How ``git merge`` ended.

    Args:
        is_clean: whether it made a commit.
        conflicts: the paths with conflicts.
    """

    is_clean: bool
    conflicts: tuple[PurePosixPath, ...]


class Workdir:
    """The working directory of a repository, with its index.

    Args:
        repo: the repository.
        temp_dir: where copies of the index are made; on the file system of the repository.
    """

    def __init__(self, repo: Repository, temp_dir: Path) -> None:
        self._repo = repo
        self._scratch = ScratchIndexes(repo, temp_dir)
        self._snapshots = Snapshots(repo, self._scratch)
        self._own_index: bytes | None = None  # as we wrote it last

    # Reading

    def take_snapshot(self, *, name: str | None = None) -> Snapshot:
        """Record the present state in the object database; index and files stay byte for byte as they are.

        Args:
            name: the name of files to be looked for in it.

        Raises:
            GitCommandError: where git can't read a file.
            OperationInProgressError: where the index holds conflicts.
            RepoError: where HEAD does not stand still.
        """
        return self._snapshots.take(name=name)

    def snapshot_begun(self, *, name: str | None = None) -> AbstractContextManager[None]:
        """Let git look at the files while something else is done, for the next `take_snapshot`; arguments as there."""
        return self._snapshots.begun(name=name)

    def record_files(self, *, with_conflicts: bool = False) -> Snapshot:
        """Record the files as `take_snapshot` does, whatever HEAD names.

        Args:
            with_conflicts: take also files with conflicts in the index, as they are on disk.

        Raises:
            GitCommandError: where git can't read a file.
        """
        return self._snapshots.complete(self._snapshots.look(name=None, with_conflicts=with_conflicts))

    def check_index_lock(self) -> None:
        """See to it that no other command is writing the index.

        Raises:
            OperationInProgressError: where one is, or where one left its lock behind.
        """
        if self._index_lock.exists():
            raise OperationInProgressError(
                "another git command is writing the index", hint=advise_on_locks([self._index_lock])
            )

    @property
    def _index_lock(self) -> Path:
        return self._repo.index_path.with_name(self._repo.index_path.name + ".lock")

    def list_unmerged(self) -> list[PurePosixPath]:
        """Give the files with conflicts in the index."""
        return self._snapshots.list_unmerged()

    # Looking ahead

    def predict_merge(self, ours: str, theirs: str, strategy: MergeStrategy) -> tuple[str, frozenset[PurePosixPath]]:
        """Give the tree of files that `git merge` would put on disk, marks of conflicts and all, and where these are.

        The engine is the same (ort), which has no ``-X`` here; the options decide on contents, not on paths, but for
        find-renames, which turns the search for renames on.

        Args:
            ours: the id of the commit that HEAD will name.
            theirs: the commit, called as the merge will call it.
            strategy: what the merge will be told.
        """
        renames = ["-c", "merge.renames=true"] if strategy is MergeStrategy.FIND_RENAMES else []
        with self._scratch.folder() as folder:
            # git names what stands in the way of a folder after its side, path~HEAD: so ours has to be HEAD, in a git
            # directory of its own
            (folder / "HEAD").write_text(f"{ours}\n")
            (folder / "commondir").write_bytes(os.fsencode(self._repo.common_dir) + b"\n")
            done = self._repo.run(
                *(*renames, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "HEAD", theirs),
                env={
                    "GIT_DIR": str(folder),
                    "GIT_WORK_TREE": str(self._repo.toplevel),
                    "GIT_INDEX_FILE": str(self._repo.index_path),
                },
                check=False,
            )
        if done.returncode == 129:  # usage
            raise RepoError("this git is too old", hint="git 2.39 or newer is needed")
        if not done.stdout:  # the status 1 stands for conflicts and for a name that it does not know
            raise GitCommandError(f"git merge-tree failed: {first_line(os.fsdecode(done.stderr))}")
        tree, *conflicts = os.fsdecode(done.stdout).split("\0")
        return tree.strip(), frozenset(map(PurePosixPath, filter(None, conflicts)))

    # Writing

    def stage(self, snapshot: Snapshot) -> bool:
        """Make the index hold the snapshot; tell whether it does, and the files too, or one has changed since."""
        self._snapshots.add(snapshot, {}, shielded=True)
        self._own_index = self._repo.index_path.read_bytes()
        now = self.record_files(with_conflicts=True)
        return now.tree == now.index_tree == snapshot.tree

    @contextlib.contextmanager
    def index_put_back(self) -> Iterator[Callable[[], None]]:
        """Put the index back as it is now, unless what this gives is called, or another program wrote it since."""
        kept = False

        def keep() -> None:
            nonlocal kept
            kept = True

        with self._scratch.folder() as folder:
            copy = folder / "index"
            self._scratch.copy_to(copy)
            try:
                yield keep
            finally:
                if not kept and copy.exists() and self._repo.index_path.read_bytes() == self._own_index:
                    self._replace_index(copy)

    def _replace_index(self, copy: Path) -> None:
        try:  # git's own protocol: who makes the lock may rename it
            lock = self._index_lock.open("xb")
        except FileExistsError:  # another command is writing the index: that one knows better
            return
        with lock:
            lock.write(copy.read_bytes())
        shutil.copystat(copy, self._index_lock)
        self._index_lock.replace(self._repo.index_path)

    def unstage_untracked(self, paths: Sequence[PurePosixPath]) -> None:
        """Take paths out of the index, so that they are untracked again; the files stay."""
        if paths:
            listing = b"".join(os.fsencode(path) + b"\0" for path in paths)
            self._repo.run("update-index", "-z", "--force-remove", "--stdin", stdin=listing, shielded=True)
            self._own_index = self._repo.index_path.read_bytes()

    def end_merge(self) -> None:
        """Take back a merge that stopped at conflicts, or let git forget one that only had to be committed."""
        self._repo.run(*(("reset", "--merge") if self.list_unmerged() else ("merge", "--quit")), shielded=True)

    def replace_files(self, now: str, tree: str) -> None:
        """Put the files of a tree in place of those of another one, which index and working directory hold.

        Raises:
            GitCommandError: where git refuses, a file having changed meanwhile.
        """
        # of a file that was written since the index was, as by a git that was killed, read-tree asks for no contents
        self._repo.run("update-index", "-q", "--refresh", check=False, shielded=True)
        self._repo.run("read-tree", "-m", "-u", now, tree, shielded=True)
        self._own_index = self._repo.index_path.read_bytes()

    def replace_index(self, tree: str, intended: Sequence[PurePosixPath] = ()) -> None:
        """Make the index hold a tree, and what was only meant to be added; the files stay."""
        # with -m entries that stay keep what git knows of their files, and sparse checkouts their marks
        self._repo.run("read-tree", "-m", tree, shielded=True)
        if intended:
            listing = b"\0".join(os.fsencode(path) for path in intended)
            self._repo.run(
                *("add", "--intent-to-add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"),
                stdin=listing,
                env={"GIT_LITERAL_PATHSPECS": "1"},
                check=False,  # a file that is gone is no reason to stop half way
                shielded=True,
            )
        self._repo.run("update-index", "-q", "--refresh", check=False, shielded=True)  # 1 where files differ from it
        self._own_index = self._repo.index_path.read_bytes()

    def merge(self, name: str, strategy: MergeStrategy, message: str) -> MergeResult:
        """Merge a commit into the branch that is checked out, by a merge commit in any case.

        Unsigned, without hooks and templates. Conflicts leave what `git merge` leaves; their marks show `name`.

        Raises:
            GitCommandError: where git refuses, with nothing written.
        """
        flags = ["--no-ff", "--commit", "--no-edit", "--no-squash", "--no-log", "--no-verify-signatures", "--no-stat"]
        flags += ["--no-gpg-sign", "--no-signoff", "--no-autostash"]
        if strategy is not MergeStrategy.DEFAULT:
            flags += ["-X", strategy]
        options = f"branch.{self._repo.get_head()[0]}.mergeOptions="  # the user's are for merges of their own
        settings = [
            options,
            "core.hooksPath=/dev/null",
            "commit.cleanup=verbatim",
            "gc.auto=0",
            "maintenance.auto=false",
        ]
        done = self._repo.run(
            *(word for setting in settings for word in ("-c", setting)),
            *("merge", *flags, "-m", message, name),
            check=False,
            shielded=True,
        )
        if done.returncode == 0:
            return MergeResult(True, ())
        if done.returncode == 1 and (self._repo.git_dir / "MERGE_HEAD").exists():
            return MergeResult(False, tuple(self.list_unmerged()))
        said = os.fsdecode(done.stderr)
        if done.returncode == -signal.SIGABRT:  # a bug of git's, before it writes files; its lock is nobody's now
            self._index_lock.unlink(missing_ok=True)
            raise GitCommandError(
                f"git crashed while merging: {first_line(said)}",
                hint="another strategy may work",
                status=done.returncode,
                stderr=said,
            )
        if done.returncode < 0:  # killed, maybe with files half written: the lock stays until the user has looked
            raise GitCommandError(
                f"git was killed while merging (signal {-done.returncode})",
                hint=", then ".join(filter(None, [self._repo.advise_on_locks(), "git draft undo"])),
                status=done.returncode,
            )
        changed = [line.strip() for line in said.splitlines() if line.startswith("\t")]
        why = f"these files changed meanwhile: {', '.join(changed)}" if changed else first_line(said)
        is_begun = (self._repo.git_dir / "MERGE_HEAD").exists()
        raise GitCommandError(
            f"git refused the merge, {why}",
            hint="git merge --abort, then run it again" if is_begun else "run it again",
            status=done.returncode,
            stderr=said,
        )
