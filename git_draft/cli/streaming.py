"""A model's text on its way to the terminal: pieces as they stream, cleaned, with thoughts told from the answer.

Only text to text: who writes it where is `terminal.py`'s business, the caller.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from git_draft.cli.render import clean, format_count

if TYPE_CHECKING:  # pydantic takes a while to load
    from git_draft.events import TextArrived

_THOUGHT = "thought: "
_PATH = re.compile(r'"(?:src_)?path"\s*:\s*("(?:[^"\\]|\\.)*")')
_TAIL_CHARS = 4096
"""A path longer than this is none."""


class Speech:
    """What a model says, made fit to be written piece by piece: no control characters, no blank lines at either end."""

    def __init__(self) -> None:
        self._is_thought = False
        self._has_begun = False
        self._is_line_start = True
        self._held = ""  # blank, and written when more follows
        self._line = ""

    def feed(self, text: str, *, is_thought: bool = False) -> str:
        """Give what can be written now; it ends with a line end where the line does."""
        written = self.end() if is_thought != self._is_thought else ""
        self._is_thought = is_thought
        for part in re.split(r"(\n)", _clean_piece(text)):
            written += self._end_line() if part == "\n" else self._add(part)
        return written

    def end(self) -> str:
        """Give what ends the text; what is fed next is another."""
        ending = "" if self._is_line_start else "\n"
        self._has_begun, self._is_line_start, self._held = False, True, ""
        return ending

    def feed_lines(self, text: str, *, is_thought: bool = False) -> list[str]:
        """Give the lines that are whole now."""
        return self._take_lines(self.feed(text, is_thought=is_thought))

    def end_lines(self) -> list[str]:
        """Give the line that nothing more comes to."""
        return self._take_lines(self.end())

    def _take_lines(self, written: str) -> list[str]:
        *lines, self._line = (self._line + written).split("\n")
        return lines

    def _end_line(self) -> str:
        if self._is_line_start:
            self._held = "\n" if self._has_begun else ""
            return ""
        self._is_line_start = True
        return "\n"

    def _add(self, part: str) -> str:
        if not part.strip() and self._is_line_start:
            self._held += part if self._has_begun else ""
            return ""
        if not self._has_begun:
            part = (_THOUGHT if self._is_thought else "") + part.lstrip()
        elif self._is_line_start and self._is_thought:
            part = "\n" * self._held.count("\n") + "  " + self._held.replace("\n", "") + part
        else:
            part = self._held + part
        self._has_begun, self._is_line_start, self._held = True, False, ""
        return part


class Tally:
    """What the model writes now, and how much of it: for the line that says so."""

    def __init__(self) -> None:
        self._what = ""
        self._path = ""
        self._tail = ""
        self._chars = 0

    def count(self, event: TextArrived) -> str:
        """Take in a piece and say what is being written."""
        what = clean(event.tool or "").removesuffix("_file") or ("thinking" if event.is_thought else "writing")
        if what != self._what:
            self.reset()
            self._what = what
        self._chars += len(event.text)
        if event.tool:
            self._find_path(event.text)
        path = f": {clean(self._path)}" if self._path else ""
        return f"{what}{path}, {format_count(self._chars, 'character')}"

    def reset(self) -> None:
        """Begin anew."""
        self._what = self._path = self._tail = ""
        self._chars = 0

    def _find_path(self, arguments: str) -> None:
        self._tail += arguments
        for found in _PATH.finditer(self._tail):  # the last one: several calls may follow each other
            try:
                self._path = str(json.loads(found[1]))
            except ValueError:
                continue
        self._tail = self._tail[-_TAIL_CHARS:]


def _clean_piece(text: str) -> str:
    return "".join(map(_clean_character, text.replace("\r", "").replace("\t", "    ")))


def _clean_character(each: str) -> str:
    if each.isprintable() or each == "\n":
        return each
    return " " if each.isspace() else "\N{REPLACEMENT CHARACTER}"
