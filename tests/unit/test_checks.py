"""What is plainly wrong with a file that a model has just written."""

from __future__ import annotations

import pytest

from git_draft.bots.checks import find_bad_call, find_lost_names, find_syntax_fault, list_definitions, list_signatures

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
        ("web/tsconfig.base.json", None, "{} // comments may stand here", None),
        (".vscode/settings.json", "{}", "{} // likewise", None),
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


@pytest.mark.parametrize(
    "before, after, call, is_bad",
    [
        ("a, b=0", "a", "f(1, b=2)", True),
        ("a, b=0", "a", "f(1, 2)", True),
        ("a, b=0", "a", "f(1)", False),
        ("a", "a, b", "f(1)", True),
        ("a", "a, *, b", "m.f(1)", True),
        ("a", "a, *, b=0", "f(1)", False),
        ("a, b=0", "a, **more", "f(1, b=2)", False),
        ("a, b=0", "a, *more", "f(1, 2)", False),
        ("a, b=0", "a", "f(*values)", False),
        ("a, b=0", "a", "f(**values)", False),
        ("a", "a, b", "f()", False),  # it did not fit before
        ("a, b=0", "a", "g(1, b=2)", False),
        ("a, b=0", "a, /", "f(a=1)", True),
    ],
)
def test_calls_that_no_longer_fit(before: str, after: str, call: str, is_bad: bool) -> None:
    old, new = (list_signatures("a.py", f"def f({text}):\n    pass\n")["f"] for text in (before, after))
    assert find_bad_call(f"x = {call}\n", "f", old, new) == (call if is_bad else None)


def test_parameters_are_known_of_plain_functions_only() -> None:
    text = "@cached\ndef f(): ...\ndef g(): ...\ndef h(): ...\ndef h(a): ...\nclass C:\n    def m(self): ...\n"
    assert set(list_signatures("a.py", text)) == {"g"}
    assert list_signatures("a.py", "def f(:") == {}
    assert list_signatures("a.js", text) == {}
    (old,) = list_signatures("a.py", "def f(a): ...").values()
    assert find_bad_call("f(:", "f", old, old) is None
