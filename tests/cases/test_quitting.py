"""Leaving a folio: every refusal, and the state that the user comes back to."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from git_draft.errors import DetachedHeadError, FolioError, OwnCommitsError
from git_draft.folios import open_folio
from git_draft.model import MergeStrategy, Outcome, OutcomeKind
from tests.support.bots import ScriptedBot, write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio


def _see(repo: GitRepo) -> object:
    return repo.list_refs(), repo.hash_index(), repo.hash_files(), (repo.path / ".git/HEAD").read_text()


def _paste(repo: GitRepo, hint: str | None) -> None:
    """Run the command of a hint as a user would."""
    assert hint is not None
    program, *words = shlex.split(hint.partition(", then ")[0])
    assert program == "git"
    repo.git(*words)


# What is left


def test_everything_is_as_it_was_and_the_difference_is_staged(studio: Studio) -> None:
    repo = studio.repo
    repo.commit({"edited": "1\n", "gone": "1\n", ".gitignore": "*.o\n"})
    main = repo.resolve("main")
    config = (repo.path / ".git/config").read_text()
    repo.write("edited", "mine\n")
    repo.write("untracked", "mine\n")
    repo.write("x.o", "ignored\n")
    studio.draft(write("new", "bot\n"), lambda files: files.delete_file("gone"))
    studio.merge()
    repo.write("README.md", "mine\n")
    repo.write("late", "mine\n")
    files = repo.hash_files()
    left = studio.quit()
    assert repo.hash_files() == files
    assert repo.status() == ["M  README.md", "M  edited", "D  gone", "A  new", "?? late", "?? untracked"]
    assert (left.folio.number, left.staged, left.question) == (1, 4, None)
    assert studio.head() == "main"
    assert repo.resolve("main") == main
    assert repo.list_refs("refs/heads/").keys() == {"refs/heads/main"}
    assert (repo.path / ".git/config").read_text() == config
    assert repo.git("log", "-g", "-1", "--format=%gs", "HEAD") == "checkout: moving from draft/1 to main"
    assert repo.run("show-ref", "--verify", "--quiet", "refs/drafts/1/1").returncode == 0


def test_final_state_is_kept(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("new", "bot\n"))
    studio.merge()
    repo.write("README.md", "mine\n")
    repo.write("untracked", "mine\n")
    studio.quit()
    assert studio.graph("refs/drafts/1/@")[0] == "draft! sync(finalize) < draft! merge"
    assert repo.list_files("drafts/1/@") == ["README.md", "new", "untracked"]
    assert repo.show("drafts/1/@", "README.md") == "mine\n"


def test_clean_folio_needs_no_finalizing_commit(studio: Studio) -> None:
    studio.draft(write("new", "bot\n"))
    studio.merge()
    merge = studio.repo.resolve("HEAD")
    studio.quit()
    assert studio.repo.resolve("drafts/1/@") == merge
    assert studio.repo.status() == ["A  new"]


def test_quitting_without_a_merge_gives_back_what_was_there(studio: Studio) -> None:
    repo = studio.repo
    repo.write("README.md", "mine\n")
    repo.write("untracked", "mine\n")
    files = repo.hash_files()
    studio.draft(write("new", "bot\n"))
    studio.quit()
    assert repo.hash_files() == files
    assert repo.status() == ["M  README.md", "?? untracked"]
    assert not (repo.path / ".git/logs/refs/heads/draft").exists() or not any(
        (repo.path / ".git/logs/refs/heads/draft").iterdir()
    )
    repo.git("branch", "draft")  # nothing is in its way


def test_save_of_a_quit_tells_the_origin(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("new", "bot\n"))
    head, upstream = repo.resolve("HEAD"), repo.resolve("draft/1+")
    repo.write("README.md", "mine\n")
    studio.quit()
    assert repo.git("log", "-1", "--format=%B", "refs/drafts-undo/1/1").splitlines() == [
        "draft! save(quit)",
        "",
        "Operation: quit",
        "Head-branch: refs/heads/draft/1",
        f"Ref: refs/heads/draft/1 {head}",
        f"Upstream: refs/heads/draft/1+ {upstream}",
        "Final: refs/drafts/1/@ absent",
        "Origin: main",
        f"Left-head: {head}",
        f"Left-index: {repo.git('write-tree')}",
    ]


def test_open_question_is_said(studio: Studio) -> None:
    studio.draft(bot=ScriptedBot([write("a", "a\n")], Outcome(OutcomeKind.QUESTION, question="which?")))
    assert studio.quit().question == "which?"
    (draft,) = studio.list_drafts()
    assert draft.record.question == "which?"


def test_folio_after_a_quit_has_the_next_number(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.quit()
    assert str(studio.draft(write("a", "a\n")).draft.name) == "2/1"
    assert [(folio.number, folio.origin, folio.is_open) for folio in studio.list_folios()] == [
        (1, "main", False),
        (2, "main", True),
    ]


# Untracked again


def test_untracked_files_stay_so_through_merges(studio: Studio) -> None:
    repo = studio.repo
    for name in ("early", "touched", "removed"):
        repo.write(name, "mine\n")
    studio.draft(write("touched", "bot\n"))
    studio.merge(strategy=MergeStrategy.THEIRS)
    assert "early" in repo.list_files()  # a merge has recorded it in between
    repo.write("between", "mine\n")
    (repo.path / "removed").unlink()
    studio.draft(write("b", "bot\n"))
    studio.merge()
    repo.write("late", "mine\n")
    studio.quit()
    assert repo.status() == ["A  b", "A  touched", "?? between", "?? early", "?? late"]


def test_files_of_a_draft_that_was_not_merged_stay_untracked(studio: Studio) -> None:
    studio.repo.write("mine", "mine\n")
    studio.draft(write("mine", "bot\n"))
    studio.quit()
    assert studio.repo.status() == ["?? mine"]


def test_untracked_files_stay_so_after_more_saves_than_are_kept(studio: Studio) -> None:
    repo = studio.repo
    repo.write("early", "mine\n")
    for number in range(22):
        studio.draft(write(f"bot{number:02}", "bot\n"))
        studio.merge()
    assert len(repo.list_refs("refs/drafts-undo/1/")) == 20
    studio.quit()
    assert [line for line in repo.status() if "bot" not in line] == ["?? early"]


def test_file_that_the_user_added_stays_added(studio: Studio) -> None:
    studio.repo.write("added", "mine\n")
    studio.repo.git("add", "added")
    studio.draft(write("a", "bot\n"))
    studio.merge()
    studio.quit()
    assert studio.repo.status() == ["A  a", "A  added"]


# Refusals


def test_quitting_needs_a_folio(studio: Studio) -> None:
    with pytest.raises(FolioError, match="main is not a folio branch"):
        studio.quit()
    studio.draft(write("a", "a\n"))
    studio.repo.git("switch", "--quiet", "main")
    with pytest.raises(FolioError, match="main is not a folio branch") as caught:
        studio.quit()
    _paste(studio.repo, caught.value.hint)
    assert studio.quit().folio.number == 1


def test_detached_head_is_no_folio(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.repo.git("checkout", "--quiet", "--detach")
    with pytest.raises((FolioError, DetachedHeadError)) as caught:
        studio.quit()
    _paste(studio.repo, caught.value.hint)
    assert studio.quit().folio.number == 1


def test_origin_with_newer_commits_is_merged_first(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("a", "a\n"))
    studio.merge()
    newer = repo.git("commit-tree", "-p", "main", "-m", "newer", "main^{tree}")
    repo.git("branch", "--force", "main", newer)
    before = _see(repo)
    with pytest.raises(FolioError, match="main has commits that draft/1 lacks") as caught:
        studio.quit()
    assert _see(repo) == before
    assert (caught.value.hint or "").startswith("git merge main, then git draft --quit")
    _paste(repo, caught.value.hint)
    assert studio.quit().folio.number == 1  # the merge of the origin is no commit of the user's own
    assert repo.resolve("main") == newer
    assert repo.status() == ["A  a"]


@pytest.mark.parametrize("is_empty", [False, True], ids=["with-drafts", "empty"])
def test_origin_that_is_gone(studio: Studio, is_empty: bool) -> None:
    main = studio.repo.resolve("main")
    with studio.command(), studio.opened() as project:
        open_folio(project, project.workdir.take_snapshot())
    if not is_empty:
        studio.draft(write("a", "a\n"))
        studio.merge()
        studio.draft(write("a", "b\n"))
    studio.repo.git("branch", "-D", "main")
    before = _see(studio.repo)
    with pytest.raises(FolioError, match="the origin branch main is gone") as caught:
        studio.quit()
    assert _see(studio.repo) == before
    _paste(studio.repo, (caught.value.hint or "").partition(", or ")[0])
    assert studio.repo.resolve("main") == main
    assert studio.quit().folio.number == 1


def test_origin_that_was_renamed(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.repo.git("branch", "--move", "main", "trunk")
    with pytest.raises(FolioError) as caught:
        studio.quit()
    _paste(studio.repo, (caught.value.hint or "").rpartition("renamed: ")[2].replace("<new name>", "trunk"))
    assert studio.quit().folio.origin == "trunk"
    assert studio.head() == "trunk"


@pytest.mark.parametrize("is_linked", [True, False], ids=["in-a-linked-one", "in-the-main-one"])
def test_origin_that_is_checked_out_elsewhere(studio: Studio, tmp_path: Path, is_linked: bool) -> None:
    folder = tmp_path / "a tree"
    if is_linked:
        studio.draft(write("a", "a\n"))
        studio.repo.git("worktree", "add", "--quiet", str(folder), "main")
    else:
        studio.repo.git("switch", "--quiet", "-c", "topic")
        studio.repo.git("worktree", "add", "--quiet", str(folder), "main")
        studio = Studio(GitRepo(folder))
        studio.draft(write("a", "a\n"))
        GitRepo(tmp_path / "repo").git("switch", "--quiet", "main")
    with pytest.raises(FolioError, match="main is checked out in another worktree") as caught:
        studio.quit()
    _paste(studio.repo, caught.value.hint)
    assert studio.quit().folio.number == 1
    assert studio.head() == "main"


def test_own_commits_are_listed_and_confirmed(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("a", "a\n"))
    studio.merge()
    one = repo.commit({"one": "1\n"}, message="one")
    two = repo.commit({"two": "2\n"}, message="two")
    repo.write("README.md", "mine\n")
    before = _see(repo)
    with pytest.raises(OwnCommitsError, match="commits of your own") as caught:
        studio.quit()
    assert _see(repo) == before
    assert caught.value.commits == (f"{one[:10]} one", f"{two[:10]} two")
    assert f"git cherry-pick {one[:10]} {two[:10]}" in (caught.value.hint or "")
    assert studio.quit(force=True).folio.number == 1
    assert repo.status() == ["M  README.md", "A  a", "A  one", "A  two"]


def test_confirm_is_told_the_commits(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    own = studio.repo.commit({"one": "1\n"}, message="one")
    told: list[tuple[str, ...]] = []

    def confirm(commits: tuple[str, ...]) -> bool:
        told.append(commits)
        return True

    with studio.command() as drafter:
        drafter.quit(confirm)
    assert told == [(f"{own[:10]} one",)]


def test_conflict_that_the_user_committed_is_no_own_commit(studio: Studio) -> None:
    studio.draft(write("README.md", "bot\n"))
    studio.repo.write("README.md", "mine\n")
    studio.merge()
    studio.repo.write("README.md", "both\n")
    studio.repo.git("commit", "--quiet", "-a", "-m", "my own words")
    assert studio.quit().folio.number == 1
    assert studio.repo.status() == ["M  README.md"]


def test_draft_that_the_user_merged_by_hand_is_no_own_commit(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.repo.git("merge", "--quiet", "--ff-only", "drafts/1/1")
    assert studio.quit().folio.number == 1
    assert studio.repo.status() == ["A  a"]


# Linked worktrees


def test_two_folios_in_two_worktrees_at_once(studio: Studio, tmp_path: Path) -> None:
    studio.repo.git("worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "tree"))
    other = Studio(GitRepo(tmp_path / "tree"))
    studio.draft(write("a", "a\n"))
    other.repo.write("README.md", "theirs\n")
    other.draft(write("b", "b\n"))
    studio.repo.write("README.md", "mine\n")
    other.merge()
    studio.merge()
    assert (studio.head(), other.head()) == ("draft/1", "draft/2")
    with pytest.raises(FolioError, match="1/1 is not of this folio"):
        other.merge("1/1")
    other.quit()
    assert (studio.head(), other.head()) == ("draft/1", "topic")
    assert other.repo.status() == ["M  README.md", "A  b"]
    studio.quit()
    assert studio.head() == "main"
    assert studio.repo.status() == ["M  README.md", "A  a"]
    assert list(studio.repo.list_refs("refs/heads/")) == ["refs/heads/main", "refs/heads/topic"]


def test_commands_work_in_a_subfolder(studio: Studio) -> None:
    studio.repo.commit({"sub/f": "1\n"})
    studio.repo.write("top", "mine\n")
    studio.folder = studio.repo.path / "sub"
    studio.draft(write("sub/f", "bot\n"))
    studio.merge()
    studio.quit()
    assert studio.repo.status() == ["M  sub/f", "?? top"]


# At the same time


def test_run_whose_folio_was_quit_meanwhile_lands(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    result = studio.draft(write("b", "b\n"), lambda _files: studio.quit())
    assert str(result.draft.name) == "1/2"
    assert result.draft.record.outcome is OutcomeKind.COMPLETE
    assert studio.head() == "main"
    assert list(studio.repo.list_refs("refs/heads/")) == ["refs/heads/main"]
    assert studio.repo.git("notes", "--ref=drafts", "show", "drafts/1/2").startswith("draft 1/2\n")
    assert studio.tidy_up() == []
    assert list(studio.repo.list_refs("refs/drafts/")) == ["refs/drafts/1/1", "refs/drafts/1/2", "refs/drafts/1/@"]


def test_draft_that_lands_during_a_merge_and_a_quit_is_not_lost(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.draft(write("b", "b\n"), lambda _files: studio.merge("1/1"))
    assert studio.repo.resolve("draft/1+") == studio.repo.resolve("drafts/1/2")
    studio.merge()
    assert studio.repo.list_files() == ["README.md", "a", "b"]
