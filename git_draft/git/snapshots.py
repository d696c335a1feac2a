"""The state of the user's files and index, recorded in the object database; nothing of theirs is written.

git looks once, by `git status`. What differs from the index is added to a copy of it, and where nothing does, the tree is
there already. The look may begin early, in a thread, while something else is loaded. Called by workdir.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pygit2

from git_draft.errors import GitCommandError, OperationInProgressError, RepoError
from git_draft.frozen import frozen
from git_draft.git.program import first_line
from git_draft.git.repo import Repository
from git_draft.git.scratch import ScratchIndexes

if TYPE_CHECKING:
    from concurrent.futures import Future

DEFAULT_MAX_UNTRACKED_BYTES = 50 << 20

_ATTEMPTS = 3
_LOOK = (
    *("status", "--porcelain=v2", "-z", "--branch", "--no-ahead-behind"),
    *("--untracked-files=all", "--no-renames", "--ignore-submodules=dirty"),
)
_REFUSED = "Ignoring path "
"""What `git update-index` says of a name that it does not take: a symbolic link `.gitmodules` for example."""


@frozen
class Snapshot:
    """The state of the working directory at one moment.

    Args:
        branch: the short name of the branch that HEAD named; empty where nobody asked.
        head: the id of the commit that HEAD named; empty where there was none.
        tree: the id of the tree that ``git add -A && git write-tree`` records, less what is left out.
        index_tree: the id of the tree that the index held; where it held conflicts, with these files as they were.
        untracked: files in the tree that the index did not know.
        left_out: untracked files and nested repositories that are not in the tree.
        changed: other files in the tree that differed from the index.
        removed: files that the index had and the tree has not.
        intended: the files of ``git add --intent-to-add``, which no tree of the index holds.
        named: the files in the tree that have the name which was asked for; None where none was.
    """

    branch: str
    head: str
    tree: str
    index_tree: str
    untracked: tuple[PurePosixPath, ...]
    left_out: tuple[PurePosixPath, ...]
    changed: tuple[PurePosixPath, ...]
    removed: tuple[PurePosixPath, ...]
    intended: tuple[PurePosixPath, ...]
    named: tuple[PurePosixPath, ...] | None


class Snapshots:
    """Takes snapshots of a working directory.

    Args:
        repo: the repository.
        scratch: makes copies of its index.
    """

    def __init__(self, repo: Repository, scratch: ScratchIndexes) -> None:
        self._repo = repo
        self._scratch = scratch
        self._early: tuple[tuple[str, str], str | None, Future[Snapshot]] | None = None  # asked for, and found

    @contextlib.contextmanager
    def begun(self, *, name: str | None) -> Iterator[None]:
        """Let git look while something else is done; the next `take` gives what it found, if HEAD is where it was."""
        from concurrent.futures import ThreadPoolExecutor  # it takes time to load, and only drafts need it

        head = self._repo.get_head()
        with ThreadPoolExecutor(1, "git-draft-look") as pool:
            self._early = head, name, pool.submit(self.look, name=name)
            try:
                yield
            finally:
                self._early = None

    def take(self, *, name: str | None) -> Snapshot:
        """Record the present state; arguments and errors as `Workdir.take_snapshot`."""
        for _attempt in range(_ATTEMPTS):
            head = self._repo.get_head()
            early, self._early = self._early, None
            found = early[2].result() if early and early[:2] == (head, name) else self.look(name=name)
            if self._repo.get_head() == head:
                return replace(self.complete(found), branch=head[0], head=head[1])
        raise RepoError("HEAD keeps moving, another git command is at work")

    def look(self, *, name: str | None, with_conflicts: bool = False) -> Snapshot:
        """Record the files, HEAD aside, by git alone, so that a thread may; a tree that is HEAD's stays empty."""
        with self._scratch.copied() as env:
            status = _Status.parse(os.fsdecode(self._repo.run(*_LOOK, env=env).stdout))
            if status.unmerged and not with_conflicts:
                raise _describe_conflicts(sorted(status.unmerged))
            large = self._list_large(status.untracked)
            untracked = tuple(path for path in status.untracked if path not in large)
            changed = (*status.changed, *status.unmerged)
            is_heads = status.head and not status.is_staged
            index_tree = "" if is_heads or status.unmerged else self.write_tree(env)
            found = Snapshot(
                branch="",
                head=status.head,
                tree=index_tree,
                index_tree=index_tree,
                untracked=untracked,
                left_out=(*sorted(large), *status.nested),
                changed=changed,
                removed=tuple(status.removed),
                intended=tuple(status.intended),
                named=None,
            )
            if untracked or changed or status.removed:
                self.add(found, env)
                tree = self.write_tree(env)
                found = replace(found, tree=tree, index_tree=tree if status.unmerged else index_tree)
            return replace(found, named=self._list_named(name, env)) if name else found

    def complete(self, found: Snapshot) -> Snapshot:
        """Fill in what is the tree of HEAD."""
        if found.tree and found.index_tree:
            return found
        tree = str(self._repo.odb[found.head].peel(pygit2.Tree).id)
        return replace(found, tree=found.tree or tree, index_tree=found.index_tree or tree)

    def _list_large(self, paths: Iterable[PurePosixPath]) -> set[PurePosixPath]:
        limit = self._repo.config.get_int("draft.maxUntrackedSize", DEFAULT_MAX_UNTRACKED_BYTES)
        return {path for path in paths if self._measure(path) > limit}

    def _measure(self, path: PurePosixPath) -> int:
        try:
            found = os.lstat(self._repo.toplevel / path)
        except FileNotFoundError:
            return 0
        return found.st_size if stat.S_ISREG(found.st_mode) else 0

    def _list_named(self, name: str, env: Mapping[str, str]) -> tuple[PurePosixPath, ...]:
        settings = {"GIT_LITERAL_PATHSPECS": "0", "GIT_ICASE_PATHSPECS": "0"}
        listing = self._repo.run("ls-files", "-z", "--", f":(top,glob)**/{name}", env={**env, **settings}).stdout
        return tuple(PurePosixPath(path) for path in os.fsdecode(listing).split("\0") if path)

    def add(self, snapshot: Snapshot, env: Mapping[str, str], *, shielded: bool = False) -> None:
        """Add what differed to an index, as it is on disk now.

        Args:
            snapshot: what differed.
            env: names the index.
            shielded: as `Repository.run` has it.

        Raises:
            GitCommandError: where git can't read a file, or does not take its name.
        """
        if snapshot.removed:  # apart from the others: of a file whose folder is a link now git would say no more
            listing = _join(snapshot.removed)
            self._repo.run("update-index", "-z", "--force-remove", "--stdin", stdin=listing, env=env, shielded=shielded)
        if not (snapshot.changed or snapshot.untracked):
            return
        listing = _join((*snapshot.changed, *snapshot.untracked))
        words = ("update-index", "-z", "--add", "--remove", "--replace", "--stdin")
        said = os.fsdecode(self._repo.run(*words, stdin=listing, env=env, shielded=shielded).stderr)
        refused = [line.removeprefix(_REFUSED) for line in said.splitlines() if line.startswith(_REFUSED)]
        if refused:
            raise GitCommandError(f"git takes no such file: {', '.join(refused)}", stderr=said)

    def write_tree(self, env: Mapping[str, str]) -> str:
        """Give the id of the tree that an index holds.

        Raises:
            OperationInProgressError: where it holds conflicts.
        """
        done = self._repo.run("write-tree", env=env, check=False)
        if done.returncode == 0:
            return done.stdout.decode().strip()
        said = os.fsdecode(done.stderr)
        if "unmerged" in said:
            raise _describe_conflicts(self.list_unmerged(env))
        raise GitCommandError(f"git write-tree failed: {first_line(said)}", status=done.returncode, stderr=said)

    def list_unmerged(self, env: Mapping[str, str] | None = None) -> list[PurePosixPath]:
        """Give the files with conflicts in the index, or in another one that an environment names."""
        listing = self._repo.run("diff", "--name-only", "--diff-filter=U", "-z", env=env).stdout
        return [PurePosixPath(name) for name in os.fsdecode(listing).split("\0") if name]


