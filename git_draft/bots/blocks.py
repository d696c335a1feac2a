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
from git_draft.lines import cut_line


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
    pathless: list[tuple[str, bool, bool]] = field(default_factory=list)
    last_path: str | None = None
    is_wrapped: bool = False

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
        for language, is_first, is_hedged in self.pathless:
            if (language and not is_hedged) or is_first or not self.edits:
                name = f"{language} " if language else ""
                self.problems.append(
                    f"a {name}code block names no file, nothing was done with it; write the path of its file on the "
                    "line before it"
                )

    # Prose

    def _read_prose(self, prose: Prose) -> None:
        for line in prose.lines:
            edit = _find_order(line, self.known)
            if edit is not None:
                self.edits.append(edit)
            else:
                self.text.append(line)
                if _LIKE_ORDER.match(line):
                    self.problems.append(_explain_order(line))
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
                is_alone = piece.lines[-1] == line and not "".join(piece.lines[-2:-1]).strip()
                bare = naming.find_bare_path(line) if is_alone else None
                return None if _find_order(line, self.known) else naming.find_path(line, self.known) or bare
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

    def _forget_path_line(self, index: int, path: str) -> None:
        """Take the line that names the file out of the text."""
        while self.text and not self.text[-1].strip():
            self.text.pop()
        if self.text and self._find_path_before(index) == path and naming.find_path(self.text[-1], self.known) == path:
            self.text.pop()

    # Search/replace blocks

    def _read_block(self, index: int, block: Block, found: str | None = None) -> None:
        own = naming.find_path(block.tail, self.known) if block.tail else None
        path = own or found or self._find_path_before(index) or self._find_path_in_prose(index) or self.last_path
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
        if self._leads_to_fence(index, fence, path) or (path is None and self._read_wrapped(fence, language)):
            return
        path, is_doubtful = self._choose_path(index, fence, path, language)
        if path is None:
            self._pass_by(index, fence, language)
        elif not fence.is_closed:
            self.problems.append(f"the contents of {path} were cut off; the file was left as it is")
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
        """Give the files of a fence: more than one where comments name them as the first one does."""
        start, name = 0, path
        if self._find_comment_path(fence.lines[:1]):
            for index, line in enumerate(fence.lines):
                other = self._find_comment_path([line]) if index and not fence.lines[index - 1].strip() else None
                if other is None or other.rpartition("/")[2] == name.rpartition("/")[2]:
                    continue
                if other in self.known or PurePosixPath(other).suffix == PurePosixPath(path).suffix:
                    yield name, fence.lines[start : index - 1]
                    start, name = index, other
        yield name, fence.lines[start:]

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
        """Leave a fence in the text that is no edit, and note it if it looks like one."""
        self.text += fence.raw
        before = self.pieces[index - 1] if index else None
        words = "\n".join(before.lines[-4:]) if isinstance(before, Prose) else ""
        if language not in {*naming.SHELLS, *naming.OUTPUTS} and not _EXAMPLES.search(words):
            is_first = index == 0 or (index == 1 and _is_blank(self.pieces[0]))  # no words call it an example
            is_hedged = _HEDGES.search(words) is not None
            self.pathless.append(("" if language in naming.PLAIN else language, is_first, is_hedged))

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
_EXAMPLES = re.compile(
    r"\b(examples?|usage|use it|using|run|running|outputs?|prints?|call(?:ed|ing)?|test it|for instance|command|original|"
    r"before|currently|looked)\b",
    re.IGNORECASE,
)


_HEDGES = re.compile(
    r"\b(might|could|may|would|e\.g|like this|look like|optional\w*|alternativ\w*|to (?:verify|check|test|try)|if you)\b",
    re.IGNORECASE,
)
"""What speaks of code that is no part of a change, where there are other edits."""


def _is_blank(piece: Piece) -> bool:
    return isinstance(piece, Prose) and not any(line.strip() for line in piece.lines)


# Deletions and renamings

_ORDER = re.compile(r"^(Delete|Rename) file: `([^`]+)`(?: -> `([^`]+)`)?$")
_DELETION = re.compile(
    r"^(?:delete|remove)\s+(?:the\s+)?(?:file\b\s*)?:?\s*(\S+)$|^(?:delete|remove)\s*(?:file)?:\s*(.+)$", re.IGNORECASE
)
_RENAMING = re.compile(
    r"^(?:rename|move)\s+(?:the\s+)?(?:file\b\s*)?:?\s*(?:from\s+)?(\S+)\s+(?:->|=>|→|-->|to|as|into)\s+(\S+)$",
    re.IGNORECASE,
)
_LIKE_ORDER = re.compile(r"\W*(?:delete|rename) file\W*:", re.IGNORECASE)


def _explain_order(line: str) -> str:
    return (
        f"the line {cut_line(line.strip())!r} can't be done: write `Delete file: path` or `Rename file: old -> new`, with "
        "the path of a file that is there"
    )


def _find_order(line: str, known: Known) -> Edit | None:
    """Read a line that asks for a deletion or a renaming.

    Our own form is always taken, variants of it only where the file is known: prose must delete nothing.
    """
    if len(line) > 3 * naming.MAX_PATH_CHARS or not re.search(r"delete|remove|rename|move", line, re.IGNORECASE):
        return None
    order = _ORDER.match(line)
    if order and (order[1] == "Rename") == (order[3] is not None):
        return Renaming(order[2], order[3]) if order[3] else Deletion(order[2])
    plain = " ".join(re.sub(r"[`*\"']", "", re.sub(r"^\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+|#{1,6}\s+)*", "", line)).split())
    plain = plain.removesuffix(":")
    if (renaming := _RENAMING.match(plain)) and (src := _find_known(renaming[1], known)):
        return Renaming(src, renaming[2].removesuffix(".").removesuffix(":"))
    if (deletion := _DELETION.match(plain)) and (path := _find_known(deletion[1] or deletion[2], known)):
        return Deletion(path)
    return None


def _find_known(text: str, known: Known) -> str | None:
    return next((path for path in (text, text.removesuffix(".")) if path in known), None)
