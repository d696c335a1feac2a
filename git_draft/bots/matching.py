"""Where in a file the lines stand that a model means, and other lines put in their place.

Tolerance lives here: for white space, for lines left out. Whether an edit is allowed at all is decided in `patching.py`,
the caller; what makes lines alike, in `lines.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from git_draft.errors import ToolError
from git_draft.frozen import frozen
from git_draft.lines import align_lines, cut_line, is_left_out_mark, split_lines

MAX_PLACES = 10
"""So many places are named where a text is found too often."""

_INDENT = re.compile(r"[^\S\n]*")


@frozen
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


@frozen
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
        self._counts = [Counter(folded) for folded in self._folded]

    @property
    def text(self) -> str:
        """The text as it is now."""
        return "".join(self._lines)

    def replace(self, search: str, replace: str) -> None:
        """Put one text in place of another that stands here once.

        Lines are looked for exactly, then without regard to trailing white space, to indentation as a whole, to blank
        lines around, with lines left out, and last within a line, where no word is cut. The first of these that finds
        any must find one.

        Raises:
            ToolError: where it stands nowhere, or in several places.
        """
        wanted, new = _split_text(search), _split_text(replace)
        if not any(line.strip() for line in wanted):
            raise ToolError(f"the text to find in {self._path} is empty; copy the lines to replace from the file")
        for line in new:
            if is_left_out_mark(line) and line.strip() != "..." and line not in wanted:
                raise ToolError(
                    f"the replacement in {self._path} leaves lines out with {cut_line(line.strip())!r}; write all"
                )
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
            first = next(line for line in wanted if line.strip()).strip()
            raise ToolError(f"the text to find is not in {self._path}: it begins with {cut_line(first)!r}")

    # Finding

    def _find(self, wanted: Sequence[str], level: int, first: int = 0, most: int = MAX_PLACES + 1) -> list[int]:
        """Give where lines stand, looking first for the rarest of them."""
        keys, lines = self._folded[level], [_FOLDS[level](line) for line in wanted]
        counts = [self._counts[level][line] for line in lines]
        rare = counts.index(min(counts))
        if not counts[rare]:
            return []
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
        if not any(map(is_left_out_mark, wanted)):
            return False
        wanted, new = _trim_marks(wanted), _trim_marks(new)
        segments = _split_segments(wanted)
        if not segments:
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
        places = list(islice(_iter_pieces(text, search), MAX_PLACES + 1))
        if not places:
            return False
        first = places[0]
        starts = [text.count("\n", 0, at) for at in places]
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
        for fold, folded, counts in zip(_FOLDS, self._folded, self._counts, strict=True):
            counts.subtract(folded[start:end])
            folded[start:end] = [fold(line.rstrip("\r\n")) for line in lines]
            counts.update(folded[start : start + len(lines)])


_BEFORE_PIECE = re.compile(r"[\w$.-]")
_AFTER_PIECE = re.compile(r"[\w$]|[.-]\w")


def _iter_pieces(text: str, piece: str) -> Iterator[int]:
    """Give where a piece stands in a text, but not where its first or last word would be a part of a longer one.

    ``x = 1`` is not in ``max = 10``, nor ``color: red`` in ``background-color: red``; nor is it a member of the same
    name.
    """
    at = text.find(piece)
    while at >= 0:
        end = at + len(piece)
        is_cut_before = at > 0 and _is_word(piece[0]) and _BEFORE_PIECE.match(text[at - 1])
        if not is_cut_before and not (_is_word(piece[-1]) and _AFTER_PIECE.match(text, end)):
            yield at
        at = text.find(piece, at + 1)


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_$"


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
