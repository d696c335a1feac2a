"""Opening a folio: its number, its branches and settings, and that nothing else changes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from git_draft.bots.registry import ChosenBot
from git_draft.drafting import Order
from git_draft.errors import (
    DetachedHeadError,
    FolioError,
    OperationInProgressError,
    RefLockedError,
    UnbornBranchError,
    UsageError,
)
from git_draft.model import MergeStrategy
from tests.support.bots import ScriptedBot, write
from tests.support.gitrepo import GitRepo
from tests.support.sources import CHECKOUT
from tests.support.studio import Studio


def test_folio_is_a_branch_an_upstream_and_settings(studio: Studio) -> None:
    start = studio.repo.resolve("main")
    studio.draft(write("a", "a\n"))
    refs = studio.repo.list_refs()
    draft = studio.repo.resolve("drafts/1/1")
    assert {name: oid for name, oid in refs.items() if not name.startswith("refs/notes/")} == {
        "refs/heads/main": start,
        "refs/heads/draft/1": start,
        "refs/heads/draft/1+": draft,
        "refs/drafts/1/1": draft,
    }
    settings = studio.repo.git("config", "--local", "--get-regexp", r"^branch\.draft/1\.").splitlines()
    assert settings == [
        "branch.draft/1.remote .",
        "branch.draft/1.merge refs/heads/draft/1+",
        "branch.draft/1.draftorigin main",
    ]
    assert studio.repo.git("status", "-sb") == "## draft/1...draft/1+ [behind 1]"


def test_opening_moves_head_and_nothing_else(studio: Studio) -> None:
    repo = studio.repo
    repo.commit({"both": "1\n", "staged": "1\n", ".gitignore": "ignored\n"})
    repo.write("both", "2\n")
    repo.git("add", "both")
    repo.write("both", "3\n")
    repo.write("staged", "2\n")
    repo.git("add", "staged")
    repo.write("untracked", "1\n")
    repo.write("ignored", "1\n")
    index, files, status = repo.hash_index(), repo.hash_files(), repo.status()
    studio.draft(write("both", "bot\n"), write("new", "bot\n"))
    assert (repo.hash_index(), repo.hash_files()) == (index, files)
    assert repo.status() == status
    assert studio.head() == "draft/1"


def test_git_switch_goes_back(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    assert studio.repo.git("log", "-g", "-1", "--format=%gs", "HEAD") == "checkout: moving from main to draft/1"
    studio.repo.git("switch", "--quiet", "-")
    assert studio.head() == "main"
    studio.repo.git("switch", "--quiet", "-")
    assert studio.head() == "draft/1"


def test_second_draft_stays_in_the_folio(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    second = studio.draft(write("a", "b\n"))
    assert str(second.draft.name) == "1/2"
    assert studio.repo.resolve("draft/1+") == second.draft.commit


def test_draft_merge_and_quit_in_one_command(studio: Studio) -> None:
    with studio.command() as drafter:
        drafter.draft(Order("do it", ChosenBot("scripted", ScriptedBot([write("a", "a\n")]))))
        assert drafter.merge(None, MergeStrategy.THEIRS).result.is_clean
        assert drafter.quit(lambda _commits: False).folio.number == 1
    assert studio.head() == "main"
    assert studio.repo.status() == ["A  a"]


# Numbers


@pytest.mark.parametrize(
    "ref, number",
    [
        ("refs/drafts/6/1", 7),
        ("refs/drafts/6/@", 7),
        ("refs/heads/draft/6", 7),
        ("refs/heads/draft/6+", 7),
        ("refs/heads/draft/6/topic", 7),
        ("refs/heads/draft/topic", 1),
        ("refs/drafts-undo/6/1", 1),
    ],
)
def test_number_is_above_all_refs(studio: Studio, ref: str, number: int) -> None:
    studio.tidy_up()  # the index is filled, and so knows nothing of the ref
    studio.repo.git("update-ref", ref, "HEAD")
    assert studio.draft(write("a", "a\n")).draft.name.folio == number


def test_number_is_above_those_in_the_index(studio: Studio) -> None:
    with studio.command(), studio.opened() as project:
        project.store.add_folio(4, "main")
    assert studio.draft(write("a", "a\n")).draft.name.folio == 5


OPEN_MANY = """
import json, os, sys
from pathlib import Path
from tests.support.bots import ScriptedBot, write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

