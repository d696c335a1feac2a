"""The lines of a text: how they are cut, likened and shown, and what a text keeps when a model writes it anew.

Where an edit goes is not decided here, but by the callers: `toolbox.py` and `bots/`. Pure functions.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

MAX_LINE_CHARS = 300
"""Longer lines are cut where they are shown."""

_LEFT_OUT = re.compile(
    r"^[^\w\n]*(?:\.\.\.|…)[^\S\n]*(?:the[^\S\n]+)?(?:rest|remaining|other|existing|previous|same|unchanged)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_DOTS = re.compile(r"^\s*(?:#+|//+|/\*+|--|<!--|;+|%+)?\s*(?:\.\.\.|…)\s*(?:\*+/|-->)?\s*$")


# Lines


def split_lines(text: str) -> list[str]:
    """Split at LF only, as git counts lines; each line keeps its end."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def cut_line(line: str) -> str:
    """Cut a line that is too long to be shown."""
    return line if len(line) <= MAX_LINE_CHARS else line[:MAX_LINE_CHARS] + "…"


def uses_crlf(piece: str, text: str) -> bool:
    """Tell which line ending replaced lines get: that of the piece, or of the file where the piece has none."""
    sample = piece if "\n" in piece else text
    return sample.count("\r\n") * 2 > sample.count("\n")


def list_left_out_marks(text: str) -> list[str]:
    """Give the lines such as ``... rest of the code ...``, each once, as they stand."""
    return list(dict.fromkeys(mark[0] for mark in _LEFT_OUT.finditer(text)))


def find_elision(old: str, new: str) -> str | None:
    """Find a mark for what was left out in a text that would become shorter by it."""
    if len(new) >= len(old):
        return None
    return next((mark.strip() for mark in list_left_out_marks(new) if mark not in old), None)


def is_left_out_mark(line: str) -> bool:
    """Tell whether a line stands for lines left out."""
    line = line.strip()
    return len(line) <= MAX_LINE_CHARS and (_DOTS.match(line) is not None or _LEFT_OUT.match(line) is not None)


def describe_nearest(text: str, wanted: str) -> str:
    """Show the lines most like the first line of what was looked for; empty where there are none."""
    first = next((line.strip() for line in wanted.split("\n") if line.strip()), "")[:MAX_LINE_CHARS]
    lines = {line.strip(): number for number, line in reversed(list(enumerate(text.split("\n"), 1)))}
    near = difflib.get_close_matches(first, _list_likely(list(lines), first), n=3, cutoff=0.6)
    shown = "".join(f"\n{lines[line]}: {cut_line(line)}" for line in sorted(near, key=lines.__getitem__))
    return f"Nearest lines:{shown}" if shown else ""


def _list_likely(lines: list[str], wanted: str) -> list[str]:
    """Leave those that share most words: comparing letters takes a hundred times as long."""
    if len(lines) <= 1000:
        return lines
    words = set(re.findall(r"\w+", wanted))
    shared = sorted(((sum(w in line for w in words), -n) for n, line in enumerate(lines)), reverse=True)
    return [lines[-n] for count, n in shared[:200] if count]


# What a text keeps


def align_lines(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, bool]]:
    """Give for each new line the old one that it is, or stands for, and whether it is the same."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    aligned = [(index, True) for index in range(head)]
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    for i1, i2, j1, j2, is_same in _iter_opcodes(*middle):
        last = max(0, head + i2 - 1)  # what is new between two lines comes after the first
        aligned += [(min(head + i1 + j - j1, last), is_same) for j in range(j1, j2)]
    return aligned + [(index, True) for index in range(len(old) - tail, len(old))]


def _iter_opcodes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int, bool]]:
    if len(old) + len(new) > 20_000:  # no use in comparing what has so little in common
        yield 0, len(old), 0, len(new), False
        return
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new).get_opcodes():
        yield i1, i2, j1, j2, tag == "equal"


def keep_form(old: str, new: str) -> str:
    """Give new contents the line endings of the old, line by line, and a final line end where it had one."""
    ends_with_newline = old.endswith("\n")
    if old and new and new.endswith("\n") != ends_with_newline:
        new = new + "\n" if ends_with_newline else new.removesuffix("\n").removesuffix("\r")
    if "\r\n" not in old:
        return new.replace("\r\n", "\n") if "\n" in old else new
    plain = new.replace("\r\n", "\n")
    if old.count("\r\n") == old.count("\n"):
        return plain.replace("\n", "\r\n")
    old_lines, new_lines = split_lines(old), split_lines(plain)
    aligned = align_lines([line.rstrip("\r\n") for line in old_lines], [line.rstrip("\r\n") for line in new_lines])
    crlf = [line.endswith("\r\n") for line in old_lines]
    return "".join(
        line.removesuffix("\n") + "\r\n" if line.endswith("\n") and crlf[min(at, len(crlf) - 1)] else line
        for line, (at, _) in zip(new_lines, aligned, strict=True)
    )
