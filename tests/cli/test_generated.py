"""What `make docs` writes is what stands in the project, and the demo runs in a new clone."""

from __future__ import annotations

import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.docs import (
    CHECKOUT,
    MANUAL,
    QUIRKS,
    QUIRKS_TABLE,
    README,
    REFERENCE,
    SPEED_TABLES,
    TRANSCRIPT,
    TUTORIAL,
    format_manual,
    format_quirks,
    format_speed,
    format_tutorial,
)
from tests.support.reference import COMMANDS, format_reference, read_examples
from tests.support.scripted_demo import STEPS, make_transcript, mask


def test_the_manual_is_made_from_the_commands() -> None:
    assert MANUAL.read_text("utf-8") == format_manual(), "make docs"


@pytest.mark.deep
@pytest.mark.parametrize("path, write", [(TUTORIAL, format_tutorial), (REFERENCE, format_reference)])
def test_sessions_of_documents_print_what_stands_there(path: Path, write: Callable[[], str]) -> None:
    """Three times at the most: where the machine is too busy, a list leaves out what a merge would do, as it should."""
    expected = path.read_text("utf-8")
    found = next((text for text in (write() for _ in range(3)) if text == expected), write())
    assert found == expected, "make docs"


def test_each_command_has_an_example() -> None:
    assert {example.command for example in read_examples()} == set(COMMANDS)


def test_the_table_of_quirks_is_made_from_the_code() -> None:
    found = QUIRKS_TABLE.search(QUIRKS.read_text("utf-8"))
    assert found is not None
    assert found[0] == found[1] + format_quirks() + found[2], "make docs"


def test_the_readme_shows_what_the_demo_prints() -> None:
    found = TRANSCRIPT.search(README.read_text("utf-8"))
    assert found is not None
    assert found[0] == found[1] + make_transcript() + found[2], "make docs"


def test_the_readme_shows_what_was_measured() -> None:
    found = SPEED_TABLES.search(README.read_text("utf-8"))
    assert found is not None
    assert found[0] == found[1] + format_speed() + found[2], "make docs"


@pytest.mark.deep
def test_the_demo_runs_in_a_new_clone(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
    done = subprocess.run(["make", "demo-scripted"], cwd=clone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if not line.startswith("installing")]
    assert lines[0].startswith("The model's answers are scripted")
    for command, remark in STEPS:
        assert f"$ {command}" in lines
        assert not remark or f"# {remark}" in lines
    assert "merged 1/1 (theirs)" in lines
    assert "left folio 1, now on main; 2 files differ from it, staged" in lines
    assert subprocess.run(["git", "status", "--short"], cwd=clone, capture_output=True, check=True).stdout == b""
    check_wheel(clone)


def check_wheel(clone: Path) -> None:
    """See to it that a wheel brings what is not Python: the manual page, the prompts, the program."""
    pip = [".venv/bin/python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", "dist", "."]
    subprocess.run(pip, cwd=clone, env={**os.environ, "PIP_CONSTRAINT": "constraints.txt"}, check=True)
    (wheel,) = (clone / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "data/share/man/man1/git-draft.1",
        "git_draft/prompts/system.md",
        "git_draft/models.toml",
        "dist-info/entry_points.txt",
    ):
        assert any(each.endswith(name) for each in names), name


def test_ids_and_times_are_masked() -> None:
    assert mask("index 1234567..abcdef0\n3 seconds ago") == "index 0000000..0000000\nnow"
