"""Many texts of which one wants to know whether one is among them, such as the paths of a repository.

A set of a hundred thousand takes 4 to 8 MiB on top of the texts, a sorted list less than one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator


class TextSet:
    """Texts, sorted; looked up in the time that halving takes.

    Args:
        texts: what is in it.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._texts = sorted(texts)

    def __contains__(self, text: str) -> bool:
        at = bisect_left(self._texts, text)
        return self._texts[at : at + 1] == [text]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def add(self, texts: Collection[str]) -> None:
        """Add texts that are not in it."""
        self._texts += texts
        self._texts.sort()  # which takes little more than one pass through what is in order
