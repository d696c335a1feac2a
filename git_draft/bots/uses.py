"""Where Python files use a name of another one, as far as their imports tell.

A word that stands there is no use yet: only what is imported from that file counts, and members of that file as a
module. What is bound to another value as well, or imported by a star from elsewhere, is not found. Called by
`doubts.py`, which would rather miss a use than speak of one that is none.
"""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from git_draft.bots.parts import parse_python
from git_draft.errors import ToolError
from git_draft.frozen import frozen
from git_draft.protocols import Worktree

_SOURCE_FOLDERS = ("", "src", "lib")
"""In these, seen from a folder that is no package, modules are looked for."""


@frozen
class Use:
    """A use of a name.

    Args:
        path: in which file.
        line: its number, from 1.
        text: that line.
        call: the call, where it is called.
        source: that call as it is written.
    """

    path: str
    line: int
    text: str
    call: ast.Call | None
    source: str


def iter_uses(home: str, name: str, worktree: Worktree) -> Iterator[Use]:
    """Give the uses of a name in the file that defines it and in those that import it, in each by lines.

    Args:
        home: the file that defines the name at its top, or did.
        name: the name.
        worktree: the files.
    """
    packages = {str(PurePosixPath(path).parent) for path in worktree.list_files("__init__.py")}
    homes = [home]
    for path in _list_candidates(home, name, worktree):
        try:
            text = worktree.read_file(path)
        except ToolError:
            continue
        if (tree := _parse(text)) is None:
            continue
        found = _Bindings(path, homes, name, packages)
        found.read(tree)
        if PurePosixPath(path).name == "__init__.py" and name in found.names:
            homes.append(path)  # a package that passes it on
        lines = text.split("\n")
        calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in sorted(found.find(tree), key=lambda node: (node.lineno, node.col_offset)):
            call = calls.get(id(node))
            source = (ast.get_source_segment(text, call) or "") if call else ""
            yield Use(path, node.lineno, lines[node.lineno - 1].strip(), call, source)


def binds(text: str, name: str) -> bool:
    """Tell whether a Python file may bind a name at its top, by whatever means; one that can't be read may."""
    tree = _parse(text)
    if tree is None:
        return True
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(tree)):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = symtable.symtable(text, "", "exec")
    bound = {each.get_name() for each in table.get_symbols() if each.is_assigned() or each.is_imported()}
    return name in bound or "__getattr__" in bound


def _parse(text: str) -> ast.Module | None:
    try:
        return parse_python(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _list_candidates(home: str, name: str, worktree: Worktree) -> Sequence[str]:
    """List the files that may use it, packages first: its own, and those that import such a module or name."""
    whole = PurePosixPath(home)
    words = "|".join(re.escape(word) for word in (name, whole.stem, whole.parent.name) if word)
    try:
        found = worktree.search(rf"^\s*(from|import)\b.*\b({words})\b|^\s*from\s+\.+\s+import\b", "*.py")
    except ToolError:  # it took too long
        found = ()
    paths = dict.fromkeys([home, *(str(path) for path, _, _ in found)])
    return sorted(paths, key=lambda path: PurePosixPath(path).name != "__init__.py")


@dataclass(slots=True)
class _Bindings:
    """What a file calls a name of another: by itself, and as a member of modules."""

    path: str
    homes: Collection[str]
    name: str
    packages: Collection[str]
    names: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    imports: list[ast.alias] = field(default_factory=list)
    _others: Counter[str] = field(default_factory=Counter)

    def read(self, tree: ast.Module) -> None:
        """Find what is bound where; what is bound to something else too does not count."""
        members = {id(each) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for each in node.body}
        guarded = {
            id(each)
            for node in ast.walk(tree)
            if isinstance(node, ast.Try) and node.handlers
            for statement in node.body
            for each in ast.walk(statement)
        }
        plain: set[str] = set()
        for node in ast.walk(tree):
            match node:
                case ast.Import() | ast.ImportFrom() if id(node) in guarded:
                    self._others.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
                case ast.Import():
                    plain |= self._read_import(node)
                case ast.ImportFrom():
                    self._read_from(node)
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() if id(node) not in members:
                    self._others[node.name] += 1
                case ast.Name(id=bound, ctx=ast.Store() | ast.Del()) | ast.arg(arg=bound):
                    self._others[bound] += 1
                case ast.ExceptHandler(name=str(bound)) | ast.MatchAs(name=str(bound)) | ast.MatchStar(name=str(bound)):
                    self._others[bound] += 1
        if self.path in self.homes and self._others[self.name] == 1:  # its own definition
            self.names.add(self.name)
            del self._others[self.name]
        self.names -= {*self._others, *plain}
        self.modules = {module for module in self.modules if module.partition(".")[0] not in self._others}

    def _read_import(self, node: ast.Import) -> set[str]:
        """Note modules; give the names that others are bound to."""
        plain = set()
        for alias in node.names:
            if self._is_home(0, alias.name.split(".")):
                self.modules.add(alias.asname or alias.name)
            elif alias.asname:
                self._others[alias.asname] += 1
            else:  # another module of the same package makes the package no other one
                plain.add(alias.name.partition(".")[0])
        return plain

    def _read_from(self, node: ast.ImportFrom) -> None:
        parts = node.module.split(".") if node.module else []
        is_home = self._is_home(node.level, parts)
        for alias in node.names:
            if is_home and alias.name in {self.name, "*"}:
                self.names.add(alias.asname or self.name)
                self.imports += [alias] if alias.name == self.name else []
            elif self._is_home(node.level, [*parts, alias.name]):
                self.modules.add(alias.asname or alias.name)
            else:
                self._others[alias.asname or alias.name] += 1

    def _is_home(self, level: int, parts: Sequence[str]) -> bool:
        """Tell whether an import is of the file that defines the name, or of a package that passes it on."""
        parents = list(PurePosixPath(self.path).parents)
        if level:
            roots = parents[level - 1 : level]
        else:
            tops = [parent for parent in parents if str(parent) == "." or str(parent) not in self.packages]
            roots = [top / folder for top in tops for folder in _SOURCE_FOLDERS] if parts else []
        wheres = [root.joinpath(*parts) for root in roots]
        return any(f"{where}.py" in self.homes or str(where / "__init__.py") in self.homes for where in wheres)

    def find(self, tree: ast.Module) -> Iterator[ast.alias | ast.expr]:
        """Give where the name is imported or read."""
        yield from self.imports
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=called, ctx=ast.Load()) if called in self.names:
                    yield node
                case ast.Attribute(value=value, attr=called, ctx=ast.Load()) if called == self.name:
                    if ast.unparse(value) in self.modules:
                        yield node
