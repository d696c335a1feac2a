"""An answer cut into its pieces: prose, fences, and search/replace blocks that stand in no fence.

Only the outer form is decided here: where a fence ends that holds fences of its own, which marks belong to one block.
What a piece means for which file is read in `blocks.py`, its only caller. Every function takes time in proportion to
the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from git_draft.frozen import frozen

NO_NEWLINE = "+no-newline"
"""A mark of ours, on the line that opens or ends a piece whose last line has no line end."""

WHOLE = "+whole"
"""A mark of ours, on a fence whose contents only look like search/replace blocks."""

_FENCE = re.compile(r"^([^\S\n]*)(`{3,}(?=[^`\n]*$)|~{3,})[^\S\n]*([^\n]*)$")
_OPENING = re.compile(r"(<{5,})(?:\s*(SEARCH|ORIGINAL|HEAD|OLD|FIND|BEFORE)\b:?)?(?:\s+(\S+))?$", re.IGNORECASE)
_DIVIDER = re.compile(r"(={5,})$")
_CLOSING = re.compile(r"(>{5,})(?:\s*(?:REPLACE|UPDATED|HEAD|NEW|AFTER)\b:?)?(?:\s+(\S+))?$", re.IGNORECASE)
_MARKDOWN = re.compile(r"\b(md|markdown|mdx|rst)\b", re.IGNORECASE)
_CODE = (
    "bash bat c cc cpp cs csharp css cxx dart diff erl ex exs go golang graphql h haskell hpp hrl hs html java javascript"
    " jl js json jsonc jsx kotlin kt kts less lua mjs cjs ml mts cts patch perl php pl powershell proto ps1 py pyi python"
    " python3 r rb rs ruby rust sass scala scss sh shell sol sql svelte swift tf toml ts tsx typescript vb vue xml zig"
)
_CODE_INFO = re.compile(rf"(?:^|[\s{{.:/]|\.)(?:{_CODE.replace(' ', '|')}|c\+\+|c#)(?![\w.+#-])", re.IGNORECASE)
_CODE_PATH = re.compile(rf"\w\.(?:{_CODE.replace(' ', '|')})(?![\w.])", re.IGNORECASE)
_LONE_PATH = re.compile(r"[\s*`#]*(?:[\w.-]+/)*[\w-]*\.[\w.-]*\w")


@frozen
class Prose:
    """Lines between the other pieces."""

    lines: tuple[str, ...]


@frozen
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


@frozen
class Fence:
    """A fenced piece.

    Args:
        info: what stands behind the fence's first marks.
        lines: its contents, without line ends.
        raw: all its lines, with the fence.
        is_doubtful: whether it may well go on behind the fence that was taken for its end.
    """

    info: str
    lines: tuple[str, ...]
    raw: tuple[str, ...]
    is_closed: bool
    is_doubtful: bool = False


Piece = Prose | Block | Fence


def split_pieces(lines: Sequence[str]) -> list[Piece]:
    """Cut lines into pieces, in order."""
    pieces: list[Piece] = []
    marks = _Marks.read(lines)
    prose: list[str] = []
    index = 0
    while index < len(lines):
        piece: Block | Fence | None = find_block(lines, index)
        end = piece.end if isinstance(piece, Block) else index
        if piece is None:
            piece, end = _find_fence(lines, index, marks)
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


@frozen
class _Marks:
    """Where the fences of a text are.

    Args:
        unpaired: how many more there are without an info string than with one, at or below each line: those with one
            are closed by one without.
        following: the next line at or below each one that is a fence, or the number of lines.
    """

    unpaired: Sequence[int]
    following: Sequence[int]

    @classmethod
    def read(cls, lines: Sequence[str]) -> _Marks:
        kinds = [0] * len(lines)
        index = 0
        while index < len(lines):
            after = _skip_balanced(lines, index)
            kinds[index] = _weigh_fence(lines[index]) if after is None else 0
            index = after or index + 1
        following = list(
            accumulate(range(len(lines) - 1, -1, -1), lambda at, i: i if kinds[i] else at, initial=len(lines))
        )
        return cls(list(accumulate(reversed(kinds), initial=0))[::-1], following[::-1])


def _skip_balanced(lines: Sequence[str], index: int) -> int | None:
    """Give the index behind what needs no guess where it ends: a block, or a fence with more than three marks."""
    if block := find_block(lines, index):
        return block.end
    opening = _FENCE.match(lines[index])
    if opening is None or len(opening[2]) == 3:
        return None
    closes = (at for at in range(index + 1, len(lines)) if lines[at].strip().startswith(opening[2]))
    return next((at + 1 for at in closes if _weigh_fence(lines[at]) > 0), len(lines))


def _weigh_fence(line: str) -> int:
    """Give 1 for a fence of backticks without an info string, -1 for one with it, 0 for any other line."""
    match = _FENCE.match(line)
    if match is None or match[2][0] == "~":
        return 0
    return -1 if match[3].strip() else 1


def _find_fence(lines: Sequence[str], start: int, marks: _Marks) -> tuple[Fence | None, int]:
    """Read the fence that opens at a line, and give the index of the line after it."""
    opening = _FENCE.match(lines[start])
    if opening is None:
        return None, start
    may_hold = opening[2] == "```" and _may_hold_fences(lines, start, opening[3])
    close = _find_close(lines, start, opening, marks if may_hold else None)
    end = len(lines) if close is None else close
    indent = opening[1]
    contents = tuple(line.removeprefix(indent) for line in lines[start + 1 : end])
    after = min(end + 1, len(lines))
    is_doubtful = may_hold and close is not None and _may_go_on(lines, close, marks)
    return Fence(opening[3].strip(), contents, tuple(lines[start:after]), close is not None, is_doubtful), after


def _may_hold_fences(lines: Sequence[str], start: int, info: str) -> bool:
    """Tell whether what a fence is for may hold fences at the start of lines: all but code, going by its name."""
    above = next((lines[at] for at in (start - 1, start - 2) if at >= 0 and lines[at].strip()), "")
    if _MARKDOWN.search(info) or _MARKDOWN.search(above):
        return True
    return not _CODE_INFO.search(info) and not _CODE_PATH.search(above)


def _find_close(lines: Sequence[str], start: int, opening: re.Match[str], marks: _Marks | None) -> int | None:
    """Find the line that closes a fence.

    A search/replace block is passed over as a whole: what it holds closes nothing. Fences within are counted, since
    models do not write longer ones around them. Those without an info string are looked for where marks are given.
    """
    indent, sign, info = opening.groups()
    has_blocks = WHOLE not in info.split()
    depth, index = 0, start + 1
    while index < len(lines):
        block = find_block(lines, index) if has_blocks else None
        if block is not None:
            index = block.end
            continue
        fence = _FENCE.match(lines[index])
        if fence and fence[2][0] == sign[0] and len(fence[2]) >= len(sign) and len(fence[1]) <= len(indent) + 3:
            if fence[3].strip() or (depth == 0 and marks and _opens_inner(lines, start, index, marks)):
                depth += 1
            elif depth == 0:
                return index
            else:
                depth -= 1
        index += 1
    return None


def _opens_inner(lines: Sequence[str], start: int, index: int, marks: _Marks) -> bool:
    """Guess whether a fence without an info string opens one within the file that began at a line.

    It does where it looks like a beginning, as around a command to type, or the next one like an end; and where enough
    fences are left to close both.
    """
    if index == start + 1 or marks.unpaired[index + 1] < 2 or _is_blank_or_fence(lines, index + 1):
        return False
    following = marks.following[index + 1]
    if _looks_like_beginning(lines, index):
        return not _introduces(lines, following)
    return _looks_like_end(lines, following) and not _LONE_PATH.fullmatch(lines[index - 1])


def _may_go_on(lines: Sequence[str], close: int, marks: _Marks) -> bool:
    """Tell whether a file may go on behind a fence: where text goes on, and the next fence does not begin anything."""
    following = marks.following[close + 1]
    if following == len(lines) or not any(line.strip() for line in lines[close + 1 : following]):
        return False
    if _weigh_fence(lines[following]) < 0 or _looks_like_beginning(lines, following) or _introduces(lines, following):
        return False
    return marks.unpaired[close + 1] % 2 == 1 or not _is_blank_or_fence(lines, close + 1)


def _looks_like_beginning(lines: Sequence[str], index: int) -> bool:
    """Tell whether text follows directly on a fence, with a blank line or a colon before it."""
    before = lines[index - 1].rstrip()
    return not _is_blank_or_fence(lines, index + 1) and (not before or before.endswith(":"))


def _introduces(lines: Sequence[str], index: int) -> bool:
    """Tell whether the words above a fence say that something begins."""
    above = next((lines[at].rstrip(" *`") for at in (index - 1, index - 2) if lines[at].strip()), "")
    is_introduction = above.endswith(":") or _LONE_PATH.fullmatch(above) is not None
    return is_introduction and not _is_blank_or_fence(lines, index + 1)


def _looks_like_end(lines: Sequence[str], index: int) -> bool:
    """Tell whether a fence without an info string stands below a text, and above none."""
    is_above_blank = index + 1 < len(lines) and not lines[index + 1].strip()
    return is_above_blank and _weigh_fence(lines[index]) > 0 and lines[index - 1].strip()[-1:] not in ("", ":")


def _is_blank_or_fence(lines: Sequence[str], index: int) -> bool:
    return index >= len(lines) or not lines[index].strip() or _FENCE.match(lines[index]) is not None


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
