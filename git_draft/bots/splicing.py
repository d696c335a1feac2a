"""Definitions put in place of those of the same name in a file, with the imports and the new ones that come along.

What a fragment is was decided in `fragments.py`, the caller. Works on the lines of two outlines (`parts.py`); what can't
be placed for certain is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import PurePosixPath

from git_draft.bots.intents import allows_shrinking, list_going
from git_draft.bots.outlines import is_python
from git_draft.bots.parts import Outline, Part, iter_parts, list_bindings
from git_draft.errors import ToolError
from git_draft.lines import is_left_out_mark

_ADDING = re.compile(r"\b(add|write|create|implement|define|introduce|extract|new)", re.IGNORECASE)

_EMPTY = frozenset(("pass", "..."))


def splice(
    path: str, old: Outline, new: Outline, prompt: str, *, renamed: Mapping[str, str], gone: Collection[str]
) -> str:
    """Give a file's text with the parts of another in place of its own.

    Args:
        path: the file, named in reasons.
        old: its parts.
        new: those that take their place.
        prompt: what the user asked for, which may justify that members go, or that all of this is new.
        renamed: new names of definitions, with the old ones.
        gone: names that the new parts lack, for the reason.

    Raises:
        ToolError: where a part has no certain place.
    """
    return _Splicing(path, old, new, prompt, renamed, gone).merge()


def explain_refusal(path: str, gone: Collection[str]) -> str:
    """Say that contents are neither all of a file nor can be fitted into it."""
    names = ", ".join(sorted(gone)[:6]) + (", …" if len(gone) > 6 else "")
    lacks = f"lacks {names}, which the file has, and " if gone else ""
    return (
        f"the answer for {path} {lacks}can't be fitted into the file; write the complete file, or a search/replace block "
        "for what changes"
    )


@dataclass(slots=True)
class _Splicing:
    """The changes to one file, by lines."""

    path: str
    old: Outline
    new: Outline
    prompt: str
    renamed: Mapping[str, str]
    gone: Collection[str]
    changes: list[tuple[int, int, list[str]]] = field(default_factory=list)

    def merge(self) -> str:
        """Put the parts of the new contents in place of those of the old."""
        self._put_imports()
        parts = [part for part in self.new.parts if part.kind != "import" and part.name != "docstring"]
        if not parts:
            raise ToolError(explain_refusal(self.path, self.gone))
        by_name: dict[str, list[Part]] = {}
        for each in iter_parts(self.old.parts):
            by_name.setdefault(each.name, []).append(each)
        known = [self._find_old(part, by_name) for part in parts]
        if not any(known) and not self._is_asked_to_add(parts):
            raise ToolError(explain_refusal(self.path, self.gone))
        self._put_parts(parts, known)
        lines = list(self.old.lines)
        for start, end, new in sorted(self.changes, key=lambda change: change[:2], reverse=True):
            lines[start:end] = new
        return "\n".join(lines)

    def _is_asked_to_add(self, parts: Sequence[Part]) -> bool:
        """Tell whether parts that the file does not have are asked for."""
        names = {part.name for part in parts}
        is_plain = all(part.kind in {"definition", "constant"} for part in parts)
        return is_plain and (
            _ADDING.search(self.prompt) is not None or names <= set(re.findall(r"[\w$]+", self.prompt))
        )

    def _find_old(self, part: Part, by_name: Mapping[str, Sequence[Part]]) -> Part | None:
        """Find the part that another stands for, among methods too where it looks like one."""
        alike = [each for each in by_name.get(self.renamed.get(part.name, part.name), ()) if each.kind == part.kind]
        tops = [each for each in alike if not each.is_member]
        if (not tops or self.new.is_indented) and (part.is_method or self.new.is_indented):
            tops = [each for each in alike if each.is_member and each.is_method] or tops
        if len(tops) > 1:
            raise ToolError(
                f"{self.path} has {part.name} several times; write the complete file, or a search/replace block for it"
            )
        return tops[0] if tops else None

    def _put_parts(self, parts: Sequence[Part], known: Sequence[Part | None], inside: Part | None = None) -> None:
        """Put parts in place of those they stand for, and new ones after the one before them."""
        previous: Part | None = None
        for part, old, following in zip(parts, known, _list_following(known), strict=True):
            if old is not None:
                self._put_part(part, old)
                previous = old
                continue
            if part.kind == "other":
                raise ToolError(explain_refusal(self.path, [f"statements around {part.name.split(chr(10))[0][:60]!r}"]))
            self._insert(part, previous, following, inside)

    def _put_part(self, part: Part, old: Part) -> None:
        if part.members and old.members:
            missing = set(iter_missing(old.members, part.members))
            if missing - list_going(self.prompt, missing) or lacks_statements(old, part, self.prompt):
                self._put_members(part, old)
                return
        if part.start == part.code and old.start < old.code and not self._speaks_of_decorators(old):
            part = replace(part, first=part.start)  # models forget the decorators of what they show alone
            start = old.code
        else:
            start = old.first if part.first < part.start else old.start
        self.changes.append((start, old.end, self._indent(part, old.indent)))

    def _speaks_of_decorators(self, part: Part) -> bool:
        """Tell whether the prompt is about the decorators of a part."""
        words = set(re.findall(r"\w{3,}", " ".join(self.old.lines[part.start : part.code])))
        return re.search(r"decorat|annotat|attribut", self.prompt, re.IGNORECASE) is not None or bool(
            words & set(re.findall(r"\w{3,}", self.prompt))
        )

    def _put_members(self, part: Part, old: Part) -> None:
        """Change some members of a class, and its header."""
        header = list(takewhile(lambda line: not is_left_out_mark(line), self.new.lines[part.start : part.body]))
        if part.indent == old.indent:
            old_header = self.old.lines[old.start : old.body]
            words, theirs = (set(re.findall(r"[\w$]+", "\n".join(each))) for each in (old_header, header))
            if words < theirs:  # what a model leaves out there it has forgotten
                self.changes.append((old.start, old.start + _count_filled(old_header), header[: _count_filled(header)]))
        members = [
            each for each in part.members if each.name != "docstring" or any(m.name == "docstring" for m in old.members)
        ]
        by_name = {each.name: each for each in old.members}
        if len(by_name) < len(old.members):
            raise ToolError(f"{old.name} in {self.path} has members of the same name; write the complete file")
        self._put_parts(members, [by_name.get(each.name) for each in members], old)

    def _indent(self, part: Part, indent: str) -> list[str]:
        lines = self.new.lines[part.first : part.end]
        if any(is_left_out_mark(line) and line.strip() != "..." and line not in self.old.lines for line in lines):
            raise ToolError(f"{part.name} for {self.path} leaves lines out; write all of it")
        return [indent + line.removeprefix(part.indent) if line.strip() else line for line in lines]

    def _insert(self, part: Part, previous: Part | None, following: Part | None, inside: Part | None) -> None:
        """Put in a part that the file does not have."""
        if inside is None:
            self._check_not_imported(part)
        beside = previous or following
        indent = beside.indent if beside else inside.members[0].indent if inside else ""
        lines = self._indent(part, indent)
        gap = [""] * (self.old.blank_lines if not indent else 1)
        if previous is not None:
            gap = [] if part.kind == previous.kind == "constant" else gap
            self.changes.append((previous.end, previous.end, [*gap, *lines]))
        elif following is not None:
            gap = [] if part.kind == following.kind == "constant" else gap
            self.changes.append((following.first, following.first, [*lines, *gap]))
        elif part.kind == "constant" and not inside:
            at = find_import_place(self.old)
            self.changes.append((at, at, ["", *lines] if at else [*lines, ""]))
        else:
            self._append(lines, gap, inside)

    def _check_not_imported(self, part: Part) -> None:
        """See that a new definition does not hide one that the file imports: models mix up who defines what."""
        for each in self.old.parts if is_python(self.path) else ():
            if each.kind == "import" and part.kind == "definition" and part.name in list_bindings(each.name):
                raise ToolError(
                    f"{self.path} does not define {part.name}, it has {each.name!r}; write {part.name} for the file that "
                    "defines it"
                )

    def _append(self, lines: list[str], gap: list[str], inside: Part | None) -> None:
        """Put lines at the end of a class or of the file, before what is run when it is started."""
        last = (inside.members if inside else self.old.parts)[-1]
        if last.name == "if __name__":
            self.changes.append((last.first, last.first, [*lines, *gap]))
        else:
            self.changes.append((last.end, last.end, [*gap, *lines]))

    def _put_imports(self) -> None:
        """Add the imports that the file lacks."""
        old = [part for part in self.old.parts if part.kind == "import"]
        names = {part.name for part in old}
        new = [part.name for part in self.new.parts if part.kind == "import" and part.name not in names]
        if is_python(self.path):
            new = self._list_new_bindings(names, new)
        else:
            new = [one for name in new for one in self._fit_import(name, old)]
        if not new:
            return
        at = find_import_place(self.old)
        future = [one for one in new if "__future__" in one]
        others = [one for one in new if one not in future]
        if others:
            gap = [] if old and at else [""]
            self.changes.append((at, at, [*others, *gap]))
        if future:
            self.changes.append((self.old.header_end, self.old.header_end, future))

    def _list_new_bindings(self, old: Collection[str], new: Sequence[str]) -> list[str]:
        """List the Python imports to be added, one for each name; a module does not import itself."""
        bound = {one for name in old for one in list_bindings(name).values()}
        stem = PurePosixPath(self.path).stem
        ones = [one for name in new for one in list_bindings(name).values() if one not in bound]
        return [one for one in ones if one.split()[1] not in {stem, f".{stem}"}]

    def _fit_import(self, name: str, old: Sequence[Part]) -> list[str]:
        """Give the import as it is to be added, if at all; of a source that is imported already more is imported."""
        sources = re.findall(r"\"[^\"]+\"|'[^']+'", name)
        if self.path.endswith(".go"):
            there = " ".join(part.name for part in old)
            return [f"import {source}" for source in sources if source not in there]
        same = [part for part in old if sources and sources[-1][1:-1] in part.name]
        if not same:
            return [] if name.startswith("package") else [name]
        words, ours = set(re.findall(r"\w+", same[0].name)), set(re.findall(r"\w+", name))
        if len(same) > 1 or not (words <= ours or ours <= words):
            raise ToolError(explain_refusal(self.path, [same[0].name]))
        if words < ours:
            self.changes.append((same[0].start, same[0].end, [name]))
        return []


def iter_names(parts: Sequence[Part], prefix: str = "") -> Iterator[str]:
    """Go over the names that parts define, those of members with that of their class."""
    for part in parts:
        if part.kind in {"definition", "constant"}:
            yield prefix + part.name
            yield from iter_names(part.members, f"{prefix}{part.name}.")


def iter_missing(old: Sequence[Part], new: Sequence[Part]) -> Iterator[str]:
    """Go over the names that are no longer there; of a class that is gone only its own."""
    names = set(iter_names(new))
    for name in iter_names(old):
        above = name.rpartition(".")[0]
        if name not in names and (not above or above in names):
            yield name


def lacks_statements(old: Part, new: Part, prompt: str) -> bool:
    """Tell whether a class was written without its docstring or its statements, as small models do.

    One that has other statements instead was written with care.
    """
    before, after = ({each.name for each in part.members if each.kind == "other"} for part in (old, new))
    lost = before - after - _EMPTY
    if re.search(r"docstring|comment", prompt, re.IGNORECASE):
        lost.discard("docstring")
    if lost - {"docstring"} and allows_shrinking(prompt):
        lost &= {"docstring"}
    return bool(lost) and not after - before - _EMPTY - {"docstring"}


def _list_following(known: Sequence[Part | None]) -> list[Part | None]:
    """Give for each place the next part there is, from there on."""
    following: list[Part | None] = []
    last: Part | None = None
    for part in reversed(known):
        last = part or last
        following.append(last)
    return following[::-1]


def _count_filled(lines: Sequence[str]) -> int:
    """Count lines up to the last that is not blank."""
    return max((number for number, line in enumerate(lines, 1) if line.strip()), default=0)


def find_import_place(outline: Outline) -> int:
    """Find the line where an import is added: after those at the top, or after the opening comment."""
    place = outline.header_end
    for part in outline.parts:
        if part.kind == "import":
            place = part.end
        elif part.kind == "definition":
            break
    return place
