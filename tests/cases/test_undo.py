"""Undo of merges, quits and undos: HEAD, index and files come back, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from git_draft.errors import ClobberError, FolioError, GitCommandError, OperationInProgressError
from git_draft.model import MergeStrategy
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio


def _see(studio: Studio) -> dict[str, object]:
    """Give everything of the user's that an operation may touch."""
    repo = studio.repo
    return {
        "head": studio.head(),
        "files": repo.hash_files(),
        "status": repo.git("status", "--porcelain=v2", "--branch", "--untracked-files=all"),
        "index": repo.git("ls-files", "--stage", "-t"),
        "refs": {name: oid for name, oid in repo.list_refs().items() if "drafts-undo" not in name},
        "config": studio.settings(),
    }


def _make_dirty(repo: GitRepo) -> None:
    repo.commit({"both": "1\n", "staged": "1\n", "gone": "1\n", "f": "1\n2\n3\n4\n5\n", ".gitignore": "*.o\n"})
    repo.write("both", "2\n")
    repo.git("add", "both")
    repo.write("both", "3\n")
    repo.write("staged", "2\n")
    repo.git("add", "staged")
    repo.git("rm", "-q", "gone")
    repo.write("new", "1\n")
    repo.git("add", "new")
    repo.write("meant", "1\n")
    repo.git("add", "--intent-to-add", "meant")
    repo.write("caf\udce9 \\x", "1\n")
    repo.git("add", "--intent-to-add", "caf\udce9 \\x")
    repo.write("untracked", "1\n")
    repo.write("ignored.o", "1\n")


def _prepare(studio: Studio) -> None:
    _make_dirty(studio.repo)
    studio.draft(write("f", "1\n2\n3\n4\nbot\n"), write("added/by", "bot\n"))
    studio.repo.write("f", "mine\n2\n3\n4\n5\n")


def _quit_after_merge(studio: Studio) -> Callable[[], object]:
    studio.merge()
    studio.repo.write("late", "1\n")
    return studio.quit


