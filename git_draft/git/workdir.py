"""The user's working directory and index: take a snapshot, stage everything, merge into it.

All of it is the git program's work, since filters, attributes, sparse checkouts and ignore rules are its business. A
snapshot works on a copy of the index and changes nothing. What is under "Writing" are the only functions of the project
that write to the index or to files of the user. Called by drafter, merging, quitting, history.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from git_draft.errors import GitCommandError, OperationInProgressError, RepoError
from git_draft.frozen import frozen
from git_draft.git.locks import advise_on_locks
from git_draft.git.program import first_line
from git_draft.git.repo import Repository
from git_draft.git.scratch import ScratchIndexes
from git_draft.model import MergeStrategy

DEFAULT_MAX_UNTRACKED_BYTES = 50 << 20

_SNAPSHOT_ATTEMPTS = 3


@frozen
class Snapshot:
    """The state of the working directory at one moment.

    Args:
        branch: the short name of the branch that HEAD named.
        head: the id of the commit that HEAD named.
        tree: the id of the tree that ``git add -A && git write-tree`` records, less what is left out.
        untracked: files in the tree that the index does not know.
        left_out: untracked files and nested repositories that are not in the tree.
    """

    branch: str
    head: str
    tree: str
    untracked: tuple[PurePosixPath, ...]
    left_out: tuple[PurePosixPath, ...]


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
        self._own_index: bytes | None = None  # as we wrote it last

    # Reading

    def take_snapshot(self) -> Snapshot:
        """Record the present state in the object database; index and files stay byte for byte as they are.

        Raises:
            GitCommandError: where git can't read a file.
            OperationInProgressError: where the index holds conflicts.
            RepoError: where HEAD does not stand still.
        """
        for _attempt in range(_SNAPSHOT_ATTEMPTS):
            branch, head = self._repo.get_head()
            tree, untracked, left_out = self.record_files()
            if self._repo.get_head() == (branch, head):
                return Snapshot(branch, head, tree, untracked, left_out)
        raise RepoError("HEAD keeps moving, another git command is at work")

    def record_files(
        self, *, with_conflicts: bool = False
    ) -> tuple[str, tuple[PurePosixPath, ...], tuple[PurePosixPath, ...]]:
        """Record the files as `take_snapshot` does, HEAD aside; give the tree, what is untracked, what is left out.

        Args:
            with_conflicts: take also files with conflicts in the index, as they are on disk.

        Raises:
            GitCommandError: where git can't read a file.
        """
        with self._scratch.copied() as env:
            untracked, left_out, unmerged = self._list_untracked(env)
            if unmerged and not with_conflicts:
                raise _describe_conflicts(sorted(unmerged))
            self._add_all(env, left_out)
            return self._write_tree(env), untracked, left_out

    def write_index_tree(self) -> str:
        """Give the id of the tree that the index holds.

        Raises:
            OperationInProgressError: where the index holds conflicts.
        """
        with self._scratch.copied() as env:
            return self._write_tree(env)

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

    def _list_untracked(
        self, env: dict[str, str]
    ) -> tuple[tuple[PurePosixPath, ...], tuple[PurePosixPath, ...], set[PurePosixPath]]:
        limit = self._repo.config.get_int("draft.maxUntrackedSize", DEFAULT_MAX_UNTRACKED_BYTES)
        listing = self._repo.run("ls-files", "-t", "--others", "--unmerged", "--exclude-standard", "-z", env=env).stdout
        taken, left_out, unmerged = [], [], set()
        for line in os.fsdecode(listing).split("\0")[:-1]:
            mark, name = line[0], line[2:]
            if mark == "M":  # "M 100644 <id> 2<tab>name": conflicts, which `git add -A` would take for resolved
                unmerged.add(PurePosixPath(name.partition("\t")[2]))
                continue
            path = PurePosixPath(name)
            if name.endswith("/") or self._measure(path) > limit:  # git names nested repositories with a slash
                left_out.append(path)
            else:
                taken.append(path)
        return tuple(taken), tuple(left_out), unmerged

    def _measure(self, path: PurePosixPath) -> int:
        try:
            found = os.lstat(self._repo.toplevel / path)
        except FileNotFoundError:
            return 0
        return found.st_size if stat.S_ISREG(found.st_mode) else 0

    def _add_all(self, env: dict[str, str], left_out: Sequence[PurePosixPath], *, shielded: bool = False) -> None:
        if not left_out:
            self._repo.run("add", "-A", env=env, shielded=shielded)
            return
        specs = [":/", *(f":(top,exclude,literal){path}" for path in left_out)]
        self._repo.run(
            *("add", "-A", "--pathspec-from-file=-", "--pathspec-file-nul"),
            stdin=b"\0".join(os.fsencode(spec) for spec in specs),
            env={**env, "GIT_LITERAL_PATHSPECS": "0", "GIT_ICASE_PATHSPECS": "0"},
            shielded=shielded,
        )

    def _write_tree(self, env: dict[str, str]) -> str:
        done = self._repo.run("write-tree", env=env, check=False)
        if done.returncode == 0:
            return done.stdout.decode().strip()
        said = os.fsdecode(done.stderr)
        if "unmerged" in said:
            raise _describe_conflicts(self.list_unmerged(env))
        raise GitCommandError(f"git write-tree failed: {first_line(said)}", status=done.returncode, stderr=said)

    def list_unmerged(self, env: dict[str, str] | None = None) -> list[PurePosixPath]:
        """Give the files with conflicts in the index, or in another one that an environment names."""
        listing = self._repo.run("diff", "--name-only", "--diff-filter=U", "-z", env=env).stdout
        return [PurePosixPath(name) for name in os.fsdecode(listing).split("\0") if name]

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
        """Make the index hold the snapshot; tell whether it does, or a file has changed since."""
        self._add_all({}, snapshot.left_out, shielded=True)
        self._own_index = self._repo.index_path.read_bytes()
        return self.write_index_tree() == snapshot.tree

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

    def list_intended(self) -> list[PurePosixPath]:
        """Give the files of ``git add --intent-to-add``, which no tree of the index holds."""
        listing = self._repo.run("diff-files", "--name-only", "--diff-filter=A", "-z").stdout
        return [PurePosixPath(name) for name in os.fsdecode(listing).split("\0") if name]

    def end_merge(self) -> None:
        """Take back a merge that stopped at conflicts, or let git forget one that only had to be committed."""
        self._repo.run(*(("reset", "--merge") if self.list_unmerged() else ("merge", "--quit")), shielded=True)

    def replace_files(self, now: str, tree: str) -> None:
        """Put the files of a tree in place of those of another one, which index and working directory hold.

        Raises:
            GitCommandError: where git refuses, a file having changed meanwhile.
        """
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


def _describe_conflicts(paths: Sequence[PurePosixPath]) -> OperationInProgressError:
    names = ", ".join(map(str, paths[:5])) + (", …" if len(paths) > 5 else "")
    return OperationInProgressError(f"the index holds conflicts: {names}", hint="resolve them, then git add")
