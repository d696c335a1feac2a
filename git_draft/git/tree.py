"""Edits to a git tree in memory, written as one tree at the end.

A folder is read when a path below it is asked for, so that looking up, changing and writing a path costs its depth and
not the number of files. Paths are text with git's bytes in surrogateescape, so that names which are not UTF-8 survive.
No rules about which paths a bot may touch: those are in `worktree.py`, the caller.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from git_draft.frozen import frozen

if TYPE_CHECKING:
    from git_draft.git.objects import Objects

MODE_FILE = 0o100644
MODE_EXECUTABLE = 0o100755
MODE_SYMLINK = 0o120000
MODE_SUBMODULE = 0o160000
MODE_FOLDER = 0o040000
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

_TOP = PurePosixPath()


@frozen
class TreeEntry:
    """One entry of a tree.

    Args:
        mode: as git writes it, 0o100644 for example.
        oid: the id of the blob, of the tree, or of the submodule's commit, 40 hex digits.
    """

    mode: int
    oid: str

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.mode in (MODE_FILE, MODE_EXECUTABLE) or self.mode & 0o170000 == 0o100000


@dataclass(slots=True)
class _Folder:
    entries: dict[bytes, TreeEntry | _Folder]
    is_changed: bool = field(default=False)


def parse_tree(data: bytes) -> dict[bytes, TreeEntry]:
    """Read the raw contents of a tree object, in its order."""
    entries: dict[bytes, TreeEntry] = {}
    at = 0
    while at < len(data):
        space = data.index(b" ", at)
        end = data.index(b"\0", space)
        entries[data[space + 1 : end]] = TreeEntry(int(data[at:space], 8), data[end + 1 : end + 21].hex())
        at = end + 21
    return entries


def format_tree(entries: dict[bytes, TreeEntry]) -> bytes:
    """Write the raw contents of a tree object, in git's order: folders sort as if their name ended in a slash."""

    def get_sort_key(item: tuple[bytes, TreeEntry]) -> bytes:
        name, entry = item
        return name + b"/" if entry.mode == MODE_FOLDER else name

    return b"".join(
        b"%o %s\0" % (entry.mode, name) + bytes.fromhex(entry.oid)
        for name, entry in sorted(entries.items(), key=get_sort_key)
    )


def iter_changed(
    read_tree: Callable[[str], Mapping[bytes, TreeEntry]], before: str, after: str, folder: PurePosixPath = _TOP
) -> Iterator[tuple[PurePosixPath, str]]:
    """Give the paths that differ between two trees, in git's order, with its letter: A, D, M or T.

    A folder that is the same in both is not read, so this costs what has changed.

    Args:
        read_tree: reads one level of a tree.
        before: the id of a tree.
        after: the id of the other one.
        folder: where both stand.
    """
    if before == after:
        return
    old, new = (_mark_folders(read_tree(tree)) for tree in (before, after))
    for name in sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)):
        was, entry, path = old.get(name), new.get(name), folder / os.fsdecode(name)
        if name.endswith(b"/"):
            trees = [side.oid if side else EMPTY_TREE for side in (was, entry)]
            yield from iter_changed(read_tree, trees[0], trees[1], path)
        elif was is None or entry is None:
            yield path, "A" if entry else "D"
        else:
            yield path, "M" if stat.S_IFMT(was.mode) == stat.S_IFMT(entry.mode) else "T"


def _mark_folders(entries: Mapping[bytes, TreeEntry]) -> dict[bytes, TreeEntry]:
    """Let the names of folders end in a slash, as git sorts them."""
    return {name + b"/" if entry.mode == MODE_FOLDER else name: entry for name, entry in entries.items()}


