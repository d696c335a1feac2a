"""The rows at the bottom of a terminal, on a screen that shows what is left of them."""

from __future__ import annotations

import pytest

from git_draft.cli.spinner import Row, Spinner
from git_draft.columns import measure_columns, squeeze_columns
from tests.support.screen import Screen

PATH = "write: src/a/very/long/folder/文字化け.py"


def make(screen: Screen, *doings: str) -> Spinner:
    """Make a spinner that is drawn only when it is told to."""
    spinner = Spinner(screen, screen.get_size)
    for number, doing in enumerate(doings, 1):
        spinner.open_row(f"[{number}/{len(doings)}] " if doings[1:] else "").doing = doing
    return spinner


@pytest.mark.parametrize(
    "columns, expected",
    [
        (79, f"* 12 s  {PATH}   3,210 tokens, $0.0123"),
        (60, "* 12 s  write: sr…folder/文字化け.py   3,210 tokens, $0.0123"),
        (50, "* 12 s  write:…文字化け.py   3,210 tokens, $0.0123"),
        (40, "* 12 s  write: src…ng/folder/文字化け.py"),
        (20, "* 12 s  writ…化け.py"),
        (9, "* 12 s  …"),
        (3, "*…"),
    ],
)
def test_a_row_that_is_too_wide_keeps_its_ends_and_then_loses_the_facts(columns: int, expected: str) -> None:
    row = Row(100.0, doing=PATH, facts="3,210 tokens, $0.0123")
    line = row.format("*", 112.4, columns)
    assert line == expected
    assert measure_columns(line) <= columns


def test_a_row_that_ended_stands_still() -> None:
    row = Row(100.0, "[2/3] ", "complete", ended_s=107.0)
    assert row.format("*", 500.0, 79) == "  [2/3] 7 s  complete"


@pytest.mark.parametrize("columns", range(-1, 12))
def test_a_squeezed_text_fits(columns: int) -> None:
    for text in ("abcdefghijkl", "文字化け文字化け", "e\u0301" * 10, ""):
        assert measure_columns(squeeze_columns(text, columns)) <= max(0, columns)


def test_a_text_is_squeezed_in_its_middle() -> None:
    assert squeeze_columns("abcdefghijkl", 7) == "ab…ijkl"
    assert squeeze_columns("a\nb", 7) == "a\N{REPLACEMENT CHARACTER}b"


def test_rows_are_drawn_below_what_stays() -> None:
    screen = Screen()
    spinner = make(screen, "one", "", "three")
    spinner.draw()
    spinner.print("a line")
    spinner.draw()
    assert [line[2:] for line in screen.seen] == ["line", "[1/3] 0 s  one", "[3/3] 0 s  three"]
    assert screen.seen[0] == "a line"
    spinner.pause(is_paused=True)
    spinner.draw()
    spinner.print("another")
    assert screen.seen == ["a line", "another"]


def test_no_more_rows_are_drawn_than_there_is_room_for() -> None:
    screen = Screen(30, lines=4)
    spinner = make(screen, *"abcde")
    for _ in range(9):
        spinner.draw()
    assert [line[2:] for line in screen.seen] == ["[1/5] 0 s  a", "[2/5] 0 s  b", "… and 3 more"]
    spinner.pause(is_paused=True)
    assert screen.seen == []


@pytest.mark.parametrize("lines", [1, 2])
def test_a_terminal_of_hardly_any_lines_is_left_clean(lines: int) -> None:
    screen = Screen(30, lines)
    spinner = make(screen, "a", "b")
    for _ in range(3):
        spinner.draw()
    assert screen.seen == ["  … and 2 more"]
    spinner.pause(is_paused=True)
    assert screen.seen == []


@pytest.mark.parametrize("columns", [39, 20, 7])
def test_a_terminal_that_becomes_narrower_is_left_clean(columns: int) -> None:
    screen = Screen(80)
    spinner = make(screen, "x" * 100, "y" * 30, "z")
    spinner.print("stays")
    spinner.draw()
    screen.narrow(columns)
    spinner.draw()
    assert len(screen.seen) == 4
    spinner.pause(is_paused=True)
    assert screen.seen == ["stays"]


def test_rows_step_aside_for_a_line_that_is_being_written() -> None:
    screen = Screen()
    spinner = make(screen, "working")
    spinner.draw()
    spinner.write("I th")
    spinner.draw()
    spinner.write("ink")
    spinner.draw()
    assert screen.seen == ["I think"]
    spinner.print("write: a")
    assert screen.seen[:2] == ["I think", "write: a"]
    assert screen.seen[2].endswith("working")


def test_rows_do_not_flicker_between_the_lines_of_a_text() -> None:
    screen = Screen()
    spinner = make(screen, "working")
    spinner.write("one\n")
    spinner.draw()
    assert screen.seen == ["one"]
    spinner._aside_until_s = 0
    spinner.draw()
    assert screen.seen[1].endswith("working")
    spinner.write("two")
    spinner.pause(is_paused=True)
    spinner.print("question")
    assert screen.seen == ["one", "two", "question"]


def test_a_spinner_turns_by_itself_and_leaves_nothing() -> None:
    screen = Screen()
    spinner = make(screen, "working")
    with spinner:
        while not screen.seen:
            pass
        assert screen.seen[0].endswith("0 s  working")
        spinner.write("half a line")
    assert screen.seen == ["half a line"]


def test_a_stream_without_a_size_is_taken_for_an_ordinary_terminal() -> None:
    screen = Screen()
    spinner = Spinner(screen)
    spinner.open_row().doing = "x" * 200
    spinner.draw()
    [line] = screen.seen
    assert len(line) == 79
