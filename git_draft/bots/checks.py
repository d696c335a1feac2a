"""What is plainly wrong with a file that a model has just written, as far as reading it can tell.

Nothing is run: Python is parsed, and its names are looked up by pyflakes; JSON and TOML are read. A fault that the file
had before is not held against the model. Called by `rounds.py`.
"""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from pathlib import PurePosixPath

_PYTHON = frozenset({".py", ".pyi"})


def find_syntax_fault(path: str, before: str | None, after: str) -> str | None:
    """Find out whether a file that was sound, or is new, can't be read any more.

    Args:
        path: tells the language by its ending; of most nothing is found.
        before: what it held, None for a new file.
        after: what it holds now.
    """
    fault = _find_syntax_fault(path, after)
    if fault is None or (before is not None and _find_syntax_fault(path, before) is not None):
        return None
    return fault


def _find_syntax_fault(path: str, text: str) -> str | None:
    kind = PurePosixPath(path).suffix.lower()
    try:
        if kind in _PYTHON:
            _parse_python(text)
        elif kind == ".json":
            json.loads(text)
        elif kind == ".toml":
            tomllib.loads(text)
    except SyntaxError as error:
        line = (error.text or "").strip()
        return f"line {error.lineno}: {error.msg}" + (f": {line[:120]}" if line else "")
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return None


def _parse_python(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an odd escape in a string is the file's own business
        return ast.parse(text)


def find_lost_names(path: str, before: str | None, after: str) -> tuple[str, ...]:
    """Find names that a Python file uses and does not know, and knew or did not use before; in order of their lines."""
    if PurePosixPath(path).suffix.lower() not in _PYTHON:
        return ()
    known = set(_list_undefined(before or ""))
    return tuple(name for name in dict.fromkeys(_list_undefined(after)) if name not in known)


def _list_undefined(text: str) -> list[str]:
    from pyflakes.checker import Checker
    from pyflakes.messages import UndefinedName

    try:
        messages = Checker(_parse_python(text)).messages
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    undefined = [message for message in messages if isinstance(message, UndefinedName)]
    return [str(message.message_args[0]) for message in sorted(undefined, key=lambda message: message.lineno)]


def list_definitions(path: str, text: str) -> frozenset[str]:
    """Give the names of the functions and classes at the top of a Python file; none of another file or a broken one."""
    if PurePosixPath(path).suffix.lower() not in _PYTHON:
        return frozenset()
    try:
        body = _parse_python(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(
        node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )
