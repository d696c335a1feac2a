"""Whether an answer of a model that might call tools holds edits as text, and which files these are to change.

Loaded when the first answer without calls comes: most models call. Called by `conversing.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

from git_draft.bots.blocks import parse_answer
from git_draft.bots.edits import Edit, Renaming, Replacement, WholeFile
from git_draft.bots.intents import is_question
from git_draft.errors import ToolError
from git_draft.protocols import Worktree


def holds_edits(text: str, prompt: str, worktree: Worktree) -> bool:
    """Tell whether an answer is meant to change files, and not to quote what is there.

    Args:
        text: the answer.
        prompt: what was asked.
        worktree: the files.
    """
    edits = _parse_edits(text, worktree)
    return not is_question(prompt) and any(_is_change(edit, worktree) for edit in edits)


def _parse_edits(text: str, worktree: Worktree) -> Sequence[Edit]:
    return parse_answer(text, worktree.list_tracked()).edits


def list_names(text: str, worktree: Worktree) -> frozenset[str]:
    """List the names, without folders, of the files that an answer is to change."""
    edits = _parse_edits(text, worktree)
    paths = [edit.dst_path if isinstance(edit, Renaming) else edit.path for edit in edits]
    return frozenset(PurePosixPath(path).name for path in paths)


def read_namesakes(names: Collection[str], worktree: Worktree) -> dict[str, str | None]:
    """Read the files of these names; a model may leave out the folder. One that can't be read is None."""
    texts: dict[str, str | None] = {}
    for path in worktree.list_files():
        if path.rpartition("/")[2] in names:
            try:
                texts[path] = worktree.read_file(path)
            except ToolError:
                texts[path] = None
    return texts


def _is_change(edit: Edit, worktree: Worktree) -> bool:
    """Tell whether an edit is more than a quotation of all that is there: a model that explains quotes."""
    match edit:
        case Replacement():
            return edit.search.strip() != edit.replace.strip()
        case WholeFile():
            texts = read_namesakes({PurePosixPath(edit.path).name}, worktree).values()
            return not any(_fold(edit.contents) == _fold(text) for text in texts if text)
        case _:
            return True


def _fold(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())
