"""What is plainly wrong with a file that a model has just written."""

from __future__ import annotations

import pytest

from git_draft.bots.checks import find_lost_names, find_syntax_fault, list_definitions

SOUND = "import os\n\n\ndef f():\n    return os.name\n"


@pytest.mark.parametrize(
    "path, before, after, fault",
    [
        ("a.py", SOUND, SOUND, None),
        ("a.py", SOUND, "def f(:\n", "line 1: invalid syntax: def f(:"),
        ("a.py", None, "def f(:\n", "line 1: invalid syntax: def f(:"),
        ("a.PYI", None, "def f(:\n", "line 1: invalid syntax: def f(:"),
        ("a.py", "broken before(\n", "def f(:\n", None),
        ("a.py", SOUND, "x = '\\d'\n", None),  # a warning to Python, the file's own business
        ("a.py", None, "x = 1\0\n", "source code string cannot contain null bytes"),
        ("a.py", None, "(" * 5000, "too many nested parentheses"),
        ("a.json", "{}", '{"a": 1,}', "Illegal trailing comma|Expecting property name"),
        ("a.json", None, "{}", None),
        ("a.toml", "a = 1", "a = = 1", "Invalid value"),
        ("a.js", "f()", "f((", None),
    ],
)
def test_syntax(path: str, before: str | None, after: str, fault: str | None) -> None:
    found = find_syntax_fault(path, before, after)
    if fault is None:
        assert found is None
    else:
        assert found is not None
        assert any(part in found for part in fault.split("|"))


@pytest.mark.parametrize(
    "path, before, after, names",
    [
        ("a.py", SOUND, "def f():\n    return os.name + sep\n", ("os", "sep")),
        ("a.py", "x = lost\n", "x = lost\ny = lost\n", ()),
        ("a.py", None, "x = lost\n", ("lost",)),
        ("a.py", SOUND, "def f(:\n", ()),
        ("a.js", "", "lost()", ()),
    ],
)
def test_names_that_a_file_uses_and_does_not_know(
    path: str, before: str | None, after: str, names: tuple[str, ...]
) -> None:
    assert find_lost_names(path, before, after) == names


def test_definitions_at_the_top() -> None:
    text = "def f():\n    def inner(): ...\n\n\nasync def g(): ...\n\n\nclass C:\n    def m(self): ...\n"
    assert list_definitions("a.py", text) == {"f", "g", "C"}
    assert list_definitions("a.js", "function f() {}") == frozenset()
    assert list_definitions("a.py", "def f(:") == frozenset()
