"""Merging a draft into what the user has now: the graph, whose lines win, and chains of drafts."""

from __future__ import annotations

import pytest

from git_draft.errors import FolioError, NoDraftError
from git_draft.model import MergeStrategy, Outcome, OutcomeKind
from git_draft.protocols import Worktree
from tests.support.bots import ScriptedBot, write
from tests.support.studio import Studio

LINES = [f"line {n}" for n in range(1, 21)]


def _join(lines: dict[int, str]) -> str:
    """Give twenty lines, some of them replaced."""
    return "".join(f"{lines.get(number, line)}\n" for number, line in enumerate(LINES, 1))


@pytest.fixture
def long(studio: Studio) -> Studio:
    """Give a studio with a file of twenty lines."""
    studio.repo.commit({"f": _join({})}, message="second")
    return studio


# The drawings of the contract


def test_merged_while_the_user_went_on_editing(long: Studio) -> None:
    repo = long.repo
    repo.write("f", _join({1: "mine"}))
    long.draft(write("f", _join({1: "mine", 10: "bot"})))
    repo.write("f", _join({1: "mine", 20: "newer"}))
    merge = long.merge()
    assert merge.result.is_clean
    assert repo.read("f") == _join({1: "mine", 10: "bot", 20: "newer"})
    assert long.graph("HEAD") == [
        "draft! merge < draft! sync(merge), draft! prompt: do it",
        *sorted(long.graph("HEAD")[1:3]),
        "draft! sync(prompt) < second",
        "second < first",
        "first",
    ]
    assert sorted(long.graph("HEAD")[1:3]) == [
        "draft! prompt: do it < draft! sync(prompt)",
        "draft! sync(merge) < draft! sync(prompt)",
    ]
    assert repo.show("HEAD^1", "f") == _join({1: "mine", 20: "newer"})
    assert repo.resolve("HEAD") == repo.resolve("draft/1") == repo.resolve("draft/1+")
    assert repo.resolve("main") == repo.resolve("drafts/1/1~2")
    assert repo.status() == []


def test_merge_of_a_clean_start_is_a_true_merge(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.merge()
    assert studio.graph("HEAD") == [
        "draft! merge < first, draft! prompt: do it",
        "draft! prompt: do it < first",
        "first",
    ]


def test_head_moves_to_the_sync_commit(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "a\n"))
    studio.merge()
    assert studio.graph("HEAD") == [
        "draft! merge < draft! sync(prompt), draft! prompt: do it",
        "draft! prompt: do it < draft! sync(prompt)",
        "draft! sync(prompt) < first",
        "first",
    ]
    assert studio.repo.read("README.md") == "mine\n"


def test_second_draft_after_a_merge_stands_on_the_merge(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.merge()
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("b", "b\n"))
    studio.merge()
    assert studio.graph("HEAD")[0] == "draft! merge < draft! sync(prompt), draft! prompt: do it"
    assert studio.repo.resolve("HEAD^1^") == studio.repo.resolve("drafts/1/2~2")
    assert studio.repo.list_files() == ["README.md", "a", "b"]


@pytest.mark.parametrize("strategy", list(MergeStrategy))
def test_commit_by_hand_between_draft_and_merge_stays(long: Studio, strategy: MergeStrategy) -> None:
    repo = long.repo
    repo.write("f", _join({1: "mine"}))
    long.draft(write("f", _join({1: "mine", 10: "bot"})))
    repo.git("commit", "--quiet", "-am", "mine")
    repo.write("f", _join({1: "by hand", 20: "by hand"}))
    repo.git("commit", "--quiet", "-am", "by hand")
    by_hand = repo.resolve("HEAD")
    repo.write("f", _join({1: "newest", 20: "by hand"}))
    long.merge(strategy=strategy)
    assert repo.read("f") == _join({1: "newest", 10: "bot", 20: "by hand"})
    assert repo.git("log", "-1", "--format=%s", "HEAD^1") == "draft! sync(merge)"
    assert repo.git("log", "-1", "--format=%P", "HEAD^1").split() == [by_hand, repo.resolve("drafts/1/1^")]
    assert repo.show("HEAD^1", "f") == _join({1: "newest", 20: "by hand"})


