"""How drafts would merge with the state of now: as git merges them then, and with nothing left of the trial."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest

from git_draft.cli.looking import collect_listing
from git_draft.errors import ClobberError, TimeIsUpError
from git_draft.git.workdir import Workdir
from git_draft.outlook import Outlook, look_ahead
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)

LINES = "".join(f"{number}\n" for number in range(20))


@pytest.fixture
def studio(repo: GitRepo) -> Studio:
    repo.commit({"f": LINES, "g": LINES, ".gitignore": "*.out\n"})
    return Studio(repo)


def look(studio: Studio, budget_s: float = 60) -> dict[str, Outlook]:
    """Look ahead for all unmerged drafts; what is in the repository stays as it is."""
    repo = studio.repo
    before = repo.hash_files(), repo.list_refs(), (repo.path / ".git/index").read_bytes(), list_objects(repo)
    with studio.opened() as project:
        listing = collect_listing(project, every=True, now=NOW)
        found = look_ahead(project, listing.list_unmerged(), listing.active, budget_s)
    assert before == (repo.hash_files(), repo.list_refs(), (repo.path / ".git/index").read_bytes(), list_objects(repo))
    assert list((repo.path / ".git/git-draft/tmp").iterdir()) == []
    return {str(name): outlook for name, outlook in found.items()}


def list_objects(repo: GitRepo) -> list[Path]:
    return sorted((repo.path / ".git/objects").rglob("*"))


def paths(*names: str) -> tuple[PurePosixPath, ...]:
    return tuple(map(PurePosixPath, names))


def test_nothing_changed_since(studio: Studio) -> None:
    studio.repo.write("f", "mine\n" + LINES)
    studio.draft(write("g", "bot\n"))
    assert look(studio) == {"1/1": Outlook()}


def test_conflicts_are_those_of_the_merge(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("f", "bot\n" + LINES), write("g", "bot\n" + LINES), write("new", "bot\n"))
    studio.draft(write("f", LINES + "bot\n"))
    repo.write("f", "mine\n" + LINES)
    repo.write("new", "mine\n")
    assert look(studio) == {"1/1": Outlook(paths("f", "new")), "1/2": Outlook()}
    assert studio.merge("1/2").result.is_clean
    assert look(studio) == {"1/1": Outlook(paths("f", "new"))}
    assert studio.merge("1/1").result.conflicts == paths("f", "new")


def test_nothing_is_tried_while_there_are_conflicts(studio: Studio) -> None:
    studio.draft(write("f", "bot\n" + LINES))
    studio.draft(write("g", "bot\n" + LINES))
    studio.repo.write("f", "mine\n" + LINES)
    studio.merge("1/1")
    assert look(studio) == {}


def test_ignored_files_stand_in_the_way(studio: Studio) -> None:
    studio.draft(write("made.out", "bot\n"), write("dir", "bot\n"), write("f", "bot\n"))
    studio.repo.write("made.out", "mine\n")
    studio.repo.write("dir/a.out", "mine\n")
    studio.repo.write("dir/b.out", "mine\n")
    assert look(studio) == {"1/1": Outlook(blocked=paths("dir/a.out", "dir/b.out", "made.out"))}
    with pytest.raises(ClobberError):
        studio.merge()


def test_what_is_recorded_stands_in_nobodys_way(studio: Studio) -> None:
    studio.repo.write("dir/a", "mine\n")
    studio.draft(lambda worktree: worktree.delete_file("dir/a"), write("dir", "bot\n"))
    assert look(studio) == {"1/1": Outlook()}
    assert studio.merge().result.is_clean


def test_a_draft_that_goes_on_from_another_brings_that_too(studio: Studio) -> None:
    studio.draft(write("f", "bot\n" + LINES))
    studio.draft(write("g", "bot\n" + LINES), on="1/1")
    studio.repo.write("f", "mine\n" + LINES)
    assert look(studio) == {"1/1": Outlook(paths("f")), "1/2": Outlook(paths("f"))}


def test_folios_that_are_open_elsewhere_are_merged_with_their_branch(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("f", "bot\n" + LINES), write("made.out", "bot\n"))
    repo.git("switch", "--quiet", "main")
    studio.draft(write("g", "bot\n" + LINES))
    repo.write("f", "mine\n" + LINES)
    repo.write("made.out", "mine\n")  # in the way of a draft that is not merged here
    assert look(studio) == {"1/1": Outlook(), "2/1": Outlook()}
    studio.quit()
    assert look(studio) == {"1/1": Outlook()}  # what was left can't be merged


def test_drafts_without_changes_are_not_tried(studio: Studio) -> None:
    studio.draft()
    assert look(studio) == {}


def test_when_the_time_is_up_nothing_more_is_known(studio: Studio) -> None:
    studio.draft(write("f", "bot\n"))
    assert look(studio, budget_s=0) == {}


def test_a_git_that_takes_its_time_is_ended(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("f", "bot\n"))
    repo.git("config", "filter.slow.clean", "sleep 20; cat")
    repo.write(".gitattributes", "f filter=slow\n")
    repo.write("f", "mine\n")
    began = time.monotonic()
    with studio.opened() as project:
        limited = project.repo.for_trials(project.state_dir, time.monotonic() + 0.2)
        with pytest.raises(TimeIsUpError):
            Workdir(limited, project.state_dir / "tmp").record_files()
    assert look(studio, budget_s=0.2) == {}
    assert time.monotonic() - began < 20  # seconds that the filter takes each time


def test_folders_with_odd_names(tmp_path: Path) -> None:
    """What leads to the objects is a list with colons to git."""
    repo = GitRepo.create(tmp_path / 'a:b"c\\d')
    repo.commit({"f": LINES})
    studio = Studio(repo)
    studio.draft(write("f", "bot\n" + LINES))
    repo.write("f", "mine\n" + LINES)
    assert look(studio) == {"1/1": Outlook(paths("f"))}


def test_a_repository_that_nobody_may_write_to(studio: Studio) -> None:
    studio.draft(write("f", "bot\n"))
    folder = studio.repo.path / ".git/git-draft/tmp"
    folder.rmdir()
    folder.write_text("no folder\n")
    with studio.opened() as project:
        listing = collect_listing(project, every=True, now=NOW)
        assert look_ahead(project, listing.list_unmerged(), listing.active) == {}
