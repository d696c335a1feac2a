"""Looking around where nothing can be written, and where refs are odd: what can be shown is shown."""

from __future__ import annotations

import pytest

from git_draft.cli.looking import run_events, run_list, run_log, run_show
from git_draft.errors import StoreError
from tests.support.bots import write
from tests.support.studio import Studio


@pytest.fixture
def unwritable(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """Give a repository with two drafts whose index can't be opened; for root, whom permissions do not stop, too."""
    studio.draft(write("a", "1\n"), prompt="first")
    studio.merge()
    studio.draft(write("a", "2\n"), prompt="second")
    folder = studio.repo.path / ".git/git-draft"
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("no folder\n")
    monkeypatch.chdir(studio.repo.path)
    return studio


def test_index_that_can_not_be_opened_stops_nobody_who_looks(
    unwritable: Studio, capfd: pytest.CaptureFixture[str]
) -> None:
    refs = unwritable.repo.list_refs()
    run_list(every=False, is_json=False)
    out, err = capfd.readouterr()
    assert "1/2  second" in out
    assert "1/1  first" in out
    assert "merged" in out
    (warning,) = err.splitlines()
    assert warning.startswith(f"warning: can't make {unwritable.repo.path}/.git/git-draft")
    run_show("1/1", stat=True)
    run_log(None)
    run_events(None, is_json=False)
    out, err = capfd.readouterr()
    assert "draft! prompt: first" in out
    assert err.count("warning: ") == 3
    assert unwritable.repo.list_refs() == refs


def test_sweeping_waits_until_the_index_can_be_opened(unwritable: Studio, capfd: pytest.CaptureFixture[str]) -> None:
    repo = unwritable.repo
    repo.git("update-ref", "refs/drafts/1/@", "draft/1")
    repo.git("switch", "--quiet", "main")
    refs = repo.list_refs()
    run_list(every=False, is_json=False)
    assert repo.list_refs() == refs
    (repo.path / ".git/git-draft").unlink()
    assert "finished quitting folio 1" in unwritable.tidy_up()


def test_index_that_can_not_be_opened_stops_who_writes(unwritable: Studio) -> None:
    refs = unwritable.repo.list_refs()
    with pytest.raises(StoreError, match="can't make"):
        unwritable.draft(write("a", "3\n"))
    assert unwritable.repo.list_refs() == refs


def test_damaged_index_is_named_with_the_way_out(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    studio.draft(write("a", "1\n"))
    path = studio.repo.path / ".git/git-draft/state.sqlite3"
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xff" * (len(data) - 100))
    monkeypatch.chdir(studio.repo.path)
    run_list(every=False, is_json=False)
    out, err = capfd.readouterr()
    assert "1/1  do it" in out
    assert err.startswith("warning: ")
