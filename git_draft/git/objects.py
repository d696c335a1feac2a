"""Blobs, trees and commits: read and written in the object database by libgit2.

Objects are handled in git's own bytes, so that names, idents and messages which are not UTF-8 come through unchanged.
git is asked where libgit2 misses one: it fetches in a partial clone, and says what is wrong. Refs are in `refs.py`; nothing here moves one. Called by tree, notes, folios and drafter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

import pygit2
from pygit2.enums import ObjectType, SortMode

from git_draft.errors import RepoError
from git_draft.frozen import frozen
from git_draft.git.repo import Identity, Repository
from git_draft.git.tree import (
    EMPTY_TREE,
    MODE_FOLDER,
    MODE_SUBMODULE,
    TreeEditor,
    TreeEntry,
    format_tree,
    iter_changed,
    parse_tree,
)
from git_draft.model import Changes

_LOOSENED_BYTES = 32 << 20  # what is larger would have to be loaded whole
_T = TypeVar("_T")


@frozen
class Commit:
    """A commit.

    Args:
        oid: its id, 40 hex digits.
        tree: the id of its tree.
        parents: the ids of its parents, in order.
        message: subject, blank line, body.
    """

    oid: str
    tree: str
    parents: tuple[str, ...]
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]


class Objects:
    """The object database of a repository."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._odb = repo.odb

    # Reading

    def has(self, oid: str) -> bool:
        """Tell whether an object is here."""
        return pygit2.Oid(hex=oid) in self._odb

    def _ask(self, libgit2: Callable[[], _T], git: Callable[[], _T]) -> _T:
        """Ask libgit2, or git where an object is missing: in a partial clone, or since git cleared it away just now."""
        try:
            return libgit2()
        except (KeyError, pygit2.GitError):
            self._repo.housekeeping.bring_back()
            return git()

    def _read(self, oid: str, kind: ObjectType, name: str) -> bytes:
        def read() -> bytes:
            found, data = self._odb.read(pygit2.Oid(hex=oid))[:2]
            if found != kind:
                raise RepoError(f"object {oid} is no {name}")
            return bytes(data)

        return self._ask(read, lambda: self._repo.run("cat-file", name, oid).stdout)

    def read_blob(self, oid: str) -> bytes:
        """Read a blob; in a partial clone git fetches one that is missing."""
        return self._read(oid, ObjectType.BLOB, "blob")

    def measure_blob(self, oid: str) -> int:
        """Give the size of a blob in bytes, which is not loaded for that."""
        return self._ask(
            lambda: int(self._odb.odb.read_header(pygit2.Oid(hex=oid))[1]),
            lambda: int(self._repo.run("cat-file", "-s", oid).stdout),
        )

    def read_tree(self, oid: str) -> dict[bytes, TreeEntry]:
        """Read one level of a tree."""
        if oid == EMPTY_TREE:  # every repository has it, but rarely as an object
            return {}
        return parse_tree(self._read(oid, ObjectType.TREE, "tree"))

    def read_commit(self, oid: str) -> Commit:
        """Read a commit."""
        head, _, message = self._read(oid, ObjectType.COMMIT, "commit").partition(b"\n\n")
        tree, parents, encoding = "", [], "utf-8"
        for line in head.split(b"\n"):
            key, _, value = line.partition(b" ")
            if key == b"tree":
                tree = value.decode()
            elif key == b"parent":
                parents.append(value.decode())
            elif key == b"encoding":
                encoding = value.decode("ascii", "replace")
        try:
            text = message.decode(encoding, "replace")
        except LookupError:
            text = message.decode("utf-8", "replace")
        return Commit(oid, tree, tuple(parents), text)

    def read_time(self, oid: str) -> int:
        """Give when a commit was made, in seconds since the epoch."""
        return self._ask(
            lambda: int(self._odb[oid].peel(pygit2.Commit).commit_time),
            lambda: int(self._repo.run("log", "-1", "--no-show-signature", "--format=%ct", oid).stdout),
        )

    def edit_tree(self, oid: str) -> TreeEditor:
        """Start to change a tree in memory."""
        return TreeEditor(self, oid)

    def find_commit(self, name: str) -> str | None:
        """Find the commit that a ref name or an id stands for."""
        try:
            return str(self._odb.revparse_single(name).peel(pygit2.Commit).id)
        except (KeyError, ValueError, pygit2.GitError):
            return None

    def parse_settings(self, contents: bytes) -> list[tuple[str, str]] | None:
        """Read a file in git's configuration syntax, as git does: keys and values in order; None where git can't."""
        asked = self._repo.run("config", "-z", "--no-includes", "--list", "--file", "-", stdin=contents, check=False)
        if asked.returncode:
            return None
        items = asked.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return [(key, value) for key, _, value in (item.partition("\n") for item in items)]

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Tell whether one commit is, or is an ancestor of, the other."""
        return ancestor == descendant or self._ask(
            lambda: self._odb.descendant_of(descendant, ancestor),
            lambda: not self._repo.run("rev-list", "--max-count=1", ancestor, f"^{descendant}").stdout,
        )

    def iter_own(self, tip: str, hidden: Sequence[str]) -> list[Commit]:
        """Give the commits that `tip` has and none of `hidden` has, parents before children."""

        def walk() -> list[str]:
            walker = self._odb.walk(tip, SortMode.TOPOLOGICAL | SortMode.REVERSE)
            for oid in hidden:
                walker.hide(oid)
            return [str(commit.id) for commit in walker]

        order = ("rev-list", "--topo-order", "--reverse", tip, "--not", *hidden)
        found = self._ask(walk, lambda: self._repo.run(*order).stdout.decode().split())
        return [self.read_commit(oid) for oid in found]

    def count_changes(self, before: str, after: str) -> Changes:
        """Count files and lines between two trees; a rename counts as one file.

        git is asked: libgit2 looks at every file of both trees, and loads the index for their attributes.
        """
        if before == after:
            return Changes(0, 0, 0)
        asked = ("diff-tree", "-r", "-M", "--numstat", "--no-ext-diff", "--no-textconv", before, after)
        counts = [line.split(b"\t")[:2] for line in self._repo.run(*asked).stdout.splitlines()]
        added, removed = (sum(int(each[side]) for each in counts if each[side] != b"-") for side in (0, 1))
        return Changes(len(counts), added, removed)

    def list_changed(self, before: str, after: str) -> dict[PurePosixPath, str]:
        """Give the paths that differ between two trees with git's letter, A, D, M or T; renames are not looked for."""
        return dict(iter_changed(self.read_tree, before, after))

    # Writing

    def write_blob(self, contents: bytes) -> str:
        """Write a blob.

        Raises:
            RepoError: where the object database can't be written to, as in the functions below.
        """
        return self._write(ObjectType.BLOB, contents)

    def _write(self, kind: ObjectType, data: bytes) -> str:
        oid = self._repo.housekeeping.write(kind, data)
        self._repo.housekeeping.remember(kind, data)
        return oid

    def loosen(self, tree: str, known: str) -> None:
        """Write a loose copy of each object that one tree has beyond another, and that only packs have.

        No ref led to it when it was found there, and `git repack -d` throws away what no ref led to when it began: only
        loose objects stay. So this goes before a ref is to lead to what git wrote for us.
        """
        if tree == known:
            return
        before, entries = self.read_tree(known), self.read_tree(tree)
        for name, entry in entries.items():
            old = before.get(name)
            if entry == old or entry.mode == MODE_SUBMODULE:
                continue
            if entry.mode == MODE_FOLDER:
                self.loosen(entry.oid, old.oid if old and old.mode == MODE_FOLDER else EMPTY_TREE)
            else:
                self._loosen_one(entry.oid)
        if tree != EMPTY_TREE:
            self._loosen_one(tree)

    def _loosen_one(self, oid: str) -> None:
        housekeeping = self._repo.housekeeping
        if not housekeeping.is_loose(oid) and self.has(oid) and self.measure_blob(oid) <= _LOOSENED_BYTES:
            kind, data = self._odb.read(pygit2.Oid(hex=oid))[:2]
            housekeeping.write(ObjectType(kind), data)

    def write_tree(self, entries: dict[bytes, TreeEntry]) -> str:
        """Write one level of a tree."""
        return self._write(ObjectType.TREE, format_tree(entries))

    def write_commit(self, tree: str, parents: Sequence[str], message: str, *, is_new: bool = False) -> str:
        """Write a commit by git's own idents, unsigned, its message as it stands.

        Args:
            tree: the id of its tree.
            parents: the ids of its parents, in order.
            message: without NUL; a final newline is added where it is missing.
            is_new: advance the committer's time until no such commit exists. Two equal drafts in one second would
                else be one commit, and so share a note.
        """
        import hashlib  # it brings OpenSSL, which looking around need not

        if tree == EMPTY_TREE:  # git knows it without the object, but git fsck misses that
            self.write_tree({})
        self.loosen(tree, self.read_commit(parents[0]).tree if parents else EMPTY_TREE)
        now_s = int(time.time())
        ahead_s = 0
        while True:
            data = _format_commit(tree, parents, message, self._repo.author, self._repo.committer, now_s, ahead_s)
            oid = hashlib.sha1(b"commit %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            if not (is_new and self.has(oid)):
                return self._write(ObjectType.COMMIT, data)
            ahead_s += 1


def _format_commit(
    tree: str, parents: Sequence[str], message: str, author: Identity, committer: Identity, now_s: int, ahead_s: int
) -> bytes:
    def format_ident(identity: Identity, later_s: int) -> bytes:
        when_s = now_s if identity.when_s is None else identity.when_s
        return b"%s %d %s" % (identity.who, when_s + later_s, identity.zone)

    lines = [b"tree " + tree.encode(), *(b"parent " + parent.encode() for parent in parents)]
    lines += [b"author " + format_ident(author, 0), b"committer " + format_ident(committer, ahead_s)]
    text = message.replace("\0", "").encode("utf-8", "replace")
    return b"\n".join([*lines, b"", text if text.endswith(b"\n") else text + b"\n"])
