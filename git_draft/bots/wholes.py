"""Contents that are all of a file: what they may leave out, and what models forget and get back.

Whether contents are all of a file, or a fragment that `splicing.py` puts in its place, is decided in `fragments.py`, the
caller. Pure functions of texts and of their parts (`parts.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import takewhile

from git_draft.bots.checks import list_undefined
from git_draft.bots.outlines import is_python
from git_draft.bots.parts import Outline, Part, list_bindings, list_words
from git_draft.bots.splicing import find_import_place

_NAMING = re.compile(r"\b(?:re|mis)?nam(?:e|es|ed|ing)\b", re.IGNORECASE)
_ABOUT_HEADER = re.compile(
    r"docstring|comment|header|licen[cs]e|copyright|notice|shebang|todo|fixme|\btop\b|first line", re.IGNORECASE
)


# What may be left out


def is_rewrite(path: str, old: Outline, new: Outline, gone: AbstractSet[str], prompt: str) -> bool:
    """Tell whether contents look like a file written anew without some names, rather than like a part of it.

    They do where nothing needs those names any more: all that used them is there and does not use them now. Then no more
    than dead code is lost, whatever the model meant. Where the prompt is about names, all may also stand there again
    under other names.

    Args:
        path: the file.
        old: its parts.
        new: those that were written.
        gone: the names that these lack.
        prompt: what the user asked for.
    """
    if new.is_indented or (is_python(path) and _list_needed(old, "\n".join(new.lines))):
        return False
    left = gone - _list_orphans(old, new, gone)
    return not left or (_NAMING.search(prompt) is not None and _are_renamed(old, new, left))


def _list_orphans(old: Outline, new: Outline, gone: AbstractSet[str]) -> set[str]:
    """List the names that only such definitions used as are there still and do not use them now.

    What only another missing one used is none, or a new `main` alone would be all of a script; nor is a public member
    of a class, which small models write with only the method that they changed.
    """
    written = list_words(new, "definition", "constant", "other")
    last = {name: name.rpartition(".")[2] for name in gone}
    users: dict[str, list[str]] = {each: [] for each in last.values()}
    for user, part in _iter_leaves(old.parts):
        for word in set(re.findall(r"[\w$]+", "\n".join(old.lines[part.start : part.end]))):
            if word in users:
                users[word].append(user)
    orphans = set[str]()
    for name, bare in last.items():
        others = [user for user in users[bare] if name not in _list_places(user)]
        may_go = bare == name or bare.startswith("_")
        if may_go and bare not in written and others and not any(gone & set(_list_places(user)) for user in others):
            orphans.add(name)
    return orphans


def _list_places(name: str) -> list[str]:
    """List a name and those of the classes around it."""
    return [name[: match.start()] for match in re.finditer(r"\.|$", name)]


def _are_renamed(old: Outline, new: Outline, gone: AbstractSet[str]) -> bool:
    """Tell whether all of some definitions stand there again under other names, in the same order."""
    before = [(name, part) for name, part in _iter_leaves(old.parts) if part.kind == "definition"]
    names = {name for name, _ in before}
    fresh = (each for each in _iter_leaves(new.parts) if each[1].kind == "definition" and each[0] not in names)
    left = [(name, part) for name, part in before if name in gone]  # of a class all members would have to be compared
    return len(left) == len(gone) and all(any(_is_alike(old, new, one, each) for each in fresh) for one in left)


def _is_alike(old: Outline, new: Outline, one: tuple[str, Part], other: tuple[str, Part]) -> bool:
    """Tell whether a definition has most lines of another one, but for its name."""
    before, after = (name.rpartition(".")[2] for name, _ in (one, other))
    lines = [re.sub(rf"\b{re.escape(before)}\b", lambda _: after, line) for line in _list_lines(old, one[1])]
    theirs = set(_list_lines(new, other[1]))
    return 2 * sum(line in theirs for line in lines) > len(lines)


def _iter_leaves(parts: Sequence[Part], prefix: str = "") -> Iterator[tuple[str, Part]]:
    """Go over the parts that have no members, by their names with that of their class."""
    for part in parts:
        if part.members:
            yield from _iter_leaves(part.members, f"{prefix}{part.name}.")
        elif part.kind != "import":
            yield prefix + part.name, part


def _list_lines(outline: Outline, part: Part) -> list[str]:
    return [line.strip() for line in outline.lines[part.code : part.end] if line.strip()]


# What comes back


def complete(path: str, old: Outline, new: Outline, text: str, prompt: str) -> str:
    """Give whole contents the imports and the opening comment back that models forget.

    Args:
        path: the file.
        old: its parts.
        new: those that were written.
        text: what was written.
        prompt: what the user asked for, which may be about that comment.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    added = _place_needed_imports(old, new, text) if is_python(path) else []
    for at, line in sorted(added, key=lambda each: each[0], reverse=True):
        lines.insert(at, line)
    header = list(old.lines[: old.header_end])
    has_header = new.has_docstring or any(line.strip() for line in new.lines[: new.header_end])
    if any(line.strip() for line in header) and not has_header and not _ABOUT_HEADER.search(prompt):
        start = next((number for number, line in enumerate(lines) if line.strip()), 0)
        return "\n".join([*header, *lines[start:]])
    return "\n".join(lines) if added else text


def _list_needed(old: Outline, text: str) -> set[str]:
    """List the names that a Python text does not know and the file imported."""
    imported = {name.split(".")[0] for part in old.parts if part.kind == "import" for name in list_bindings(part.name)}
    return imported.intersection(list_undefined(text))


def _place_needed_imports(old: Outline, new: Outline, text: str) -> list[tuple[int, str]]:
    """Give imports of the old file that are missing and whose names the new code uses, with the line they go before."""
    missing = _list_needed(old, text)
    places = {part.name: part.start for part in new.parts if part.kind == "import"}
    place, placed = find_import_place(new), list[tuple[int, str]]()
    for part in reversed(old.parts):
        if part.kind == "import" and missing:
            place = places.get(part.name, place)
            bindings = reversed(list_bindings(part.name).items())
            placed += [(place, one) for name, one in bindings if name.split(".")[0] in missing]
    return placed if places or not placed else _space_imports(old, new, placed)


def _space_imports(old: Outline, new: Outline, placed: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Put imports between as many blank lines as in the old file, where the new one has none at all."""
    place = find_import_place(new)
    first = next(part.start for part in old.parts if part.kind == "import")
    place -= max(0, _count_blank(new.lines[:place][::-1]) - _count_blank(old.lines[:first][::-1]))
    gap = _count_blank(old.lines[find_import_place(old) :]) - _count_blank(new.lines[place:])
    return [(place, "")] * gap + [(place, line) for _, line in placed]


def _count_blank(lines: Sequence[str]) -> int:
    """Count the blank lines before the first that is not."""
    return sum(1 for _ in takewhile(lambda line: not line.strip(), lines))
