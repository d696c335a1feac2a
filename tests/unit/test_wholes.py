"""What contents may leave out that are all of a file, and what they get back."""

from __future__ import annotations

import pytest

from git_draft.bots.fragments import fit_contents
from git_draft.errors import ToolError
from tests.unit.test_fragments import fit

HELPED = """\
import os

LIMIT = 10


def _norm(x):
    return os.path.normpath(x)


def run(x):
    return _norm(x)[:LIMIT]
"""
INLINED = "from pathlib import Path\n\n\ndef run(x):\n    return str(Path(x))[:10]\n"
METHODS = "class A:\n    def {0}(self):\n        return 1\n\n    def f(self):\n        return self.{0}()\n"
METHOD = "class A:\n    def f(self):\n        return 2\n"
TWO_BADLY_NAMED = "def a1(x):\n    return x\n\n\ndef a2(x):\n    return x + 1\n"
BETTER = TWO_BADLY_NAMED.replace("a1(x):", 'same(x):\n    """Same."""').replace("a2(x):", 'plus(x):\n    """Plus."""')


@pytest.mark.parametrize(
    "path, old, new, prompt, gone",
    [
        ("a.py", HELPED, INLINED, "use pathlib in a.py", "LIMIT, _norm"),
        ("a.py", TWO_BADLY_NAMED, BETTER, "give the functions better names and add docstrings", "a1, a2"),
        ("a.py", METHODS.format("_g"), METHOD, "fix f", "A._g"),
        ("a.js", "const n = 1;\nfunction f() { return n; }\n", "function f() { return 1; }\n", "simplify f", "n"),
    ],
)
def test_a_file_written_anew_without_what_nothing_needs_is_refused_once(
    path: str, old: str, new: str, prompt: str, gone: str
) -> None:
    warned: set[str] = set()
    with pytest.raises(ToolError, match=f"{path} would lose {gone}; write the complete file"):
        fit_contents(path, old, new, prompt, warned)
    fitted = fit_contents(path, old, new, prompt, warned)
    assert (fitted.contents, fitted.is_merged) == (new, False)


@pytest.mark.parametrize(
    "old, new, prompt",
    [
        (HELPED, "def run(x):\n    return _norm(x)\n", "fix run"),  # its constant alone would do no harm
        (HELPED, "LIMIT = 11\n", "raise the limit"),
        (HELPED, "def run(x):\n    return os.path.normpath(x)\n", "fix run"),  # that lacks an import too
        (METHODS.format("g"), METHOD, "fix f"),
        (TWO_BADLY_NAMED, "def a3(x):\n    return x\n", "add a3"),
        (TWO_BADLY_NAMED, "def a3(x):\n    return x\n", "add a3, which returns the name"),
        (TWO_BADLY_NAMED, "def a1(x):\n    return 2\n", "better names"),
    ],
)
def test_a_part_of_a_file_never_becomes_all_of_it(old: str, new: str, prompt: str) -> None:
    assert fit(old, new, prompt)[0]


@pytest.mark.parametrize(
    "old, new, prompt",
    [
        (
            "import json\n\n\ndef load(t):\n    return json.loads(t)\n",
            "def load(t):\n    import json\n\n    return json.loads(t)\n",
            "import json only when load is called",
        ),
        (
            "from os import path\n\n\ndef load(path):\n    return open(path)\n",
            "def load(path):\n    return open(path)\n",
            "path is not used, remove the import",
        ),
        ("# TODO: write f\n\ndef f():\n    return 1\n", "def f():\n    return 1\n", "remove the TODO at the top"),
    ],
)
def test_only_what_was_forgotten_comes_back(old: str, new: str, prompt: str) -> None:
    assert fit_contents("a.py", old, new, prompt, set()).contents == new
