"""Values as text: widths, ages, counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath

import pytest

from git_draft.cli.listing import Listing, format_listing, make_listing_json
from git_draft.cli.render import (
    clean,
    format_age,
    format_changes,
    format_count,
    format_draft_line,
    format_hints,
    format_usage,
    make_draft_json,
)
from git_draft.columns import fit_columns, measure_columns, shorten
from git_draft.model import (
    PROMPT_TITLE_COLUMNS,
    Changes,
    Draft,
    DraftName,
    Folio,
    OutcomeKind,
    Record,
    Usage,
    format_cost,
)
from git_draft.outlook import Outlook
from git_draft.rows import RunRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_draft(number: int = 1, **known: object) -> Draft:
    """Make a draft with what is known of it."""
    name = DraftName(1, number)
    record = Record(name, **known)  # type: ignore[arg-type]  # the caller's business
    return Draft(name, "c" * 40, "p" * 40, f"Title {number}", "prompt", record)


@pytest.mark.parametrize(
    "text, columns, fitted",
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("one too long", 11, "one too lo…"),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 7, "漢字漢…"),
        ("漢字漢字", 6, "漢字…"),
        ("a\x1b[31mb\n", 20, "a�[31mb�"),
        ("abc", 1, "…"),
    ],
)
def test_fit(text: str, columns: int, fitted: str) -> None:
    assert fit_columns(text, columns) == fitted
    assert measure_columns(fitted) <= columns


@pytest.mark.parametrize(
    "columns, lines",
    [
        (0, ["  look: git show   merge: git merge   leave: git quit"]),
        (53, ["  look: git show   merge: git merge   leave: git quit"]),
        (52, ["  look: git show   merge: git merge", "  leave: git quit"]),
        (20, ["  look: git show", "  merge: git merge", "  leave: git quit"]),
        (5, ["  look: git show", "  merge: git merge", "  leave: git quit"]),
    ],
)
def test_hints_are_not_broken_within(columns: int, lines: list[str]) -> None:
    assert list(format_hints(["look: git show", "merge: git merge", "leave: git quit"], columns)) == lines


def test_no_hints_are_no_line() -> None:
    assert list(format_hints([], 80)) == []


def test_combining_characters_take_no_room() -> None:
    assert measure_columns("e\u0301") == 1


@pytest.mark.parametrize(
    "prompt, title",
    [
        ("fix it", "fix it"),
        ("fix\n\n  it\tnow\x07", "fix it now"),
        ("w" * 55, "w" * 55),
        ("w" * 56, "w" * 54 + "…"),
        (
            "please fix the bug that makes the whole thing crash on start",
            "please fix the bug that makes the whole thing crash on…",
        ),
        ("漢" * 30, "漢" * 27 + "…"),
    ],
)
def test_titles(prompt: str, title: str) -> None:
    assert shorten(prompt, PROMPT_TITLE_COLUMNS) == title
    assert measure_columns(title) <= 55


def test_clean() -> None:
    assert clean(" a\n b\x1b[2J ") == "a b�[2J"


@pytest.mark.parametrize(
    "seconds, age",
    [
        (-5, "0 seconds ago"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (60, "1 minute ago"),
        (3600 * 5, "5 hours ago"),
        (86400, "1 day ago"),
        (86400 * 7, "1 week ago"),
        (86400 * 40, "1 month ago"),
        (86400 * 800, "2 years ago"),
    ],
)
def test_age(seconds: int, age: str) -> None:
    assert format_age(NOW - timedelta(seconds=seconds), NOW) == age


def test_counts() -> None:
    assert format_count(1, "file") == "1 file"
    assert format_count(1234, "file") == "1,234 files"
    assert format_changes(None) == ""
    assert format_changes(Changes(0, 0, 0)) == "no change"
    assert format_changes(Changes(2, 3, 1)) == "2 files +3 -1"


def test_usage_that_is_not_known_is_left_out() -> None:
    assert format_usage(Usage()) == ""
    assert format_usage(Usage(tokens_in=1000, tokens_out=34)) == "1,034 tokens"
    assert format_usage(Usage(tokens_in=1000)) == "1,000 tokens in"
    assert format_usage(Usage(tokens_out=1)) == "1 token out"
    assert format_usage(Usage(cost_usd=Decimal("0.0123"))) == "$0.0123"
    assert format_usage(Usage(0, 1, cost_usd=Decimal(0))) == "1 token, $0.00"


@pytest.mark.parametrize(
    "cost, text",
    [
        *(("0", "$0.00"), ("0.000000999", "<$0.000001"), ("0.000001", "$0.000001"), ("0.0000425", "$0.0000425")),
        *(("0.00123456", "$0.00123"), ("0.0123", "$0.0123"), ("0.05", "$0.05"), ("0.0999", "$0.0999")),
        *(("0.09999", "$0.10"), ("0.1", "$0.10"), ("0.474", "$0.47"), ("12", "$12.00"), ("1234.567", "$1,234.57")),
    ],
)
def test_a_cost_can_be_read_however_small_it_is(cost: str, text: str) -> None:
    assert format_cost(Decimal(cost)) == text


def test_draft_line() -> None:
    assert format_draft_line(make_draft()) == "draft 1/1: Title 1"
    line = format_draft_line(make_draft(changes=Changes(1, 1, 0), usage=Usage(10, 5)))
    assert line == "draft 1/1: Title 1 (1 file +1 -0, 15 tokens)"


def test_json_leaves_out_what_is_not_known() -> None:
    assert make_draft_json(make_draft()).keys() == {"draft", "commit", "parent", "title", "prompt"}
    values = make_draft_json(make_draft(usage=Usage(0, 2, 0, Decimal("0.5"), 1)), merged=False)
    assert (values["tokens_in"], values["tokens_cached"], values["cost_usd"], values["merged"]) == (0, 0, 0.5, False)
    assert values["tokens_reasoning"] == 1


def make_listing(columns_of_title: int = 10) -> Listing:
    """Make a listing with one of everything."""
    long = make_draft(2, outcome=OutcomeKind.QUESTION, question="Which\none?", started=NOW - timedelta(minutes=2))
    long = Draft(long.name, long.commit, long.parent, "t" * columns_of_title, long.prompt, long.record)
    drafts = [make_draft(1, changes=Changes(1, 1, 1), outcome=OutcomeKind.COMPLETE), long]
    run = RunRow(1, 1, "", 1, "a prompt\nof two lines", "gpt", "b", "t", NOW - timedelta(seconds=3))
    killed = RunRow(2, 2, "", 1, "another", "gpt", "b", "t", NOW - timedelta(hours=3), outcome="interrupted")
    closed: list[tuple[Folio, list[Draft]]] = [(Folio(number, None, is_open=False), []) for number in (2, 3)]
    return Listing(
        folios=[(Folio(1, "main"), drafts), *closed],
        merged={DraftName(1, 1)},
        active=1,
        were_quit={2},
        runs=[run, killed],
        now=NOW,
        is_cut=False,
    )


def test_listing() -> None:
    assert list(format_listing(make_listing(), 0)) == [
        "folio 3 on a branch not known (closed)",
        "folio 2 on a branch not known (quit)",
        "folio 1 on main (active)",
        "  interrupted: another (gpt, 3 hours ago)",
        "  run 1 running: a prompt of two lines (gpt, 3 seconds ago)",
        "  1/2  tttttttttt                question pending  2 minutes ago",
        "       question: Which one?",
        "  1/1  Title 1     1 file +1 -1  merged",
    ]


def test_a_listing_fits_the_terminal() -> None:
    lines = [line for line in format_listing(make_listing(200), 90) if line.startswith("  1/")]
    assert all(measure_columns(line) < 90 for line in lines)
    assert "…" in lines[0]


@pytest.mark.parametrize(
    "outlook, said, style",
    [
        (Outlook(), "merges cleanly", "good"),
        (Outlook(conflicts=(PurePosixPath("a"),)), "conflicts in 1 file", "bad"),
        (Outlook(conflicts=(PurePosixPath("a"), PurePosixPath("b"))), "conflicts in 2 files", "bad"),
        (Outlook(blocked=(PurePosixPath("a\x1b"),)), "blocked by a\ufffd", "bad"),
        (Outlook((PurePosixPath("a"),), (PurePosixPath("b"), PurePosixPath("c"))), "blocked by b and 1 more", "bad"),
    ],
)
def test_what_a_merge_would_do_is_said(outlook: Outlook, said: str, style: str) -> None:
    draft = make_draft(1, changes=Changes(1, 1, 1), part_of="1/2")
    listing = Listing([(Folio(1, "main"), [draft])], set(), 1, set(), [], NOW, is_cut=False)
    assert listing.list_unmerged() == [draft]
    tried = replace(listing, outlooks={draft.name: outlook})
    *_, row = format_listing(tried, 0, lambda text, style: f"<{style} {text}>" if style in ("good", "bad") else text)
    assert f"<{style} part of 1/2, {said}>" in row
    merges = json.loads(json.dumps(make_listing_json(tried)))["folios"][0]["drafts"][0]["merges"]
    assert merges == {
        "clean": style == "good",
        "conflicts": list(map(str, outlook.conflicts)),
        "blocked": list(map(str, outlook.blocked)),
    }


def test_what_was_used_gives_way_before_a_title_is_cut() -> None:
    priced = make_draft(1, changes=Changes(1, 1, 1), usage=Usage(1000, 200, cost_usd=Decimal("0.0123")))
    counted = make_draft(2, usage=Usage(1000, 200))
    listing = Listing([(Folio(1, "main"), [priced, counted, make_draft(3)])], set(), 1, set(), [], NOW, is_cut=False)
    _, *wide = format_listing(listing, 0)
    assert wide == [
        "  1/3  Title 3",
        "  1/2  Title 2                1,200 tokens",
        "  1/1  Title 1  1 file +1 -1  $0.0123",
    ]
    width = max(map(measure_columns, wide))
    assert list(format_listing(listing, width + 1))[1:] == wide
    narrow = list(format_listing(listing, width))[1:]
    assert narrow == ["  1/3  Title 3", "  1/2  Title 2", "  1/1  Title 1  1 file +1 -1"]
