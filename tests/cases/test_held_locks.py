"""Locks of other programs, on refs and on our index: waited for, and named; nothing is half done."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from git_draft import store
from git_draft.doctor import Doctor
from git_draft.errors import GitDraftError, StoreError
from git_draft.git import locks
from git_draft.protocols import Worktree
from tests.support.bots import write
from tests.support.studio import Studio

Command = Callable[[Studio], object]


def _draft(studio: Studio) -> object:
    return studio.draft(write("by-bot", "bot\n"))


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_TIMEOUT_S", 0.3)
    monkeypatch.setattr(store, "_BUSY_TIMEOUT_S", 0.3)


@pytest.fixture
def busy(studio: Studio) -> Studio:
    """Make a repository with a draft to merge, and changes of the user's."""
    studio.draft(write("a", "bot\n"))
    studio.repo.write("README.md", "mine\n")
    return studio


@pytest.mark.parametrize(
    "command, name",
    [
        (_draft, "refs/drafts/1/2"),
        (_draft, "refs/notes/drafts"),
        (Studio.merge, "HEAD"),
        (Studio.merge, "refs/heads/draft/1"),
        (Studio.merge, "refs/drafts-undo/1/1"),
        (Studio.quit, "HEAD"),
        (Studio.quit, "refs/heads/main"),
        (Studio.quit, "refs/heads/draft/1"),
        (Studio.quit, "refs/drafts/1/@"),
    ],
)
def test_held_ref(busy: Studio, command: Command, name: str) -> None:
    """The whole loop goes on when the lock is gone; until then the command says which one it is."""
    lock = busy.repo.write(f".git/{name}.lock", "")
    files, status = busy.repo.hash_files(), busy.repo.status()
    with pytest.raises(GitDraftError) as caught:
        command(busy)
    assert str(lock) in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    assert (busy.repo.hash_files(), busy.repo.status()) == (files, status)
    assert busy.head() == "draft/1"
    lock.unlink()
    command(busy)
    if command is _draft:
        busy.merge("1/1")
    if command is not Studio.quit:
        busy.quit()
    assert busy.head() == "main"
    busy.undo()
    assert busy.head() == "draft/1"
    assert busy.repo.run("fsck", "--strict").returncode == 0


def test_held_upstream(busy: Studio) -> None:
    """A draft is made all the same; its upstream follows with the next command."""
    lock = busy.repo.write(".git/refs/heads/draft/1+.lock", "")
    draft = busy.draft(write("by-bot", "bot\n")).draft
    (said,) = [line for line in busy.warnings if "is made, but" in line]
    assert said.startswith("draft 1/2 is made, but can't change refs/heads/draft/1+")
    assert busy.repo.resolve("refs/drafts/1/2") == draft.commit
    with busy.opened() as project:
        assert [str(row.name) for row in project.store.list_drafts()] == ["1/1", "1/2"]
    lock.unlink()
    busy.merge()
    assert busy.repo.resolve("draft/1+") == busy.repo.resolve("HEAD")


class _Holder:
    """Another program that keeps the index locked."""

    def __init__(self, studio: Studio) -> None:
        self._db = sqlite3.connect(studio.repo.path / ".git/git-draft/state.sqlite3", isolation_level=None)

    def hold(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        self._db.execute("ROLLBACK")
        self._db.close()


@pytest.fixture
def holder(busy: Studio) -> _Holder:
    return _Holder(busy)


def test_index_that_is_locked_for_long_is_named(busy: Studio, holder: _Holder) -> None:
    holder.hold()
    before = busy.repo.list_refs(), busy.repo.hash_files()
    with pytest.raises(StoreError, match="database is locked") as caught:
        _draft(busy)
    assert str(caught.value.hint).startswith("another program keeps it locked: fuser ")
    assert (busy.repo.list_refs(), busy.repo.hash_files()) == before
    holder.release()
    _draft(busy)


def test_index_that_is_locked_when_a_draft_is_done(busy: Studio, holder: _Holder) -> None:
    """What the bot made is the draft; the index is only an index."""

    def edit_and_lock(files: Worktree) -> None:
        files.write_file("by-bot", "bot\n")
        holder.hold()

    draft = busy.draft(edit_and_lock).draft
    said = [line for line in busy.warnings if "is made, but" in line]
    assert said
    assert all("draft 1/2 is made, but can't use" in line for line in said)
    assert busy.repo.resolve("refs/drafts/1/2") == draft.commit
    holder.release()
    with sqlite3.connect(busy.repo.path / ".git/git-draft/state.sqlite3") as db:
        db.execute("UPDATE runs SET start = 'ended' WHERE ended IS NULL")  # as when this process is no more
    assert busy.tidy_up() == ["a run in folio 1 was killed when it had made draft 1/2"]
    with busy.opened() as project:
        found = Doctor(project).examine().disagreements
        assert [each.what for each in found] == []


@pytest.mark.parametrize("command", [Studio.merge, Studio.quit])
def test_merge_and_quit_with_a_locked_index(busy: Studio, holder: _Holder, command: Command) -> None:
    """They need it for nothing that could be lost: they are done, or refused with all as it was."""
    before = busy.repo.hash_files(), busy.repo.status(), busy.head()
    holder.hold()
    try:
        command(busy)
    except StoreError:
        assert (busy.repo.hash_files(), busy.repo.status(), busy.head()) == before
    holder.release()
    if busy.head() == "draft/1":
        busy.quit()
    assert busy.repo.read("README.md") == "mine\n"


@pytest.mark.parametrize("committed", [False, True])
def test_draft_that_git_pull_merges(studio: Studio, committed: bool) -> None:
    """The upstream of a folio branch is its newest draft: git pull merges that, or moves the branch there."""
    studio.draft(write("a", "bot\n"))
    if committed:
        studio.repo.commit({"mine": "1\n"})
    studio.repo.git("pull", "--quiet", "--no-rebase", "--no-edit")
    assert studio.repo.read("a") == "bot\n"
    with studio.opened() as project:
        assert Doctor(project).examine().disagreements == ()
    with pytest.raises(GitDraftError, match="folio 1 has no draft to merge"):
        studio.merge()
    with pytest.raises(GitDraftError, match="folio 1 has no merge or quit to undo"):
        studio.undo()
    assert str(studio.draft(write("b", "bot\n")).draft.name) == "1/2"
    studio.merge()
    studio.quit(force=True)
    assert [studio.repo.read(name) for name in ("a", "b")] == ["bot\n", "bot\n"]
    assert studio.head() == "main"
