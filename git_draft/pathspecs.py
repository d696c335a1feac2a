"""Pathspecs as git reads them, for `--only`: where a bot may write.

Git itself can't be asked, since it matches the files that there are, and a bot makes new ones. Magic that would need it,
``:(attr:…)``, is refused by name. What a wildcard matches is in `wildmatch.py`. Made by the cli, asked by `worktree.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from git_draft.errors import UsageError
from git_draft.frozen import frozen
from git_draft.wildmatch import compile_wildcards, has_wildcards

_LONG = re.compile(r":\(([^)]*)\)(.*)", re.DOTALL)
_SHORT = re.compile(r":([/!^]*)(:?)(.*)", re.DOTALL)
_SHORT_NAMES = {"/": "top", "!": "exclude", "^": "exclude"}
_NAMES = frozenset({"top", "icase", "glob", "literal", "exclude"})


@frozen
class Pathspec:
    """One pathspec.

    Args:
        text: as it was written.
        path: from the top of the repository, as git has it after the current folder is put before it.
        fixed: how much of `path`, from the start, has no wildcard.
        folder: how much of `path` is the current folder, whose case always counts.
        magic: the words for what it does besides.
    """

    text: str
    path: bytes
    fixed: int
    folder: int
    magic: frozenset[str]
    regex: re.Pattern[bytes] | None

    def matches(self, path: bytes) -> bool:
        """Tell whether a file is meant: by its path, by a folder that it is in, or by wildcards."""
        if "icase" in self.magic and path[: self.folder] != self.path[: self.folder]:
            return False
        fold = bytes.lower if "icase" in self.magic else bytes
        if not self.path:
            return True
        if fold(path[: len(self.path)]) == fold(self.path) and (
            len(path) == len(self.path) or b"/" in {self.path[-1:], path[len(self.path) : len(self.path) + 1]}
        ):
            return True
        if self.regex is None or fold(path[: self.fixed]) != fold(self.path[: self.fixed]):
            return False
        return self.regex.fullmatch(path, self.fixed) is not None

    @property
    def start(self) -> PurePosixPath | None:
        """The file or folder that it means, or in which all is that it means; None where it has no such start."""
        path = self.path if self.regex is None else self.path[: self.fixed].rpartition(b"/")[0]
        return PurePosixPath(os.fsdecode(path)) if path and "icase" not in self.magic else None

    @property
    def is_folder(self) -> bool:
        """Whether `start` can only be a folder."""
        return self.regex is not None or self.path.endswith(b"/")


class Only:
    """Where a bot may write.

    Args:
        pathspecs: at least one; if all are exclusions, everything else is meant, as git takes it.
    """

    def __init__(self, pathspecs: Sequence[Pathspec]) -> None:
        self.texts = tuple(each.text for each in pathspecs)
        self.wanted = tuple(each for each in pathspecs if "exclude" not in each.magic)
        self._excluded = tuple(each for each in pathspecs if "exclude" in each.magic)

    def allows(self, path: PurePosixPath) -> bool:
        """Tell whether a bot may write a file."""
        data = os.fsencode(path)
        is_wanted = not self.wanted or any(each.matches(data) for each in self.wanted)
        return is_wanted and not any(each.matches(data) for each in self._excluded)

    def is_contradiction(self) -> bool:
        """Tell whether every file that is wanted is plainly excluded too."""
        return bool(self.wanted) and all(
            each.regex is None and any(out.matches(each.path.rstrip(b"/")) for out in self._excluded)
            for each in self.wanted
        )

    def list_idle(self, paths: Collection[str]) -> list[str]:
        """Give those pathspecs that none of some files matches, exclusions left out."""
        names = [os.fsencode(path) for path in paths]
        return [each.text for each in self.wanted if not any(each.matches(name) for name in names)]


def parse_only(texts: Sequence[str], folder: PurePosixPath, toplevel: Path) -> Only | None:
    """Read what `--only` says; give None where it was not said.

    Args:
        texts: pathspecs as they were written.
        folder: the current folder, relative to the top of the repository.
        toplevel: the top of the working directory, for absolute paths.

    Raises:
        UsageError: where one is no pathspec, or of a kind that is not understood here.
    """
    return Only([_parse(text, folder, toplevel) for text in texts]) if texts else None


def _parse(text: str, folder: PurePosixPath, toplevel: Path) -> Pathspec:
    magic, rest = _parse_magic(text)
    prefix = f"{folder}/" if folder.parts else ""
    # what begins at the top git takes as it is, so that :/./x is nothing
    path, kept = (rest, "") if "top" in magic else _normalize(text, rest, prefix, toplevel)
    data, kept_size = os.fsencode(path), len(os.fsencode(kept))
    start = re.match(rb"[^*?\[\\]*", data[kept_size:])
    fixed = kept_size + (start.end() if start else 0)
    regex = None
    if "literal" not in magic and has_wildcards(data[kept_size:]):
        regex = compile_wildcards(data[fixed:], spans_folders="glob" not in magic, ignores_case="icase" in magic)
    return Pathspec(text, data, fixed if regex else len(data), kept_size, magic, regex)


def _parse_magic(text: str) -> tuple[frozenset[str], str]:
    if not text:
        raise UsageError("--only is empty", hint="--only . for the current folder")
    if not text.startswith(":"):
        return frozenset(), text
    if text.startswith(":("):
        match = _LONG.fullmatch(text)
        if match is None:
            raise UsageError(f"--only {text}: the parenthesis is not closed")
        names, rest = {name for name in match[1].split(",") if name}, match[2]
    else:
        short = _SHORT.fullmatch(text)
        assert short is not None  # noqa: S101  # it matches all that begins with a colon
        names, rest = {_SHORT_NAMES[char] for char in short[1]}, short[3]
        if not short[2] and re.match(r"[\"#%&'(,;<=>@_`~-]", rest):  # kept by git for magic to come
            names.add(rest[0])
        if not names:
            raise UsageError(
                f"--only {text}: a pathspec that begins with a colon needs its magic", hint="--only ':/' for all"
            )
    if unknown := sorted(names - _NAMES):
        raise UsageError(
            f"--only {text}: {unknown[0]!r} is not understood here", hint=f"understood are {', '.join(sorted(_NAMES))}"
        )
    if {"glob", "literal"} <= names:
        raise UsageError(f"--only {text}: 'glob' and 'literal' exclude each other")
    return frozenset(names), rest


def _normalize(text: str, rest: str, prefix: str, toplevel: Path) -> tuple[str, str]:
    """Put the current folder before a path, and resolve ``.``, ``..`` and double slashes.

    Gives with it what of the folder is left, where no wildcard counts.
    """
    if rest.startswith("/"):
        top = f"{str(toplevel).rstrip('/')}/"
        if not f"{rest}/".startswith(top):
            raise UsageError(f"--only {text} is outside of the repository")
        rest, prefix = rest[len(top) :], ""
    parts = prefix.split("/")[:-1]
    kept = len(parts)
    pieces = rest.split("/")
    for piece in pieces:
        if piece == "..":
            if not parts:
                raise UsageError(f"--only {text} is outside of the repository")
            parts.pop()
            kept = min(kept, len(parts))
        elif piece not in {"", "."}:
            parts.append(piece)
    ends_in_folder = bool(parts) and pieces[-1] in {"", ".", ".."}
    path = "/".join(parts) + ("/" if ends_in_folder else "")
    return path, "".join(f"{part}/" for part in parts[:kept])[: len(path)]