@dataclass(slots=True)
class _Status:
    """What differs, as `git status` tells it.

    Args:
        head: the commit that HEAD names, empty where there is none.
        is_staged: whether the index differs from it.
        untracked: untracked files.
        nested: untracked repositories.
        changed: files that differ from the index, those that are only intended to be added among them.
        removed: files that are not there.
        intended: files that are only intended to be added.
        unmerged: files with conflicts.
    """

    head: str = ""
    is_staged: bool = False
    untracked: list[PurePosixPath] = field(default_factory=list)
    nested: list[PurePosixPath] = field(default_factory=list)
    changed: list[PurePosixPath] = field(default_factory=list)
    removed: list[PurePosixPath] = field(default_factory=list)
    intended: list[PurePosixPath] = field(default_factory=list)
    unmerged: list[PurePosixPath] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> _Status:
        """Read what git prints.

        Source: git-status(1), "Porcelain Format Version 2", with ``-z`` and without renames.
        """
        status = cls()
        for line in text.split("\0")[:-1]:
            kind, _, rest = line.partition(" ")
            if kind == "?":  # a repository is named with a slash
                (status.nested if rest.endswith("/") else status.untracked).append(PurePosixPath(rest))
            elif kind == "1":
                letters, *_, path = rest.split(" ", 7)
                status._note(PurePosixPath(path), *letters)
            elif kind == "u":
                status.unmerged.append(PurePosixPath(rest.split(" ", 9)[9]))
            elif rest.startswith("branch.oid ") and not rest.endswith(" (initial)"):
                status.head = rest.rpartition(" ")[2]
        return status

    def _note(self, path: PurePosixPath, in_index: str, on_disk: str) -> None:
        self.is_staged = self.is_staged or in_index != "."
        if on_disk == "D":
            self.removed.append(path)
        elif on_disk != ".":
            self.changed.append(path)
        if on_disk == "A":
            self.intended.append(path)


def _join(paths: Iterable[PurePosixPath]) -> bytes:
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def _describe_conflicts(paths: list[PurePosixPath]) -> OperationInProgressError:
    names = ", ".join(map(str, paths[:5])) + (", …" if len(paths) > 5 else "")
    return OperationInProgressError(f"the index holds conflicts: {names}", hint="resolve them, then git add")
