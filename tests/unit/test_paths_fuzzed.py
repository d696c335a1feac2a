"""Paths from a model, by the thousand: what is taken stays among the files, on every system, and git takes it too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from git_draft.errors import ToolError
from git_draft.paths import find_fault
from git_draft.protocols import Worktree
from tests.support.bots import Edit, write
from tests.support.git_paths import is_safe, is_taken_by_git
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

CHECKOUT = Path(__file__).parents[2]
_PIECES = (
    *(".", "..", "/", "//", "\\", ":", " ", "~", "-", "a", "dir", ".git", ".GIT", "git~1", "GIT~1", ".gitmodules", "g", "it"),
    *("\u200c", "\u202e", "\ufeff", "\u00a0", "\u0130", "\u0131", "\x00", "\n", "\x7f", "\x9b", "\udcff", "\u00e9", "e\u0301"),
    *("::$INDEX_ALLOCATION", ":stream", "C:", "c:", "config", "hooks", "gitmod~1", "NUL", "con", "x" * 260, "*", "'", '"'),
)  # fmt: skip
_PATHS = st.lists(st.sampled_from(_PIECES), max_size=9).map("".join) | st.text(max_size=12)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example("a/.git::$INDEX_ALLOCATION/hooks")
@example(".g\u200cit/config")
@example("con")
@given(_PATHS)
def test_what_is_taken_stays_among_the_files(repo: GitRepo, path: str) -> None:
    if find_fault(path) is not None:
        return
    assert is_safe(path)
    assert Path(os.path.normpath(repo.path / path)).is_relative_to(repo.path)
    assert is_taken_by_git(repo, path)


@pytest.mark.deep
@settings(max_examples=20_000)
@given(_PATHS)
def test_many_more(path: str) -> None:
    assert find_fault(path) is not None or is_safe(path)


@pytest.mark.deep
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PATHS, min_size=1, max_size=8))
def test_drafts_of_any_paths_are_sound(repo: GitRepo, paths: list[str]) -> None:
    """A refusal is what a tool answers; what is left is a draft that git finds nothing wrong with."""
    studio = Studio(repo)
    refused: list[str] = []

    def edit(path: str) -> Edit:
        def do(files: Worktree) -> None:
            try:
                files.write_file(path, "x\n")
            except ToolError as error:
                refused.append(str(error))

        return do

    before = repo.hash_files()
    draft = studio.draft(*map(edit, paths), write("always", "1\n")).draft
    assert repo.hash_files() == before
    assert repo.run("fsck", "--strict").returncode == 0
    assert all("\n" not in why for why in refused)
    assert all(is_safe(name) for name in repo.list_files(draft.commit))


@pytest.mark.deep
@pytest.mark.timeout(300)
def test_fuzzed_by_coverage() -> None:
    pytest.importorskip("atheris")  # there is none for every system
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.support.fuzzing",
            "-runs=200000",
            "-seed=1",
            "-max_len=80",
            "-print_final_stats=1",
        ],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "stat::number_of_executed_units: 200000" in done.stderr
