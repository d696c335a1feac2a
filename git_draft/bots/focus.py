"""Which of the files a model is to change, and which parts of the long ones: what it is shown when it answers.

A small model repeats what it is shown, and loses its way in a long file. So it sees the files that the request means,
and of a long one the definitions that it means. What it answers to an excerpt is put in its place by `fragments.py`.
Pure functions of texts; called by `rounds.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from git_draft.bots.outlines import read_outline
from git_draft.bots.parts import Outline, Part, iter_parts
from git_draft.context import ContextFile
from git_draft.definitions import find_names
from git_draft.mentions import find_named_files, find_symbols

MAX_WHOLE_CHARS = 4000
"""Longer files are shown in excerpts where it is known of what: about a hundred lines, a minute of a slow machine."""

_REACHES_USES = re.compile(
    r"\b(renam\w*|everywhere|wherever|remov\w*|delet\w*|all (?:uses|calls|callers))\b", re.IGNORECASE
)
_KIND_BEFORE_NAME = re.compile(r"\b(?:function|method|class|constant|rename)\s+([A-Za-z_$][\w$]*)", re.IGNORECASE)
_REMOVES = re.compile(r"\b(remov|delet|drop)", re.IGNORECASE)
_CALL = re.compile(r"([A-Za-z_$][\w$]*)\(")


def find_focus(text: str, files: Sequence[ContextFile]) -> tuple[ContextFile, ...]:
    """Give those of some files that a request, or words about it, mean; none where that can't be told.

    Args:
        text: names files, and what they define.
        files: what may be meant.
    """
    paths = [PurePosixPath(file.path) for file in files]
    named = set(map(str, find_named_files(text, paths)[0]))
    code = list_code_names(text, files)
    reaches_uses = _REACHES_USES.search(text) is not None
    for file in files:
        defines = not find_names(file.text, PurePosixPath(file.path).suffix).isdisjoint(code)
        if defines or (reaches_uses and not code.isdisjoint(re.findall(r"[\w$]+", file.text))):
            named.add(file.path)
    return tuple(file for file in files if file.path in named)


def list_code_names(text: str, files: Sequence[ContextFile]) -> frozenset[str]:
    """Give the names that some files define and that are written as code, or after a word such as function."""
    defined = {name for file in files for name in find_names(file.text, PurePosixPath(file.path).suffix)}
    return frozenset(defined.intersection([*find_symbols(text)[0], *_KIND_BEFORE_NAME.findall(text)]))


def add_called(focus: Sequence[ContextFile], text: str, files: Sequence[ContextFile]) -> tuple[ContextFile, ...]:
    """Add the files whose definitions are called by those that a text names: a cause often lies one call further."""
    code = list_code_names(text, files)
    called = {
        call
        for file in focus
        for part in _iter_definitions(file)
        if part.name in code
        for call in _CALL.findall("\n".join(file.text.split("\n")[part.start : part.end]))
    }
    near = {file.path for file in files if called & find_names(file.text, PurePosixPath(file.path).suffix)}
    shown = {file.path for file in focus} | near
    return tuple(file for file in files if file.path in shown)


def cut_excerpt(file: ContextFile, text: str) -> ContextFile:
    """Give of a long file the definitions that a text names, with the imports and constants above; else all of it.

    Args:
        file: a file.
        text: names what is meant.
    """
    if len(file.text) <= MAX_WHOLE_CHARS or _REMOVES.search(text):  # what goes can't be left out of a part
        return file
    outline = read_outline(file.path, file.text)
    code = list_code_names(text, [file])
    if outline is None or not code:
        return file
    meant = [part for part in outline.parts if any(each.name in code for each in iter_parts([part]))]
    if not any(part.kind == "definition" for part in meant):
        return file
    words = {word for part in meant for word in re.findall(r"[\w$]+", _cut(outline, part))}
    needed = [
        part
        for part in outline.parts
        if part in meant
        or part.kind == "import"
        or (part.kind == "constant" and words.intersection(re.findall(r"[\w$]+", part.name)))
    ]
    gap = "\n" * (outline.blank_lines + 1)
    excerpt = ""
    for part in needed:
        sep = "" if not excerpt else gap if part.kind == "definition" else "\n"
        excerpt += sep + _cut(outline, part)
    return replace(file, text=excerpt + "\n") if len(excerpt) < len(file.text) else file


def _cut(outline: Outline, part: Part) -> str:
    return "\n".join(outline.lines[part.first : part.end])


def _iter_definitions(file: ContextFile) -> Iterator[Part]:
    outline = read_outline(file.path, file.text)
    for part in iter_parts(outline.parts) if outline else ():
        if part.kind == "definition":
            yield part