def test_commit_by_hand_after_a_clean_start_needs_no_second_parent(long: Studio) -> None:
    repo = long.repo
    long.draft(write("f", _join({10: "bot"})))
    by_hand = repo.commit({"f": _join({1: "by hand"})}, message="by hand")
    long.merge(strategy=MergeStrategy.THEIRS)
    assert repo.read("f") == _join({1: "by hand", 10: "bot"})
    assert repo.resolve("HEAD^1") == by_hand


@pytest.mark.parametrize("strategy", list(MergeStrategy))
def test_two_drafts_from_two_states_leave_the_newer_lines(long: Studio, strategy: MergeStrategy) -> None:
    """The second stands on a sync commit that HEAD does not have: without it as a parent, older lines would return."""
    repo = long.repo
    repo.write("f", _join({1: "old", 2: "old"}))
    long.draft(write("f", _join({1: "old", 2: "old", 8: "bot one"})), prompt="one")
    repo.write("f", _join({1: "mid", 2: "old"}))
    long.draft(write("f", _join({1: "mid", 2: "old", 14: "bot two"})), prompt="two")
    repo.write("f", _join({1: "new", 2: "new"}))
    assert long.merge("1/1", strategy).result.is_clean
    assert repo.read("f") == _join({1: "new", 2: "new", 8: "bot one"})
    repo.write("f", _join({1: "newest", 2: "new", 8: "bot one"}))
    assert long.merge("1/2", strategy).result.is_clean
    assert repo.read("f") == _join({1: "newest", 2: "new", 8: "bot one", 14: "bot two"})
    (sync,) = (line for line in long.graph("HEAD") if line.startswith("draft! sync(merge)") and ", " in line)
    assert sync == "draft! sync(merge) < draft! merge, draft! sync(prompt)"
    assert repo.status() == []


def test_two_drafts_merged_in_the_other_order(long: Studio) -> None:
    repo = long.repo
    repo.write("f", _join({1: "old"}))
    long.draft(write("f", _join({1: "old", 8: "bot one"})))
    repo.write("f", _join({1: "new"}))
    long.draft(write("f", _join({1: "new", 14: "bot two"})))
    assert str(long.merge(strategy=MergeStrategy.THEIRS).draft.name) == "1/2"
    assert str(long.merge(strategy=MergeStrategy.THEIRS).draft.name) == "1/1"
    assert repo.read("f") == _join({1: "new", 8: "bot one", 14: "bot two"})


def test_strategy_decides_where_both_changed_a_line(long: Studio) -> None:
    repo = long.repo
    for strategy, line in [(MergeStrategy.OURS, "mine"), (MergeStrategy.THEIRS, "bot")]:
        repo.write("f", _join({}))
        long.draft(write("f", _join({5: "bot"})))
        repo.write("f", _join({5: "mine"}))
        assert long.merge(strategy=strategy).result.is_clean
        assert repo.read("f") == _join({5: line})


# Chains


def test_draft_on_an_unmerged_draft_brings_both(long: Studio) -> None:
    repo = long.repo
    repo.write("f", _join({1: "mine"}))
    long.draft(write("f", _join({1: "mine", 8: "bot one"})))
    long.draft(write("f", _join({1: "mine", 8: "bot one", 14: "bot two"})), on="1/1")
    repo.write("f", _join({1: "newer"}))
    assert str(long.merge(strategy=MergeStrategy.THEIRS).draft.name) == "1/2"
    assert repo.read("f") == _join({1: "newer", 8: "bot one", 14: "bot two"})
    with pytest.raises(FolioError, match="1/1 is merged already"):
        long.merge("1/1")
    with pytest.raises(NoDraftError, match="no draft to merge"):
        long.merge()


