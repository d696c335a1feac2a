"""Records that disagree: what happens, what fsck says of it, and what --repair makes of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from git_draft.doctor import Health
from git_draft.model import OutcomeKind
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio


@pytest.fixture
def studio(repo: GitRepo) -> Studio:
    """Give two drafts of an open folio, one of them merged, and a folio that was left."""
    studio = Studio(repo)
    studio.draft(write("old", "1\n"))
    studio.quit()
    repo.git("stash", "-q")
    for name in ("a", "b"):
        studio.draft(write(name, "1\n"))
    studio.merge("2/1")
    return studio


def examine(studio: Studio) -> list[tuple[str, str | None]]:
    with studio.command() as drafter:
        return _list(drafter.examine()[0])


def repair(studio: Studio) -> list[tuple[str, str | None]]:
    """Repair, and give what is left."""
    with studio.command() as drafter:
        return _list(drafter.examine(repair=True)[1])


def _list(health: Health) -> list[tuple[str, str | None]]:
    return [(each.what, each.advice) for each in health.disagreements]


def _execute(studio: Studio, statement: str) -> None:
    db = sqlite3.connect(studio.repo.path / ".git/git-draft/state.sqlite3")
    with db:
        db.execute(statement)
    db.close()


def test_all_agree(studio: Studio) -> None:
    with studio.command() as drafter:
        health, _ = drafter.examine()
    assert (health.drafts, health.folios, health.disagreements) == (3, 2, ())


@pytest.mark.parametrize(
    "statement, named",
    [
        ("DELETE FROM drafts WHERE folio = 2", "2/1, 2/2"),
        ("UPDATE drafts SET oid = parent WHERE folio = 1", "1/1"),
        ("UPDATE drafts SET note = 'else' WHERE number = 2", "2/2"),
        (
            "INSERT INTO drafts (folio, number, oid, parent, message, note) SELECT folio, 7, oid, parent, message, note FROM drafts WHERE number = 2",
            "2/7",
        ),
    ],
)
def test_index_that_differs(studio: Studio, statement: str, named: str) -> None:
    _execute(studio, statement)
    with studio.opened() as project:
        events = project.store.list_events(2)
    assert examine(studio) == [(f"the index differs from refs and notes in {named}", None)]
    assert repair(studio) == []
    with studio.opened() as project:
        assert project.store.list_events(2) == events  # only drafts are made again


def test_note_that_is_gone_comes_back_from_the_index(studio: Studio) -> None:
    before = studio.repo.git("notes", "--ref=drafts", "show", "drafts/2/2")
    studio.repo.git("notes", "--ref=drafts", "remove", "drafts/2/2")
    assert examine(studio)[0] == ("draft 2/2 has no record", None)
    assert repair(studio) == []
    assert studio.repo.git("notes", "--ref=drafts", "show", "drafts/2/2") == before


def test_all_notes_gone(studio: Studio) -> None:
    studio.repo.git("update-ref", "-d", "refs/notes/drafts")
    studio.list_drafts()  # the index forgets them, too
    assert [what for what, _ in examine(studio)] == [f"draft {name} has no record" for name in ("1/1", "2/1", "2/2")]
    assert repair(studio) == []
    assert studio.repo.git("notes", "--ref=drafts", "show", "drafts/2/2").splitlines() == [
        *("draft 2/2", "", "Draft: 2/2", "Origin: main", "Recorded-by: git-draft fsck")
    ]
    assert studio.list_drafts()[2].record.origin == "main"


def test_note_edited_by_hand_counts(studio: Studio) -> None:
    studio.repo.git("notes", "--ref=drafts", "add", "-f", "-m", "draft 2/2\n\nBot: me", "drafts/2/2")
    studio.list_drafts()
    assert examine(studio) == []
    assert studio.list_drafts()[2].record.bot == "me"


def test_notes_merged_from_another_clone(studio: Studio) -> None:
    """Theirs are kept, and are no drafts here; ours win nothing and lose nothing."""
    other = studio.repo.path.with_name("other")
    studio.repo.git("clone", "-q", "--branch", "main", str(studio.repo.path), str(other))
    clone = Studio(GitRepo(other))
    clone.draft(write("theirs", "1\n"))
    studio.repo.git(
        "fetch", "-q", str(other), "refs/notes/drafts:refs/notes/theirs", "refs/drafts/*:refs/drafts-from/o/*"
    )
    studio.repo.git("notes", "--ref=drafts", "merge", "-q", "theirs")
    assert [str(draft.name) for draft in studio.list_drafts()] == ["1/1", "2/1", "2/2"]
    assert all(draft.record.outcome is OutcomeKind.COMPLETE for draft in studio.list_drafts())
    assert examine(studio) == []


def test_draft_ref_removed_by_hand(studio: Studio) -> None:
    commit = studio.repo.resolve("drafts/2/2")
    studio.repo.git("update-ref", "-d", "refs/drafts/2/2")
    (what, advice), *_ = examine(studio)
    assert (what, advice) == ("draft 2/2 has a record and no ref", f"git update-ref refs/drafts/2/2 {commit[:10]} ''")
    assert repair(studio) == [(what, advice)]
    studio.repo.git("update-ref", "refs/drafts/2/2", commit[:10])
    assert examine(studio) == [("the index differs from refs and notes in 2/2", None)]
    assert repair(studio) == []


def test_note_on_a_commit_that_is_gone(studio: Studio) -> None:
    commit = studio.repo.resolve("drafts/1/1")
    studio.repo.git("update-ref", "-d", "refs/drafts/1/1")
    _clear_away(studio.repo)
    assert examine(studio)[0] == (f"a record is on {commit[:10]}, which is not there", None)
    assert repair(studio) == []
    assert commit not in studio.repo.git("notes", "--ref=drafts", "list")


def _clear_away(repo: GitRepo) -> None:
    repo.git("update-ref", "-d", "refs/drafts-undo/1/1")
    repo.git("-c", "gc.reflogExpire=now", "-c", "gc.reflogExpireUnreachable=now", "gc", "-q", "--prune=now")


def test_note_on_some_other_commit(studio: Studio) -> None:
    studio.repo.git("notes", "--ref=drafts", "add", "-m", "hello", "main")
    commit = studio.repo.resolve("main")
    advice = f"git notes --ref=refs/notes/drafts remove {commit[:10]}"
    assert examine(studio) == [(f"a record is on {commit[:10]}, which is no draft", advice)]
    studio.repo.git(*advice.split()[1:])
    assert examine(studio) == []


def test_ref_that_holds_no_draft(studio: Studio) -> None:
    studio.repo.git("update-ref", "refs/drafts/2/9", "main^{tree}")
    advice = "git update-ref -d refs/drafts/2/9"
    assert examine(studio) == [("refs/drafts/2/9 holds no commit that a draft could be", advice)]
    studio.repo.git(*advice.split()[1:])
    assert examine(studio) == []


@pytest.mark.parametrize(
    "spoil, what",
    [
        (
            lambda repo: repo.git("config", "--unset", "branch.draft/2.draftOrigin"),
            "the configuration does not name the origin branch of folio 2, which was main",
        ),
        (lambda repo: repo.git("update-ref", "-d", "refs/heads/draft/2+"), "folio 2 has no upstream"),
    ],
)
def test_parts_of_a_folio_are_made_again(studio: Studio, spoil: Callable[[GitRepo], object], what: str) -> None:
    spoil(studio.repo)
    assert examine(studio) == [(what, None)]
    assert repair(studio) == []
    assert studio.repo.resolve("draft/2+") in {studio.repo.resolve("drafts/2/2"), studio.repo.resolve("draft/2")}
    studio.quit()


def test_renamed_folio_branch(studio: Studio) -> None:
    studio.repo.git("branch", "-m", "draft/2", "topic")
    ((what, advice),) = [each for each in examine(studio) if each[1]]
    assert (what, advice) == ("the branch of folio 2 was renamed to topic", "git branch -m topic draft/2")
    studio.repo.git(*(advice or "").split()[1:])
    repair(studio)
    assert examine(studio) == []
    studio.quit()


def test_save_that_is_none(studio: Studio) -> None:
    studio.repo.git("update-ref", "refs/drafts-undo/2/7", "main")
    assert examine(studio) == [("refs/drafts-undo/2/7 is no saved state", "git update-ref -d refs/drafts-undo/2/7")]
