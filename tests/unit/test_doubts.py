"""What a change seems to forget, and what it does not: words that stand for something else."""

from __future__ import annotations

import pytest

from git_draft.bots.doubts import Change, find_doubts, find_untouched
from git_draft.context import ContextFile
from tests.support.models import DictWorktree

LOAD = "import json\n\n\ndef load(path):\n    return json.load(open(path))\n"
GET = "def get(url):\n    return url\n"
GET_MORE = "def get(url, proxy):\n    return url\n"
TRY = "try:\n    from a import load\nexcept ImportError:\n    load = None\n\nload(1)\n"


def list_notices(change: Change, files: dict[str, str]) -> list[str]:
    """Give what is said of a change, after which the files hold this."""
    return [doubt.notice for doubt in find_doubts([change], DictWorktree({change.path: change.after} | files))]


@pytest.mark.parametrize(
    "path, other, text, line",
    [
        ("a.py", "b.py", "import json\n\nx = json.load(f)\n", None),
        ("a.py", "b.py", "x = 1  # how to load\n", None),
        ("a.py", "b.py", "x = 'load'\n", None),
        ("a.py", "b.py", "from json import load\n\nload(f)\n", None),
        ("a.py", "b.py", "import a\n\n\nclass B:\n    def load(self):\n        return self.load(a.x)\n", None),
        ("a.py", "b.py", "import a\n\n\ndef f(a):\n    return a.load(1)\n", None),
        ("a.py", "b.py", TRY, None),
        ("a.py", "b.py", "def f(:\n", None),
        ("a.py", "b.py", "from a import load\n", 1),
        ("a.py", "b.py", "from a import (\n    x,\n    load as read,\n)\n", 3),
        ("a.py", "b.py", "import a\n\nx = a.load(1)\n", 3),
        ("a.py", "b.py", "import a as c\n\nx = c.load\n", 3),
        ("a.py", "b.py", "from a import *\n\nload(1)\n", 3),
        ("a.py", "b.py", "def f():\n    from a import load\n\n    return load(1)\n", 2),
        ("p/a.py", "p/b.py", "from .a import load\n", 1),
        ("p/a.py", "p/b.py", "from . import a\n\na.load(1)\n", 3),
        ("p/a.py", "p/q/b.py", "from ..a import load\n", 1),
        ("p/a.py", "q/b.py", "from .a import load\n", None),
        ("p/a.py", "b.py", "import p.a\nimport p.c\n\np.a.load(1)\n", 4),
        ("src/p/a.py", "tests/test_a.py", "from p.a import load\n", 1),
        ("back/p/a.py", "back/tests/test_a.py", "from p.a import load\n", 1),
        ("p/a.py", "q/b.py", "from a import load\n", None),
        ("p/__init__.py", "b.py", "from p import load\n", 1),
    ],
)
def test_a_definition_that_went_is_missed_where_it_is_imported(
    path: str, other: str, text: str, line: int | None
) -> None:
    notices = list_notices(Change(path, LOAD, "x = 1\n"), {other: text})
    start = f"{path} does not define load any more, but {other} uses it in line {line}: "
    assert [notice.startswith(start) for notice in notices] == ([] if line is None else [True])


@pytest.mark.parametrize(
    "after",
    ["from json import load\n", "load = print\n", "from b import *\n", "def __getattr__(name):\n    return 1\n"],
)
def test_a_definition_that_became_something_else_is_not_missed(after: str) -> None:
    assert list_notices(Change("a.py", LOAD, after), {"b.py": "from a import load\n"}) == []


def test_a_module_of_a_package_is_not_imported_by_its_name_alone() -> None:
    files = {"p/b.py": "from a import load\n"}
    assert list_notices(Change("p/a.py", LOAD, ""), files) != []
    assert list_notices(Change("p/a.py", LOAD, ""), files | {"p/__init__.py": ""}) == []


@pytest.mark.parametrize(
    "other, call",
    [
        ("import requests\n\nrequests.get(url)\n", None),
        ("import requests\nimport a\n\nrequests.get(url)\na.get(url, 1)\n", None),
        ("x = {}\nx.get(1)\nget(1)\n", None),
        ("from a import get\n\n\ndef f(get):\n    return get(1)\n", None),
        ("from a import get\n\nget(x.get(1), y.get(2))\n", None),
        ("from a import get as fetch\n\nfetch(get(1, 2))\n", "fetch(get(1, 2))"),
        ("from a import get\n\n\nclass B:\n    def get(self):\n        return get(1)\n", "get(1)"),
        ("import a\n\nprint(a.get(url))\n", "a.get(url)"),
        ("from p import get\n\nget(1)\n", "get(1)"),
    ],
)
def test_a_call_is_of_the_function_that_was_changed(other: str, call: str | None) -> None:
    files = {"b.py": other, "p/__init__.py": "from a import get\n"}
    told = [f"b.py calls get in a way that it does not take any more: {call}"] if call else []
    assert list_notices(Change("a.py", GET, GET_MORE), files) == told


def test_a_call_in_the_file_itself_is_seen() -> None:
    change = Change("a.py", f"{GET}\n\nget(1)\n", f"{GET_MORE}\n\nget(1)\nprint([].get(1))\n")
    assert [notice.rpartition(": ")[2] for notice in list_notices(change, {})] == ["get(1)"]


@pytest.mark.parametrize(
    "prompt, path",
    [
        ("fix a.py and update README.md", "README.md"),
        ("update README.md like a.py", "README.md"),
        ("do it in a.py, and make 8080 the port of README.md", "README.md"),
        ("use load from lib/util.py in a.py", None),
        ("do in a.py as the README.md says", None),
        ("see `lib/util.py`, and fix a.py and util.py", "lib/util.py"),
    ],
)
def test_a_file_that_is_named_and_not_changed_is_missed_unless_it_is_a_reference(prompt: str, path: str | None) -> None:
    files = [ContextFile(each, "x = 1\n", named=True) for each in ("a.py", "README.md", "lib/util.py")]
    doubt = find_untouched(prompt, [Change("a.py", "x = 1\n", "x = 2\n")], files)
    assert (doubt.paths if doubt else None) == ((path,) if path else None)
