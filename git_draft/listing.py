"""The files that a bot may know of: their paths and blobs, sorted, and small though there are a hundred thousand of them.

A path as an object takes some 400 bytes, as text 80; so objects are made when somebody looks. Called by worktree.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

_OID_BYTES = 20


class Listing(Collection[tuple[str, str]]):
    """Files, each as its path and the id of its blob.

    Args:
        files: path as text and id of each, sorted by the parts of the path, as bytes.
    """

    def __init__(self, files: Iterable[tuple[str, str]] = ()) -> None:
        self._texts: list[str] = []
        self._oids = bytearray()
        for text, oid in files:
            self._texts.append(text)
            self._oids += bytes.fromhex(oid)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, item: object) -> bool:
        return any(item == each for each in self)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for number, text in enumerate(self._texts):
            yield text, self._oids[number * _OID_BYTES : (number + 1) * _OID_BYTES].hex()

    @property
    def texts(self) -> Sequence[str]:
        """The paths."""
        return tuple(self._texts)

    def put(self, text: str, oid: str) -> None:
        """Add a file, or give one that is there another blob."""
        at, is_there = self._find(text)
        if not is_there:
            self._texts.insert(at, text)
        self._oids[at * _OID_BYTES : (at + is_there) * _OID_BYTES] = bytes.fromhex(oid)

    def remove(self, text: str) -> None:
        """Take a file out, if it is there."""
        at, is_there = self._find(text)
        if is_there:
            del self._texts[at]
            del self._oids[at * _OID_BYTES : (at + 1) * _OID_BYTES]

    def _find(self, text: str) -> tuple[int, bool]:
        at = bisect_left(self._texts, _get_sort_key(text), key=_get_sort_key)
        return at, self._texts[at : at + 1] == [text]

    def choose(self, is_chosen: Callable[[str], object]) -> Listing:
        """Give those files of which a function, given the path, says something that is true."""
        return Listing(item for item in self if is_chosen(item[0]))


def _get_sort_key(text: str) -> bytes:
    return os.fsencode(text).replace(b"/", b"\0")  # by the parts, as a tree is walked