sys.stdin.readline()
studio = Studio(GitRepo(Path(sys.argv[1])))
print(json.dumps([str(studio.draft(write("a", f"{sys.argv[1]} {n}")).draft.name) for n in range(int(sys.argv[2]))]))
"""


def _draft_together(folders: list[Path], drafts: int) -> list[list[str]]:
    """Run a process in each folder, all let go at once; give the names of the drafts that each made."""
    command = [sys.executable, "-c", OPEN_MANY]
    processes = [
        subprocess.Popen(
            [*command, str(folder), str(drafts)],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for folder in folders
    ]
    answers = [process.communicate("go\n") for process in processes]
    assert [process.returncode for process in processes] == [0] * len(folders)
    return [json.loads(out) for out, _ in answers]


def test_worktrees_open_different_folios_at_once(studio: Studio, tmp_path: Path) -> None:
    folders = [tmp_path / f"tree{n}" for n in range(6)]
    for folder in folders:
        studio.repo.git("worktree", "add", "--quiet", "-b", folder.name, str(folder))
    names = _draft_together(folders, 1)
    assert sorted(names) == [[f"{n}/1"] for n in range(1, 7)]
    for folder, (name,) in zip(folders, names, strict=True):
        number = name.partition("/")[0]
        linked = GitRepo(folder)
        assert linked.git("symbolic-ref", "HEAD") == f"refs/heads/draft/{number}"
        assert linked.git("config", f"branch.draft/{number}.draftOrigin") == folder.name
    assert studio.head() == "main"


def test_drafts_started_at_once_share_a_folio_and_all_land(studio: Studio) -> None:
    """The one that opens the folio wins, the others join it."""
    names = [name for process in _draft_together([studio.repo.path] * 5, 3) for name in process]
    folio = names[0].partition("/")[0]
    assert sorted(names, key=lambda name: int(name.partition("/")[2])) == [f"{folio}/{n}" for n in range(1, 16)]
    drafts = studio.list_drafts()
    assert len({draft.commit for draft in drafts}) == 15
    assert {draft.name: draft.record.draft for draft in drafts} == {draft.name: draft.name for draft in drafts}
    notes = [studio.repo.git("notes", "--ref=drafts", "show", draft.commit).splitlines()[0] for draft in drafts]
    assert notes == [f"draft {draft.name}" for draft in drafts]
    assert len(studio.repo.list_refs("refs/heads/draft/")) == 2


# Refusals


def test_branch_named_draft_is_in_the_way(studio: Studio) -> None:
    studio.repo.git("branch", "draft")
    with pytest.raises(FolioError, match="a branch named draft") as caught:
        studio.draft(write("a", "a\n"))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("git branch -m draft ")
    assert studio.head() == "main"


def test_unborn_branch_has_nothing_to_start_from(tmp_path: Path) -> None:
    studio = Studio(GitRepo.create(tmp_path / "empty"))
    with pytest.raises(UnbornBranchError, match="main has no commit"):
        studio.draft(write("a", "a\n"))
    assert (studio.head(), studio.repo.list_refs()) == ("main", {})


def test_detached_head_names_no_origin(studio: Studio) -> None:
    studio.repo.git("checkout", "--quiet", "--detach")
    refs = studio.repo.list_refs()
    with pytest.raises(DetachedHeadError):
        studio.draft(write("a", "a\n"))
    assert studio.repo.list_refs() == refs


@pytest.mark.parametrize(
    "operation",
    [
        "merge",
        "rebase",
        "bisect",
        "cherry-pick",
        "revert",
    ],
)
def test_other_operations_come_first(studio: Studio, operation: str) -> None:
    repo = studio.repo
    repo.commit({"f": "main\n"}, message="main")
    repo.git("switch", "--quiet", "-c", "other", "HEAD~1")
    repo.commit({"f": "other\n"}, message="other")
    if operation == "bisect":
        repo.git("bisect", "start", "HEAD", "HEAD~1")
    else:
        repo.run(operation, "HEAD~1" if operation == "revert" else "main")
        if operation == "revert":
            repo.git("revert", "--no-commit", "HEAD")
    refs, head = repo.list_refs(), (repo.path / ".git/HEAD").read_text()
    with pytest.raises(OperationInProgressError, match=f"a {operation}") as caught:
        studio.draft(write("a", "a\n"))
    assert caught.value.hint
    assert repo.list_refs() == refs
    assert (repo.path / ".git/HEAD").read_text() == head


def test_upstream_is_no_place_to_draft(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.repo.git("switch", "--quiet", "draft/1+")
    with pytest.raises(FolioError, match=r"draft/1\+ is the upstream") as caught:
        studio.draft(write("a", "b\n"))
    assert caught.value.hint == "git switch draft/1"


def test_folio_branch_without_origin_is_no_folio(studio: Studio) -> None:
    studio.repo.git("switch", "--quiet", "-c", "draft/3")
    with pytest.raises(FolioError, match="no origin branch recorded") as caught:
        studio.draft(write("a", "a\n"))
    assert caught.value.hint
    studio.repo.git(*caught.value.hint.replace("<branch>", "main").split()[1:])
    assert str(studio.draft(write("a", "a\n")).draft.name) == "3/1"


def test_empty_prompt_opens_nothing(studio: Studio) -> None:
    with pytest.raises(UsageError):
        studio.draft(write("a", "a\n"), prompt=" \n")
    assert studio.head() == "main"


def test_held_lock_is_named_and_nothing_is_opened(studio: Studio) -> None:
    (studio.repo.path / ".git/HEAD.lock").touch()
    with pytest.raises(RefLockedError, match="HEAD"):
        studio.draft(write("a", "a\n"))
    (studio.repo.path / ".git/HEAD.lock").unlink()
    assert studio.head() == "main"
    assert studio.tidy_up() == []
    assert list(studio.repo.list_refs()) == ["refs/heads/main"]


def test_a_configuration_that_can_not_be_written_opens_nothing(studio: Studio) -> None:
    lock = studio.repo.path / ".git/config.lock"
    lock.touch()
    with pytest.raises(RefLockedError, match=r"can't change git's configuration: .*[^: ]$") as caught:
        studio.draft(write("new.txt", "new\n"))
    assert str(caught.value.hint).endswith(f"if no git command is running: rm {lock}")
    lock.unlink()
    assert studio.repo.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert list(studio.repo.list_refs()) == ["refs/heads/main"]
    assert str(studio.draft(write("new.txt", "new\n")).draft.name) == "1/1"


def test_configuration_that_another_program_is_writing_is_waited_for(studio: Studio) -> None:
    lock = studio.repo.path / ".git/config.lock"
    lock.touch()
    timer = threading.Timer(0.5, lock.unlink)
    timer.start()
    assert str(studio.draft(write("new.txt", "new\n")).draft.name) == "1/1"
    timer.join()
    assert "draftOrigin = main" in studio.settings()