def test_draft_on_a_merged_draft_brings_the_rest(long: Studio) -> None:
    repo = long.repo
    repo.write("f", _join({1: "mine"}))
    long.draft(write("f", _join({1: "mine", 8: "bot one"})))
    long.draft(write("f", _join({1: "mine", 8: "bot one", 14: "bot two"})), on="1/1")
    long.merge("1/1", MergeStrategy.THEIRS)
    repo.write("f", _join({1: "mine", 8: "mine again"}))
    long.merge("1/2", MergeStrategy.THEIRS)
    assert repo.read("f") == _join({1: "mine", 8: "mine again", 14: "bot two"})


# Which draft


def test_newest_unmerged_draft_is_the_one(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    limit = Outcome(OutcomeKind.LIMIT, detail="30 turns")
    studio.draft(bot=ScriptedBot([write("b", "2\n")], limit))
    studio.draft(bot=ScriptedBot([write("c", "3\n")], Outcome(OutcomeKind.FAILED, detail="x")))
    studio.draft(bot=ScriptedBot([write("c", "3\n")], Outcome(OutcomeKind.INTERRUPTED)))
    studio.draft(bot=ScriptedBot([write("c", "3\n")], Outcome(OutcomeKind.QUESTION, question="?")))
    studio.draft()
    assert str(studio.merge().draft.name) == "1/2"
    assert str(studio.merge().draft.name) == "1/1"
    with pytest.raises(NoDraftError, match="no draft to merge"):
        studio.merge()
    assert str(studio.merge("1/3").draft.name) == "1/3"


def test_named_drafts_that_cannot_be_merged(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.merge()
    studio.draft()
    studio.quit()
    studio.draft(write("b", "1\n"))
    refs, index, files = studio.repo.list_refs(), studio.repo.hash_index(), studio.repo.hash_files()
    with pytest.raises(FolioError, match="1/1 is not of this folio"):
        studio.merge("1/1")
    with pytest.raises(NoDraftError, match="no draft 2/7"):
        studio.merge("2/7")
    assert (studio.repo.list_refs(), studio.repo.hash_index(), studio.repo.hash_files()) == (refs, index, files)


def test_draft_without_changes_is_not_merged(studio: Studio) -> None:
    studio.draft()
    with pytest.raises(FolioError, match="1/1 has no changes"):
        studio.merge("1/1")


def test_merging_needs_a_folio(studio: Studio) -> None:
    with pytest.raises(FolioError, match="main is not a folio branch") as caught:
        studio.merge()
    assert caught.value.hint == 'git draft "<prompt>"'
    studio.draft(write("a", "1\n"))
    studio.repo.git("switch", "--quiet", "main")
    with pytest.raises(FolioError, match="main is not a folio branch") as caught:
        studio.merge("1/1")
    assert caught.value.hint == "git switch draft/1"


def test_draft_of_a_symbolic_name(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.draft(write("b", "1\n"))
    assert str(studio.merge("1").draft.name) == "1/1"
    assert str(studio.merge("drafts/1/2").draft.name) == "1/2"


def test_upstream_follows_the_merge_of_an_older_draft(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.draft(write("b", "1\n"))
    studio.merge("1/1")
    assert studio.repo.resolve("draft/1+") == studio.repo.resolve("HEAD")


def test_modes_renames_and_removals_are_merged(studio: Studio) -> None:
    repo = studio.repo
    repo.write("run", "x\n", mode=0o755)
    repo.commit({"run": "x\n", "gone": "y\n", "old": _join({})})

    def edit(files: Worktree) -> None:
        files.rename_file("old", "new/name")
        files.delete_file("gone")
        files.write_file("run", "z\n")

    studio.draft(edit)
    repo.write("old", _join({1: "mine"}))
    studio.merge()
    assert repo.read("new/name") == _join({1: "mine"})
    assert not (repo.path / "gone").exists()
    assert (repo.path / "run").stat().st_mode & 0o111
