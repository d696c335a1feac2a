"""What git prints for us follows the user's settings: pager and colours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_draft.cli.dispatch import main
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.pseudo import opened_terminal
from tests.support.studio import Studio

PROGRAM = str(Path(__file__).resolve().parents[2] / "bin/git-draft")


@pytest.fixture(autouse=True)
def _draft(repo: GitRepo) -> None:
    Studio(repo).draft(write("new.txt", "new\n"))


def show(repo: GitRepo, *args: str, **environ: str) -> str:
    """Run the program on a terminal and give what it prints."""
    with opened_terminal([PROGRAM, *args], repo.path, {**os.environ, **environ}) as terminal:
        assert terminal.finish() == 0
        return terminal.screen


@pytest.mark.parametrize("command", ["show", "log", "list"])
def test_colours(repo: GitRepo, command: str) -> None:
    assert "\x1b[" in show(repo, command)
    assert "\x1b[" not in show(repo, command, NO_COLOR="1")
    repo.git("config", "color.ui", "false")
    assert "\x1b[" not in show(repo, command)


@pytest.mark.parametrize(
    "command, seen", [("show", "new.txt"), ("log", "prompt"), ("list", "folio"), ("events", "end")]
)
@pytest.mark.parametrize("is_set, is_paged", [(None, True), ("true", True), ("false", False), ("command", True)])
def test_pager(repo: GitRepo, command: str, seen: str, is_set: str | None, is_paged: bool) -> None:
    pager = f"sed s/{seen}/PAGED/"
    if is_set is not None:
        repo.git("config", "pager.draft", pager if is_set == "command" else is_set)
    screen = show(repo, command, PAGER="cat" if is_set == "command" else pager, NO_COLOR="1")
    assert ("PAGED" in screen) == is_paged


def test_a_pager_that_is_left_early_is_no_failure(repo: GitRepo) -> None:
    assert "folio" not in show(repo, "list", PAGER="true")


def test_colours_are_there_without_a_terminal_where_git_is_told_so(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo.path)
    assert main(["list"]) == 0
    assert "\x1b[" not in capfd.readouterr().out
    repo.git("config", "color.ui", "always")
    assert main(["list"]) == 0
    assert "\x1b[33m1/1\x1b[m" in capfd.readouterr().out


def test_a_git_that_fails_is_no_success(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo.path)
    repo.git("config", "diff.renames", "nonsense")
    assert main(["show"]) == 1
    assert "error: git ended with status 128" in capfd.readouterr().err


def test_what_a_merge_would_do_is_said_where_somebody_looks(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On a terminal, and in JSON; a script that reads lines does not wait for it."""
    assert "merges cleanly" in show(repo, "list")
    monkeypatch.chdir(repo.path)
    assert main(["list"]) == 0
    assert "merges cleanly" not in capfd.readouterr().out
    assert main(["list", "--json"]) == 0
    assert '"clean": true' in capfd.readouterr().out
