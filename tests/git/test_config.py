"""Settings as git itself reads them: from all files, includes and the environment."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from git_draft.errors import ConfigError
from git_draft.git.config import GitConfig
from git_draft.git.repo import Repository
from tests.support.gitrepo import GitRepo


def open_here(folder: Path) -> Repository:
    return Repository.open(folder, os.environ)


def test_settings_are_gits(repo: GitRepo, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "work.config").write_text("[draft]\n\tbot = included\n")
    subprocess.run(
        ["git", "config", "--global", f"includeIf.gitdir:{repo.path}/.path", str(home / "work.config")], check=True
    )
    assert open_here(repo.path).config.get("draft.bot") == "included"
    repo.git("config", "draft.bot", "local")
    assert open_here(repo.path).config.get("DRAFT.Bot") == "local"
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'draft.bot'='given with -c'")
    assert open_here(repo.path).config.get("draft.bot") == "given with -c"
    assert open_here(repo.path).config.get("draft.none") is None


@pytest.mark.parametrize("value", ["true", "Yes", "on", "1", "-1", "false", "No", "OFF", "0", "", None, "2k", "maybe"])
def test_booleans_are_gits(repo: GitRepo, value: str | None) -> None:
    repo.write(
        ".git/config", repo.read(".git/config") + "[draft]\n\tflag" + ("" if value is None else f" = {value}") + "\n"
    )
    asked = repo.run("config", "--type=bool", "draft.flag")
    config = open_here(repo.path).config
    if asked.returncode:
        with pytest.raises(ConfigError, match=r"bad boolean in git's configuration: draft\.flag = "):
            config.get_bool("draft.flag")
    else:
        assert config.get_bool("draft.flag") is (asked.stdout == b"true\n")


@pytest.mark.parametrize(
    "value",
    ["0", "12", "-3", "2k", "3M", "1g", "1.5k", "k", "many", "5x", "0x10", "-0XfFk", "010", "09", "+4", "", " 7 "],
)
def test_numbers_are_gits(repo: GitRepo, value: str) -> None:
    repo.git("config", "draft.size", value)
    asked = repo.run("config", "--type=int", "draft.size")
    config = open_here(repo.path).config
    if asked.returncode:
        with pytest.raises(ConfigError, match=r"bad number in git's configuration: draft\.size = "):
            config.get_int("draft.size", 1)
    else:
        assert config.get_int("draft.size", 1) == int(asked.stdout)
    assert config.get_int("draft.none", 5) == 5
    assert config.get_bool("draft.none", default=True)


def test_subsections_are_listed_with_their_case_and_dots() -> None:
    config = GitConfig.parse(b"branch.draft/1.draftorigin\nmain\0branch.A.b.draftorigin\nx\0branch.draftorigin\ny\0")
    assert list(config.iter_subsections("Branch", "draftOrigin")) == [("draft/1", "main"), ("A.b", "x")]


def test_settings_are_written_for_all_worktrees_and_removed(repo: GitRepo) -> None:
    repo.git("worktree", "add", "--quiet", "../linked")
    opened = open_here(repo.path.parent / "linked")
    opened.set_config({"branch.draft/1.draftOrigin": 'ma\'in "x"', "branch.draft/1.remote": "."})
    assert repo.git("config", "branch.draft/1.draftOrigin") == 'ma\'in "x"'
    opened.remove_config_section("branch.draft/1")
    opened.remove_config_section("branch.draft/1")
    assert repo.find("HEAD")
    assert repo.run("config", "--get-regexp", r"^branch\.draft").stdout == b""
