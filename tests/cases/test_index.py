"""The index in SQLite: made again from refs, notes and settings, shared by processes, and never in the way."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from git_draft.cli.listing import format_listing, make_listing_json
from git_draft.cli.looking import collect_listing
from git_draft.errors import BotError, NoDraftError, StoreError
from git_draft.folios import open_folio
from git_draft.model import DraftName, Outcome, OutcomeKind
from git_draft.protocols import Memory
from git_draft.records import Records
from git_draft.rows import DraftRow
from git_draft.schema import MIGRATIONS
from git_draft.store import Store
from tests.support.bots import ScriptedBot, write
from tests.support.sources import CHECKOUT
from tests.support.studio import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _get_path(studio: Studio) -> Path:
    return studio.repo.path / ".git/git-draft/state.sqlite3"


def _remove(studio: Studio) -> None:
    for file in _get_path(studio).parent.glob("state.sqlite3*"):
        file.unlink()


def _make_history(studio: Studio) -> None:
    """Make two closed folios and an open one, drafts of several kinds, and a merge."""
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "1\n"), prompt="one")
    studio.draft(bot=ScriptedBot([write("a", "2\n")], Outcome(OutcomeKind.QUESTION, title="two", question="which?")))
    studio.merge()
    studio.quit()
    studio.repo.git("switch", "--quiet", "-c", "topic")
    studio.draft(write("b", "1\n"))
    studio.quit()
    studio.draft(write("c", "1\n"))


def _read(studio: Studio) -> object:
    with studio.command(), studio.opened() as project:
        records = Records(project)
        drafts = records.list_drafts()
        merged = {folio.number: records.list_merged(folio.number, drafts) for folio in records.list_folios()}
        return drafts, records.list_folios(), records.find_active(), merged


def test_lost_index_costs_nothing_but_events(studio: Studio) -> None:
    _make_history(studio)
    before = _read(studio)
    _remove(studio)
    assert studio.tidy_up() == ["made the index of drafts again from refs and notes"]
    assert _read(studio) == before
    assert studio.tidy_up() == []
    with studio.opened() as project:
        assert project.store.list_folios() == {1: "main", 2: "topic", 3: "topic"}
        assert [str(row.name) for row in project.store.list_drafts()] == ["1/1", "1/2", "2/1", "3/1"]
        assert project.store.list_events(1) == []
    assert str(studio.draft(write("c", "2\n")).draft.name) == "3/2"
    studio.quit()
    assert str(studio.draft(write("c", "2\n")).draft.name) == "4/1"


def test_open_folio_without_drafts_is_found_again(studio: Studio) -> None:
    with studio.command(), studio.opened() as project:
        open_folio(project, project.workdir.take_snapshot())
    _remove(studio)
    assert [(folio.number, folio.origin, folio.is_open) for folio in studio.list_folios()] == [(1, "main", True)]
    assert studio.quit().folio.number == 1


@pytest.mark.parametrize("contents", [b"not a database, but long enough to be read as a header\n" * 40, b"SQLite"])
def test_damaged_index_is_put_aside_and_made_again(studio: Studio, contents: bytes) -> None:
    _make_history(studio)
    before = _read(studio)
    _remove(studio)
    _get_path(studio).write_bytes(contents)
    (said,) = studio.tidy_up()
    assert "was damaged" in said
    assert _read(studio) == before
    assert Path(f"{_get_path(studio)}.broken").read_bytes() == contents


def test_index_that_is_damaged_further_in_is_named(studio: Studio) -> None:
    _make_history(studio)
    for number in range(30):
        with studio.opened() as project:
            project.store.add_event(1, datetime.now(UTC), str(number) * 3000)
            project.store.add_draft(DraftRow(DraftName(9, number), "x" * 40, "y" * 40, "m" * 3000, "n"))
    with sqlite3.connect(_get_path(studio)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = bytearray(_get_path(studio).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    _get_path(studio).write_bytes(data)
    with pytest.raises(StoreError, match=r"state\.sqlite3") as caught:
        studio.tidy_up()
    assert caught.value.hint == f"rm {_get_path(studio)}"
    _remove(studio)
    assert [str(draft.name) for draft in studio.list_drafts()] == ["1/1", "1/2", "2/1", "3/1"]


def test_newer_index_is_refused(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    with sqlite3.connect(_get_path(studio)) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    refs = studio.repo.list_refs()
    with pytest.raises(StoreError, match="made by a newer git-draft"):
        studio.draft(write("a", "2\n"))
    assert studio.repo.list_refs() == refs


def test_folder_that_cannot_be_made_is_named(studio: Studio) -> None:
    (studio.repo.path / ".git/git-draft").write_text("a file\n")
    with pytest.raises(StoreError, match="can't make"):
        studio.tidy_up()


def test_new_index_has_the_newest_schema_and_a_write_ahead_log(tmp_path: Path) -> None:
    Store(tmp_path / "folder/state.sqlite3").close()
    db = sqlite3.connect(tmp_path / "folder/state.sqlite3")
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    db.close()


CREATE = """
import sys
from pathlib import Path
from git_draft.store import Store
for line in sys.stdin:
    store = Store(Path(line.strip()))
    for number in range(20):
        with store.noted_locks(["x"]):
            store.add_folio(number, "main")
    store.close()
