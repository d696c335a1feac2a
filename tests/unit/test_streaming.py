"""A model's text as it streams: cleaned, cut into lines, told from thoughts; and what a row says of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_draft.cli.streaming import Speech, Tally
from git_draft.events import TextArrived


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Hello", "Hello\n"),
        ("\n\n Hello \n\n", "Hello \n"),
        ("a\nb\n", "a\nb\n"),
        ("a\r\nb", "a\nb\n"),
        ("a\n\n\n\nb", "a\n\nb\n"),
        ("a\n  \n   b", "a\n\n   b\n"),
        ("def f():\n\treturn 1", "def f():\n    return 1\n"),
        ("red\x1b[31m\x07\x9b2J", "red\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}2J\n"),
        ("\u202eevil\u2028x\u3000y\xa0z\ud83d", "\N{REPLACEMENT CHARACTER}evil x y z\N{REPLACEMENT CHARACTER}\n"),
        ("", ""),
        (" \n \n", ""),
    ],
)  # fmt: skip
def test_text_is_made_fit_to_be_shown_however_it_is_cut(text: str, expected: str) -> None:
    for size in (1, 2, 5, 100):
        speech = Speech()
        pieces = [speech.feed(text[start : start + size]) for start in range(0, len(text), size)]
        assert "".join(pieces) + speech.end() == expected
        assert speech.end() == ""


def test_a_line_is_written_before_it_ends() -> None:
    speech = Speech()
    assert [speech.feed("I th"), speech.feed("ink"), speech.feed("\n"), speech.feed("\n"), speech.feed("so")] == [
        "I th", "ink", "\n", "", "\nso",
    ]  # fmt: skip


def test_thoughts_are_told_from_the_answer() -> None:
    speech = Speech()
    lines = speech.feed_lines("Hm.\n\nWell", is_thought=True)
    assert lines == ["thought: Hm.", ""]
    assert speech.feed_lines(", so.\nI") == ["  Well", ", so."]
    assert speech.end_lines() == ["I"]
    assert speech.end_lines() == []


@given(st.lists(st.tuples(st.text("ab \n\t\x1b", max_size=5), st.booleans())))
def test_lines_are_those_of_the_pieces(pieces: list[tuple[str, bool]]) -> None:
    speech, again = Speech(), Speech()
    written = "".join(speech.feed(text, is_thought=is_thought) for text, is_thought in pieces) + speech.end()
    lines = [line for text, is_thought in pieces for line in again.feed_lines(text, is_thought=is_thought)]
    assert [*lines, *again.end_lines()] == written.splitlines()
    assert not written.startswith("\n")
    assert not written.endswith("\n\n")
    assert "\x1b" not in written


def test_what_is_written_is_counted() -> None:
    tally = Tally()

    def count(text: str, **more: object) -> str:
        return tally.count(TextArrived.model_validate({"text": text, **more}))

    assert count("x" * 999, is_thought=True) == "thinking, 999 characters"
    assert count("x") == "writing, 1 character"
    assert count("x" * 1234) == "writing, 1,235 characters"
    assert count("", tool="edit_file") == "edit, 0 characters"
    assert count('{"pa', tool="edit_file") == "edit, 4 characters"
    assert count('th": "a\\u00fc.py', tool="edit_file") == "edit, 20 characters"
    assert count('", "old": "\\"path\\": \\"no\\""', tool="edit_file") == "edit: aü.py, 48 characters"
    assert count('}{"src_path": "b"', tool="edit_file") == "edit: b, 65 characters"
    assert count("{", tool="fin\x1bish") == "fin\N{REPLACEMENT CHARACTER}ish, 1 character"
    tally.reset()
    assert count('{"path": "\\x"', tool="edit_file") == "edit, 13 characters"
