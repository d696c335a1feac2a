"""The house rules for benchmarks/, whose tasks are data and may look as they like."""

from __future__ import annotations

import ast

import pytest

from benchmarks.tasks.cases import SETS
from tests.rules.test_code import LINES_IN_A_FUNCTION, LINES_IN_A_MODULE
from tests.support.sources import Source, list_sources

DATA = tuple(f"benchmarks/tasks/{folder}/" for folder in SETS.values())
SOURCES = [source for source in list_sources("benchmarks") if not source.path.startswith(DATA)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.path)
def test_benchmarks_keep_the_house_rules(source: Source) -> None:
    assert len(source.text.splitlines()) <= LINES_IN_A_MODULE
    for function in source.iter_functions():
        assert (function.end_lineno or 0) - function.lineno < LINES_IN_A_FUNCTION, source.locate(function)
    for name, node in source.iter_public():
        summary, _, rest = (ast.get_docstring(node) or "").partition("\n")
        assert summary.endswith((".", "?", ":")), name
        assert not rest or rest.startswith("\n"), name