class TreeEditor:
    """A tree that can be changed.

    Args:
        objects: where trees and blobs are read and written.
        tree: the id of the tree to start from.
    """

    def __init__(self, objects: Objects, tree: str) -> None:
        self._objects = objects
        self._base = tree
        self._root = self._load(tree)

    def _load(self, tree: str) -> _Folder:
        return _Folder(dict(self._objects.read_tree(tree)))

    def _find_folder(self, parts: tuple[str, ...], *, create: bool = False) -> _Folder | None:
        folder = self._root
        for part in parts:
            if create:
                folder.is_changed = True
            name = os.fsencode(part)
            entry = folder.entries.get(name)
            if isinstance(entry, TreeEntry) and entry.mode == MODE_FOLDER:
                entry = folder.entries[name] = self._load(entry.oid)
            if entry is None and create:
                entry = folder.entries[name] = _Folder({})
            if not isinstance(entry, _Folder):
                return None
            folder = entry
        if create:
            folder.is_changed = True
        return folder

    def find(self, path: PurePosixPath) -> TreeEntry | None:
        """Find the file, symlink or submodule at a path; None where there is nothing or a folder."""
        folder = self._find_folder(path.parts[:-1])
        entry = folder.entries.get(os.fsencode(path.name)) if folder else None
        return entry if isinstance(entry, TreeEntry) and entry.mode != MODE_FOLDER else None

    def is_folder(self, path: PurePosixPath) -> bool:
        """Tell whether there is a folder at a path."""
        return self._find_folder(path.parts) is not None

    def measure(self, entry: TreeEntry) -> int:
        """Give the size of an entry that is a blob, in bytes."""
        return self._objects.measure_blob(entry.oid)

    def read(self, entry: TreeEntry) -> bytes:
        """Read the contents of an entry that is a blob."""
        return self._objects.read_blob(entry.oid)

    def iter_files(self) -> Iterator[tuple[PurePosixPath, TreeEntry]]:
        """Give all files, symlinks and submodules with their paths, sorted by the parts of these, as bytes."""
        return ((PurePosixPath(text), entry) for text, entry in self.iter_texts())

    def iter_texts(self) -> Iterator[tuple[str, TreeEntry]]:
        """Give what `iter_files` does, with the paths as texts, which take less time and memory."""
        yield from self._iter_folder(self._root, "")

    def _iter_folder(self, folder: _Folder, prefix: str) -> Iterator[tuple[str, TreeEntry]]:
        for name, entry in sorted(folder.entries.items(), key=itemgetter(0)):
            path = prefix + os.fsdecode(name)
            if isinstance(entry, _Folder):
                yield from self._iter_folder(entry, path + "/")
            elif entry.mode == MODE_FOLDER:
                yield from self._iter_folder(self._load(entry.oid), path + "/")
            else:
                yield path, entry

    def write(self, path: PurePosixPath, contents: bytes, *, mode: int = MODE_FILE) -> TreeEntry:
        """Put a blob at a path, in place of what was there, and give its entry; folders are made as needed.

        Raises:
            ValueError: where part of the path is a file, or the path is a folder.
        """
        entry = TreeEntry(mode, self._objects.write_blob(contents))
        self.put(path, entry)
        return entry

    def put(self, path: PurePosixPath, entry: TreeEntry) -> None:
        """Put an entry at a path, as `write` does with contents.

        Raises:
            ValueError: where part of the path is a file, or the path is a folder.
        """
        for parent in list(path.parents)[-2::-1]:  # from the outermost folder inwards, without "."
            if self.find(parent) is not None:
                raise ValueError(f"{parent} is not a folder")
        if self.is_folder(path):
            raise ValueError(f"{path} is a folder")
        folder = self._find_folder(path.parts[:-1], create=True)
        assert folder is not None  # noqa: S101  # the loop above made sure of it
        folder.entries[os.fsencode(path.name)] = entry

    def remove(self, path: PurePosixPath) -> None:
        """Take a file away, with the folders that become empty.

        Raises:
            KeyError: where there is none.
        """
        if self.find(path) is None:
            raise KeyError(str(path))
        folder = self._find_folder(path.parts[:-1], create=True)
        assert folder is not None  # noqa: S101  # found above
        del folder.entries[os.fsencode(path.name)]
        if not folder.entries and path.parent.parts:
            self._remove_folder(path.parent)

    def _remove_folder(self, path: PurePosixPath) -> None:
        folder = self._find_folder(path.parts[:-1])
        assert folder is not None  # noqa: S101  # it holds the folder to remove
        del folder.entries[os.fsencode(path.name)]
        if not folder.entries and path.parent.parts:
            self._remove_folder(path.parent)

    def write_tree(self) -> str:
        """Write the folders that changed and give the id of the whole tree."""
        if not self._root.is_changed:
            return self._base
        return self._write_folder(self._root)

    def _write_folder(self, folder: _Folder) -> str:
        entries = {
            name: TreeEntry(MODE_FOLDER, self._write_folder(entry)) if isinstance(entry, _Folder) else entry
            for name, entry in folder.entries.items()
        }
        return self._objects.write_tree(entries)
