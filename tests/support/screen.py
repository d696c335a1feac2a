"""A terminal's screen, as far as our output needs one: what is seen after all that was written."""

from __future__ import annotations

import io
import re

from git_draft.columns import measure_columns

_TOKEN = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|(.)", re.DOTALL)


class Screen(io.StringIO):
    """A stream that keeps what would be seen; lines that are too long are broken, as a terminal does.

    Args:
        columns: its width.
        lines: how many lines are seen; the cursor can't go above them.
    """

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        super().__init__()
        self.columns, self.lines = columns, lines
        self._rows: list[list[str]] = [[]]  # of characters, "" right of a wide one
        self._row = self._column = 0

    def get_size(self) -> tuple[int, int]:
        """Give columns and lines."""
        return self.columns, self.lines

    @property
    def seen(self) -> list[str]:
        """The rows, without those at the end that are blank."""
        rows = ["".join(row).rstrip() for row in self._rows]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def write(self, text: str, /) -> int:
        """Do what a terminal does with a text."""
        for found in _TOKEN.finditer(text):
            if found[3]:
                self._put(found[3])
            elif found[2] != "m":  # paint is not kept
                self._do(found[2], int(found[1] or 1))
        return len(text)

    def narrow(self, columns: int) -> None:
        """Become narrower: rows are broken anew, the cursor stays where it was in the text."""
        rows: list[list[str]] = []
        at = (0, 0)
        for number, row in enumerate(self._rows):
            cut = [row[start : start + columns] for start in range(0, max(1, len(row)), columns)]
            if number == self._row:
                down = min(self._column // columns, len(cut) - 1)
                at = (len(rows) + down, self._column - down * columns)
            rows += cut
        self._rows, self.columns = rows, columns
        self._row, self._column = at

    def _do(self, command: str, count: int) -> None:
        if command == "A":
            self._row = max(0, len(self._rows) - self.lines, self._row - count)
        elif command == "K":
            del self._rows[self._row][self._column :]
        else:
            raise AssertionError(f"no terminal was asked to do {command!r} before")

    def _put(self, each: str) -> None:
        if each == "\r":
            self._column = 0
        elif each == "\n":
            self._go_down()
        else:
            width = measure_columns(each)
            if self._column + width > self.columns:
                self._go_down()
            row = self._rows[self._row]
            row += [" "] * (self._column - len(row))
            row[self._column : self._column + width] = [each, ""][:width]
            self._column += width

    def _go_down(self) -> None:
        self._row, self._column = self._row + 1, 0
        if self._row == len(self._rows):
            self._rows.append([])