"""


def test_processes_make_the_same_index_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CREATE]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, cwd=CHECKOUT, text=True) for _ in range(4)]
    paths = [tmp_path / f"{number}/state.sqlite3" for number in range(20)]
    for process in processes:
        assert process.stdin
        process.stdin.write("".join(f"{path}\n" for path in paths))
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0] * 4
    for path in paths:
        store = Store(path)
        assert (len(store.list_folios()), store.list_locks()) == (20, [])
        store.close()


def test_transaction_is_whole_or_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite3")
    with contextlib.suppress(ZeroDivisionError), store.transaction():
        store.add_folio(1, "main")
        raise ZeroDivisionError
    assert store.list_folios() == {}
    with store.transaction():
        store.add_folio(1, "main")
    store.add_folio(1, None)
    assert store.list_folios() == {1: "main"}
    store.close()


# Notes and refs outrank it


def test_note_edited_by_hand_is_seen(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.list_drafts()
    editor = "sed -i -e 's/^Bot: .*/Bot: me/' -e 's/^Draft: .*/Draft: 7\\/7/'"
    studio.repo.git("notes", "--ref=drafts", "edit", "drafts/1/1", env={"GIT_EDITOR": editor})
    (draft,) = studio.list_drafts()
    assert (draft.record.bot, str(draft.record.draft)) == ("me", "1/1")
    studio.draft(write("a", "2\n"))
    assert [each.record.bot for each in studio.list_drafts()] == ["me", "scripted"]


def test_note_removed_by_hand_leaves_a_draft_without_record(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.repo.git("update-ref", "-d", "refs/notes/drafts")
    (draft,) = studio.list_drafts()
    assert (draft.record.bot, draft.record.outcome, draft.title) == (None, None, "do it")
    assert studio.merge().result.is_clean


def test_draft_removed_or_moved_by_hand_is_seen(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.draft(write("a", "2\n"), prompt="second")
    studio.list_drafts()
    studio.repo.git("update-ref", "refs/drafts/1/1", "refs/drafts/1/2")
    studio.repo.git("update-ref", "-d", "refs/drafts/1/2")
    assert [(str(draft.name), draft.title) for draft in studio.list_drafts()] == [("1/1", "second")]


def test_refs_that_are_not_ours_are_no_drafts(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    for ref in ("refs/drafts/x/1", "refs/drafts/2/x", "refs/drafts/4/1/1", "refs/drafts-from/o/5/1"):
        studio.repo.git("update-ref", ref, "HEAD")
    assert [str(draft.name) for draft in studio.list_drafts()] == ["1/1"]
    assert [folio.number for folio in studio.list_folios()] == [1]


@pytest.mark.parametrize(
    "text, name",
    [("1/2", "1/2"), ("2", "2/2"), ("@", "2/2"), ("1/", "1/3"), ("drafts/1/1", "1/1"), ("refs/drafts/1/1", "1/1")],
)
def test_names_of_drafts(studio: Studio, text: str, name: str) -> None:
    for _ in range(3):
        studio.draft(write("a", "1\n"))
    studio.quit()
    for _ in range(2):
        studio.draft(write("a", "1\n"))
    with studio.command() as drafter:
        assert str(drafter.get_draft(text).name) == name


@pytest.mark.parametrize("text", ["1/9", "9", "9/", "1/@", "main", "no such ref", "0", "1/0", "-1", "²", "1/2/3"])
def test_what_is_no_draft(studio: Studio, text: str) -> None:
    studio.draft(write("a", "1\n"))
    studio.repo.git("update-ref", "refs/drafts/1/@", "HEAD")
    with studio.command() as drafter, pytest.raises(NoDraftError) as caught:
        drafter.get_draft(text)
    assert caught.value.hint


def test_numbers_need_an_active_folio(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.quit()
    for text in ("1", "@"):
        with studio.command() as drafter, pytest.raises(NoDraftError, match="no folio is active"):
            drafter.get_draft(text)


# Runs and locks of processes that are gone


def test_killed_run_is_said_once_with_its_prompt(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    with studio.opened() as project:
        run = project.store.begin_run(folio=1, prompt="fix\nit", bot="b", base="", tree="", started=datetime.now(UTC))
        assert studio.tidy_up() == []  # this process lives
    with sqlite3.connect(_get_path(studio)) as db:
        db.execute("UPDATE runs SET start = 'another' WHERE id = ?", (run,))
    db.close()
    assert studio.tidy_up() == ["a run in folio 1 was killed; its prompt was: fix it"]
    assert studio.tidy_up() == []


def _kill_run(studio: Studio, prompt: str, *, folio: int = 1) -> None:
    """Leave a run as a process that was killed does."""
    with studio.opened() as project:
        project.store.begin_run(folio=folio, prompt=prompt, bot="b", base="", tree="", started=NOW)
    with sqlite3.connect(_get_path(studio)) as db:
        db.execute("UPDATE runs SET start = 'another' WHERE ended IS NULL")
    db.close()
    studio.tidy_up()


def _list_lines(studio: Studio) -> list[str]:
    """Give what list prints of runs."""
    with studio.command(), studio.opened() as project:
        listing = collect_listing(project, every=False, now=NOW)
        return [line for line in format_listing(listing, 0) if "interrupted" in line or "running" in line]


def test_killed_run_is_listed_with_its_whole_prompt_until_another_one_is_done(studio: Studio) -> None:
    prompt = "fix it, and more " * 50
    studio.draft(write("a", "1\n"))
    _kill_run(studio, prompt)
    _kill_run(studio, "another")
    said = ["  interrupted: another (b, 0 seconds ago)", f"  interrupted: {prompt.strip()} (b, 0 seconds ago)"]
    assert [_list_lines(studio), _list_lines(studio)] == [said, said]
    with studio.command(), studio.opened() as project:
        values = make_listing_json(collect_listing(project, every=False, now=NOW))
    assert values["runs"] == []
    assert [run["prompt"] for run in cast("list[dict[str, str]]", values["interrupted"])] == [prompt, "another"]
    with pytest.raises(BotError):
        studio.draft(bot=ScriptedBot(error=BotError("no answer")))
    assert _list_lines(studio) == []


def test_draft_of_another_folio_does_not_make_up_for_a_killed_run(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    _kill_run(studio, "fix it")
    studio.repo.git("switch", "--quiet", "main")
    studio.draft(write("a", "1\n"))
    assert _list_lines(studio) == ["  interrupted: fix it (b, 0 seconds ago)"]
    studio.repo.git("switch", "--quiet", "draft/1")
    studio.draft(write("a", "2\n"))
    assert _list_lines(studio) == []


def test_lock_of_another_program_is_left_alone(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    lock = studio.repo.path / ".git/refs/heads/main.lock"
    lock.touch()
    os.utime(lock, (1, 1))
    with sqlite3.connect(_get_path(studio)) as db:
        db.execute("INSERT INTO locks (pid, start, refs, since_s) VALUES (999999999, '', '[\"refs/heads/main\"]', 1e9)")
    db.close()
    studio.tidy_up()
    assert lock.exists()
    with studio.opened() as project:
        assert project.store.list_locks() == []


def test_lock_on_head_of_another_worktree_is_removed(studio: Studio, tmp_path: Path) -> None:
    studio.repo.git("worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "tree"))
    studio.tidy_up()
    lock = studio.repo.path / ".git/worktrees/tree/HEAD.lock"
    lock.touch()
    with sqlite3.connect(_get_path(studio)) as db:
        db.execute(
            "INSERT INTO locks (pid, start, refs, since_s) VALUES (999999999, '', '[\"HEAD\"]', ?)",
            (lock.stat().st_mtime,),
        )
    db.close()
    studio.tidy_up()
    assert not lock.exists()


def test_copies_of_the_index_that_a_killed_process_left_are_removed(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    folder = studio.repo.path / ".git/git-draft/tmp"
    for name in ("999999999-x", f"{os.getpid()}-x"):
        (folder / name).mkdir()
        (folder / name / "index").touch()
    studio.tidy_up()
    assert [left.name for left in folder.iterdir()] == [f"{os.getpid()}-x"]


def test_what_was_learned_of_an_endpoint_is_there_for_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    store: Memory = Store(path)
    assert store.recall("http://localhost/v1", "small", "edits") is None
    store.learn("http://localhost/v1", "small", "edits", "tools")
    store.learn("http://localhost/v1", "small", "edits", "blocks")
    store = Store(path)
    assert store.recall("http://localhost/v1", "small", "edits") == "blocks"
    assert store.recall("http://localhost/v1", "large", "edits") is None


def test_index_of_an_older_version_is_brought_up(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in MIGRATIONS[0].split(";\n"):
            db.execute(statement)
        db.execute("INSERT INTO folios VALUES (7, 'main')")
        db.execute("PRAGMA user_version = 1")
    store = Store(path)
    assert store.recall("http://localhost/v1", "small", "edits") is None
    assert [row[0] for row in store.execute("SELECT number FROM folios")] == [7]
