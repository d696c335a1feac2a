"""How wide a text is on a terminal, and texts cut to a width.

Called by what names drafts (landing, sweeping) and by all that prints.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence


def measure_columns(text: str) -> int:
    """Give how many columns a text takes: two for a wide character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def fit_columns(text: str, columns: int) -> str:
    """Cut a text to a number of columns, with an ellipsis where it is longer."""
    printable = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    if measure_columns(printable) <= columns:
        return printable
    return _cut(printable, columns).rstrip() + "…"


def squeeze_columns(text: str, columns: int) -> str:
    """Cut a text to a number of columns in its middle: of a path its end says most."""
    printable = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    if measure_columns(printable) <= columns:
        return printable
    start = _cut(printable, columns // 3 + 1)
    left = columns - measure_columns(start) - 1
    end = _cut(printable[::-1], left + 1)[::-1] if left > 0 else ""
    while end and not measure_columns(end[0]):  # an accent whose letter is gone
        end = end[1:]
    return f"{start}…{end}" if columns > 0 else ""


def shorten(text: str, columns: int) -> str:
    """Put a text on one line of at most so many columns, cut at a word with an ellipsis where it is longer."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    if measure_columns(line) <= columns:
        return line
    kept = _cut(line, columns)
    at_word = kept if line[len(kept)] == " " else kept.rpartition(" ")[0]
    return (at_word if len(at_word) > len(kept) // 2 else kept).rstrip() + "…"


def align_rows(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table, a line for each row; rows have the same number of cells."""
    widths = [max(map(measure_columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (width - measure_columns(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()


def _cut(text: str, columns: int) -> str:
    """Give as much of a text that is too wide as leaves room for an ellipsis."""
    used = 0
    for number, each in enumerate(text):
        used += measure_columns(each)
        if used > max(0, columns - 1):
            return text[:number]
    return text
