"""Drop: refs, notes, configuration and index of what goes are gone; everything else, and what is in use, stays."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest

from git_draft.errors import FolioError, RefMovedError
from git_draft.git.refs import Refs
from git_draft.git.repo import Repository
from tests.support.bots import ScriptedBot, write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio


def _read_index(studio: Studio) -> dict[str, list[object]]:
    with studio.opened() as project:
        return {
            "drafts": [str(row.name) for row in project.store.list_drafts()],
            "events": [number for folio in (1, 2, 3) for _, number, _ in project.store.list_events(folio)],
        }


def _list_noted(repo: GitRepo) -> set[str]:
    return {line.split()[1] for line in repo.git("notes", "--ref=drafts", "list").splitlines()}


def _quit_with(studio: Studio, *names: str) -> None:
    for name in names:
        studio.draft(write(name, "1\n"))
    studio.merge()
    studio.quit()


def test_one_draft(studio: Studio) -> None:
    first = studio.draft(write("a", "1\n")).draft
    second = studio.draft(write("b", "1\n")).draft
    doomed = studio.drop("1/2")
    assert [draft.name for draft in doomed.drafts] == [second.name]
    assert list(studio.repo.list_refs("refs/drafts/")) == ["refs/drafts/1/1"]
    assert _list_noted(studio.repo) == {first.commit}
    assert studio.repo.resolve("draft/1+") == first.commit
    index = _read_index(studio)
    assert index["drafts"] == ["1/1"]
    assert set(index["events"]) == {1}
    with studio.opened() as project:
        assert project.store.find_notes_tip() == studio.repo.resolve("refs/notes/drafts")  # nothing is read again
    assert studio.repo.find(second.commit) == second.commit  # git clears it away some day
    assert studio.tidy_up() == []


def test_only_draft_of_the_active_folio(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.drop("1/1")
    assert studio.repo.resolve("draft/1+") == studio.repo.resolve("draft/1")
    assert str(studio.draft(write("b", "1\n")).draft.name) == "1/1"
    assert studio.merge().result.is_clean


def test_merged_draft_of_an_open_folio_stays(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.merge()
    with pytest.raises(FolioError, match="draft 1/1 is merged into draft/1, which is open"):
        studio.drop("1/1")
    studio.quit()
    studio.drop("1/1")
    assert list(studio.repo.list_refs("refs/drafts/")) == ["refs/drafts/1/@"]


def test_folio_goes_whole(studio: Studio) -> None:
    _quit_with(studio, "a", "b")
    studio.repo.git("commit", "-qam", "taken")
    kept = studio.draft(write("c", "1\n")).draft
    before = studio.repo.list_refs()
    doomed = studio.drop(folio=1)
    ((folio, parts),) = doomed.folios
    assert (folio.number, parts) == (1, ("its state at quit", "2 saved states of your files"))
    gone = [name for name in before if name.startswith(("refs/drafts/1/", "refs/drafts-undo/1/"))]
    assert len(gone) == 5
    assert studio.repo.list_refs().keys() == before.keys() - set(gone)
    assert _list_noted(studio.repo) == {kept.commit}
    assert _read_index(studio)["drafts"] == ["2/1"]
    assert [folio.number for folio in studio.list_folios()] == [2]
    assert studio.tidy_up() == []


def test_number_of_a_folio_that_went_is_not_given_again(studio: Studio) -> None:
    _quit_with(studio, "a")
    studio.drop(folio=1)
    assert str(studio.draft(write("b", "1\n")).draft.name) == "2/1"


def test_open_folio_that_is_not_checked_out_goes_with_its_branches(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.merge()
    studio.repo.commit({"own": "1\n"}, message="mine")
    studio.repo.git("switch", "-q", "main")
    ((_, parts),) = studio.drop(folio=1).folios
    assert parts == ("1 saved state of your files", "the branch draft/1", "1 commit of your own on it")
    assert list(studio.repo.list_refs("refs/heads/")) == ["refs/heads/main"]
    assert studio.settings() == []


def test_active_folio_stays(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    with pytest.raises(FolioError, match="folio 1 is active here") as caught:
        studio.drop(folio=1)
    assert caught.value.hint == "git draft --quit"
    doomed = studio.drop()
    assert (doomed.drafts, doomed.folios, doomed.kept) == ((), (), ("folio 1 is active here",))
    assert "refs/drafts/1/1" in studio.repo.list_refs()


def test_folio_that_is_active_elsewhere_stays(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.repo.git("switch", "-q", "main")
    studio.repo.git("worktree", "add", "-q", "../other", "draft/1")
    with pytest.raises(FolioError, match=r"folio 1 is active in .*/other"):
        studio.drop(folio=1)


def test_folio_with_a_run_under_way_stays(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.quit()
    with studio.opened() as project:
        base, now = studio.repo.resolve("HEAD"), datetime.now(UTC)
        run = project.store.begin_run(folio=1, prompt="x", bot="b", base=base, tree=base, started=now)
        with pytest.raises(FolioError, match="a run is under way in folio 1") as caught:
            studio.drop(folio=1)
    assert caught.value.hint == f"git draft stop {run}"


def test_no_such_folio(studio: Studio) -> None:
    with pytest.raises(FolioError, match="no folio 7 in this repository"):
        studio.drop(folio=7)


def test_all(studio: Studio) -> None:
    _quit_with(studio, "a")
    _quit_with(studio, "b")
    doomed = studio.drop()
    assert ([str(draft.name) for draft in doomed.drafts], len(doomed.folios)) == (["1/1", "2/1"], 2)
    assert list(studio.repo.list_refs()) == ["refs/heads/main"]
    assert _read_index(studio) == {"drafts": [], "events": []}
    assert studio.repo.run("fsck", "--strict").returncode == 0


def test_older_than(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=40)
    monkeypatch.setenv("GIT_COMMITTER_DATE", long_ago.isoformat(timespec="seconds"))
    _quit_with(studio, "a")
    studio.draft(write("old", "1\n"))
    studio.quit()
    studio.draft(write("old", "1\n"))
    studio.repo.git("switch", "-q", "main")
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    studio.repo.git("switch", "-q", "draft/3")
    new = studio.draft(write("new", "1\n")).draft
    studio.repo.git("switch", "-q", "main")
    doomed = studio.drop(older_than=datetime.now(UTC) - timedelta(days=30))
    assert [str(draft.name) for draft in doomed.drafts] == ["1/1", "2/1", "3/1"]
    assert [folio.number for folio, _ in doomed.folios] == [1, 2]  # of 3 one draft is young
    assert list(studio.repo.list_refs("refs/drafts/")) == ["refs/drafts/3/2"]
    assert studio.repo.resolve("draft/3+") == new.commit


def test_open_folio_stays_when_its_drafts_are_old(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.repo.git("switch", "-q", "main")
    doomed = studio.drop(older_than=datetime.now(UTC) + timedelta(days=1))
    assert ([str(draft.name) for draft in doomed.drafts], doomed.folios) == (["1/1"], ())
    assert "refs/heads/draft/1" in studio.repo.list_refs()


def test_ref_that_moved_since_stops_it(studio: Studio) -> None:
    _quit_with(studio, "a", "b")
    with studio.command() as drafter:
        doomed = drafter.plan_drop(folio=1)
        studio.repo.git("update-ref", "refs/drafts/1/2", "HEAD")
        before = studio.repo.list_refs()
        studio.repo.git("update-ref", "refs/drafts/1/2", doomed.drafts[1].commit)
        refs = Refs(Repository.open(studio.repo.path, os.environ))
        with pytest.raises(RefMovedError):
            refs.remove({"refs/drafts/1/1": doomed.drafts[0].commit, "refs/drafts/1/2": before["refs/drafts/1/2"]})
    assert "refs/drafts/1/1" in studio.repo.list_refs()


def test_failed_runs_go_with_their_folio(studio: Studio) -> None:
    with pytest.raises(ValueError, match="oops"):
        studio.draft(bot=ScriptedBot([write("a", "1\n")], error=ValueError("oops")))
    studio.quit()
    studio.drop(folio=1)
    assert _read_index(studio) == {"drafts": [], "events": []}
