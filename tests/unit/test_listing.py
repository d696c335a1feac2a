"""The listing of files that a bot may know of: kept sorted, as a tree is walked, through whatever changes."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from git_draft.listing import Listing

names = st.sampled_from(["a", "a!", "a-b", "a.txt", "b", "é", "\udcff", "z"])
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
changes = st.lists(st.tuples(paths, st.one_of(st.none(), st.integers(1, 9))), max_size=30)


def _sort(files: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(files.items(), key=lambda item: os.fsencode(item[0]).split(b"/"))


@given(st.dictionaries(paths, st.integers(1, 9)), changes)
def test_is_as_if_it_were_made_anew(start: dict[str, int], then: list[tuple[str, int | None]]) -> None:
    files = {path: str(number) * 40 for path, number in start.items()}
    listing = Listing(_sort(files))
    for path, number in then:
        if number is None:
            files.pop(path, None)
            listing.remove(path)
        else:
            files[path] = str(number) * 40
            listing.put(path, files[path])
    expected = _sort(files)
    assert list(listing) == expected
    assert len(listing) == len(expected)
    assert all(item in listing for item in expected)
    assert list(listing.texts) == [path for path, _ in expected]
    assert list(listing.choose(lambda path: "a" in path)) == [item for item in expected if "a" in item[0]]
