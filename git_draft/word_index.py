"""Which blobs hold which words, and which names they define: an index on disk that outlives a command.

It is a cache: all that it holds can be found out again from the texts, so a damaged file is replaced. It is given words
and names by blob id, and knows nothing of git, of paths, or of how files are ranked; those are its caller's, `ranking.py`.

Each batch of blobs adds one row for each of its words, with the blobs that hold it packed into four bytes each. SQLite's
own full-text tables were tried on the way: they are missing in some builds, count blobs that are long gone into their
ranks, and can't forget a blob without its text.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
import weakref
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path

from git_draft.errors import StoreError
from git_draft.frozen import frozen

VERSION = 2
"""Of the schema, of what counts as a word (`words.py`) or a name (`definitions.py`), and of what is withheld of a text
(`tokens.py`); others are made anew."""
BUSY_TIMEOUT_S = 10.0
"""How long another process is waited for."""
MANY_BATCHES = 500
"""As many are joined: each is one more row to read for a word."""
NO_TEXT = -1
"""The length that is noted for a blob that is not to be found by its words."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)  # the last: a table is missing
_LOOKED_UP_AT_ONCE = 1000
_UNKNOWN = -2  # in the place of a length
_COUNT_BITS = 4
_LARGEST_COUNT = (1 << _COUNT_BITS) - 1

_SCHEMA = """
CREATE TABLE blobs (id INTEGER PRIMARY KEY AUTOINCREMENT, oid TEXT NOT NULL UNIQUE, length INTEGER NOT NULL);
CREATE TABLE holders (
    word TEXT NOT NULL, batch INTEGER NOT NULL, -- the first blob's id; the word '' stands for the batch itself
    blobs BLOB NOT NULL, PRIMARY KEY (word, batch)
) WITHOUT ROWID;
CREATE TABLE names (name TEXT NOT NULL, blob INTEGER NOT NULL, PRIMARY KEY (name, blob)) WITHOUT ROWID;
"""


@frozen
class BlobWords:
    """What there is to know of a blob.

    Args:
        oid: its id.
        counts: how often it holds each word; None where it is not to be found by its words.
        names: what it defines, as written.
    """

    oid: str
    counts: Mapping[str, int] | None
    names: Collection[str] = ()

    @property
    def length(self) -> int:
        """How many words there are, `NO_TEXT` where they don't count."""
        return NO_TEXT if self.counts is None else sum(self.counts.values())


