"""Which files are withheld from a bot, and why: by name, by `.draftignore`, by the attribute ``-draft``.

The rules are those of the user's state when the run begins: what a bot writes into `.draftignore` or `.gitattributes`
does not lift its own limits. Made by `opening.py`, asked by `worktree.py`; lines are `masking.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import PurePosixPath

from git_draft.draftignore import DraftIgnore
from git_draft.secrets import looks_secret
from git_draft.textset import TextSet

ATTRIBUTE = "draft"
"""Unset, ``-draft``, it withholds a file."""

BY_NAME = "its name looks like a secret"
_BY_ATTRIBUTE = f"git's attribute -{ATTRIBUTE} says so"


class Withholding:
    """The rules for one run. Paths are texts: as objects they are slow to compare, and large.

    Args:
        ignore: what `.draftignore` files say; None where there are none.
        find_unset: gives those of some paths that have the attribute unset; None to ask nobody.
    """

    def __init__(
        self,
        ignore: DraftIgnore | None = None,
        find_unset: Callable[[Sequence[str]], Collection[str]] | None = None,
    ) -> None:
        self._ignore = ignore
        self._find_unset = find_unset
        self._judged = TextSet()
        self._reasons: dict[str, str] = {}

    def learn(self, paths: Sequence[str]) -> None:
        """Judge paths all at once, since git is asked about those that are new."""
        new = [path for path in paths if path not in self._judged]
        if not new:
            return
        self._judged.add(new)
        for path in new:
            if reason := self._judge(PurePosixPath(path)):
                self._reasons[path] = reason
        if self._find_unset is not None:
            still_open = [path for path in new if path not in self._reasons]
            for path in self._find_unset(still_open) if still_open else ():
                self._reasons[path] = _BY_ATTRIBUTE

    def knows(self, path: str) -> bool:
        """Tell whether a path has been judged."""
        return path in self._judged

    def find_reason(self, path: str) -> str | None:
        """Find why a file is withheld; None where it is not."""
        if path not in self._judged:
            self.learn([path])
        return self._reasons.get(path)

    def _judge(self, path: PurePosixPath) -> str | None:
        if looks_secret(path):
            return BY_NAME
        source = self._ignore.find_source(path) if self._ignore else None
        return f"{source} says so" if source else None
