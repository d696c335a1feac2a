"""Which files are withheld from a bot, and why: by name, by `.draftignore`, by the attribute ``-draft``.

The rules are those of the user's state when the run begins: what a bot writes into `.draftignore` or `.gitattributes`
does not lift its own limits. Made by `opening.py`, asked by `worktree.py`; lines are `masking.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import PurePosixPath

from git_draft.draftignore import DraftIgnore
from git_draft.secrets import looks_secret

ATTRIBUTE = "draft"
"""Unset, ``-draft``, it withholds a file."""

BY_NAME = "its name looks like a secret"
_BY_ATTRIBUTE = f"git's attribute -{ATTRIBUTE} says so"


class Withholding:
    """The rules for one run.

    Args:
        ignore: what `.draftignore` files say; None where there are none.
        find_unset: gives those of some paths that have the attribute unset; None to ask nobody.
    """

    def __init__(
        self,
        ignore: DraftIgnore | None = None,
        find_unset: Callable[[Sequence[PurePosixPath]], Collection[PurePosixPath]] | None = None,
    ) -> None:
        self._ignore = ignore
        self._find_unset = find_unset
        self._reasons: dict[str, str | None] = {}  # paths are slow to compare

    def learn(self, paths: Sequence[PurePosixPath]) -> None:
        """Judge paths all at once, since git is asked about those that are new."""
        new = [path for path in paths if str(path) not in self._reasons]
        if not new:
            return
        for path in new:
            self._reasons[str(path)] = self._judge(path)
        if self._find_unset is not None:
            still_open = [path for path in new if self._reasons[str(path)] is None]
            for path in self._find_unset(still_open) if still_open else ():
                self._reasons[str(path)] = _BY_ATTRIBUTE

    def find_reason(self, path: PurePosixPath) -> str | None:
        """Find why a file is withheld; None where it is not."""
        if str(path) not in self._reasons:
            self.learn([path])
        return self._reasons[str(path)]

    def _judge(self, path: PurePosixPath) -> str | None:
        if looks_secret(path):
            return BY_NAME
        source = self._ignore.find_source(path) if self._ignore else None
        return f"{source} says so" if source else None
