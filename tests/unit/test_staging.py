"""Edits that are tried first: done for good they are the same as done at once, and each can be taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_draft.bots.staging import Staging
from git_draft.errors import ToolError
from tests.support.models import DictWorktree

FILES = {"a": "1", "b": "2"}
PATHS = st.sampled_from("abcd")
OPERATIONS = st.lists(st.tuples(st.sampled_from(["write", "delete", "rename"]), PATHS, PATHS), max_size=8)


@given(OPERATIONS)
def test_all_together_is_the_same_as_one_by_one(operations: list[tuple[str, str, str]]) -> None:
    direct, late = DictWorktree(FILES), DictWorktree(FILES)
    staging = Staging(late)
    for number, (kind, path, other) in enumerate(operations):
        is_there, is_free = path in direct.files, other not in direct.files
        for files in (direct, staging):
            if kind == "write":
                files.write_file(path, f"text {number}")
            elif kind == "delete" and is_there:
                files.delete_file(path)
            elif kind == "rename" and is_there and is_free:
                files.rename_file(path, other)
        for each in direct.files:
            assert staging.read_file(each) == direct.files[each]
        assert sorted(staging.list_files()) == sorted(direct.files)
    assert late.files == FILES
    assert staging.commit() == {}
    assert late.files == direct.files


class _Guarded(DictWorktree):
    def write_file(self, path: str, contents: str) -> None:
        if path == ".env":
            raise ToolError(".env is withheld")
        super().write_file(path, contents)


def test_what_the_worktree_refuses_is_told_and_the_rest_is_done() -> None:
    worktree = _Guarded(FILES)
    staging = Staging(worktree)
    staging.write_file(".env", "x")
    staging.write_file("a", "3")
    assert staging.commit() == {".env": ".env is withheld"}
    assert worktree.files == {"a": "3", "b": "2"}


def test_what_was_written_is_taken_back() -> None:
    worktree = DictWorktree(FILES)
    staging = Staging(worktree)
    staging.rename_file("a", "c")
    staging.write_file("kept", "3")
    for path in ("b", "c", "new"):
        staging.write_file(path, "broken")
        staging.take_back(path)
    assert [staging.find_before(path) for path in ("b", "c", "new")] == ["2", "1", None]
    staging.commit()
    assert worktree.files == {"b": "2", "c": "1", "kept": "3"}
    with pytest.raises(ToolError, match="there is no file a"):
        staging.read_file("a")
    assert "new" not in staging.list_files()
