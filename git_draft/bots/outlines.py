"""A file read into parts, in whatever language its name tells: the one place that knows which reader is whose.

The readers are `parts.py`, for Python, and `braces.py`. Called by all that asks for the parts of a file by its path.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from git_draft.bots.braces import BRACE_SUFFIXES, outline_braces
from git_draft.bots.parts import PYTHON_SUFFIXES, Outline, outline_python


def is_python(path: str) -> bool:
    """Tell whether a file is one of Python."""
    return PurePosixPath(path).suffix.lower() in PYTHON_SUFFIXES


def can_be_read(path: str) -> bool:
    """Tell whether the language of a file is known here."""
    return is_python(path) or PurePosixPath(path).suffix.lower() in BRACE_SUFFIXES


def outline(path: str, text: str) -> Outline | None:
    """Read a file into its parts; None where its language is not known, or where its brackets do not balance.

    Args:
        path: tells the language by its ending.
        text: what it holds.

    Raises:
        ValueError: where it is no valid Python; it says why.
    """
    if is_python(path):
        return outline_python(text)
    suffix = PurePosixPath(path).suffix.lower()
    return outline_braces(text, suffix) if suffix in BRACE_SUFFIXES else None


def read_outline(path: str, text: str) -> Outline | None:
    """Read a file into its parts, None where that can't be done."""
    try:
        return outline(path, text)
    except ValueError:
        return None
