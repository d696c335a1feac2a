"""The openai package loaded without its types: every name is there all the same, and odd packages are loaded as they are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from git_draft.bots.late_types import parse_names

CHECKOUT = Path(__file__).resolve().parents[2]

# each name of each package of types, with what it is; the packages in the order that is told, last names first or last
TELL = """\
import importlib, json, pkgutil, sys
sys.path.insert(0, sys.argv[2])
if sys.argv[1] == "late":
    from git_draft.bots.late_types import load_openai
    load_openai()
import openai
at_first = sum(name.startswith("openai.types") for name in sys.modules)
found = {}
packages = ["openai.types", *(each.name for each in pkgutil.walk_packages(openai.types.__path__, "openai.types.") if each.ispkg)]
for name in packages[::-1]:
    package = importlib.import_module(name)
    names = [each for each in dir(package) if not each.startswith("_") and each != "annotations"]
    values = {each: getattr(package, each) for each in names}
    found[name] = {each: f"{getattr(value, '__module__', '')} {value!r}" for each, value in values.items() if type(value) is not type(sys)}
print(json.dumps([at_first, found]))
"""


def tell(how: str, folder: Path | str = "") -> tuple[int, dict[str, dict[str, str]]]:
    """Load openai, late or plainly; give how many modules of types that took, and all of their names."""
    environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TELL, how, str(folder)],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    count, names = json.loads(done.stdout)
    return count, names


def check(folder: Path | str = "") -> None:
    """See that late types are the plain ones."""
    late_count, late = tell("late", folder)
    plain_count, plain = tell("plain", folder)
    assert late == plain
    assert len(late) > 30
    assert late_count < plain_count / 4


def test_every_name_is_there() -> None:
    check()


def list_versions() -> list[str]:
    """Ask the registry which versions of openai we allow there are."""
    (needed,) = (
        Requirement(line.strip(' ",'))
        for line in (CHECKOUT / "pyproject.toml").read_text("utf-8").splitlines()
        if line.strip().startswith('"openai')
    )
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "index", "versions", "openai"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    (listed,) = re.findall("Available versions: (.*)", done.stdout)
    return [each for each in listed.split(", ") if Version(each) in needed.specifier]


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_in_every_version_that_we_allow(tmp_path: Path) -> None:
    versions = list_versions()
    assert versions
    for version in [*versions, "3.40.0"]:  # and in an older one: it does not hang on the newest
        folder = tmp_path / version
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(folder), f"openai=={version}"], check=True)
        check(folder)


@pytest.mark.parametrize(
    "text, names",
    [
        ("", {}),
        ("# a remark\n\nfrom __future__ import annotations\n", {}),
        ("from .a import A as A, b\n", {"A": (".a", "A"), "b": (".a", "b")}),
        ("from .a import (\n    A as B,\n    C,\n)\n", {"B": (".a", "A"), "C": (".a", "C")}),
        ("from ..a.b import A\n", {"A": ("..a.b", "A")}),
        ("from .a import A\nimport os\n", None),
        ("from .a import A\nA.update()\n", None),
        ("from . import a\n", None),
        ("from .a import *\n", None),
        ("from .a import (  # all\n    A,\n)\n", None),
        ("from .a import a\n", None),  # the module, or what is in it
        ("from .a import A", None),  # no newline: the rest may be missing
    ],
)
def test_names_are_read(text: str, names: dict[str, tuple[str, str]] | None) -> None:
    assert parse_names(text) == names


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """Make an openai package; give its folder of types."""
    types = tmp_path / "openai/types"
    types.mkdir(parents=True)
    (types.parent / "__init__.py").write_text("from . import types\nfrom .types import A, B\n")
    (types / "__init__.py").write_text("from .a import A\nfrom .b import B\n")
    (types / "a.py").write_text("A = 1\n")
    (types / "b.py").write_text("B = 2\n")
    return types


LOAD = """\
import sys
sys.path.insert(0, sys.argv[1])
from git_draft.bots.late_types import load_openai
load_openai()
import openai
print(openai.A, openai.B, type(openai.types.__loader__).__name__)
"""


def load(types: Path) -> str:
    """Load a package; give what it has, and what loaded its types."""
    command = [sys.executable, "-c", LOAD, str(types.parents[1])]
    environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout


def test_as_expected(fake: Path) -> None:
    assert load(fake) == "1 2 _LateLoader\n"


def test_a_package_that_does_something_else_is_loaded_as_it_is(fake: Path) -> None:
    (fake / "__init__.py").write_text("from .a import A\nfrom .b import B\n\nB = A + B\n")
    assert load(fake) == "1 3 SourceFileLoader\n"


@pytest.mark.parametrize("error", ["ImportError", "AttributeError"])
def test_all_is_loaded_as_it_is_where_types_can_not_come_late(fake: Path, error: str) -> None:
    """Here a module sees how its package was loaded, and does not like it."""
    (fake / "b.py").write_text(
        f"from openai import types\nif 'Late' in type(types.__loader__).__name__:\n    raise {error}\nB = 2\n"
    )
    assert load(fake) == "1 2 SourceFileLoader\n"


LOADING = """\
import sys
sys.path.insert(0, sys.argv[1])
from git_draft.bots.client import loading
with loading():
    pass
print("openai" in sys.modules, getattr(sys.modules.get("openai"), "A", None))
"""


def load_beside(types: Path) -> subprocess.CompletedProcess[str]:
    """Load a package beside something else."""
    command = [sys.executable, "-c", LOADING, str(types.parents[1])]
    environ = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=True)


def test_it_is_loaded_when_the_snapshot_is_taken(fake: Path) -> None:
    assert load_beside(fake).stdout == "True 1\n"


def test_what_can_not_be_loaded_is_said_where_it_is_used(fake: Path) -> None:
    (fake.parent / "__init__.py").write_text("import nowhere\n")
    done = load_beside(fake)
    assert (done.stdout, done.stderr) == ("False None\n", "")
