"""The table of oddities: each row has a case, and taking the row out fails just that."""

from __future__ import annotations

import pytest

from git_draft.bots.quirks import ALL_QUIRKS, TABLE, Quirk
from tests.wire.conversations import play
from tests.wire.quirk_cases import CASES


def test_every_row_has_words_and_a_case() -> None:
    assert set(TABLE) == set(Quirk) == set(CASES)


@pytest.mark.parametrize("quirk", CASES)
def test_handled(quirk: Quirk) -> None:
    CASES[quirk].check(play(CASES[quirk], ALL_QUIRKS))


@pytest.mark.deep
@pytest.mark.parametrize("quirk", CASES)
def test_just_its_own_case_fails_where_a_row_is_taken_out(quirk: Quirk) -> None:
    failed = set()
    for name, case in CASES.items():
        try:
            case.check(play(case, ALL_QUIRKS - {quirk}))
        except (AssertionError, LookupError):
            failed.add(name)
    assert failed == {quirk}
