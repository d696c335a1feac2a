"""What is plainly wrong with a file that a model has just written, as far as reading it can tell.

Nothing is run: Python is parsed, and its names are looked up by pyflakes; JSON and TOML are read. A fault that the file
had before is not held against the model. Called by `rounds.py`, `doubts.py` and `wholes.py`.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import PurePosixPath

from git_draft.bots.outlines import is_python
from git_draft.bots.parts import parse_python

_WITH_COMMENTS = re.compile(r"(^|/)(([tj]sconfig[^/]*|devcontainer)\.json$|\.vscode/)")
"""What is named as JSON and holds comments, as its programs read it."""


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
        if is_python(path):
            parse_python(text)
        elif kind == ".json" and not _WITH_COMMENTS.search(path):
            json.loads(text)
        elif kind == ".toml":
            tomllib.loads(text)
    except SyntaxError as error:
        line = (error.text or "").strip()
        return f"line {error.lineno}: {error.msg}" + (f": {line[:120]}" if line else "")
    except (ValueError, RecursionError, MemoryError) as error:
        return str(error) or type(error).__name__
    return None


def find_lost_names(path: str, before: str | None, after: str) -> tuple[str, ...]:
    """Find names that a Python file uses and does not know, and knew or did not use before; in order of their lines."""
    if not is_python(path):
        return ()
    known = set(list_undefined(before or ""))
    return tuple(name for name in dict.fromkeys(list_undefined(after)) if name not in known)


def list_undefined(text: str) -> list[str]:
    """List the names that a Python file uses and does not know, in order of their lines; none of a broken one."""
    from pyflakes.checker import Checker
    from pyflakes.messages import UndefinedName

    try:
        messages = Checker(parse_python(text)).messages
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    undefined = [message for message in messages if isinstance(message, UndefinedName)]
    return [str(message.message_args[0]) for message in sorted(undefined, key=lambda message: message.lineno)]


def list_definitions(path: str, text: str) -> frozenset[str]:
    """Give the names of the functions and classes at the top of a Python file; none of another file or a broken one."""
    if not is_python(path):
        return frozenset()
    try:
        body = parse_python(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(
        node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def list_signatures(path: str, text: str) -> dict[str, ast.arguments]:
    """Give the parameters of the plain functions at the top of a Python file, by their names.

    A decorated one may take anything, and of one that is defined twice it is not known which counts: neither is given.
    """
    if not is_python(path):
        return {}
    try:
        body = parse_python(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    names = [node.name for node in functions]
    return {node.name: node.args for node in functions if not node.decorator_list and names.count(node.name) == 1}


def find_bad_call(text: str, name: str, before: ast.arguments, after: ast.arguments) -> str | None:
    """Find a call of a function in a Python file that fitted its parameters and no longer does; give its source.

    Args:
        text: the file.
        name: the function, called by its name alone or as a module's.
        before: its parameters as they were.
        after: as they are now.
    """
    try:
        tree = parse_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=called)) | ast.Call(func=ast.Attribute(value=ast.Name(), attr=called)):
                if called == name and _fits(node, before) and not _fits(node, after):
                    return ast.get_source_segment(text, node)
    return None


def _fits(call: ast.Call, parameters: ast.arguments) -> bool:
    """Tell whether a call gives what the parameters ask for, as far as it shows."""
    if any(isinstance(value, ast.Starred) for value in call.args) or any(each.arg is None for each in call.keywords):
        return True
    positional = [each.arg for each in (*parameters.posonlyargs, *parameters.args)]
    given = [str(each.arg) for each in call.keywords]
    by_name = {each.arg for each in (*parameters.args, *parameters.kwonlyargs)}
    if len(call.args) > len(positional) and parameters.vararg is None:
        return False
    if parameters.kwarg is None and not by_name.issuperset(given):
        return False
    filled = {*positional[: len(call.args)], *given}
    needed = positional[: len(positional) - len(parameters.defaults)]
    needed += [
        each.arg for each, value in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True) if value is None
    ]
    return filled.issuperset(needed)
