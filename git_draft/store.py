"""SQLite: an index of the records for list and stats, runs under way, events, ref locks, what was learned of endpoints.

The data itself is in refs, notes and git's configuration; everything here but events is made again from them when the
file is lost (`records.py` does that). This module holds the typed queries, and knows nothing of git; the schema is `schema.py`'s.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from git_draft.errors import StoreError
from git_draft.model import DraftName
from git_draft.processes import read_start
from git_draft.rows import DraftRow, LockRow, RunRow
from git_draft.schema import MIGRATIONS

_BUSY_TIMEOUT_S = 30.0


class Store:
    """The index of one repository.

    Args:
        path: the database file; made, with its folder, where it is not there. None for an index in memory.

    Raises:
        StoreError: where it can't be read or written, or was made by a newer version.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path or Path(":memory:")
        self.was_replaced = False
        try:
            self._db = self._open_in_time()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise self._describe(error) from error
            self._set_aside()
            self._db = self._open()

    def _open_in_time(self) -> sqlite3.Connection:
        # where two processes make the file at once, one of them is refused without having waited
        deadline = time.monotonic() + _BUSY_TIMEOUT_S
        while True:
            try:
                return self._open()
            except sqlite3.OperationalError as error:
                if not _is_locked(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _open(self) -> sqlite3.Connection:
        if self.path.name != ":memory:":
            self._check_writable()
        db = sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        try:
            db.execute("PRAGMA synchronous = NORMAL")  # with WAL safe against a crash of ours; it is only an index
            self._migrate(db)
        except BaseException:
            db.close()
            raise
        return db

    def _check_writable(self) -> None:
        # SQLite itself says "unable to open database file", or opens it and fails at the first change
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"can't make {folder}: {error.strerror}") from error
        for place in (folder, self.path):
            if place.exists() and not os.access(place, os.W_OK):
                raise StoreError(f"can't write to {place}: is it another user's, or read-only?")

    def trace(self, tell: Callable[[str], None]) -> None:
        """Have every statement told from now on; for those who count them."""
        self._db.set_trace_callback(tell)

    def _set_aside(self) -> None:
        # Not a database: nothing but events was in it, so put it out of the way rather than stop
        self.was_replaced = True
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").replace(f"{self.path}{suffix}.broken")

    def _migrate(self, db: sqlite3.Connection) -> None:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise StoreError(f"{self.path} was made by a newer git-draft", hint=f"update git-draft, or rm {self.path}")
        if version == len(MIGRATIONS):
            return
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        (version,) = db.execute("PRAGMA user_version").fetchone()  # another process may have been faster
        for script in MIGRATIONS[version:]:
            for statement in script.split(";\n"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Do several statements or none."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK")
            raise
        self.execute("COMMIT")

    def execute(self, statement: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[Any]:
        """Run a statement, and give all its rows; for the typed queries here and in `tallies.py`, and nobody else."""
        with self._failing_clearly():
            return self._db.execute(statement, values).fetchall()

    def _insert(self, statement: str, values: Sequence[object]) -> int:
        with self._failing_clearly():
            return int(self._db.execute(statement, values).lastrowid or 0)

    @contextlib.contextmanager
    def _failing_clearly(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:  # locked for long, or the disk is full
            raise self._describe(error) from error
        except sqlite3.DatabaseError as error:  # damaged further in than opening it shows
            raise StoreError(f"can't use {self.path}: {error}", hint=f"rm {self.path}") from error

    def _describe(self, error: sqlite3.OperationalError) -> StoreError:
        hint = f"another program keeps it locked: fuser {self.path}" if _is_locked(error) else None
        return StoreError(f"can't use {self.path}: {error}", hint=hint)

    # Rebuilding

    def is_complete(self) -> bool:
        """Tell whether the index was filled once; a new file is not until `mark_complete`."""
        return bool(self.execute("SELECT 1 FROM meta WHERE key = 'complete'"))

    def mark_complete(self) -> None:
        """Note that folios and drafts are all in."""
        self.execute("INSERT OR REPLACE INTO meta VALUES ('complete', ?)", (_format_time(datetime.now(UTC)),))

    def forget_drafts(self) -> None:
        """Forget all drafts, to have them read again; runs, events and folios stay."""
        with self.transaction():
            self.execute("DELETE FROM drafts")
            self.execute("DELETE FROM meta WHERE key IN ('complete', 'notes')")

    def find_notes_tip(self) -> str | None:
        """Find the commit of the notes ref that the notes in here were read from."""
        rows = self.execute("SELECT value FROM meta WHERE key = 'notes'")
        return rows[0][0] if rows else None

    def advance_notes_tip(self, old: str | None, new: str) -> None:
        """Note that the notes in here agree with a commit, if they agreed with the one before it."""
        self.execute("UPDATE meta SET value = ? WHERE key = 'notes' AND value = ?", (new, old or ""))

    def set_notes_tip(self, tip: str | None) -> None:
        """Note the commit of the notes ref that the notes in here agree with."""
        self.execute("INSERT OR REPLACE INTO meta VALUES ('notes', ?)", (tip or "",))

    # Folios

    def add_folio(self, number: int, origin: str | None) -> None:
        """Note a folio and its origin branch."""
        self.execute(
            "INSERT INTO folios VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET origin = COALESCE(excluded.origin, origin)",
            (number, origin),
        )

    def remove_folio(self, number: int) -> None:
        """Forget a folio that never had a draft, so that its number is free again."""
        self.execute("DELETE FROM folios WHERE number = ?", (number,))

    def list_folios(self) -> dict[int, str | None]:
        """Give the origin branch of each folio that ever was, by its number."""
        return dict(self.execute("SELECT number, origin FROM folios ORDER BY number"))

    def find_last_folio(self) -> int:
        """Give the largest number of a folio that ever was, 0 for none."""
        return int(self.execute("SELECT COALESCE(MAX(number), 0) FROM folios")[0][0])

    # Drafts

    def add_draft(self, row: DraftRow) -> None:
        """Note a draft, in place of one of the same name."""
        values = (row.name.folio, row.name.number, row.oid, row.parent, row.sync_head, row.sync_tree)
        self.execute(
            "INSERT OR REPLACE INTO drafts (folio, number, oid, parent, sync_head, sync_tree, message, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, row.message, row.note),
        )

    def list_drafts(self, folios: Collection[int] | None = None) -> list[DraftRow]:
        """Give the drafts of these folios, or of all, by number."""
        rows = self.execute(
            "SELECT folio, number, oid, parent, message, note, sync_head, sync_tree FROM drafts"
            " WHERE :folios IS NULL OR folio IN (SELECT value FROM json_each(:folios)) ORDER BY folio, number",
            {"folios": None if folios is None else json.dumps(list(folios))},
        )
        return [DraftRow(DraftName(row[0], row[1]), *row[2:]) for row in rows]

    def remove_drafts(self, folio: int, numbers: Collection[int] | None = None) -> None:
        """Forget drafts of a folio with their runs and events; all of them where no numbers are given.

        The folio itself stays noted, so that its number is not given out again.
        """
        chosen = "folio = :folio AND (:numbers IS NULL OR number IN (SELECT value FROM json_each(:numbers)))"
        values = {"folio": folio, "numbers": None if numbers is None else json.dumps(sorted(numbers))}
        with self.transaction():
            self.execute(f"DELETE FROM events WHERE run IN (SELECT id FROM runs WHERE {chosen})", values)  # noqa: S608  # a constant
            self.execute(f"DELETE FROM runs WHERE {chosen}", values)  # noqa: S608  # likewise
            self.execute(f"DELETE FROM drafts WHERE {chosen}", values)  # noqa: S608  # likewise

    def find_sync(self, folio: int, head: str, tree: str) -> str | None:
        """Find the sync commit of a folio for a state: a commit's id and a tree's."""
        rows = self.execute(
            "SELECT parent FROM drafts WHERE folio = ? AND sync_head = ? AND sync_tree = ? LIMIT 1", (folio, head, tree)
        )
        return rows[0][0] if rows else None

    # Runs and events

    def begin_run(
        self, *, folio: int, prompt: str, bot: str, base: str, tree: str, started: datetime, first: int | None = None
    ) -> int:
        """Note a run before its first request, as done by this process; `first` began together with it. Give its number."""
        pid = os.getpid()
        return self._insert(
            "INSERT INTO runs (pid, start, folio, prompt, bot, base, tree, started, sibling_of)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (pid, read_start(pid), folio, prompt, bot, base, tree, _format_time(started), first),
        )

    def end_run(self, run: int, *, outcome: str, ended: datetime, number: int | None = None) -> None:
        """Note how a run ended, and the draft that it made."""
        self.execute(
            "UPDATE runs SET ended = ?, outcome = ?, number = ? WHERE id = ?",
            (_format_time(ended), outcome, number, run),
        )

    def list_open_runs(self) -> list[RunRow]:
        """Give the runs under way, and those interrupted without a draft that no later one of their folio made up for."""
        return self._read_runs(
            "ended IS NULL OR (outcome = 'interrupted' AND number IS NULL AND NOT EXISTS ("
            "SELECT 1 FROM runs AS later WHERE later.folio = runs.folio AND later.id > runs.id"
            " AND COALESCE(later.sibling_of, later.id) <> COALESCE(runs.sibling_of, runs.id)"
            " AND later.ended IS NOT NULL AND (later.number IS NOT NULL OR later.outcome <> 'interrupted')))"
        )

    def find_run(self, run: int) -> RunRow | None:
        """Find a run by its number, under way or ended."""
        return next(iter(self._read_runs("id = ?", (run,))), None)

    def _read_runs(self, condition: str, values: Sequence[object] = ()) -> list[RunRow]:
        query = "SELECT id, pid, start, folio, prompt, bot, base, tree, started, outcome, number FROM runs WHERE "
        rows = self.execute(f"{query}{condition} ORDER BY id", values)  # the conditions are those above
        return [RunRow(*(*row[:8], _parse_time(row[8]), *row[9:])) for row in rows]

    def ask_to_stop(self, run: int) -> None:
        """Ask the process that does a run to end it."""
        self.execute("UPDATE runs SET is_stop_asked = 1 WHERE id = ?", (run,))

    def list_runs_to_stop(self) -> set[int]:
        """Give the numbers of the runs under way that are asked to end."""
        return {row[0] for row in self.execute("SELECT id FROM runs WHERE ended IS NULL AND is_stop_asked")}

    def list_runs_under_way(self) -> list[RunRow]:
        """Give the runs that have not ended, as far as is written down; their process may be gone."""
        return [run for run in self.list_open_runs() if not run.is_interrupted]

    def list_run_numbers(self, folio: int) -> set[int]:
        """Give the numbers of a folio's drafts whose run is known."""
        rows = self.execute("SELECT number FROM runs WHERE folio = ? AND number IS NOT NULL", (folio,))
        return {row[0] for row in rows}

    def add_event(self, run: int, when: datetime, body: str) -> None:
        """Note an event of a run, as JSON."""
        self.execute("INSERT INTO events (run, time, body) VALUES (?, ?, ?)", (run, _format_time(when), body))

    def list_events(self, folio: int, number: int | None = None) -> list[tuple[datetime, int | None, str]]:
        """Give the events of a folio's runs, or of one draft's, in order: time, draft number, JSON."""
        rows = self.execute(
            "SELECT events.time, runs.number, events.body FROM events JOIN runs ON runs.id = events.run"
            " WHERE runs.folio = :folio AND (:number IS NULL OR runs.number = :number) ORDER BY events.id",
            {"folio": folio, "number": number},
        )
        return [(_parse_time(row[0]), row[1], row[2]) for row in rows]

    # Locks

    @contextlib.contextmanager
    def noted_locks(self, refs: Sequence[str]) -> Iterator[None]:
        """Note, for as long as it lasts, that this process locks refs.

        Where the index is locked for long it goes without: only the locks of a killed process could not be told then.
        """
        pid = os.getpid()
        inserted = None
        with contextlib.suppress(StoreError):
            inserted = self._insert(
                "INSERT INTO locks (pid, start, refs, since_s) VALUES (?, ?, ?, ?)",
                (pid, read_start(pid), json.dumps(list(refs)), time.time()),
            )
        try:
            yield
        finally:
            if inserted is not None:
                with contextlib.suppress(StoreError):
                    self.remove_lock(inserted)

    def list_locks(self) -> list[LockRow]:
        """Give the locks written down."""
        rows = self.execute("SELECT id, pid, start, refs, since_s FROM locks ORDER BY id")
        return [LockRow(row[0], row[1], row[2], tuple(json.loads(row[3])), row[4]) for row in rows]

    def remove_lock(self, lock: int) -> None:
        """Forget a lock."""
        self.execute("DELETE FROM locks WHERE id = ?", (lock,))

    # What was learned: implements `git_draft.protocols.Memory`

    def recall(self, endpoint: str, model: str, key: str) -> str | None:
        """Give what was learned of an endpoint and a model, None where nothing was."""
        rows = self.execute(
            "SELECT value FROM learned WHERE endpoint = ? AND model = ? AND key = ?", (endpoint, model, key)
        )
        return rows[0][0] if rows else None

    def learn(self, endpoint: str, model: str, key: str, value: str) -> None:
        """Remember something in place of what was learned before."""
        self.execute("INSERT OR REPLACE INTO learned VALUES (?, ?, ?, ?)", (endpoint, model, key, value))

    def forget(self, endpoint: str, model: str | None = None) -> None:
        """Forget all that was learned of an endpoint, or of one model there."""
        self.execute(
            "DELETE FROM learned WHERE endpoint = :endpoint AND (:model IS NULL OR model = :model)",
            {"endpoint": endpoint, "model": model},
        )


def _is_locked(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _format_time(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds")


def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
