"""A source file in parts: definitions, constants, imports and the rest, each with its lines; here for Python.

`braces.py` does the same for languages with braces; `outlines.py`, the caller of both, knows which file is whose.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from typing import Literal

from git_draft.frozen import frozen
from git_draft.lines import is_left_out_mark

PYTHON_SUFFIXES = frozenset((".py", ".pyi"))
"""Suffixes of the files that can be read here."""

Kind = Literal["definition", "constant", "import", "other"]


@frozen
class Part:
    """One part of a file.

    Args:
        name: what it is found by; parts with equal names stand for each other.
        first: index of its first line, with the comments directly above.
        start: index of its first line without these, but with decorators.
        code: index of its first line without these too.
        end: index of the line after it.
        indent: the white space before it.
        members: its own parts, where it is a class or the like.
        body: index of the line after its header, where it has members.
        is_method: whether it looks like a method, wherever it stands.
        is_member: whether it stands within another part.
    """

    kind: Kind
    name: str
    first: int
    start: int
    code: int
    end: int
    indent: str = ""
    members: tuple[Part, ...] = ()
    body: int = 0
    is_method: bool = False
    is_member: bool = False


@frozen
class Outline:
    """A file in parts.

    Args:
        lines: its lines, without line ends.
        parts: those at the top level, in order.
        blank_lines: how many blank lines stand between definitions as a rule.
        is_indented: whether all of it stood further in, as methods do that are shown without their class.
        header_end: index of the line after the opening comment and docstring.
    """

    lines: tuple[str, ...]
    parts: tuple[Part, ...]
    blank_lines: int
    is_indented: bool = False
    header_end: int = 0
    has_docstring: bool = False


def iter_parts(parts: Sequence[Part]) -> Iterator[Part]:
    """Go over parts and their members."""
    for part in parts:
        yield part
        yield from iter_parts(part.members)


def list_words(outline: Outline, *kinds: Kind, no_attributes: bool = False) -> set[str]:
    """List the words in the parts of some kinds, on request without those behind a dot."""
    parts = (part for part in outline.parts if part.kind in kinds)
    word = r"(?<![\w$])(?<!(?<!\.)\.)[\w$]+" if no_attributes else r"[\w$]+"
    return set(re.findall(word, "\n".join("\n".join(outline.lines[part.start : part.end]) for part in parts)))


def find_comments(lines: Sequence[str], start: int, low: int, marks: tuple[str, ...]) -> int:
    """Find where the comments directly above a line begin, those that stand for something left out not included."""
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    first = start
    while first > low:
        line = lines[first - 1]
        if not line.strip().startswith(marks) or not line.startswith(indent) or is_left_out_mark(line):
            break
        first -= 1
    return first


# Python


def outline_python(text: str) -> Outline:
    """Read a Python file, or methods without their class.

    Raises:
        ValueError: where it does not parse; a `SyntaxError` is put into words.
    """
    is_indented = False
    if re.match(r"(?:[^\S\n]*(?:#[^\n]*)?\n)*[ \t]+\S", text):
        dedented = textwrap.dedent(text)
        is_indented, text = dedented != text, dedented
    if "\r" in text.replace("\r\n", "\n"):
        raise ValueError("it has line ends of old Macs")
    text = text.replace("\r\n", "\n")
    try:
        tree = parse_python(text)
    except SyntaxError as error:
        raise ValueError(f"{error.msg} (line {error.lineno})") from None
    except (RecursionError, MemoryError):
        raise ValueError("it is nested too deeply") from None
    lines = tuple(text.split("\n"))
    parts = tuple(_iter_python(tree.body, lines, 1 if text.startswith("#!") else 0))
    has_docstring = ast.get_docstring(tree, clean=False) is not None
    header_end = next((part.first for part in parts if part.name != _DOCSTRING), len(lines))
    return Outline(lines, parts, 2, is_indented, header_end, has_docstring)


def parse_python(text: str) -> ast.Module:
    """Parse a Python file without a word about what is only odd in it; raises what `ast.parse` does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a bad escape in a string is the file's own business
        return ast.parse(text)


_DOCSTRING = "docstring"
_MAIN = "if __name__"


def _iter_python(
    body: Sequence[ast.stmt], lines: Sequence[str], low: int, *, is_member: bool = False
) -> Iterator[Part]:
    for index, node in enumerate(body):
        kind, label = _describe_python(node, is_first=index == 0)
        end = node.end_lineno or node.lineno
        label = label or " ".join(" ".join(lines[node.lineno - 1 : end]).split())
        decorators = getattr(node, "decorator_list", [])
        start = min([node.lineno, *(each.lineno for each in decorators)]) - 1
        is_class = isinstance(node, ast.ClassDef)
        members = (
            tuple(_iter_python(node.body, lines, node.lineno, is_member=True)) if isinstance(node, ast.ClassDef) else ()
        )
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        yield Part(
            kind=kind,
            name=label,
            first=start if kind == "import" else find_comments(lines, start, low, ("#",)),
            start=start,
            code=node.lineno - 1,
            end=end,
            indent=indent,
            members=members,
            body=members[0].first if is_class and members else 0,
            is_method=_is_method(node),
            is_member=is_member,
        )
        low = end


def _describe_python(node: ast.stmt, *, is_first: bool) -> tuple[Kind, str]:
    """Give the kind of a statement, and the name it is found by; none where that is its text."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            roles = [f".{each.attr}" for each in node.decorator_list if isinstance(each, ast.Attribute)]
            return "definition", node.name + next((role for role in roles if role in {".setter", ".deleter"}), "")
        case ast.ClassDef():
            return "definition", node.name
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            operator = " aug" if isinstance(node, ast.AugAssign) else ""
            return "constant", ", ".join(map(ast.unparse, targets)) + operator
        case ast.Import() | ast.ImportFrom():
            return "import", ast.unparse(node)
        case ast.Expr(value=ast.Constant(value=str())) if is_first:
            return "other", _DOCSTRING
        case ast.If() if "__name__" in ast.unparse(node.test):
            return "other", _MAIN
    return "other", ""


def _is_method(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    names = [each.arg for each in [*node.args.posonlyargs, *node.args.args]][:1]
    return names in (["self"], ["cls"]) or any(ast.unparse(each) == "staticmethod" for each in node.decorator_list)


def list_bindings(statement: str) -> dict[str, str]:
    """Give what an import statement of Python binds: for each name the statement that binds it alone."""
    (node,) = ast.parse(statement).body
    if isinstance(node, ast.Import):
        return {each.asname or each.name: f"import {_name(each)}" for each in node.names}
    assert isinstance(node, ast.ImportFrom)  # noqa: S101  # an import is one of the two
    source = "." * node.level + (node.module or "")
    return {each.asname or each.name: f"from {source} import {_name(each)}" for each in node.names}


def _name(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name
