"""The project's own files as the house rules look at them: names, lines, syntax trees."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | FunctionNode


@dataclass(frozen=True)
class Source:
    """One Python file of the project.

    Args:
        path: relative to the checkout, with slashes.
    """

    path: str

    @cached_property
    def text(self) -> str:
        """What it says."""
        return (CHECKOUT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """What it means."""
        return ast.parse(self.text, self.path)

    @property
    def room(self) -> str:
        """The module or package at the top of git_draft that it belongs to."""
        return self.path.split("/")[1].removesuffix(".py")

    def locate(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> str:
        """Name a place in it, as compilers do."""
        return f"{self.path}:{node.lineno}"

    def iter_functions(self) -> Iterator[FunctionNode]:
        """Give every function, nested ones and methods too."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, FunctionNode))

    def iter_public(self) -> Iterator[tuple[str, Documented]]:
        """Give whatever others may use, by its dotted name: the module, its classes, functions and methods."""
        yield self.path, self.tree
        yield from self._iter_public_below(self.tree, self.path)

    def _iter_public_below(self, parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Documented]]:
        for node in parent.body:
            if isinstance(node, ast.ClassDef | FunctionNode) and not node.name.startswith("_"):
                yield f"{prefix}:{node.name}", node
                if isinstance(node, ast.ClassDef):
                    yield from self._iter_public_below(node, f"{prefix}:{node.name}")

    def iter_imports(self) -> Iterator[tuple[ast.Import | ast.ImportFrom, str, bool]]:
        """Give each import with the name of the top-level package, and whether it is inside a function."""
        inside = {id(node) for function in self.iter_functions() for node in ast.walk(function)}
        for node in ast.walk(self.tree):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                assert isinstance(node, ast.Import | ast.ImportFrom)
                yield node, name.partition(".")[0], id(node) in inside


@cache
def list_files() -> list[str]:
    """Give the paths of the project's files: what git tracks or would add."""
    asked = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # a hook sets GIT_DIR
    listing = subprocess.run(asked, cwd=CHECKOUT, env=env, capture_output=True, check=True).stdout.decode()
    return sorted(path for path in set(listing.split("\0")) if path and (CHECKOUT / path).is_file())


@cache
def list_sources(folder: str) -> list[Source]:
    """Give the Python files below a folder of the checkout."""
    return [Source(path) for path in list_files() if path.startswith(f"{folder}/") and path.endswith(".py")]
