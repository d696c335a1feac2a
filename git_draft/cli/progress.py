"""What a bot does, told while it works: events become lines that stay, and what a row at the bottom says.

How rows are drawn is `spinner.py`'s, how a model's text is cut `streaming.py`'s. One `Progress` for each run, made by
`terminal.py`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from git_draft.cli.render import clean, format_usage
from git_draft.cli.spinner import Spinner
from git_draft.cli.streaming import Speech, Tally
from git_draft.model import NOTHING_USED, Usage

if TYPE_CHECKING:  # pydantic takes a while to load, and where nothing happens there is nothing to show
    from git_draft.events import Event, ModelAsked, ModelReplied, RunEnded, TextArrived

_WORDS = {"open": "opened", "close": "closed", "start": "asking"}


class Progress:
    """What one run does, as lines that stay and as what its row at the bottom says.

    Args:
        spinner: None where nothing can be drawn again.
        is_quiet: say nothing but warnings.
        is_verbose: show the model's own words, each call, and what programs print.
        label: which run this is, where there are several.
    """

    def __init__(self, spinner: Spinner | None, *, is_quiet: bool, is_verbose: bool, label: str = "") -> None:
        self._spinner = spinner
        self._row = spinner.open_row(label) if spinner else None
        self._is_quiet = is_quiet
        self._is_verbose = is_verbose
        self._label = label
        self._speech = Speech()
        self._tally = Tally()
        self._has_spoken = False  # in this turn
        self._last = ""
        self._usage = NOTHING_USED

    def emit(self, event: Event) -> None:
        """Show an event: warnings always, the rest as progress."""
        if event.kind == "warning":
            self.print(f"warning: {clean(event.message)}")
        elif self._is_quiet or event.kind == "question":
            return
        elif event.kind == "text":
            self._hear(event)
        elif event.kind in {"open", "close", "start"}:
            self.print(f"{_WORDS[event.kind]} {clean(event.describe())}")
            self._say("" if event.kind != "start" else "at work" if event.program else "waiting for the model")
        elif event.kind == "end":
            self._end(event)
        elif event.kind == "load":
            self._say(f"loading {clean(event.describe())}")
        elif event.kind in {"ask", "reply"}:
            self._turn(event)
        else:
            self._tell(event)

    def _hear(self, event: TextArrived) -> None:
        self._say(self._tally.count(event))
        if event.tool:
            self.end_speech()
        elif self._is_verbose:
            self._speak(event.text, is_thought=event.is_thought)

    def _turn(self, event: ModelAsked | ModelReplied) -> None:
        self._tally.reset()
        if event.kind == "ask":
            after = f", after {self._last}" if self._last else ""
            self._say(f"waiting for the model, {clean(event.describe())}{after}")
        else:
            if self._is_verbose and not self._has_spoken:
                self._speak(event.text)
            self.end_speech()
            self._usage += Usage(event.tokens_in, event.tokens_out, event.tokens_cached, event.cost_usd)
            if self._row:
                self._row.facts = format_usage(self._usage)
        self._has_spoken = False

    def _tell(self, event: Event) -> None:
        said = event.line if event.kind == "output" else ""
        indent = " " * (len(said) - len(said.lstrip(" ")))  # of a program's line; `clean` leaves none
        text = self._last = f"{event.kind}: {indent}{clean(event.describe())}"
        self._has_spoken = self._has_spoken and event.kind != "retry"
        if self._is_verbose or not (self._spinner or event.kind == "output"):
            self.print(text)
        self._say(text)

    def _end(self, event: RunEnded) -> None:
        self.end_speech()
        self._say(clean(event.describe()) if self._label else "")  # alone, its result is said next
        if self._row and self._spinner:
            self._row.ended_s = self._spinner.read_clock_s()
        elif self._label:
            self.print(f"{event.kind}: {clean(event.describe())}")

    def _say(self, text: str) -> None:
        if self._row:
            self._row.doing = text

    def print(self, text: str) -> None:
        """Print a line that stays."""
        self.end_speech()
        if self._spinner:
            self._spinner.print(self._label + text)
        else:
            print(self._label + text, file=sys.stderr, flush=True)

    def _speak(self, text: str, *, is_thought: bool = False) -> None:
        self._has_spoken = self._has_spoken or bool(text.strip() and not is_thought)
        if not self._spinner or self._label:  # lines of several runs must not end up in one
            self._print_lines(self._speech.feed_lines(text, is_thought=is_thought))
        elif written := self._speech.feed(text, is_thought=is_thought):
            self._spinner.write(written)

    def end_speech(self) -> None:
        """End what the model says, so that something else can be said."""
        if not self._spinner or self._label:
            self._print_lines(self._speech.end_lines())
        elif written := self._speech.end():
            self._spinner.write(written)

    def _print_lines(self, lines: list[str]) -> None:
        for line in lines:
            if self._spinner:
                self._spinner.print(self._label + line)
            else:
                print(self._label + line, file=sys.stderr, flush=True)
