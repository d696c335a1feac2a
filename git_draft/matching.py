"""Where in a text the lines stand that a model means, and what a text keeps when a model writes it anew.

Tolerance lives here: for white space, for lines left out, for line endings. Whether an edit is allowed at all, and what
it leads to, is decided by the callers: `toolbox.py` and `bots/patching.py`. Pure functions and values; reasons for the
model are raised as `ToolError`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from git_draft.errors import ToolError

MAX_LINE_CHARS = 300
"""Longer lines are cut where they are shown."""

MAX_PLACES = 10
"""So many places are named where a text is found too often."""

_LEFT_OUT = re.compile(
    r"^[^\w\n]*(?:\.\.\.|…)[^\S\n]*(?:the[^\S\n]+)?(?:rest|remaining|other|existing|previous|same|unchanged)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_DOTS = re.compile(r"^\s*(?:#+|//+|/\*+|--|<!--|;+|%+)?\s*(?:\.\.\.|…)\s*(?:\*+/|-->)?\s*$")
_INDENT = re.compile(r"[^\S\n]*")


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
        aligned += [(head + min(i1 + j - j1, max(i1, i2 - 1)), is_same) for j in range(j1, j2)]
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


# Search and replace


@dataclass(frozen=True, slots=True)
class _Shift:
    """How much further in, or less, the lines of a file stand than those of a search."""

    added: str = ""
    removed: str = ""

    def apply(self, line: str) -> str:
        if not line.strip():
            return line
        rest = line.removeprefix(self.removed)
        if self.removed and rest == line:  # less far in than any line of the search
            rest = line.lstrip(" \t")
        return self.added + rest


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a search stands: for each of its lines the lines of the file that it stands for."""

    spans: Sequence[tuple[int, int]]
    shift: _Shift


_FOLDS: Sequence[Callable[[str], str]] = (str, str.rstrip, str.strip)
"""How lines are compared: exactly, without trailing white space, without indentation (which is looked at apart)."""


