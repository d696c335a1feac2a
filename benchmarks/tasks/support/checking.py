"""What the hidden checks of the tasks have in common: what must still be there, programs that are run.

A check runs in the folder of the answer, with this folder on its path (`from checking import ...`); where it raises, the
task is not solved. No part of the package imports this module.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

_ORIGINALS = Path(sys.argv[0]).resolve().parent / "files"
_TIMEOUT_S = 20

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def original(path: str) -> str:
    """Give a file's text as it was at the start."""
    return (_ORIGINALS / path).read_text(encoding="utf-8")


def keep_unchanged(*paths: str) -> None:
    """Make sure that files still say what they did; a final line break more or less is fine."""
    for path in paths:
        present = Path(path).read_text(encoding="utf-8")
        if present.rstrip() != original(path).rstrip():
            raise AssertionError(f"{path} was changed")


def keep_definitions(path: str, but: Sequence[str] = ()) -> None:
    """Make sure that every class, function and docstring of a Python file is still there.

    Args:
        path: the file.
        but: names that may be gone, ``function``, ``Class`` or ``Class.method``.
    """
    present = dict(_iter_definitions(ast.parse(Path(path).read_text(encoding="utf-8"))))
    for name, had_docstring in _iter_definitions(ast.parse(original(path))):
        if name in but:
            continue
        if name not in present:
            raise AssertionError(f"{path} has no {name} any more")
        if had_docstring and not present[name]:
            raise AssertionError(f"the docstring of {name or 'the module'} in {path} is gone")


def _iter_definitions(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.Module):
        yield "", bool(ast.get_docstring(node))
    for each in node.body:
        if isinstance(each, _Definition):
            yield prefix + each.name, bool(ast.get_docstring(each))
        if isinstance(each, ast.ClassDef):
            yield from _iter_definitions(each, f"{each.name}.")


def expect_error(
    kind: type[BaseException] | tuple[type[BaseException], ...], function: Callable[..., object], *args: object
) -> BaseException:
    """Make sure that a call raises such an error, and give it."""
    try:
        result: Any = function(*args)
    except kind as error:
        return error
    raise AssertionError(f"no error but {result!r}")


def run_python(*args: str) -> str:
    """Run Python in the folder of the answer and give what it prints."""
    return _run(sys.executable, *args)


def run_node(*args: str) -> str:
    """Run node in the folder of the answer and give what it prints."""
    return _run("node", *args)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        raise AssertionError(f"{command[1:]} ended with status {done.returncode}\n{done.stderr}")
    return done.stdout


def run_unittest(module: str, *, fails: bool = False) -> int:
    """Run a module of tests, make sure that it passes, or that it fails, and give how many tests it has."""
    script = (
        "import sys, unittest\n"
        "loader = unittest.TestLoader()\n"
        "suite = loader.loadTestsFromName(sys.argv[1])\n"
        "result = unittest.TextTestRunner().run(suite)\n"
        "verdict = 'none could be loaded' if loader.errors else 'passed' if result.wasSuccessful() else 'failed'\n"
        "print(result.testsRun, verdict)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script, module], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
    )
    count, _, verdict = (done.stdout.splitlines() or [""])[-1].partition(" ")
    if verdict != ("failed" if fails else "passed"):
        raise AssertionError(f"the tests of {module}: {verdict or 'none ran'}\n{done.stderr}")
    return int(count)
