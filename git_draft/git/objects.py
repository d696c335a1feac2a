"""Blobs, trees and commits: read and written in the object database by libgit2.

Objects are handled in git's own bytes, so that names, idents and messages which are not UTF-8 come through unchanged.
Refs are in `refs.py`; nothing here moves one. Called by tree, notes, folios and drafter.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import pygit2
from pygit2.enums import DeltaStatus, DiffOption, ObjectType, SortMode

from git_draft.errors import RepoError
from git_draft.git.repo import Identity, Repository
from git_draft.git.tree import EMPTY_TREE, TreeEditor, TreeEntry, format_tree, parse_tree
from git_draft.model import Changes


@dataclass(frozen=True, slots=True)
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

    def _read(self, oid: str, kind: ObjectType, name: str) -> bytes:
        try:
            found, data = self._odb.read(pygit2.Oid(hex=oid))[:2]
        except KeyError:  # a partial clone: libgit2 never fetches, git does
            return self._repo.run("cat-file", name, oid).stdout
        if found != kind:
            raise RepoError(f"object {oid} is no {name}")
        return data

    def read_blob(self, oid: str) -> bytes:
        """Read a blob; in a partial clone git fetches one that is missing."""
        return self._read(oid, ObjectType.BLOB, "blob")

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
        return int(self._odb[oid].peel(pygit2.Commit).commit_time)

    def edit_tree(self, oid: str) -> TreeEditor:
        """Start to change a tree in memory."""
        return TreeEditor(self, oid)

    def find_commit(self, name: str) -> str | None:
        """Find the commit that a ref name or an id stands for."""
        try:
            return str(self._odb.revparse_single(name).peel(pygit2.Commit).id)
        except (KeyError, ValueError, pygit2.GitError):
            return None

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Tell whether one commit is, or is an ancestor of, the other."""
        return ancestor == descendant or self._odb.descendant_of(descendant, ancestor)

    def iter_own(self, tip: str, hidden: Sequence[str]) -> list[Commit]:
        """Give the commits that `tip` has and none of `hidden` has, parents before children."""
        walk = self._odb.walk(tip, SortMode.TOPOLOGICAL | SortMode.REVERSE)
        for oid in hidden:
            walk.hide(oid)
        return [self.read_commit(str(commit.id)) for commit in walk]

    def _get_tree(self, oid: str) -> pygit2.Tree:
        if oid == EMPTY_TREE:
            self.write_tree({})
        return self._odb[oid].peel(pygit2.Tree)

    def count_changes(self, before: str, after: str) -> Changes:
        """Count files and lines between two trees; a rename counts as one file."""
        diff = self._get_tree(before).diff_to_tree(self._get_tree(after), context_lines=0)
        try:
            diff.find_similar()
            stats = diff.stats
        except pygit2.GitError:  # it looks for attributes in the index, and can't read a split or a sparse one
            return self._count_by_git(before, after)
        return Changes(stats.files_changed, stats.insertions, stats.deletions)

    def _count_by_git(self, before: str, after: str) -> Changes:
        asked = ("diff-tree", "-r", "-M", "--numstat", "--no-ext-diff", "--no-textconv", before, after)
        counts = [line.split(b"\t")[:2] for line in self._repo.run(*asked).stdout.splitlines()]
        added, removed = (sum(int(each[side]) for each in counts if each[side] != b"-") for side in (0, 1))
        return Changes(len(counts), added, removed)

    def list_changed(self, before: str, after: str) -> dict[PurePosixPath, str]:
        """Give the paths that differ between two trees with git's letter, A, D, M or T; renames are not looked for."""
        if before == after:
            return {}
        letters = {DeltaStatus.ADDED: "A", DeltaStatus.DELETED: "D", DeltaStatus.TYPECHANGE: "T"}
        diff = self._get_tree(before).diff_to_tree(self._get_tree(after), DiffOption.INCLUDE_TYPECHANGE)
        changed: dict[PurePosixPath, str] = {}
        for delta in diff.deltas:
            side = delta.old_file if delta.status == DeltaStatus.DELETED else delta.new_file
            path = PurePosixPath(side.raw_path.decode("utf-8", "surrogateescape"))
            changed[path] = letters.get(delta.status, "M")
        return changed

    # Writing

    def write_blob(self, contents: bytes) -> str:
        """Write a blob.

        Raises:
            RepoError: where the object database can't be written to, as in the functions below.
        """
        return self._write(ObjectType.BLOB, contents)

    def _write(self, kind: ObjectType, data: bytes) -> str:
        try:
            return str(self._odb.write(kind, data))
        except (pygit2.GitError, OSError) as error:
            raise RepoError(f"can't write to the object database: {error}") from error

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
        if tree == EMPTY_TREE:  # git knows it without the object, but git fsck misses that
            self.write_tree({})
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
