"""Paths and patterns as a model writes them, read and checked.

What stands at a path, and whether a bot may see it, is not known here: that is `worktree.py`, the caller.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import overload

from git_draft.errors import ToolError

_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT_NAME = re.compile(r"\.git|git~\d+|\.gitmodules|gitmod~\d+|gi7eba~\d+", re.ASCII)
_BAD_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\\\\]")


def parse_path(text: str) -> PurePosixPath:
    """Read a path as a model writes it.

    Raises:
        ToolError: where it is no path within the repository's files, whatever stands there.
    """
    if fault := find_fault(text):
        raise ToolError(f"bad path {fault}")
    return PurePosixPath(text)


def find_fault(text: str) -> str | None:
    """Find what is wrong with a path as a model writes it; None where nothing is."""
    if _BAD_CHARACTERS.search(text):
        return f"{text!a}: use plain characters, and / between folders"
    if text.startswith(("/", "~/")) or (text[1:2] == ":" and text[0].isascii() and text[0].isalpha()):
        return f"{text}: give it relative to the top of the repository"
    parts = text.removeprefix("./").split("/")
    if not {"", ".", ".."}.isdisjoint(parts):
        return f"{text!r}: no empty, '.' or '..' parts"
    if len(text) > 60 and any(len(part.encode()) > 255 for part in parts):
        return f"{text[:60]}…: a name is too long"
    if has_git_name(PurePosixPath(*parts)):
        return f"{text}: git's own files are not to be touched"
    return None


def has_git_name(path: PurePosixPath) -> bool:
    """Tell whether a path leads to git's own files, in any spelling; a plain ``.gitmodules`` does not."""
    plain = path.parent if path.name == ".gitmodules" else path  # what it says is looked at, see gitmodules.py
    return any(map(_is_git_name, plain.parts))


def _is_git_name(part: str) -> bool:
    """Tell whether some file system takes a name for ``.git`` or ``.gitmodules``, as git's verify_path does."""
    if part.isascii() and "gi" not in part.lower():  # all of the others; a listing asks for each part of each path
        return False
    plain = _IGNORED_BY_HFS.sub("", part).lower()  # HFS+ leaves these out when it compares names
    return _GIT_NAME.fullmatch(plain.split(":", 1)[0].rstrip(" .")) is not None  # NTFS: streams, final dots and spaces


_GLOB_PIECE = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[[!^]?\]?[^\]/]*\]|\{[^{}/]*,[^{}/]*\}|\\.|.", re.DOTALL)


def compile_glob(glob: str) -> re.Pattern[str]:
    """Make a regular expression of a pattern as in .gitignore, with ``{a,b}`` added since models write it.

    Raises:
        ToolError: where the pattern makes no sense.
    """
    text = glob.removeprefix("./")
    is_anchored = "/" in text.rstrip("/")
    pattern = "" if is_anchored else "(?:.*/)?"
    for piece in _GLOB_PIECE.findall(text.strip("/")):
        if piece == "**/":
            pattern += "(?:.*/)?"
        elif piece == "/**":
            pattern += "/.*"
        elif piece[0] == "*":
            pattern += "[^/]*"
        elif piece == "?":
            pattern += "[^/]"
        elif piece[0] == "[" and len(piece) > 2:
            negation = "^" if piece[1] in "!^" else ""
            members = "".join(c if c == "-" else re.escape(c) for c in piece[1 + len(negation) : -1])
            pattern += f"(?!/)[{negation}{members}]"
        elif piece[0] == "{" and len(piece) > 1:
            options = (re.escape(option).replace(r"\*", "[^/]*") for option in piece[1:-1].split(","))
            pattern += f"(?:{'|'.join(options)})"
        else:
            pattern += re.escape(piece[-1])
    try:
        return re.compile(pattern + "(?:/.*)?", re.DOTALL)  # a pattern for a folder means all that is in it
    except re.error as error:
        raise ToolError(f"bad glob {glob!r}: {error}") from None


class LazyPaths(Sequence[PurePosixPath]):
    """Paths that are kept as texts, and made when they are asked for.

    Args:
        texts: the paths.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, at: int) -> PurePosixPath: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[PurePosixPath]: ...
    def __getitem__(self, at: int | slice) -> PurePosixPath | Sequence[PurePosixPath]:
        return LazyPaths(self._texts[at]) if isinstance(at, slice) else PurePosixPath(self._texts[at])