class WordIndex:
    """An index of words and names by blob id.

    Args:
        path: the file; made where it is not there, with its folder. None for an index in memory.
        busy_timeout_s: how long another process is waited for.

    Raises:
        StoreError: where it can't be read or written, as all methods do; `is_damaged` then tells whether it is lost.
    """

    def __init__(self, path: Path | None, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self.is_damaged = False
        self._lengths = array("i")  # by number
        try:
            self._open()
        except StoreError:
            if not self.is_damaged:
                raise
            self.discard()
            self._open()
            self.is_damaged = False

    def _open(self) -> None:
        with self._failing_clearly():
            if self._path is not None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            name, timeout_s = self._path or ":memory:", self._busy_timeout_s
            self._db = sqlite3.connect(name, timeout=timeout_s, isolation_level=None, check_same_thread=False)
            self._finalizer = weakref.finalize(self, self._db.close)  # a run that is cut off closes nothing
            self._db.execute("PRAGMA cache_size = -65536")  # a cache that spills before the commit locks readers out
            self._db.execute("PRAGMA synchronous = OFF")  # a power cut may cost the cache; nobody waits for the disk
            if self._db.execute("PRAGMA user_version").fetchone() != (VERSION,):
                self._make_anew(self._db)
        self._load()

    @staticmethod
    def _make_anew(db: sqlite3.Connection) -> None:
        db.execute("BEGIN IMMEDIATE")
        if db.execute("PRAGMA user_version").fetchone() != (VERSION,):  # another process may have been faster
            db.execute("PRAGMA secure_delete = ON")  # an older one may hold words of lines that are withheld now
            for table in ("blobs", "holders", "names"):
                db.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._finalizer()

    def discard(self) -> None:
        """Remove the file, which is of no use; the next index starts anew."""
        self.close()
        for suffix in ("", "-journal"):
            with contextlib.suppress(OSError):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _load(self) -> None:
        self._lengths = array("i")
        with self._failing_clearly():
            for number, length in self._db.execute("SELECT id, length FROM blobs"):
                self._note(number, length)
            self._db.execute("PRAGMA shrink_memory")  # its pages are not needed any more

    def _note(self, number: int, length: int) -> None:
        self._lengths.extend([_UNKNOWN] * (number + 1 - len(self._lengths)))
        self._lengths[number] = length

    @contextlib.contextmanager
    def _failing_clearly(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError) as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what SQLite adds for details
            self.is_damaged = isinstance(error, ValueError) or code in _DAMAGE
            raise StoreError(f"can't use {self._path}: {error}") from error

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        with self._failing_clearly():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._db.in_transaction:  # a full disk has ended it
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            self._db.execute("PRAGMA shrink_memory")  # the pages of a hundred batches need not stay

    # Filling

    def find_numbers(self, oids: Iterable[str]) -> array[int]:
        """Give for each of some blobs the number that stands for it here until the next change, 0 where it is unknown.

        They are looked up where they are: in memory, a hundred thousand would take 20 MiB.
        """
        found, rest = array("i"), iter(oids)
        with self._failing_clearly():
            while some := list(islice(rest, _LOOKED_UP_AT_ONCE)):
                rows = self._db.execute(
                    "SELECT oid, id FROM blobs WHERE oid IN (SELECT value FROM json_each(?))", (json.dumps(some),)
                )
                known = dict(rows.fetchall())
                numbers = (known.get(oid, 0) for oid in some)
                found.extend(number if self._knows(number) else 0 for number in numbers)
        return found

    def _knows(self, number: int) -> bool:
        """Tell whether a blob was there when the index was read, or was added here since; not by another process."""
        return number < len(self._lengths) and self._lengths[number] != _UNKNOWN

    def get_length(self, number: int) -> int:
        """Give how many words a blob has, `NO_TEXT` where they don't count, or it is unknown."""
        return self._lengths[number] if number else NO_TEXT  # there is no blob 0

    def add(self, batch: Sequence[BlobWords]) -> None:
        """Take in blobs; those that are known are left as they are."""
        added: dict[int, BlobWords] = {}
        with self._changing():
            for blob in batch:
                cursor = self._db.execute(
                    "INSERT OR IGNORE INTO blobs (oid, length) VALUES (?, ?)", (blob.oid, blob.length)
                )
                if cursor.rowcount > 0 and cursor.lastrowid:
                    added[cursor.lastrowid] = blob
            if added:
                self._add_words(added)
            names = sorted((name, id_) for id_, blob in added.items() for name in blob.names)
            self._db.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", names)
        if len(added) == len(batch):
            for id_, blob in added.items():
                self._note(id_, blob.length)
        else:  # another process was faster with some
            self._load()

    def _add_words(self, blobs: Mapping[int, BlobWords]) -> None:
        holders: dict[str, array[int]] = {"": array("I")}
        for id_, blob in blobs.items():
            for word, count in (blob.counts or {}).items():
                holders.setdefault(word, array("I")).append(id_ << _COUNT_BITS | min(count, _LARGEST_COUNT))
        batch = min(blobs)
        rows = ((word, batch, _format_holders(holders[word])) for word in sorted(holders))
        self._db.executemany("INSERT INTO holders VALUES (?, ?, ?)", rows)

    def tidy(self, live: Iterable[str], *, spare: int) -> bool:
        """Forget the other blobs if there are many, and join many small batches; tell whether there was need.

        Args:
            live: the ids of the blobs that are used.
            spare: how many others may stay, since they may be used again: another branch's, for example.
        """
        is_stale = bytearray(map(self._knows, range(len(self._lengths))))
        for number in filter(None, self.find_numbers(live)):
            is_stale[number] = False
        stale = array("i", (number for number, is_one in enumerate(is_stale) if is_one))
        with self._failing_clearly():
            (batches,) = self._db.execute("SELECT COUNT(*) FROM holders WHERE word = ''").fetchone()
        if len(stale) <= spare and batches <= MANY_BATCHES:
            return False
        with self._changing():
            if len(stale) > spare:
                self._db.executemany("DELETE FROM blobs WHERE id = ?", ((number,) for number in stale))
                self._db.execute("DELETE FROM names WHERE blob NOT IN (SELECT id FROM blobs)")
            self._join_batches()
        self._load()
        return True

    def _join_batches(self) -> None:
        live = {id_ for (id_,) in self._db.execute("SELECT id FROM blobs")}
        rows = self._db.execute("SELECT word, blobs FROM holders ORDER BY word, batch").fetchall()
        self._db.execute("DELETE FROM holders")
        for word, group in groupby(rows, key=lambda row: str(row[0])):
            packed = (each for _, blobs in group for each in _parse_holders(blobs))
            kept = array("I", (each for each in packed if each >> _COUNT_BITS in live))
            if kept or not word:
                self._db.execute("INSERT INTO holders VALUES (?, ?, ?)", (word, 0, _format_holders(kept)))

    # Asking

    def count_word(self, word: str) -> Iterator[tuple[int, int]]:
        """Give the blobs that hold a word, or did before they were forgotten, with how often they do, up to 15."""
        with self._failing_clearly():
            rows = self._db.execute("SELECT blobs FROM holders WHERE word = ?", (word,)).fetchall()
            packed = [_parse_holders(blobs) for (blobs,) in rows]
        return ((each >> _COUNT_BITS, each & _LARGEST_COUNT) for holders in packed for each in holders)

    def find_definers(self, name: str) -> list[str]:
        """Give the blobs that define a name."""
        with self._failing_clearly():
            known = "SELECT oid FROM names JOIN blobs ON blobs.id = names.blob WHERE name = ?"
            return [oid for (oid,) in self._db.execute(known, (name,))]


def _format_holders(holders: array[int]) -> bytes:
    if sys.byteorder == "big":  # a repository may be on a disk that another machine reads, too
        holders = array("I", holders)
        holders.byteswap()
    return holders.tobytes()


def _parse_holders(data: bytes) -> array[int]:
    holders = array("I")
    holders.frombytes(data)
    if sys.byteorder == "big":
        holders.byteswap()
    return holders
