"""What a model means that writes a part of a file where all of it was asked for."""

from __future__ import annotations

import difflib

import pytest

from git_draft.bots.fragments import fit_contents
from git_draft.errors import ToolError

PYTHON = '''\
#!/usr/bin/env python
"""Statistics."""

import math
from os import path

LIMIT = 10


def mean(xs):
    """Mean."""
    return sum(xs)


# about total
@cached
def total(xs):
    return math.fsum(xs)


class Box:
    """A box."""

    size = 1

    def __init__(self, a):
        self.a = a

    @property
    def area(self):
        return self.a

    @area.setter
    def area(self, v):
        self.a = v

    async def grow(self):
        self.a += 1


if __name__ == "__main__":
    print(mean([1]))
'''


def fit(old: str, new: str, prompt: str = "fix it", path: str = "stats.py") -> tuple[bool, str]:
    """Tell whether contents were merged, and give the changed lines with no context."""
    fitted = fit_contents(path, old, new, prompt, set())
    lines = difflib.unified_diff(old.splitlines(), fitted.contents.splitlines(), n=0, lineterm="")
    return fitted.is_merged, "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


@pytest.mark.parametrize(
    "new, prompt, changed",
    [
        (
            "def mean(xs):\n    return 1\n",
            "fix mean",
            '-    """Mean."""\n-    return sum(xs)\n+    return 1',
        ),
        (
            "# the sum\n@cached\ndef total(xs):\n    return 1\n",
            "fix it",
            "-# about total\n+# the sum\n-    return math.fsum(xs)\n+    return 1",
        ),
        (
            "def total(xs):\n    return 1\n",
            "fix it",
            "-    return math.fsum(xs)\n+    return 1",  # the decorator was only forgotten
        ),
        (
            "def total(xs):\n    return math.fsum(xs)\n",
            "remove the decorator from total",
            "-@cached",
        ),
        (
            "    async def grow(self, by=1):\n        self.a += by\n",
            "fix it",
            "-    async def grow(self):\n-        self.a += 1\n+    async def grow(self, by=1):\n+        self.a += by",
        ),
        (
            "async def grow(self):\n    self.a += 2\n\ndef shrink(self):\n    pass\n",
            "fix it",
            "-        self.a += 1\n+        self.a += 2\n+\n+    def shrink(self):\n+        pass",
        ),
        (
            "class Box:\n    @area.setter\n    def area(self, v):\n        self.b = v\n\n    def shrink(self):\n        pass\n",
            "fix it",
            "-        self.a = v\n+        self.b = v\n+\n+    def shrink(self):\n+        pass",
        ),
        (
            "class Box(Base):\n    # ... existing code ...\n    size = 2\n",
            "fix it",
            "-class Box:\n+class Box(Base):\n-    size = 1\n+    size = 2",
        ),
        (
            "import json\nimport math\nfrom os import path, sep\nfrom stats import mean\n\nLIMIT = 11\nMORE = 1\n",
            "fix it",
            "+import json\n+from os import sep\n-LIMIT = 10\n+LIMIT = 11\n+MORE = 1",
        ),
        (
            "from __future__ import annotations\ndef mode(xs): ...\ndef total(xs):\n    return 1\n",
            "fix it",
            "+from __future__ import annotations\n+def mode(xs): ...\n+\n+\n-    return math.fsum(xs)\n+    return 1",
        ),
        ("def mode(xs):\n    return 1\n", "add a function", "+def mode(xs):\n+    return 1\n+\n+"),
        ("X = 1\n", "define X", "+\n+X = 1"),
        (
            "def average(xs):\n    return 1\n",
            "Rename the function mean to average",
            '-def mean(xs):\n-    """Mean."""\n-    return sum(xs)\n+def average(xs):\n+    return 1',
        ),
        (
            "# ... existing code ...\n\ndef mean(xs):\n    return 1\n\n# ... rest of the code ...\n",
            "fix it",
            '-    """Mean."""\n-    return sum(xs)\n+    return 1',
        ),
        (
            PYTHON.partition("if __name__")[0].replace("sum(xs)\n\n", "sum(xs) + 1\n\n").replace("fsum(xs) + 1", "fsum(xs)"),
            "fix it",
            "-    return sum(xs)\n+    return sum(xs) + 1",  # what is run when it is started is not lost
        ),
    ],
)  # fmt: skip
def test_definitions_take_the_place_of_those_in_a_python_file(new: str, prompt: str, changed: str) -> None:
    assert fit(PYTHON, new, prompt) == (True, changed)


CLASS = '''\
class Box:
    """A box."""

    for name in NAMES:
        register(name)

    def grow(self):
        self.a += 1
'''
GROW = "    def grow(self):\n        self.a += 2\n"
GROWN = "-        self.a += 1\n+        self.a += 2"
REGISTERED = "-    for name in NAMES:\n-        register(name)\n-\n"


@pytest.mark.parametrize("more", ["", "\n\ndef f():\n    return 1\n"])
@pytest.mark.parametrize(
    "new, prompt, changed",
    [
        (f"class Box:\n{GROW}", "fix grow", GROWN),
        (f'class Box:\n    """A box."""\n\n{GROW}', "fix grow", GROWN),
        (f'class Box:\n    """A box."""\n\n{GROW}', "do not register names, remove that", REGISTERED + GROWN),
        (
            f'class Box:\n    """A box."""\n\n    register(NAMES)\n\n{GROW}',
            "register all at once",
            REGISTERED.removesuffix("-\n") + "+    register(NAMES)\n" + GROWN,
        ),
    ],
)
def test_a_class_keeps_its_docstring_and_its_statements(more: str, new: str, prompt: str, changed: str) -> None:
    assert fit(CLASS + more, new, prompt)[1] == changed


