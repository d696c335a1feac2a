"""Texts that are looked up in a sorted list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from git_draft.textset import TextSet

TEXTS = st.sets(st.text("ab/.\udc80é", max_size=4), max_size=20)


@given(TEXTS, TEXTS, st.text("ab/.\udc80é", max_size=4))
def test_what_is_in_it_is_found_and_nothing_else(texts: set[str], more: set[str], text: str) -> None:
    found = TextSet(texts)
    assert (text in found) is (text in texts)
    found.add(list(more - texts))
    assert list(found) == sorted(texts | more)
    assert all(each in found for each in texts | more)
    assert (text in found) is (text in texts | more)
