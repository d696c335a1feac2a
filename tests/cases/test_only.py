"""`--only`: a bot reads everything and writes where the user lets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from git_draft.errors import ToolError, UsageError
from git_draft.events import RunStarted
from git_draft.protocols import Worktree
from tests.support.studio import Studio

_CALLS: dict[str, Callable[[Worktree], object]] = {
    "change": lambda files: files.write_file("README.md", "x\n"),
    "make": lambda files: files.write_file("new.md", "x\n"),
    "rewrite": lambda files: files.check_rewritable("README.md"),
    "delete": lambda files: files.delete_file("README.md"),
    "move out": lambda files: files.rename_file("src/app.py", "app.py"),
    "move in": lambda files: files.rename_file("README.md", "src/README.md"),
}


@pytest.fixture
def studio(studio: Studio) -> Studio:
    studio.repo.commit({"src/app.py": "x = 1\n", "src/gen/made.py": "y = 1\n", "docs/a.md": "a\n"})
    return studio


def _try(studio: Studio, *calls: Callable[[Worktree], object], only: tuple[str, ...]) -> list[str]:
    refusals = []

    def attempt(files: Worktree) -> None:
        for call in calls:
            try:
                call(files)
            except ToolError as refusal:
                refusals.append(str(refusal))

    studio.draft(attempt, only=only)
    return refusals


@pytest.mark.parametrize("call", _CALLS.values(), ids=_CALLS)
def test_nothing_is_written_elsewhere_and_the_model_is_told_why(
    studio: Studio, call: Callable[[Worktree], object]
) -> None:
    (refusal,) = _try(studio, call, only=("src",))
    assert refusal.endswith("can be read only: the user allows changes in src alone; go on without this one")
    assert studio.repo.git("diff", "--name-only", "drafts/1/1^", "drafts/1/1") == ""


def test_within_everything_is_possible_and_all_is_read(studio: Studio) -> None:
    calls = (
        lambda files: files.write_file("src/new/deep.py", files.read_file("README.md")),
        lambda files: files.rename_file("src/app.py", "src/main.py"),
        lambda files: files.delete_file("src/gen/made.py"),
    )
    assert _try(studio, *calls, only=("src/",)) == []
    changed = studio.repo.git("diff", "--no-renames", "--name-only", "drafts/1/1^", "drafts/1/1")
    assert changed.split("\n") == ["src/app.py", "src/gen/made.py", "src/main.py", "src/new/deep.py"]


def test_exclusions_and_the_current_folder_count(studio: Studio) -> None:
    inside = replace(studio, folder=studio.repo.path / "src")
    paths = ("src/app.py", "src/gen/made.py", "docs/a.md", "docs/b.txt")
    calls = [lambda files, path=path: files.write_file(path, "z\n") for path in paths]
    refusals = _try(inside, *calls, only=(".", ":!gen", ":(top)docs/*.md"))
    assert [refusal.split(" ")[0] for refusal in refusals] == ["src/gen/made.py", "docs/b.txt"]


def test_it_is_said_and_recorded(studio: Studio) -> None:
    _try(studio, only=("src", "docs/new"))
    (start,) = [event for event in studio.feedback.events if isinstance(event, RunStarted)]
    assert start.describe() == "scripted, changes only in src, docs/new"
    assert studio.warnings == ["--only docs/new is no file yet; new ones can be written there"]


@pytest.mark.parametrize(
    "only, reason",
    [
        (("README.md/x",), "README.md is no folder"),
        (("README.md/",), "README.md is no folder"),
        (("README.md/*.py",), "README.md is no folder"),
        ((".git/config",), "git's own files"),
        ((".env",), "its name looks like a secret"),
        (("link",), "link is a symbolic link"),
        (("link/x",), "link is no folder"),
        ((":/./src",), "no empty, '.' or '..' parts"),
        (("src", ":!src"), "excludes all that it names"),
    ],
)
def test_what_can_match_nothing_is_a_usage_error(studio: Studio, only: tuple[str, ...], reason: str) -> None:
    (studio.repo.path / "link").symlink_to("src")
    with pytest.raises(UsageError, match=re.escape(reason)):
        studio.draft(only=only)
    assert studio.head() == "main"
