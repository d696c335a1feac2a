"""Edits written as text: what an answer asks for.

Pure functions over texts. Where a piece of an answer ends is decided in `fences.py`, which words are a path in
`naming.py`; what an edit does to the files is done in `patching.py`. Nothing is an edit whose file is not named in the
answer. Called by the conversation for models without tool calls.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from git_draft.bots import naming
from git_draft.bots.asides import Aside
from git_draft.bots.edits import Answer, Deletion, Edit, Renaming, Replacement, WholeFile
from git_draft.bots.fences import (
    NO_NEWLINE,
    WHOLE,
    Block,
    Fence,
    Piece,
    Prose,
    find_block,
    is_labelled_opening,
    join_lines,
    looks_like_opening,
    split_pieces,
)
from git_draft.bots.naming import Known
from git_draft.bots.orders import explain_failed, find_order


def parse_answer(text: str, known: Collection[str] = ()) -> Answer:
    """Read an answer; no text, however broken, raises.

    Args:
        text: what the model wrote.
        known: the paths of the repository, which decide doubtful cases.
    """
    if text.count("\n") == text.count("\r\n"):
        text = text.replace("\r\n", "\n")
    reader = _Reader(Known(known), split_pieces(text.split("\n")))
    reader.read()
    return Answer(tuple(reader.edits), tuple(dict.fromkeys(reader.problems)), "\n".join(reader.text).strip("\n"))


@dataclass(slots=True)
class _Reader:
    """Goes over the pieces of one answer."""

    known: Known
    pieces: Sequence[Piece]
    edits: list[Edit] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    last_path: str | None = None
    is_wrapped: bool = False
    is_doubtful: bool = False

    def read(self) -> None:
        """Read all pieces, and say at the end what was no edit but looked like one."""
        for index, piece in enumerate(self.pieces):
            match piece:
                case Prose():
                    self._read_prose(piece)
                case Block():
                    self._read_block(index, piece)
                case Fence():
                    self._read_fence(index, piece)
        for aside in () if self.is_doubtful else self.asides:  # these may be the rest of that file
            if aside.may_be_edit(has_edits=bool(self.edits)):
                name = f"{aside.language} " if aside.language else ""
                self.problems.append(
                    f"a {name}code block names no file, nothing was done with it; write the path of its file on the "
                    "line before it"
                )

    # Prose

    def _read_prose(self, prose: Prose) -> None:
        for line in prose.lines:
            if order := find_order(line, self.known):
                self.edits.append(Renaming(order.path, order.new_path) if order.new_path else Deletion(order.path))
            else:
                self.text.append(line)
                if reason := explain_failed(line):
                    self.problems.append(reason)
            if is_labelled_opening(line):
                self.problems.append(_BROKEN)

    def _find_path_before(self, index: int) -> str | None:
        """Find the path on the line before a piece, or in a fence of its own."""
        while index > 0:
            index -= 1
            piece = self.pieces[index]
            if isinstance(piece, Fence):
                return self._find_lone_path(piece) if piece.is_closed else None
            if not isinstance(piece, Prose):
                return None
            line = next((line for line in reversed(piece.lines) if line.strip()), None)
            if line is not None:
                return None if find_order(line, self.known) else naming.find_path(line, self.known)
        return None

    def _find_lone_path(self, fence: Fence) -> str | None:
        lines = [line for line in fence.lines if line.strip()]
        return naming.find_path(lines[0], self.known) if len(lines) == 1 else None

    def _find_path_in_prose(self, index: int) -> str | None:
        """Find the path in the paragraph before a piece."""
        piece = self.pieces[index - 1] if index else None
        if not isinstance(piece, Prose):
            return None
        text = "\n".join(piece.lines).rstrip()
        return naming.find_path_in_prose(re.split(r"\n\s*\n", text)[-1].split("\n"), self.known)

    def _find_bare_path(self, index: int) -> str | None:
        """Find a path of any name on the line right above a piece, which is a paragraph of its own."""
        piece = self.pieces[index - 1] if index else None
        if not isinstance(piece, Prose) or any(line.strip() for line in piece.lines[-2:-1]):
            return None
        return naming.find_bare_path(piece.lines[-1])

    def _forget_path_line(self, index: int, path: str) -> None:
        """Take the line that names the file out of the text."""
        while self.text and not self.text[-1].strip():
            self.text.pop()
        if not self.text:
            return
        is_named = self._find_path_before(index) == path == naming.find_path(self.text[-1], self.known)
        if is_named or self._find_bare_path(index) == path:
            self.text.pop()

    # Search/replace blocks

    def _read_block(self, index: int, block: Block, found: str | None = None) -> None:
        own = naming.find_path(block.tail, self.known) if block.tail else None
        path = own or found or self._find_path_before(index) or self._find_path_in_prose(index) or self.last_path
        path = path or self._find_bare_path(index)
        if path is None:
            self.problems.append("a search/replace block names no file; write the path on the line before it")
            return
        self._forget_path_line(index, path)
        self.last_path = path
        self.edits.append(Replacement(path, block.search, block.replace))

    # Fences

    def _read_fence(self, index: int, fence: Fence) -> None:
        language = naming.find_language(fence.info)
        path = naming.find_path_in_info(fence.info, self.known) or self._find_path_before(index)
        if self._read_blocks(index, fence, path):
            return
        if language in {"diff", "patch", "udiff"}:
            self.problems.append(
                "a diff can't be applied here; write search/replace blocks, or complete files in fences"
            )
            self.text += fence.raw
            return
        path = path or self._find_bare_path(index)
        if self._leads_to_fence(index, fence, path) or (path is None and self._read_wrapped(fence, language)):
            return
        path, is_doubtful = self._choose_path(index, fence, path, language)
        if path is None:
            self._pass_by(index, fence, language)
        elif not fence.is_closed:
            self.problems.append(f"the contents of {path} were cut off; the file was left as it is")
        elif fence.is_doubtful:
            self.is_doubtful = True
            self.problems.append(
                f"it is not clear where the contents of {path} end, so the file was left as it is; where they hold lines "
                "of ``` write four of these marks, ````, on the lines before and after the whole contents"
            )
        elif not is_doubtful or fence.lines:
            self._forget_path_line(index, path)
            has_newline = NO_NEWLINE not in fence.info.split()
            self.last_path = path
            for name, lines in self._split_files(path, fence):
                self.edits.append(WholeFile(name, join_lines(lines, has_newline=has_newline)))

    def _read_wrapped(self, fence: Fence, language: str) -> bool:
        """Read an answer that was put into a fence as a whole, or behind the path in a fence that does not end."""
        lines = [line for line in fence.lines if line.strip()]
        if self.is_wrapped or language not in {"", "markdown", "md", "text"} or len(lines) < 3:
            return False
        if naming.find_path(lines[0], self.known) is None:
            return False
        inner = _Reader(self.known, split_pieces(fence.lines), is_wrapped=True)
        inner.read()
        edits = [edit for edit in inner.edits if isinstance(edit, Replacement | WholeFile)]
        if edits:
            self.edits += edits
            self.problems += inner.problems
        return bool(edits)

    def _split_files(self, path: str, fence: Fence) -> Iterator[tuple[str, Sequence[str]]]:
        """Give the files of a fence: more than one where comments name them as the first one does.

        In a script the comment above a section may name the file that it is about.
        """
        start, name = 0, path
        first = self._find_comment_path(fence.lines[:1])
        if first and first.rpartition("/")[2] == name.rpartition("/")[2]:
            for index, line in enumerate(fence.lines):
                other = self._find_comment_path([line]) if index and not fence.lines[index - 1].strip() else None
                if other and self._parts_files(fence, fence.lines[start], name, line, other):
                    yield name, fence.lines[start : index - 1]
                    start, name = index, other
        yield name, fence.lines[start:]

    def _parts_files(self, fence: Fence, first: str, name: str, line: str, other: str) -> bool:
        """Tell whether a comment begins another file: one of the same language, or one with comments of other marks."""
        if other.rpartition("/")[2] == name.rpartition("/")[2]:
            return False
        language = naming.find_language(fence.info)
        if language not in naming.PLAIN and naming.suits(language, name):
            return naming.suits(language, other)
        is_alike = PurePosixPath(name).suffix.lower() == PurePosixPath(other).suffix.lower()
        return is_alike or first.strip()[0] != line.strip()[0]

    def _find_comment_path(self, lines: Sequence[str]) -> str | None:
        """Find the path in a comment that holds nothing else."""
        path, is_all = naming.find_path_in_comment(lines[0], self.known) if lines else (None, False)
        return path if is_all else None

    def _choose_path(self, index: int, fence: Fence, path: str | None, language: str) -> tuple[str | None, bool]:
        """Decide which file a fence is for, and tell whether that is a guess."""
        first = next(iter(fence.lines), "")
        comment, _ = naming.find_path_in_comment(first, self.known)
        if comment is not None and language not in naming.PLAIN and not naming.suits(language, comment):
            comment = None
        if path is not None and naming.looks_like_example(path) and path not in self.known and comment:
            path = comment
        if path is not None:
            shows_only = language in naming.OUTPUTS or language in naming.SHELLS
            return (None, False) if shows_only and not naming.suits(language, path) else (path, False)
        if comment is not None:
            return comment, False
        named = self._find_path_in_prose(index)
        return (
            (named, True) if named and language not in naming.PLAIN and naming.suits(language, named) else (None, True)
        )

    def _leads_to_fence(self, index: int, fence: Fence, path: str | None) -> bool:
        """Tell whether a fence holds only the path for the next one, be it the second time that it stands there."""
        lone = self._find_lone_path(fence) if fence.is_closed else None
        if lone is None or (path is not None and PurePosixPath(path).name != PurePosixPath(lone).name):
            return False
        following = next((piece for piece in self.pieces[index + 1 : index + 3] if not _is_blank(piece)), None)
        return isinstance(following, Fence | Block)

    def _pass_by(self, index: int, fence: Fence, language: str) -> None:
        """Leave a fence in the text that is no edit, and note it."""
        self.text += fence.raw
        before = self.pieces[index - 1] if index else None
        words = before.lines[-4:] if isinstance(before, Prose) else ()
        is_first = index == 0 or (index == 1 and _is_blank(self.pieces[0]))
        self.asides.append(Aside("" if language in naming.PLAIN else language, fence.lines, words, is_first))

    def _read_blocks(self, index: int, fence: Fence, path: str | None) -> bool:
        """Read the search/replace blocks in a fence; tell whether it is made of such."""
        if WHOLE in fence.info.split() or not any(map(looks_like_opening, fence.lines)):
            return False
        blocks: list[tuple[str | None, Block]] = []
        others: list[str] = []
        at = 0
        while at < len(fence.lines):
            block = find_block(fence.lines, at)
            if block is None:
                others.append(fence.lines[at])
                at += 1
                continue
            named = self._find_path_inside(others)
            blocks.append((named, block))
            others = [] if named else others
            at = block.end
        broken = sum(map(is_labelled_opening, others))
        is_whole = not any(block.is_labelled for _, block in blocks) and any(line.strip() for line in others)
        if not broken and (not blocks or is_whole):
            return False
        self.problems += [_BROKEN] * bool(broken)
        for named, block in blocks:
            path = named or path
            self._read_block(index, block, path)
        return True

    def _find_path_inside(self, lines: Sequence[str]) -> str | None:
        line = next((line for line in reversed(lines) if line.strip()), "")
        return naming.find_path(line, self.known) or naming.find_path_in_comment(line, self.known)[0]


_BROKEN = (
    "a search/replace block is broken: it needs a line <<<<<<< SEARCH, the lines to find, a line =======, the new lines, "
    "and a line >>>>>>> REPLACE"
)


def _is_blank(piece: Piece) -> bool:
    return isinstance(piece, Prose) and not any(line.strip() for line in piece.lines)
