"""Edits that are tried before they are done: the files as they would be, and the way back for each of them.

An answer of a model may break one file and mend another, and an answer that was only tried may be given up. So edits
are kept here until it is known which of them stay; the worktree sees no others. Called by `rounds.py`.
"""

from __future__ import annotations

from collections.abc import Collection

from git_draft.bots.edits import Deletion, Renaming, WholeFile
from git_draft.errors import ToolError
from git_draft.protocols import Worktree


class Staging:
    """Implements `git_draft.bots.patching.Files` over a worktree, which stays as it is until `commit`.

    Args:
        worktree: the files.
    """

    def __init__(self, worktree: Worktree) -> None:
        self._worktree = worktree
        self._operations: list[WholeFile | Deletion | Renaming] = []
        self._texts: dict[str, str | None] = {}
        """Of files that are not as in the worktree; None for those that are gone."""
        self._befores: dict[str, str | None] = {}
        self._sources: dict[str, str] = {}
        """The names in the worktree of files that are renamed here."""

    def list_files(self) -> Collection[str]:
        """Give the paths of all files."""
        here = [path for path, text in self._texts.items() if text is not None]
        return [path for path in self._worktree.list_files() if path not in self._texts] + here

    def read_file(self, path: str) -> str:
        """Give a file's contents.

        Raises:
            ToolError: where it can't be read.
        """
        if path not in self._texts:
            return self._worktree.read_file(path)
        text = self._texts[path]
        if text is None:
            raise ToolError(f"there is no file {path}")
        return text

    def find_before(self, path: str) -> str | None:
        """Give what a file held before its contents were changed, under its old name if it was renamed; None for a new one."""
        return self._befores[path] if path in self._befores else self._find(path)

    def exists(self, path: str) -> bool:
        """Tell whether there is such a file that can be read."""
        return self._find(path) is not None

    def write_file(self, path: str, contents: str) -> None:
        """Make or replace a file."""
        self._befores.setdefault(path, self._find(path))
        self._texts[path] = contents
        self._operations.append(WholeFile(path, contents))

    def check_rewritable(self, path: str) -> None:
        """See that all of a file may be written anew.

        Raises:
            ToolError: where it may not.
        """
        self._worktree.check_rewritable(self._sources.get(path, path))

    def delete_file(self, path: str) -> None:
        """Remove a file."""
        self._befores.setdefault(path, self._find(path))
        self._texts[path] = None
        self._operations.append(Deletion(path))

    def rename_file(self, src_path: str, dst_path: str) -> None:
        """Move a file."""
        self._texts[dst_path] = self.read_file(src_path)
        self._sources[dst_path] = self._sources.pop(src_path, src_path)
        self._befores[dst_path] = self.find_before(src_path)
        self._befores[src_path] = self._texts[src_path] = None
        self._operations.append(Renaming(src_path, dst_path))

    def take_back(self, path: str) -> None:
        """Undo what was written to a file; a new name that it was given stays."""
        self._texts[path] = self._befores[path]
        self._operations = [each for each in self._operations if isinstance(each, Renaming) or each.path != path]

    def commit(self) -> dict[str, str]:
        """Do the edits in the worktree; give for each path that it refused, one that is withheld for example, the reason."""
        refused: dict[str, str] = {}
        for each in self._operations:
            path = each.dst_path if isinstance(each, Renaming) else each.path
            try:
                match each:
                    case WholeFile():
                        self._worktree.write_file(path, each.contents)
                    case Deletion():
                        self._worktree.delete_file(path)
                    case Renaming():
                        self._worktree.rename_file(each.src_path, path)
            except ToolError as error:
                refused.setdefault(path, str(error))
        return refused

    def _find(self, path: str) -> str | None:
        try:
            return self.read_file(path)
        except ToolError:
            return None
