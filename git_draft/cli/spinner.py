"""The lines at the bottom of a terminal that are drawn again and again, one for each run, below what stays.

Only drawing lives here: where lines go, how they are cut, how they come off again. What they say is `terminal.py`'s to
choose, the caller.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO

from git_draft.columns import fit_columns, measure_columns, squeeze_columns

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_S = 0.1
_ASIDE_S = 0.4
"""After a piece of text the rows wait so long, so that they do not flicker between its lines."""
_CLEAR_LINE = "\r\x1b[K"
_CLEAR_LINE_ABOVE = "\x1b[A\x1b[K"
_MIN_COLUMNS = 16
"""With less room for what is done now the facts are left out."""

Size = Callable[[], tuple[int, int]]
"""Gives columns and lines of a terminal as it is now."""


@dataclass(slots=True)
class Row:
    """What a line at the bottom says; assigned to at any time.

    Args:
        begun_s: since when time is counted, on the spinner's clock.
        label: which run this is, where there are several.
        doing: what is done now; while it is empty the line is not drawn.
        facts: what was used so far.
        ended_s: when the time stopped; None while it goes on.
    """

    begun_s: float
    label: str = ""
    doing: str = ""
    facts: str = ""
    ended_s: float | None = None

    def format(self, frame: str, now_s: float, columns: int) -> str:
        """Write the line, no wider than so many columns: the middle of what is done goes first, then the facts."""
        spent_s = (now_s if self.ended_s is None else self.ended_s) - self.begun_s
        head = f"{frame if self.ended_s is None else ' '} {self.label}{spent_s:.0f} s  "
        tail = f"   {self.facts}" if self.facts else ""
        left = columns - measure_columns(head)
        if left - measure_columns(tail) < min(_MIN_COLUMNS, measure_columns(self.doing)):
            tail = ""
        return fit_columns(head + squeeze_columns(self.doing, left - measure_columns(tail)) + tail, columns)


class Spinner:
    """The rows at the bottom of a terminal; a context manager.

    Args:
        stream: a terminal.
        get_size: how large it is; None asks it.
    """

    def __init__(self, stream: TextIO, get_size: Size | None = None) -> None:
        self._stream = stream
        self._get_size = get_size or (lambda: _measure_terminal(stream))
        self._lock = threading.Lock()
        self._rows: list[Row] = []
        self._widths: list[int] = []  # of the lines that are on the screen now
        self._frame = 0
        self._is_over = threading.Event()
        self._is_paused = False
        self._is_line_open = False
        self._aside_until_s = 0.0
        self._thread = threading.Thread(target=self._turn, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self.pause(is_paused=True)

    def open_row(self, label: str = "") -> Row:
        """Add a line at the bottom."""
        row = Row(self.read_clock_s(), label)
        with self._lock:
            self._rows.append(row)
        return row

    def read_clock_s(self) -> float:
        """Give the time as the rows count it."""
        return time.monotonic()

    def print(self, text: str) -> None:
        """Print lines above that stay."""
        with self._lock:
            self._put(f"{self._erase()}{text}\n{self._draw()}")

    def write(self, text: str) -> None:
        """Write a piece of a line that stays; the rows step aside until the line ends and nothing more comes.

        Args:
            text: without control characters but for line ends.
        """
        with self._lock:
            self._put(("" if self._is_line_open else self._erase()) + text)
            self._is_line_open = not text.endswith("\n")
            self._aside_until_s = self.read_clock_s() + _ASIDE_S

    def pause(self, *, is_paused: bool) -> None:
        """Take the rows away, for a question, or bring them back."""
        with self._lock:
            self._is_paused = is_paused
            self._put(self._erase())

    def draw(self) -> None:
        """Draw the rows as they are now."""
        with self._lock:
            if not self._is_paused and not self._is_line_open and self.read_clock_s() >= self._aside_until_s:
                self._frame += 1
                self._put(self._erase() + self._draw())

    def _put(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _erase(self) -> str:
        """Give what takes the rows off the screen, and ends a line that is open; the cursor is at a line's start then."""
        if self._is_line_open:
            self._is_line_open = False
            return "\n"
        columns, _ = self._get_size()
        # a terminal that became narrower has broken the lines into several
        taken = sum(max(1, -(-width // columns)) for width in self._widths)
        self._widths = []
        return _CLEAR_LINE + _CLEAR_LINE_ABOVE * (taken - 1)

    def _draw(self) -> str:
        """Give what draws the rows, as many as there is room for; the cursor is at the end of the last then."""
        rows = [row for row in self._rows if row.doing]
        if self._is_paused or not rows:
            return ""
        columns, lines = self._get_size()
        frame, now_s = _FRAMES[self._frame % len(_FRAMES)], self.read_clock_s()
        room = max(1, lines - 1)
        shown = rows if len(rows) <= room else rows[: room - 1]
        texts = [row.format(frame, now_s, columns - 1) for row in shown]
        if len(shown) < len(rows):
            texts.append(fit_columns(f"  … and {len(rows) - len(shown)} more", columns - 1))
        self._widths = [measure_columns(text) for text in texts]
        return "\n".join(texts)

    def _turn(self) -> None:
        while not self._is_over.wait(_FRAME_S):
            self.draw()


def _measure_terminal(stream: TextIO) -> tuple[int, int]:
    try:
        size = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return 80, 24
    return size.columns or 80, size.lines or 24
