"""Edits that are written as text: what there is, and the form in which we write them.

How they are read in a model's answer is `blocks.py`'s, how they are done `patching.py`'s. Pure values and functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_draft.bots import naming
from git_draft.bots.fences import WHOLE, format_block, format_fence, looks_like_opening
from git_draft.frozen import frozen


@frozen
class Replacement:
    """Put one text in place of another, which stands in the file once; both are lines as a rule."""

    path: str
    search: str
    replace: str


@frozen
class WholeFile:
    """Make a file, or give all of its contents anew."""

    path: str
    contents: str


@frozen
class Deletion:
    """Remove a file."""

    path: str


@frozen
class Renaming:
    """Move a file."""

    src_path: str
    dst_path: str


Edit = Replacement | WholeFile | Deletion | Renaming


@frozen
class Answer:
    """What an answer holds.

    Args:
        edits: in the order in which they stand.
        problems: reasons, for the model, why a part of it is no edit.
        text: the prose, and fences that are no edits.
    """

    edits: tuple[Edit, ...]
    problems: tuple[str, ...]
    text: str


def format_edits(edits: Sequence[Edit]) -> str:
    """Write edits in the form that is asked of models."""
    return "\n".join(map(_format_edit, edits))


def _format_edit(edit: Edit) -> str:
    match edit:
        case Replacement():
            return f"{_format_path(edit.path)}\n{format_fence('', format_block(edit.search, edit.replace))}"
        case WholeFile():
            flags = [WHOLE] if any(map(looks_like_opening, edit.contents.split("\n"))) else []
            return f"{_format_path(edit.path)}\n{format_fence('', edit.contents, flags)}"
        case Deletion():
            return f"Delete file: `{edit.path}`\n"
        case Renaming():
            return f"Rename file: `{edit.src_path}` -> `{edit.dst_path}`\n"


def _format_path(path: str) -> str:
    """Write a path by itself where that can be nothing else."""
    return path if naming.find_path(path, naming.Known()) == path else f"File: `{path}`"
