"""What turns used, summed: nothing is understated, nothing made up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_draft.model import NOTHING_USED, Usage, sum_usages

counts = st.none() | st.integers(0, 10**9)
usages = st.builds(Usage, counts, counts, counts, st.none() | st.decimals(0, 1000, places=6), counts, counts)


@pytest.mark.parametrize(
    "turns, total",
    [
        ([], Usage()),
        ([Usage()], Usage()),
        ([Usage(10, 2), Usage(20, 3)], Usage(30, 5)),
        ([Usage(10, 2), Usage(20)], Usage(30)),
        ([Usage(10, 2), Usage(), Usage(1, 1)], Usage()),
        ([Usage(cost_usd=Decimal("0.1")), Usage(cost_usd=Decimal("0.2"))], Usage(cost_usd=Decimal("0.3"))),
        ([Usage(1, 1, cost_usd=Decimal("0.1")), Usage(1, 1)], Usage(2, 2)),
        ([Usage(10, 2, 8), Usage(20, 3)], Usage(30, 5, 8)),
        (
            [Usage(9, 9, tokens_reasoning=4), Usage(9, 9, 0, tokens_written=5)],
            Usage(18, 18, 0, tokens_reasoning=4, tokens_written=5),
        ),
    ],
)
def test_a_total_is_known_where_all_of_it_is(turns: list[Usage], total: Usage) -> None:
    assert sum_usages(turns) == total


@given(usages, usages, usages)
def test_sums_go_in_any_order(a: Usage, b: Usage, c: Usage) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c) == sum_usages([c, a, b])
    assert NOTHING_USED + a == a