def test_a_class_that_was_empty_is_no_longer() -> None:
    assert fit("class A:\n    pass\n\n\nX = 1\n", "class A:\n    y = 1\n")[1] == "-    pass\n+    y = 1"
    assert fit('class A:\n    """A."""\n\n    x = 1\n', "class A:\n    x = 1\n", "remove the docstring")[1].startswith(
        "-    "
    )


TOTAL = "# about total\n@cached\ndef total(xs):\n    return math.fsum(xs)\n\n\n"
WITHOUT = "-\n-\n-# about total\n-@cached\n-def total(xs):\n-    return math.fsum(xs)"


@pytest.mark.parametrize(
    "new, prompt, changed",
    [
        (PYTHON, "fix it", ""),
        (PYTHON.replace("LIMIT = 10", "LIMIT = 11"), "fix it", "-LIMIT = 10\n+LIMIT = 11"),
        (PYTHON.replace(TOTAL, ""), "Remove the function `total`.", WITHOUT),
        (PYTHON.replace(TOTAL, ""), "remove what is unused", WITHOUT),
        (PYTHON.replace(TOTAL, ""), "total is not needed, delete it", WITHOUT),
        (
            PYTHON.replace("mean", "average"),
            "rename mean to average",
            "-def mean(xs):\n+def average(xs):\n-    print(mean([1]))\n+    print(average([1]))",
        ),
        (PYTHON.replace("import math\n", ""), "fix it", ""),
        (PYTHON.partition("import math")[2].replace("10", "11"), "fix it", "-LIMIT = 10\n+LIMIT = 11"),
    ],
)  # fmt: skip
def test_all_of_a_python_file_is_taken_as_it_is(new: str, prompt: str, changed: str) -> None:
    assert fit(PYTHON, new, prompt) == (False, changed)


IMPORTING = '"""Statistics."""\n\nimport math\nfrom os import path\n\n\ndef mean(xs):\n    return math.fsum(path)\n'


@pytest.mark.parametrize("start", ["", "\n", "\n\n", '"""Statistics."""\n\n', '"""Statistics."""\n\n\n'])
def test_forgotten_imports_come_back_with_the_blank_lines_around_them(start: str) -> None:
    assert fit(IMPORTING, start + IMPORTING.partition("\n\n\n")[2]) == (False, "")
    changed = "-    return math.fsum(path)\n+    return math.fsum(path) / 2"
    assert fit(IMPORTING, start + IMPORTING.partition("\n\n\n")[2].replace("(path)", "(path) / 2")) == (False, changed)


def test_what_goes_unasked_stays() -> None:
    assert fit(PYTHON, PYTHON.replace(TOTAL, ""), "fix mean") == (True, "")
    assert fit(PYTHON, PYTHON.replace(TOTAL, ""), "remove the calls of total") == (True, "")


@pytest.mark.parametrize(
    "new, prompt, reason",
    [
        (
            "return sum(xs) / len(xs)\n",
            "fix it",
            "lacks Box, LIMIT, mean, total, which the file has, and can't be fitted",
        ),
        (
            "x(mean([1, 2]))\nprint(1)\n",
            "fix it",
            "can't be fitted into the file; write the complete file, or a search",
        ),
        ("def mode(xs):\n    return 1\n", "make it faster", "can't be fitted"),
        ("import json\n", "fix it", "can't be fitted"),
        ("def mean(xs):\n    # ... existing code ...\n    return 1\n", "fix it", "mean for stats.py leaves lines out"),
        ("def mean(xs:\n    return 1\n", "fix it", "the new contents of stats.py are no valid Python: "),
        ("The function is fine.", "fix it", "no valid Python"),
        ("((((" * 500, "fix it", "no valid Python"),
        ("x = 1\0", "fix it", "no valid Python"),
    ],
)
def test_what_fits_nowhere_is_refused(new: str, prompt: str, reason: str) -> None:
    with pytest.raises(ToolError) as caught:
        fit(PYTHON, new, prompt)
    assert reason in str(caught.value)


TWO = "class A:\n    def f(self):\n        return 1\n\n\nclass B:\n    def f(self):\n        return 2\n"


def test_a_name_that_stands_twice_is_refused() -> None:
    with pytest.raises(ToolError, match=r"stats\.py has f several times"):
        fit(TWO, "    def f(self):\n        return 3\n")


def test_a_definition_never_hides_one_that_is_imported() -> None:
    with pytest.raises(ToolError, match=r"stats\.py does not define path, it has 'from os import path'"):
        fit(PYTHON, "def path():\n    return 1\n", "path gives the wrong folder")
    assert fit(PYTHON, "class Box:\n    def path(self):\n        return 1\n", "add path to Box")[0]


def test_a_syntax_that_this_python_may_not_know_is_refused_once() -> None:
    warned: set[str] = set()
    with pytest.raises(ToolError, match="no valid Python"):
        fit_contents("a.py", "x = 1\n", "x = ?\n", "fix", warned)
    assert fit_contents("a.py", "x = 1\n", "x = ?\n", "fix", warned).contents == "x = ?\n"