OPERATIONS: dict[str, Callable[[Studio], Callable[[], object]]] = {
    "merge": lambda studio: studio.merge,
    "merge again": lambda studio: (studio.merge(), studio.undo(), studio.merge)[-1],
    "quit": lambda studio: studio.quit,
    "quit after merge": _quit_after_merge,
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_undo_brings_back_what_was(studio: Studio, operation: str) -> None:
    _prepare(studio)
    act = OPERATIONS[operation](studio)
    before = _see(studio)
    act()
    after = _see(studio)
    assert after != before
    undo = studio.undo()
    assert _see(studio) == before
    assert undo.branch == "draft/1"
    assert studio.undo().what.startswith("the undo of the ")
    assert _see(studio) == after
    assert studio.undo().what.startswith("the redo of the ")
    assert _see(studio) == before
    assert studio.repo.run("fsck", "--strict").returncode == 0
    assert studio.tidy_up() == []


def test_clean_state_comes_back(studio: Studio) -> None:
    studio.draft(write("README.md", "bot\n"))
    before = _see(studio)
    studio.merge()
    assert studio.undo().what == "the merge of 1/1"
    assert _see(studio) == before
    assert studio.merge().result.is_clean  # the draft is unmerged again
    studio.quit()
    assert studio.undo().what == "the quit of folio 1"
    assert studio.head() == "draft/1"


def test_folio_goes_on_after_the_undo_of_its_quit(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.merge()
    studio.repo.write("mine", "1\n")
    studio.quit()
    studio.undo()
    assert "refs/drafts/1/@" not in studio.repo.list_refs()
    assert str(studio.draft(write("b", "1\n")).draft.name) == "1/2"
    studio.merge()
    studio.quit()
    assert (studio.repo.read("a"), studio.repo.read("b"), studio.repo.read("mine")) == ("1\n", "1\n", "1\n")
    assert "?? mine" in studio.repo.status()


def test_untracked_files_are_so_again_after_undo_and_quit(studio: Studio) -> None:
    studio.repo.write("mine", "1\n")
    studio.draft(write("a", "1\n"))
    studio.merge()
    studio.undo()
    assert studio.repo.status() == ["?? mine"]
    studio.repo.git("add", "mine")  # from now on the user wants it tracked
    studio.quit()
    assert "A  mine" in studio.repo.status()


@pytest.mark.parametrize("operation", ["merge", "quit", "undo"])
def test_files_changed_since(studio: Studio, operation: str) -> None:
    _prepare(studio)
    if operation != "quit":
        studio.merge()
    if operation == "quit":
        studio.quit()
    if operation == "undo":
        studio.undo()
    studio.repo.write("f", "since\n")
    before = _see(studio), studio.repo.list_refs("refs/drafts-undo/")
    with pytest.raises(FolioError, match=f"files changed since the {operation}: f$"):
        studio.undo()
    assert (_see(studio), studio.repo.list_refs("refs/drafts-undo/")) == before


@pytest.mark.parametrize("operation", ["merge", "quit"])
def test_commits_since(studio: Studio, operation: str) -> None:
    studio.draft(write("a", "1\n"))
    if operation == "merge":
        studio.merge()
    merge = studio.repo.resolve("HEAD")
    if operation == "quit":
        studio.quit()
    studio.repo.commit({"own": "1\n"}, message="mine")
    with pytest.raises(FolioError, match=f"has commits since the {operation}") as caught:
        studio.undo()
    if operation == "merge":
        assert caught.value.hint == f"git revert -m 1 {merge[:10]}"


def test_index_changed_since_the_quit(studio: Studio) -> None:
    studio.repo.write("mine", "1\n")
    studio.draft(write("a", "1\n"))
    studio.quit()
    studio.repo.git("add", "mine")
    with pytest.raises(FolioError, match="the index changed since the quit: mine") as caught:
        studio.undo()
    hint = caught.value.hint or ""
    studio.repo.git(*hint.partition(" puts")[0].split()[1:])
    assert studio.undo().branch == "draft/1"


@pytest.mark.parametrize("strategy", [MergeStrategy.DEFAULT, MergeStrategy.IGNORE_SPACE_CHANGE])
def test_conflict_under_way(studio: Studio, strategy: MergeStrategy) -> None:
    studio.repo.commit({"gone": "1\n", "f": "1\n"})
    studio.draft(write("README.md", "bot\n"), write("gone", "bot\n"), write("f", "bot\n"), write("new", "bot\n"))
    studio.repo.write("README.md", "mine\n")
    studio.repo.git("rm", "--quiet", "gone")
    studio.repo.write("untracked", "mine\n")
    before = _see(studio)
    assert [str(path) for path in studio.merge(strategy=strategy).result.conflicts] == ["README.md", "gone"]
    studio.undo()
    assert _see(studio) == before
    assert not (studio.repo.path / ".git/MERGE_HEAD").exists()


@pytest.mark.parametrize("staged", [False, True])
def test_conflict_that_the_user_resolves(studio: Studio, staged: bool) -> None:
    studio.draft(write("README.md", "bot\n"))
    studio.repo.write("README.md", "mine\n")
    before = _see(studio)
    assert not studio.merge().result.is_clean
    studio.repo.write("README.md", "both\n")
    if staged:
        studio.repo.git("add", "README.md")
    with pytest.raises(OperationInProgressError, match="a merge is under way") as caught:
        studio.undo()
    assert caught.value.hint == "git commit, or git merge --abort"
    assert studio.repo.read("README.md") == "both\n"
    studio.repo.git("merge", "--abort")
    studio.undo()
    assert _see(studio) == before


def test_merge_of_another_branch_under_way(studio: Studio) -> None:
    studio.draft(write("new", "bot\n"))
    studio.merge()
    studio.repo.git("switch", "--quiet", "-c", "other", "HEAD~1")
    studio.repo.commit({"README.md": "other\n"})
    studio.repo.git("switch", "--quiet", "draft/1")
    studio.repo.commit({"README.md": "mine\n"})
    assert studio.repo.run("merge", "other").returncode == 1
    before = studio.repo.hash_files(), studio.repo.hash_index()
    with pytest.raises(OperationInProgressError, match="a merge is under way"):
        studio.undo()
    assert (studio.repo.hash_files(), studio.repo.hash_index()) == before


def test_edit_after_an_aborted_merge(studio: Studio) -> None:
    """It looks like a merge that was killed, but for what is in the file."""
    studio.draft(write("README.md", "bot\n"))
    studio.repo.write("README.md", "mine\n")
    studio.merge()
    studio.repo.git("merge", "--abort")
    studio.repo.write("README.md", "newer\n")
    with pytest.raises(FolioError, match=r"files changed since the merge: README\.md"):
        studio.undo()
    assert studio.repo.read("README.md") == "newer\n"


def test_edit_after_an_undo_is_no_undo_half_done(studio: Studio) -> None:
    studio.draft(write("README.md", "bot\n"))
    studio.merge()
    studio.undo()
    studio.repo.write("README.md", "newer\n")
    studio.repo.git("add", "-A")
    with pytest.raises(FolioError, match=r"files changed since the undo: README\.md"):
        studio.undo()


@pytest.mark.parametrize("is_edited", [False, True])
def test_git_killed_inside_an_undo(studio: Studio, is_edited: bool) -> None:
    repo = studio.repo
    names = [f"f{number}" for number in range(6)]
    repo.commit({".gitattributes": "f3 filter=deadly\n", **dict.fromkeys(names, "1\n2\n")})
    studio.draft(*(write(name, "bot\n") for name in names))
    repo.write("mine", "1\n")
    before = _see(studio)
    studio.merge()
    repo.git("config", "filter.deadly.smudge", "kill -9 $PPID")
    with pytest.raises(GitCommandError):
        studio.undo()
    repo.git("config", "--unset", "filter.deadly.smudge")
    (repo.path / ".git/index.lock").unlink()
    if not is_edited:
        studio.undo()
        assert _see(studio) == before
        return
    repo.write("f5", "newer\n")
    with pytest.raises(FolioError, match=r"files changed since the undo: f5$"):
        studio.undo()


def test_conflict_resolved_by_the_user(studio: Studio) -> None:
    studio.draft(write("README.md", "bot\n"))
    studio.repo.write("README.md", "mine\n")
    before = _see(studio)
    studio.merge()
    studio.repo.write("README.md", "both\n")
    studio.repo.git("commit", "-qam", "resolved")
    studio.tidy_up()  # the upstream follows
    undo = studio.undo()
    assert _see(studio) == before
    assert studio.repo.show(undo.save, "README.md") == "both\n"


def test_upstream_of_a_draft_that_landed_since_stays(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.merge()
    draft = studio.draft(write("b", "1\n")).draft
    studio.undo()
    assert studio.repo.resolve("draft/1+") == draft.commit
    assert studio.merge("1/2", strategy=MergeStrategy.THEIRS).result.is_clean


def test_ignored_file_where_one_comes_back(studio: Studio) -> None:
    studio.repo.write("log", "mine\n")
    studio.draft(write(".gitignore", "log\n"), lambda files: files.delete_file("log"))
    studio.merge()
    studio.repo.write("log", "precious\n")
    with pytest.raises(ClobberError, match="undoing would overwrite files that git does not record: log"):
        studio.undo()
    assert studio.repo.read("log") == "precious\n"


def test_nothing_to_undo(studio: Studio) -> None:
    with pytest.raises(FolioError, match="no folio was left for main, there is nothing to undo"):
        studio.undo()
    studio.draft(write("a", "1\n"))
    with pytest.raises(FolioError, match="folio 1 has no merge or quit to undo"):
        studio.undo()


def test_newest_quit_is_undone(studio: Studio) -> None:
    for number in (1, 2):
        studio.draft(write(f"a{number}", "1\n"))
        studio.quit()
    assert studio.undo().folio == 2
    studio.quit()
    studio.repo.git("switch", "-qc", "other")
    with pytest.raises(FolioError, match="no folio was left for other"):
        studio.undo()


def test_undo_of_a_quit_is_undone_after_git_cleared_its_final_state_away(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.repo.write("mine", "1\n")
    studio.quit()
    after = _see(studio)
    studio.undo()
    studio.repo.git("-c", "gc.reflogExpire=now", "-c", "gc.reflogExpireUnreachable=now", "gc", "-q", "--prune=now")
    studio.undo()
    final = studio.repo.git("log", "-1", "--format=%s %T", "refs/drafts/1/@")
    assert final.startswith("draft! sync(finalize) ")
    assert {**_see(studio), "refs": {}} == {**after, "refs": {}}


@pytest.mark.parametrize("noted", ["refs/heads/draft/1", "under way: refs/drafts-undo/1/2"])
def test_folio_is_not_swept_while_it_is_left_or_brought_back(studio: Studio, noted: str) -> None:
    studio.draft(write("a", "1\n"))
    head = studio.repo.resolve("HEAD")
    studio.quit()
    for name in ("draft/1", "draft/1+"):
        studio.repo.git("update-ref", f"refs/heads/{name}", head)
    studio.repo.git("config", "branch.draft/1.draftOrigin", "main")
    with studio.opened() as project, project.store.noted_locks([noted]):
        assert studio.tidy_up() == []
    assert studio.tidy_up() == ["finished quitting folio 1"]


def test_branch_of_that_name_is_in_the_way(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.quit()
    studio.repo.git("branch", "draft/1")
    with pytest.raises(FolioError, match="there is a branch draft/1 by now") as caught:
        studio.undo()
    assert caught.value.hint == "git branch -m draft/1 <another name>"
