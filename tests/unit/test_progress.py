"""Events as lines and as what a row says, with and without a terminal, for one run and for several."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from git_draft.cli.progress import Progress
from git_draft.cli.spinner import Spinner
from git_draft.cli.terminal import TerminalFeedback
from git_draft.events import (
    Event,
    FileRead,
    FileWritten,
    FolioOpened,
    ModelAsked,
    ModelLoading,
    ModelReplied,
    RequestRetried,
    RunEnded,
    RunStarted,
    TextArrived,
    Warned,
)
from tests.support.screen import Screen

TURN: list[Event] = [
    ModelAsked(turn=1),
    TextArrived(text="Hm.", is_thought=True),
    TextArrived(text="I s"),
    TextArrived(text="ee.\nWell"),
    TextArrived(text="", tool="read_file"),
    ModelReplied(turn=1, text="I see.\nWell", calls=1, tokens_in=100, tokens_out=20, cost_usd=Decimal("0.01")),
    FileRead(path="a.txt"),
]


class Bench:
    """A progress on a screen."""

    def __init__(self, *, is_quiet: bool = False, is_verbose: bool = False, label: str = "") -> None:
        self.screen = Screen()
        self.spinner = Spinner(self.screen, self.screen.get_size)
        self.progress = Progress(self.spinner, is_quiet=is_quiet, is_verbose=is_verbose, label=label)

    def show(self, *events: Event) -> list[str]:
        """Show events and give what is seen then, the row at the bottom without its frame and time."""
        for event in events:
            self.progress.emit(event)
        self.spinner._aside_until_s = 0
        self.spinner.draw()
        return [line.partition(" s  ")[2] or line for line in self.screen.seen]


def test_the_row_says_what_is_done_now_and_what_was_used() -> None:
    bench = Bench()
    assert bench.show(FolioOpened(folio=1, origin="main")) == ["opened folio 1 on main, now on draft/1"]
    assert bench.show(RunStarted(bot="b"))[1:] == ["asking b", "waiting for the model"]
    for events, row in (
        ([ModelLoading(model="tiny")], "loading tiny"),
        (TURN[:1], "waiting for the model, turn 1"),
        (TURN[1:2], "thinking, 3 characters"),
        (TURN[2:4], "writing, 11 characters"),
        ([*TURN[4:5], TextArrived(text='{"path": "a.txt"', tool="read_file")], "read: a.txt, 16 characters"),
        (TURN[5:], "read: a.txt   120 tokens, $0.01"),
        ([ModelAsked(turn=2)], "waiting for the model, turn 2, after read: a.txt   120 tokens, $0.01"),
        ([TextArrived(text="x")], "writing, 1 character   120 tokens, $0.01"),
        (
            [ModelReplied(turn=2, tokens_in=1000, tokens_out=0, cost_usd=Decimal(0))],
            "writing, 1 character   1,120 tokens, $0.01",
        ),
        ([ModelAsked(turn=3), TextArrived(text="yz")], "writing, 2 characters   1,120 tokens, $0.01"),
        ([RequestRetried(reason="busy", wait_s=3)], "retry: busy; again in 3 s   1,120 tokens, $0.01"),
    ):
        assert bench.show(*events)[2:] == [row]
    assert bench.show(Warned(message="mind\x1b"))[2:] == [
        "warning: mind\N{REPLACEMENT CHARACTER}",
        "retry: busy; again in 3 s   1,120 tokens, $0.01",
    ]
    assert len(bench.show(RunEnded(outcome="complete"))) == 3


def test_what_is_not_known_is_not_said() -> None:
    assert Bench().show(ModelAsked(turn=1), ModelReplied(turn=1)) == ["waiting for the model, turn 1"]


def test_verbose_text_appears_as_it_streams() -> None:
    bench = Bench(is_verbose=True)
    assert bench.show(*TURN[:3]) == ["thought: Hm.", "I s"]
    assert bench.show(TURN[3]) == ["thought: Hm.", "I see.", "Well"]
    said = ["thought: Hm.", "I see.", "Well", "read, 0 characters"]
    assert bench.show(TURN[4]) == said, "the row is back while a call is being written"
    assert bench.show(*TURN[5:])[3:] == ["read: a.txt", "read: a.txt   120 tokens, $0.01"]


def test_a_reply_that_did_not_stream_is_shown_whole() -> None:
    bench = Bench(is_verbose=True)
    assert bench.show(*TURN)[1:3] == ["I see.", "Well"]
    shown = bench.show(
        ModelAsked(turn=2), TextArrived(text="Oh", is_thought=True), ModelReplied(turn=2, text="One\n\nTwo\n")
    )
    assert shown[4:8] == ["thought: Oh", "One", "", "Two"]


def test_a_reply_that_broke_off_is_shown_again() -> None:
    bench = Bench(is_verbose=True)
    retry = RequestRetried(reason="it broke", wait_s=1)
    shown = bench.show(ModelAsked(turn=1), TextArrived(text="One, tw"), retry, ModelReplied(turn=1, text="One, two"))
    assert shown[:3] == ["One, tw", "retry: it broke; again in 1 s", "One, two"]


def test_several_runs_have_a_row_and_marked_lines_each() -> None:
    screen = Screen()
    spinner = Spinner(screen, screen.get_size)
    first, second = (Progress(spinner, is_quiet=False, is_verbose=True, label=f"[{number}/2] ") for number in (1, 2))
    for event in (RunStarted(bot="b"), *TURN[:4]):
        first.emit(event)
        second.emit(event)
    second.emit(RunEnded(outcome="complete"))
    first.emit(Warned(message="mind"))
    spinner.draw()
    lines = [line for line in screen.seen if not line.endswith("b")]
    assert lines[:6] == [
        "[1/2] thought: Hm.", "[2/2] thought: Hm.", "[1/2] I see.", "[2/2] I see.", "[2/2] Well", "[1/2] Well",
    ]  # fmt: skip
    assert lines[6] == "[1/2] warning: mind"
    assert [line[2:] for line in lines[7:]] == ["[1/2] 0 s  writing, 11 characters", "[2/2] 0 s  complete"]


def make_feedback(*, is_quiet: bool = False, is_verbose: bool = False) -> TerminalFeedback:
    return TerminalFeedback({}, is_quiet=is_quiet, is_verbose=is_verbose, can_ask=True)


def test_whole_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with make_feedback(is_verbose=True) as feedback:
        feedback.emit(TextArrived(text="One, "))
        assert capsys.readouterr().err == ""
        feedback.emit(TextArrived(text="two\nthr"))
        assert capsys.readouterr().err == "One, two\n"
        feedback.emit(FileWritten(path="a", size_bytes=1))
        assert capsys.readouterr().err == "thr\nwrite: a (1 bytes)\n"
        feedback.emit(TextArrived(text="last"))
    assert capsys.readouterr().err == "last\n"


@pytest.mark.parametrize(
    "is_quiet, is_verbose, expected",
    [
        (True, False, ["warning: mind"]),
        (False, False, ["read: a.txt", "warning: mind", "end: limit: 3 turns"]),
        (False, True, ["thought: Hm.", "I see.", "Well", "read: a.txt", "warning: mind", "end: limit: 3 turns"]),
    ],
)
def test_a_sibling_without_a_terminal(
    is_quiet: bool, is_verbose: bool, expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with make_feedback(is_quiet=is_quiet, is_verbose=is_verbose) as feedback:
        sibling = feedback.open_sibling(2, 3)
        for event in (*TURN, Warned(message="mind"), RunEnded(outcome="limit", detail="3 turns")):
            sibling.emit(event)
        assert asyncio.run(sibling.ask("Which?")) is None
    assert capsys.readouterr().err == "".join(f"[2/3] {line}\n" for line in expected)
