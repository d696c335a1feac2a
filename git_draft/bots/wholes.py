"""Contents that are all of a file: what they may leave out, and what models forget and get back.

Whether contents are all of a file, or a fragment that `splicing.py` puts in its place, is decided in `fragments.py`, the
caller. Pure functions of texts and of their parts (`parts.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
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


def is_rewrite(path: str, old: Outline, new: Outline, gone: Collection[str], prompt: str) -> bool:
    """Tell whether contents look like a file written anew without some names, rather than like a part of it.

    They do where nothing needs those names any more: all that used them is there and does not use them now. Then no more
    than dead code is lost, whatever the model meant. Where the prompt is about names, one may also stand there again
    under another name.

    Args:
        path: the file.
        old: its parts.
        new: those that were written.
        gone: the names that these lack.
        prompt: what the user asked for.
    """
    if new.is_indented or (is_python(path) and _list_needed(old, "\n".join(new.lines))):
        return False
    left = set(gone) - _list_orphans(old, new, gone)
    return not left or (_NAMING.search(prompt) is not None and _are_renamed(old, new, left))


def _list_orphans(old: Outline, new: Outline, gone: Collection[str]) -> set[str]:
    """List the names that nothing uses any more, though something did that is there still."""
    written = list_words(new, "definition", "constant", "other")
    words = {(name, part.start): _find_words(old, part) for name, part in _iter_leaves(old.parts)}
    orphans = set[str]()
    while True:
        found = {
            name
            for name in set(gone) - orphans
            if (bare := name.rpartition(".")[2]) not in written
            and (users := [user for (user, _), each in words.items() if bare in each and not _holds(name, user)])
            and not any(_holds(other, user) for user in users for other in set(gone) - orphans)
        }
        if not found:
            return orphans
        orphans |= found


def _holds(name: str, user: str) -> bool:
    """Tell whether a definition is another one or stands within it."""
    return user == name or user.startswith(f"{name}.")


def _are_renamed(old: Outline, new: Outline, gone: Collection[str]) -> bool:
    """Tell whether all of some definitions stand there again under other names, with most of their lines."""
    names = {name for name, _ in _iter_leaves(old.parts)}
    fresh = [(name, part) for name, part in _iter_leaves(new.parts) if name not in names and part.kind == "definition"]
    left = {name: part for name, part in _iter_leaves(old.parts) if name in gone}
    if len(left) < len(gone):
        return False  # of a class all members would have to be compared
    for name, part in left.items():
        pattern = rf"\b{re.escape(name.rpartition('.')[2])}\b"
        for each in fresh:
            lines = _list_lines(old, part, pattern, each[0].rpartition(".")[2])
            theirs = _list_lines(new, each[1])
            if part.kind == each[1].kind and 2 * sum(line in theirs for line in lines) > len(lines):
                fresh.remove(each)
                break
        else:
            return False
    return True


def _iter_leaves(parts: Sequence[Part], prefix: str = "") -> Iterator[tuple[str, Part]]:
    """Go over the parts that have no members, by their names with that of their class."""
    for part in parts:
        if part.members:
            yield from _iter_leaves(part.members, f"{prefix}{part.name}.")
        elif part.kind != "import":
            yield prefix + part.name, part


def _find_words(outline: Outline, part: Part) -> frozenset[str]:
    return frozenset(re.findall(r"[\w$]+", "\n".join(outline.lines[part.start : part.end])))


def _list_lines(outline: Outline, part: Part, pattern: str = r"\b\B", name: str = "") -> list[str]:
    """List the lines of a part as they read under another name."""
    lines = (line.strip() for line in outline.lines[part.code : part.end])
    return [re.sub(pattern, lambda _: name, line) for line in lines if line]


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
