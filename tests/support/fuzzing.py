"""Fuzzes what a model may write: `python -m tests.support.fuzzing [-runs=N …]`, the options being libFuzzer's.

Atheris looks for inputs that reach new branches of the code that reads paths; a path that is taken although it does not
stay among the files ends the run with a status other than 0. Started by `tests/unit/test_paths_fuzzed.py`.
"""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-untyped]  # it has none

with atheris.instrument_imports(include=["git_draft.paths"]):
    from git_draft.errors import ToolError
    from git_draft.paths import compile_glob, find_fault, parse_path

import contextlib

from tests.support.git_paths import is_safe


def check(data: bytes) -> None:
    """Read an input as a path and as a pattern."""
    text = data.decode("utf-8", "surrogateescape")
    fault = find_fault(text)
    if fault is None and not is_safe(text):
        raise AssertionError(f"taken, and not among the files: {text!r}")
    try:
        parse_path(text)
    except ToolError:
        if fault is None:
            raise
    with contextlib.suppress(ToolError):
        compile_glob(text)


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
