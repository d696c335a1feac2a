"""An answer cut into its pieces: prose, fences, and search/replace blocks that stand in no fence.

Only the outer form is decided here: where a fence ends that holds fences of its own, which marks belong to one block.
What a piece means for which file is read in `blocks.py`, its only caller. Every function takes time in proportion to
the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

NO_NEWLINE = "+no-newline"
"""A mark of ours, on the line that opens or ends a piece whose last line has no line end."""

WHOLE = "+whole"
"""A mark of ours, on a fence whose contents only look like search/replace blocks."""

_FENCE = re.compile(r"^([^\S\n]*)(`{3,}|~{3,})[^\S\n]*([^\n]*)$")
_OPENING = re.compile(r"(<{5,})(?:\s*(SEARCH|ORIGINAL|HEAD|OLD|FIND|BEFORE)\b:?)?(?:\s+(\S+))?$", re.IGNORECASE)
_DIVIDER = re.compile(r"(={5,})$")
_CLOSING = re.compile(r"(>{5,})(?:\s*(?:REPLACE|UPDATED|HEAD|NEW|AFTER)\b:?)?(?:\s+(\S+))?$", re.IGNORECASE)
_MARKUP = re.compile(
    r"\b(md|markdown|mdx|rst|txt|text|adoc|asciidoc|org|README|CHANGELOG|CONTRIBUTING)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines between the other pieces."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A search/replace block.

    Args:
        end: index of the line after it.
        tail: what stands behind the word of its first line.
        is_labelled: whether the word SEARCH, or one like it, was there.
    """

    search: str
    replace: str
    end: int
    tail: str = ""
    is_labelled: bool = True


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced piece.

    Args:
        info: what stands behind the fence's first marks.
        lines: its contents, without line ends.
        raw: all its lines, with the fence.
    """

    info: str
    lines: tuple[str, ...]
    raw: tuple[str, ...]
    is_closed: bool


Piece = Prose | Block | Fence


def split_pieces(lines: Sequence[str]) -> list[Piece]:
    """Cut lines into pieces, in order."""
    pieces: list[Piece] = []
    bare = list(accumulate((_is_bare_fence(line) for line in reversed(lines)), initial=0))[::-1]
    prose: list[str] = []
    index = 0
    while index < len(lines):
        piece: Block | Fence | None = find_block(lines, index)
        end = piece.end if isinstance(piece, Block) else index
        if piece is None:
            piece, end = _find_fence(lines, index, bare)
        if piece is None:
            prose.append(lines[index])
            index += 1
            continue
        if prose:
            pieces.append(Prose(tuple(prose)))
            prose = []
        pieces.append(piece)
        index = end
    return [*pieces, Prose(tuple(prose))] if prose else pieces


# Fences


def _is_bare_fence(line: str) -> int:
    match = _FENCE.match(line)
    return 1 if match and not match[3].strip() else 0


def _find_fence(lines: Sequence[str], start: int, bare: Sequence[int]) -> tuple[Fence | None, int]:
    """Read the fence that opens at a line, and give the index of the line after it.

    `bare` says how many fences without an info string stand at or below each line.
    """
    opening = _FENCE.match(lines[start])
    if opening is None or (opening[2][0] == "`" and "`" in opening[3]):
        return None, start
    close = _find_close(lines, start, opening, bare)
    end = len(lines) if close is None else close
    indent = opening[1]
    contents = tuple(line.removeprefix(indent) for line in lines[start + 1 : end])
    after = min(end + 1, len(lines))
    return Fence(opening[3].strip(), contents, tuple(lines[start:after]), close is not None), after


def _find_close(lines: Sequence[str], start: int, opening: re.Match[str], bare: Sequence[int]) -> int | None:
    """Find the line that closes a fence.

    A search/replace block is passed over as a whole: what it holds closes nothing. Fences within are counted, since
    models do not write longer ones around them.
    """
    indent, marks, info = opening.groups()
    holds_fences = _MARKUP.search(info + " " + (lines[start - 1] if start else "")) is not None
    has_blocks = WHOLE not in info.split()
    depth, index = 0, start + 1
    while index < len(lines):
        block = find_block(lines, index) if has_blocks else None
        if block is not None:
            index = block.end
            continue
        fence = _FENCE.match(lines[index])
        if fence and fence[2][0] == marks[0] and len(fence[2]) >= len(marks) and len(fence[1]) <= len(indent) + 3:
            if fence[3].strip() or (depth == 0 and holds_fences and _opens_inner(lines, index, bare)):
                depth += 1
            elif depth == 0:
                return index
            else:
                depth -= 1
        index += 1
    return None


def _opens_inner(lines: Sequence[str], index: int, bare: Sequence[int]) -> bool:
    """Guess whether a fence without a language opens one within a file of text.

    It does where text follows directly and a blank line or a colon stands before, as around a command to type, and
    where enough fences are left to close both.
    """
    if index + 1 >= len(lines) or not lines[index + 1].strip() or _FENCE.match(lines[index + 1]):
        return False
    before = lines[index - 1].rstrip()
    return bare[index + 1] >= 2 and (not before or before.endswith(":"))


# Search/replace blocks


def looks_like_opening(line: str) -> bool:
    """Tell whether a line looks like the start of a search/replace block."""
    return _OPENING.match(line.strip()) is not None


def is_labelled_opening(line: str) -> bool:
    """Tell whether a line is the start of a search/replace block in so many words."""
    match = _OPENING.match(line.strip())
    return match is not None and match[2] is not None and match[2].upper() == "SEARCH"


def find_block(lines: Sequence[str], start: int) -> Block | None:
    """Read the search/replace block that opens at a line; None where none does, or where it is broken."""
    opening = _OPENING.match(lines[start].strip()) if "<<<<<" in lines[start] else None
    if opening is None:
        return None
    marks = len(opening[1])
    return _find_parts(lines, start, opening, marks) or _find_parts(lines, start, opening, None)


def _find_parts(lines: Sequence[str], start: int, opening: re.Match[str], marks: int | None) -> Block | None:
    """Find divider and end of a block, which have so many marks; None takes any number."""
    dividers: list[int] = []
    for index in range(start + 1, len(lines)):
        first = lines[index].lstrip()[:1]
        if first == "=" and _counts(_DIVIDER.match(lines[index].strip()), marks):
            dividers.append(index)
        elif first == "<" and _counts(_OPENING.match(lines[index].strip()), marks):
            return None
        # A second divider right before the end is a habit of some models, and part of neither text.
        elif (
            first == ">" and dividers and (closing := _CLOSING.match(lines[index].strip())) and _counts(closing, marks)
        ):
            if len(dividers) > 2 or dividers[1:] not in ([], [index - 1]):
                return None
            search = _join(lines[start + 1 : dividers[0]], opening[3])
            replace = _join(lines[dividers[0] + 1 : dividers[-1] if len(dividers) == 2 else index], closing[2])
            return Block(search, replace, index + 1, opening[3] or "", opening[2] is not None)
    return None


def _counts(match: re.Match[str] | None, marks: int | None) -> bool:
    return match is not None and (marks is None or len(match[1]) == marks)


def _join(lines: Sequence[str], flag: str | None) -> str:
    return join_lines(lines, has_newline=flag != NO_NEWLINE)


def join_lines(lines: Sequence[str], *, has_newline: bool) -> str:
    """Make a text of lines."""
    return "\n".join(lines) + ("\n" if lines and has_newline else "")


# The other way


def format_fence(info: str, contents: str, flags: Sequence[str] = ()) -> str:
    """Put contents into a fence that nothing in them closes."""
    longest = max((len(run) for run in re.findall(r"^[^\S\n]*(`+)", contents, re.MULTILINE)), default=0)
    marks = "`" * max(3, longest + 1)
    more = [*flags, *([NO_NEWLINE] if contents and not contents.endswith("\n") else [])]
    opening = marks + " ".join([info, *more]).strip()
    end = "\n" if contents and not contents.endswith("\n") else ""
    return f"{opening}\n{contents}{end}{marks}\n"


def format_block(search: str, replace: str) -> str:
    """Write a search/replace block with marks that stand nowhere in its texts."""
    runs = re.findall(r"^\s*(<{5,}|={5,}|>{5,})", f"{search}\n{replace}", re.MULTILINE)
    marks = 7 if all(len(run) != 7 for run in runs) else max(map(len, runs)) + 1
    parts = [f"{'<' * marks} SEARCH{_flag(search)}", f"{'=' * marks}", f"{'>' * marks} REPLACE{_flag(replace)}"]
    return f"{parts[0]}\n{_end(search)}{parts[1]}\n{_end(replace)}{parts[2]}\n"


def _flag(text: str) -> str:
    return f" {NO_NEWLINE}" if text and not text.endswith("\n") else ""


def _end(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
