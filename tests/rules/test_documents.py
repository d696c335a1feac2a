"""Rules for what stands beside the code: architecture.md, pyproject.toml, constraints, words that have no place here."""

from __future__ import annotations

import re
import tomllib
from pathlib import PurePosixPath
from typing import Any

from git_draft import __version__
from tests.support.reliability import PAGE, PROMISES
from tests.support.sources import CHECKOUT, list_files, list_sources

PROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME: list[str] = PROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
OPTIONAL = [each for extra in EXTRAS.values() for each in extra]
ARCHITECTURE = (CHECKOUT / "docs/architecture.md").read_text(encoding="utf-8")

FORBIDDEN = [  # written in parts, since this file is looked at too
    r"pypi" + r"\.org",
    r"python" + r"hosted",
    r"registry\." + r"npm",
    r"(?<![\w.~-])/(wo" + r"rk|ro" + r"ot|opt/(wh" + r"eels|py" + r"pi))\b",
    r"(?<!jinja2\.)sand" + r"box",  # which is where jinja2 has its confined environment
    r"shared" + r"/design",
    r"pip install git" + r"-draft(?!-cli)",  # on the index that name is another project's
]


def _normalize(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_architecture_names_each_module() -> None:
    named = set(re.findall(r"^\| `(git_draft/[\w/]+\.py)` \|", ARCHITECTURE, re.MULTILINE))
    modules = {source.path for source in list_sources("git_draft") if not source.path.endswith("/__init__.py")}
    assert sorted(modules - named) == [], "modules that docs/architecture.md does not name"
    assert sorted(named - modules) == [], "modules that docs/architecture.md names and that do not exist"


def test_architecture_tells_the_layers_that_are_enforced() -> None:
    told = re.search(r"^(__main__ > .*)$", ARCHITECTURE, re.MULTILINE)
    assert told
    (contract,) = (c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    assert contract["exhaustive"]
    assert told[1].split(" > ") == contract["layers"]


def test_every_room_has_its_layer() -> None:
    layers = " ".join(PROJECT["tool"]["importlinter"]["contracts"][0]["layers"])
    optional = set(re.findall(r"\((\w+)\)", layers))
    rooms = {source.room for source in list_sources("git_draft")} - {"__init__"}
    assert rooms | optional == set(re.findall(r"\w+", layers))


def test_constraints_pin_every_dependency_and_nothing_else_stands_there() -> None:
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    needed = PROJECT["build-system"]["requires"] + RUNTIME + OPTIONAL
    assert {_normalize(each) for each in needed} - {_normalize(line) for line in lines} == set()


def test_each_dependency_has_its_reason() -> None:
    decision = (CHECKOUT / "docs/decisions/0001-dependencies.md").read_text(encoding="utf-8")
    assert [each for each in RUNTIME + OPTIONAL if f"| {_normalize(each)} |" not in decision] == []


def test_distribution_is_not_named_like_another_project() -> None:
    assert PROJECT["project"]["name"] == "git-draft-cli"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_each_ignored_lint_rule_is_explained() -> None:
    lines = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    ignored = [line for line in lines if re.match(r'    "[A-Z]{1,4}\d*",', line)]
    assert ignored
    assert [line for line in ignored if not re.search(r",\s+# \S", line)] == []


def test_each_make_target_is_explained() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (help .*)$", makefile, re.MULTILINE)
    assert phony
    assert phony[1].split() == re.findall(r"^([\w-]+):.* ## ", makefile, re.MULTILINE)


def test_changelog_keeps_its_form() -> None:
    changelog = (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.*)$", changelog, re.MULTILINE)
    kinds = r"Added|Changed|Deprecated|Removed|Fixed|Security"
    assert headings[0] == "[Unreleased]"
    assert [
        h for h in headings if not re.fullmatch(rf"\[Unreleased\]|\[\d+\.\d+\.\d+\] - \d{{4}}-\d\d-\d\d|{kinds}", h)
    ] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    forbidden = re.compile("|".join(FORBIDDEN))
    found = []
    for path in list_files():
        text = (CHECKOUT / PurePosixPath(path)).read_text(encoding="utf-8", errors="replace")
        found += [f"{path}:{n}: {line}" for n, line in enumerate(text.splitlines(), 1) if forbidden.search(line)]
    assert found == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for path in (path for path in list_files() if path.endswith(".md")):
        text = (CHECKOUT / path).read_text(encoding="utf-8")
        targets = re.findall(r"\]\((?!\w+:|#)([^)#]+)", text)
        broken += [f"{path}: {target}" for target in targets if not (CHECKOUT / path).parent.joinpath(target).exists()]
    assert broken == []


def test_reliability_page_names_tests_that_are_there() -> None:
    rows = re.findall(r"^\| (?!promise)([^|]+) \| (`[^|]+) \| ([^|]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [row[0] for row in rows] == [promise.what for promise in PROMISES], "make reliability"
    assert all(re.search(r"\d", figure) for _, _, figure in rows)
    for promise in PROMISES:
        for name in promise.tests.split():
            file, _, function = name.partition("::")
            assert f"def {function or 'test_'}" in (CHECKOUT / file).read_text("utf-8"), name
