"""What git prints for us follows the user's settings: pager and colours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_draft.cli.app import main
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


@pytest.mark.parametrize("command", ["show", "log"])
def test_colours(repo: GitRepo, command: str) -> None:
    assert "\x1b[" in show(repo, command)
    assert "\x1b[" not in show(repo, command, NO_COLOR="1")
    repo.git("config", "color.ui", "false")
    assert "\x1b[" not in show(repo, command)


@pytest.mark.parametrize("command", ["show", "log"])
@pytest.mark.parametrize(
    "setting, is_paged",
    [(None, True), ("true", True), ("false", False), ("sed s/draft/DRAFT/", True)],
)
def test_pager(repo: GitRepo, command: str, setting: str | None, is_paged: bool) -> None:
    if setting is not None:
        repo.git("config", "pager.draft", setting)
    screen = show(repo, command, PAGER="sed s/draft/DRAFT/", NO_COLOR="1")
    assert ("DRAFT! prompt" in screen) == is_paged


def test_a_git_that_fails_is_no_success(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repo.path)
    repo.git("config", "diff.renames", "nonsense")
    assert main(["show"]) == 1
    assert "error: git ended with status 128" in capfd.readouterr().err
