"""Which files `.draftignore` withholds: patterns as in .gitignore, in any folder, where the nearer file wins.

It reads them as git reads an ignore file: what is in a folder that is withheld stays withheld whatever is said of it.
Called by `withholding.py`; what a wildcard matches is in `wildmatch.py`. Why not by the package pathspec:
docs/decisions/0008-withholding.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from git_draft.frozen import frozen
from git_draft.wildmatch import compile_wildcards

NAME = ".draftignore"

_FINAL_SPACES = re.compile(rb"(?<!\\) +$|(?<=\\ ) +$")  # those that no backslash keeps


@frozen
class _Pattern:
    """One line.

    Args:
        regex: matches a name, or a path below the folder of the `.draftignore`.
        withholds: else it shows again what lines before it withhold.
        is_for_folders: whether files are none of its business.
        is_for_names: whether the name alone counts, in any folder.
    """

    regex: re.Pattern[bytes]
    withholds: bool
    is_for_folders: bool
    is_for_names: bool


class DraftIgnore:
    """The rules of all `.draftignore` files of a tree.

    Args:
        texts: their contents by the folder that each is in.
        ignores_case: whether upper and lower case are the same, as core.ignoreCase says.
    """

    def __init__(self, texts: Mapping[PurePosixPath, bytes], *, ignores_case: bool = False) -> None:
        self._patterns = {
            b"" if not folder.parts else os.fsencode(folder): _parse(text, ignores_case=ignores_case)
            for folder, text in texts.items()
        }
        self._folders: dict[bytes, str | None] = {b"": None}

    def find_source(self, path: PurePosixPath) -> str | None:
        """Find the `.draftignore` that withholds a file; None where none does."""
        if not self._patterns:
            return None
        data = os.fsencode(path)
        return self._find_of_folder(data.rpartition(b"/")[0]) or self._judge(data, is_folder=False)

    def _find_of_folder(self, folder: bytes) -> str | None:
        if folder not in self._folders:
            above = self._find_of_folder(folder.rpartition(b"/")[0])
            self._folders[folder] = above or self._judge(folder, is_folder=True)
        return self._folders[folder]

    def _judge(self, path: bytes, *, is_folder: bool) -> str | None:
        """Ask the nearest file that has something to say, and in it the last line."""
        folder, name = path, path.rpartition(b"/")[2]
        while folder:
            folder = folder.rpartition(b"/")[0]
            below = path[len(folder) + 1 :] if folder else path
            for pattern in self._patterns.get(folder, ()):
                if pattern.is_for_folders and not is_folder:
                    continue
                if pattern.regex.fullmatch(name if pattern.is_for_names else below):
                    source = os.fsdecode(folder + b"/" if folder else b"") + NAME
                    return source if pattern.withholds else None
        return None


def _parse(text: bytes, *, ignores_case: bool) -> list[_Pattern]:
    """Read the lines that say something, the last first."""
    patterns = []
    for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        line = line.removesuffix(b"\r")
        line = _FINAL_SPACES.sub(b"", line)
        if not line or line.startswith(b"#"):
            continue
        withholds = not line.startswith(b"!")
        line = line.removeprefix(b"!")
        is_for_folders = line.endswith(b"/")
        line = line.removesuffix(b"/")
        is_for_names = b"/" not in line
        regex = compile_wildcards(line.removeprefix(b"/"), ignores_case=ignores_case)
        patterns.append(_Pattern(regex, withholds, is_for_folders, is_for_names))
    return patterns[::-1]
