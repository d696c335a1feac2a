"""A draft that changes what runs says so."""

from __future__ import annotations

from git_draft.cli.siblings import list_runnable_lines
from tests.support.bots import write
from tests.support.studio import Studio


def test_changes_of_what_runs_are_named(studio: Studio) -> None:
    studio.repo.commit({"Makefile": "all:\n", "tox.ini": "", "plain": "1\n"})
    result = studio.draft(
        write("Makefile", "all: ; rm -rf /\n"),
        write(".github/workflows/ci.yml", "on: push\n"),
        write("plain", "2\n"),
        lambda files: files.delete_file("tox.ini"),
    )
    assert [str(path) for path in result.runnable] == [".github/workflows/ci.yml", "Makefile"]
    lines = list(list_runnable_lines(result.runnable))
    assert lines == ["  changes what runs: .github/workflows/ci.yml, Makefile"]


def test_file_that_becomes_executable_is_named(studio: Studio) -> None:
    studio.repo.write("tool", "#!/bin/sh\n", mode=0o755)
    studio.repo.git("add", "tool")
    studio.repo.commit({"other": "1\n"})
    moved = studio.draft(lambda files: files.rename_file("tool", "renamed"), write("tool", "text\n"))
    assert [str(path) for path in moved.runnable] == ["renamed"]
    changed = studio.draft(write("tool", "#!/bin/sh\necho\n"))
    assert changed.runnable == ()  # it was executable before


def test_nothing_is_said_of_other_changes(studio: Studio) -> None:
    result = studio.draft(write("a.txt", "1\n"))
    assert list(list_runnable_lines(result.runnable)) == []
