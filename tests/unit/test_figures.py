"""Statistics: groups, sums, quantiles; and as they are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from git_draft.cli.figures import draw_bar, format_groups, format_total, make_figures_json
from git_draft.columns import measure_columns
from git_draft.figures import By, group_tallies, sum_tallies
from git_draft.model import OutcomeKind
from git_draft.rows import TallyRow

DAY_S = 86_400
NOON_S = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
ROWS = [
    TallyRow(1, 1, "a", "gpt", "big", None, "complete", None, NOON_S, 4.0, 1000, 50, 400, "0.25", None, 1),
    TallyRow(1, 2, "b", "gpt", "big", "add-test", "no change", None, NOON_S, 6.0, 500, 20, None, "0.5"),
    TallyRow(2, 1, "c", "local", "small", "add-test", "failed", None, NOON_S + DAY_S, 200.0),
    TallyRow(3, 1, "d"),
]
"""Of two bots, three folios and two days; of the last nothing is known."""


def test_sums_are_of_what_is_known() -> None:
    found = sum_tallies(ROWS)
    assert (found.drafts, found.folios, found.merged) == (4, 3, 1)
    assert found.outcomes == {OutcomeKind.COMPLETE: 1, OutcomeKind.NO_CHANGE: 1, OutcomeKind.FAILED: 1}
    assert (found.tokens_in, found.tokens_out, found.tokens_cached) == (1500, 70, 400)
    assert found.cost_usd == Decimal("0.75")
    assert (found.first, found.last) == (
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        datetime(2026, 3, 2, 12, tzinfo=UTC),
    )
    nothing = sum_tallies(ROWS[3:])
    assert (nothing.tokens_in, nothing.cost_usd, nothing.median_s, nothing.first) == (None, None, None, None)


@pytest.mark.parametrize(
    "times, median, most",
    [
        ([3.0], 3.0, 3.0),
        ([1.0, 2.0], 1.0, 2.0),
        ([5.0, 1.0, 3.0], 3.0, 5.0),
        ([float(each) for each in range(1, 11)], 5.0, 9.0),
        ([float(each) for each in range(1, 12)], 6.0, 10.0),
    ],
)
def test_quantiles_are_times_that_were_measured(times: list[float], median: float, most: float) -> None:
    found = sum_tallies([TallyRow(1, number, "a", walltime_s=each) for number, each in enumerate(times, 1)])
    assert (found.median_s, found.p90_s) == (median, most)


@pytest.mark.parametrize(
    "by, expected",
    [
        (By.BOT, [("gpt", 2), (None, 1), ("local", 1)]),
        (By.MODEL, [("big", 2), (None, 1), ("small", 1)]),
        (By.TEMPLATE, [(None, 2), ("add-test", 2)]),
        (By.DAY, [(None, 1), ("2026-03-01", 2), ("2026-03-02", 1)]),
    ],
)
def test_groups(by: By, expected: list[tuple[str | None, int]]) -> None:
    """The largest comes first, days in their order."""
    assert [(group.name, group.drafts) for group in group_tallies(ROWS, by)] == expected


def test_all_of_it_as_text() -> None:
    assert list(format_total(sum_tallies(ROWS), 0)) == [
        "drafts          4 in 3 folios, 2026-03-01 to 2026-03-02",
        "merged               1   25 %",
        "complete             1   25 %",
        "no change            1   25 %",
        "failed               1   25 %",
        "tokens          1,500 in (27 % cached), 70 out",
        "cost            $0.75",
        "time            median 6.0 s, 9 of 10 within 3.3 min",
    ]
    assert list(format_total(sum_tallies(ROWS[3:]), 0)) == [
        "drafts          1 in 1 folio",
        "merged               0    0 %",
    ]


def test_groups_as_text() -> None:
    """Nothing is said of what is not known, and no column is there of what is known of none."""
    assert list(format_groups(group_tallies(ROWS, By.BOT), By.BOT, 0)) == [
        "bot        drafts  merged  no change  failed     in  cached  out   cost   median      p90",
        "gpt             2    50 %       50 %     0 %  1.5 k    27 %   70  $0.75    4.0 s    6.0 s",
        "not known       1     0 %        0 %     0 %",
        "local           1     0 %        0 %   100 %                             3.3 min  3.3 min",
    ]
    (title, _) = format_groups(group_tallies(ROWS[3:], By.DAY), By.DAY, 0)
    assert title == "day        drafts  merged  no change  failed"


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 100, 120, 200])
def test_tables_fit_the_terminal(columns: int) -> None:
    """Columns give way where it is narrow, the count of drafts never; bars are drawn where there is room."""
    lines = list(format_groups(group_tallies(ROWS, By.BOT), By.BOT, columns))
    assert max(map(measure_columns, lines)) <= columns
    assert [re.split(" {2,}", line)[1].rstrip("█ ") for line in lines] == ["drafts", "2", "1", "1"]
    assert any("█" in line for line in lines) == (columns > 20)


@pytest.mark.parametrize(
    "part, whole, bar", [(0, 8, ""), (8, 8, "████"), (4, 8, "██"), (5, 8, "██▌"), (1, 9999, "▏"), (0, 0, "")]
)
def test_bars(part: int, whole: int, bar: str) -> None:
    assert draw_bar(part, whole, 4) == bar


def test_figures_as_json() -> None:
    assert make_figures_json(sum_tallies(ROWS[3:])) == {"drafts": 1, "folios": 1, "merged": 0, "outcomes": {}}
    assert make_figures_json(sum_tallies(ROWS))["cost_usd"] == 0.75