class Document:
    """A file's text under edit.

    Args:
        path: its name in reasons.
        text: its contents.
    """

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._lines = split_lines(text)
        self._folded = [[fold(line.rstrip("\r\n")) for line in self._lines] for fold in _FOLDS]

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(self._lines)

    def replace(self, search: str, replace: str) -> None:
        """Put one text in place of another that stands here once.

        Lines are looked for exactly, then without regard to trailing white space, to indentation as a whole, to blank
        lines around, with lines left out, and last within a line. The first of these that finds any must find one.

        Raises:
            ToolError: where it stands nowhere, or in several places.
        """
        wanted, new = _split_text(search), _split_text(replace)
        if not any(line.strip() for line in wanted):
            raise ToolError(f"the text to find in {self._path} is empty; copy the lines to replace from the file")
        if not search.endswith("\n") and self._replace_within(search, replace):
            return
        trimmed = _trim(wanted, new)
        for lines, texts in [(wanted, new)] + [trimmed] * (trimmed[0] != wanted):
            for level in range(len(_FOLDS)):
                if starts := self._find(lines, level):
                    self._check_single(starts)
                    found = _Found(
                        [(at, at + 1) for at in range(starts[0], starts[0] + len(lines))],
                        self._get_shift(starts[0], lines),
                    )
                    self._splice(found, lines, texts)
                    return
        if not self._replace_with_gaps(*trimmed) and not self._replace_within("\n".join(wanted), "\n".join(new)):
            raise ToolError(f"the text to find is not in {self._path}")

    # Finding

    def _find(self, wanted: Sequence[str], level: int, first: int = 0, most: int = MAX_PLACES + 1) -> list[int]:
        """Give where lines stand, looking first for the one of them that is most likely rare."""
        keys, lines = self._folded[level], [_FOLDS[level](line) for line in wanted]
        rare = min(sorted(range(len(lines)), key=lambda i: -len(lines[i]))[:3], key=lambda i: keys.count(lines[i]))
        starts: list[int] = []
        at = first + rare - 1
        while len(starts) < most:
            try:
                at = keys.index(lines[rare], at + 1)
            except ValueError:
                break
            start = at - rare
            if keys[start : start + len(lines)] == lines and self._find_shift(start, wanted) is not None:
                starts.append(start)
        return starts

    def _find_shift(self, start: int, wanted: Sequence[str]) -> _Shift | None:
        """Find by how much all lines are shifted; None where they are not all shifted alike."""
        found: _Shift | None = None
        for line, theirs in zip(wanted, self._folded[0][start : start + len(wanted)], strict=True):
            if not line.strip():
                continue
            mine, there = _get_indent(line), _get_indent(theirs)
            if there.endswith(mine):
                shift = _Shift(added=there.removesuffix(mine))
            elif mine.endswith(there):
                shift = _Shift(removed=mine.removesuffix(there))
            else:
                return None
            if found is not None and shift != found:
                return None
            found = shift
        return found or _Shift()

    def _get_shift(self, start: int, wanted: Sequence[str]) -> _Shift:
        return self._find_shift(start, wanted) or _Shift()

    def _check_single(self, starts: Sequence[int]) -> None:
        if len(starts) > 1:
            places = ", ".join(str(start + 1) for start in starts[:MAX_PLACES])
            more = " and more" if len(starts) > MAX_PLACES else ""
            raise ToolError(
                f"the text to find is in {self._path} several times, at lines {places}{more}; include more lines around it"
            )

    def _replace_with_gaps(self, wanted: Sequence[str], new: Sequence[str]) -> bool:
        """Replace lines some of which were left out, where a line of dots says so."""
        wanted, new = _trim_marks(wanted), _trim_marks(new)
        segments = _split_segments(wanted)
        if len(segments) < 2 and not (segments and len(segments[0]) < len(wanted)):
            return False
        for level in range(len(_FOLDS)):
            starts = self._find(segments[0], level)
            self._check_single(starts)
            spans = self._find_segments(segments, level, starts[0]) if starts else None
            if spans:
                self._splice(
                    _Found(spans, self._get_shift(starts[0], segments[0])), _fold_marks(wanted), _fold_marks(new)
                )
                return True
        return False

    def _find_segments(self, segments: Sequence[Sequence[str]], level: int, start: int) -> list[tuple[int, int]] | None:
        """Find each segment after the one before; the gaps between are what was left out."""
        shift, spans, end = self._find_shift(start, segments[0]), list[tuple[int, int]](), start
        for number, segment in enumerate(segments):
            starts = [start] if number == 0 else self._find(segment, level, end, most=1)
            if not starts or self._find_shift(starts[0], segment) != shift:
                return None
            if number:
                spans.append((end, starts[0]))
            end = starts[0] + len(segment)
            spans += [(at, at + 1) for at in range(starts[0], end)]
        return spans

    # Replacing

    def _splice(self, found: _Found, wanted: Sequence[str], new: Sequence[str]) -> None:
        """Put lines in place of those found; what is the same in search and replacement stays as it is in the file."""
        first, end = found.spans[0][0], found.spans[-1][1]
        lines: list[str] = []
        kept = list(align_lines(wanted, new))
        if any(line == _MARK and not is_same for line, (_, is_same) in zip(new, kept, strict=True)):
            raise ToolError(
                f"the replacement in {self._path} leaves lines out where the text to find has none; write them all"
            )
        for line, (at, is_same) in zip(new, kept, strict=True):
            span = found.spans[min(at, len(found.spans) - 1)]
            if is_same:
                lines += self._lines[span[0] : span[1]]
            else:
                lines.append(found.shift.apply(line) + self._get_end(span[0]))
        self._put(first, end, lines)

    def _replace_within(self, search: str, replace: str) -> bool:
        """Replace a piece that need not be of whole lines; tell whether it was found."""
        text, search, replace = "\n".join(self._folded[0]), search.replace("\r\n", "\n"), replace.replace("\r\n", "\n")
        first = text.find(search)
        if first < 0:
            return False
        starts: list[int] = []
        at = first
        while at >= 0 and len(starts) <= MAX_PLACES:
            starts.append(text.count("\n", 0, at))
            at = text.find(search, at + 1)
        if len(starts) > 1 and len(self._find(_split_text(search), 0)) == 1:
            return False  # as whole lines it stands here once
        self._check_single(starts)
        start, last = starts[0], starts[0] + search.count("\n")
        column = first - (text.rfind("\n", 0, first) + 1)
        piece = "\n".join(self._folded[0][start : last + 1])
        new = (piece[:column] + replace + piece[column + len(search) :]).split("\n")
        old = self._folded[0][start : last + 1]
        self._splice(_Found([(n, n + 1) for n in range(start, last + 1)], _Shift()), old, new)
        return True

    def _get_end(self, index: int) -> str:
        """Give the line ending of a line, of one near it where it has none."""
        for line in (*self._lines[index : index + 1], *self._lines[max(0, index - 1) : index]):
            if line.endswith("\n"):
                return "\r\n" if line.endswith("\r\n") else "\n"
        return "\n"

    def _put(self, start: int, end: int, lines: list[str]) -> None:
        if end == len(self._lines) and end and not self._lines[-1].endswith("\n"):  # it had no final line end
            *others, last = lines or [""]
            lines = [line if line.endswith("\n") else line + self._get_end(start) for line in others]
            lines += [last.removesuffix("\n").removesuffix("\r")] if last else []
        self._lines[start:end] = lines
        for fold, folded in zip(_FOLDS, self._folded, strict=True):
            folded[start:end] = [fold(line.rstrip("\r\n")) for line in lines]


_MARK = "\0…"
"""In place of a line that stands for lines left out."""


def _split_text(text: str) -> list[str]:
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")] if text else []


def _get_indent(line: str) -> str:
    match = _INDENT.match(line)
    return match[0] if match else ""


def _trim(wanted: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take blank lines from the start and the end of a search, and as many from its replacement."""
    lines, texts = list(wanted), list(new)
    for at in (0, -1):
        while lines and not lines[at].strip():
            del lines[at]
            if texts and not texts[at].strip():
                del texts[at]
    return lines, texts


def _trim_marks(lines: Sequence[str]) -> list[str]:
    """Leave out marks at the start and the end: they stand for what is around."""
    kept = list(lines)
    for at in (0, -1):
        while kept and (is_left_out_mark(kept[at]) or not kept[at].strip()):
            del kept[at]
    return kept


def _fold_marks(lines: Sequence[str]) -> list[str]:
    return [_MARK if is_left_out_mark(line) else line for line in lines]


def _split_segments(lines: Sequence[str]) -> list[list[str]]:
    """Split at the marks."""
    segments: list[list[str]] = [[]]
    for line in lines:
        if is_left_out_mark(line):
            segments.append([])
        else:
            segments[-1].append(line)
    return segments if all(any(line.strip() for line in segment) for segment in segments) else []
