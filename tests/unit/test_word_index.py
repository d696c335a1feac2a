"""The index of words and names: what it keeps, what it forgets, and what it makes of a file that is no good."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from git_draft.errors import StoreError
from git_draft.word_index import MANY_BATCHES, NO_TEXT, BlobWords, WordIndex


def fill(index: WordIndex) -> None:
    index.add([BlobWords("a", {"x": 1, "y": 40}, {"f", "g"}), BlobWords("b", {"x": 2}, {"f"}), BlobWords("c", None)])


def list_oids(index: WordIndex) -> list[str]:
    return [oid for (oid,) in index._db.execute("SELECT oid FROM blobs ORDER BY id")]


def read_lengths(index: WordIndex) -> dict[str, int]:
    oids = list_oids(index)
    return {oid: index.get_length(number) for oid, number in zip(oids, index.find_numbers(oids), strict=True)}


def count(index: WordIndex, word: str) -> dict[str, int]:
    """Count a word in the blobs that are known."""
    oids = dict(zip(index.find_numbers(list_oids(index)), list_oids(index), strict=True))
    return {oids[number]: times for number, times in index.count_word(word) if number in oids}


def test_an_index_gives_what_was_put_in_also_when_it_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "folder/words.sqlite3"
    first = WordIndex(path)
    fill(first)
    for index in (first, WordIndex(path)):
        assert read_lengths(index) == {"a": 41, "b": 2, "c": NO_TEXT}
        assert count(index, "x") == {"a": 1, "b": 2}
        assert count(index, "y") == {"a": 15}, "a larger count means nothing more"
        assert count(index, "") == count(index, "z") == {}
        assert sorted(index.find_definers("f")) == ["a", "b"]
        assert index.find_definers("G") == [], "names are told apart by their case"
        index.close()


def test_a_blob_that_is_known_is_left_as_it_is() -> None:
    index = WordIndex(None)
    fill(index)
    index.add([BlobWords("d", {"x": 3}), BlobWords("a", {"x": 9, "z": 1}, {"h"})])
    assert count(index, "x") == {"a": 1, "b": 2, "d": 3}
    assert count(index, "z") == {}
    assert index.find_definers("h") == []
    assert read_lengths(index) == {"a": 41, "b": 2, "c": NO_TEXT, "d": 3}


def test_blobs_are_told_by_number_and_those_of_another_process_are_unknown(tmp_path: Path) -> None:
    index = WordIndex(tmp_path / "words.sqlite3")
    fill(index)
    many = [str(number) for number in range(1200)]
    index.add([BlobWords(oid, {"x": 1}) for oid in many])
    assert list(index.find_numbers(["b", "none", *many, "a"])) == [2, 0, *range(4, 1204), 1]
    other = WordIndex(tmp_path / "words.sqlite3")
    other.add([BlobWords("theirs", {"x": 1})])
    assert list(index.find_numbers(["theirs"])) == [0]
    index.add([BlobWords("ours", {"x": 1})])
    assert list(index.find_numbers(["theirs", "ours"])) == [0, 1205], "its length is not known here"
    assert not index.tidy(["ours"], spare=1203), "what is not known here is not counted"
    assert index.tidy(["ours"], spare=1202)
    assert list_oids(index) == ["theirs", "ours"], "nor forgotten"
    index.add([BlobWords("theirs", {"x": 1})])
    assert list(index.find_numbers(["theirs", "ours"])) == [1204, 1205]


def write_junk(path: Path) -> None:
    path.write_bytes(b"no database at all " * 999)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def drop_a_table(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE blobs")
    db.close()


def take_for_another_version(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()


@pytest.mark.parametrize("spoil", [write_junk, cut_off, drop_a_table, take_for_another_version])
def test_a_file_that_is_no_good_is_replaced(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "words.sqlite3"
    index = WordIndex(path)
    fill(index)
    index.close()
    spoil(path)
    index = WordIndex(path)
    assert not index.is_damaged
    assert read_lengths(index) == {}
    fill(index)
    index.close()
    assert count(WordIndex(path), "x") == {"a": 1, "b": 2}


def test_damage_that_shows_later_is_told(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite3"
    index = WordIndex(path)
    fill(index)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE holders SET blobs = x'010203'")
    db.close()
    with pytest.raises(StoreError, match=r"can't use .*words\.sqlite3"):
        index.count_word("x")
    assert index.is_damaged
    index.discard()
    assert not path.exists()


@pytest.mark.parametrize("place", ["file/words.sqlite3", "folder"])
def test_a_place_that_can_not_be_written_is_no_damage(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="can't use"):
        WordIndex(tmp_path / place)
    assert (tmp_path / "file").exists()


def test_an_index_that_another_process_holds_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite3"
    index = WordIndex(path, busy_timeout_s=0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    start_s = time.monotonic()
    with pytest.raises(StoreError, match="locked"):
        fill(index)
    assert time.monotonic() - start_s < 4, "SQLite itself would wait for five"
    assert not index.is_damaged
    other.execute("ROLLBACK")
    other.close()
    fill(index)
    assert count(index, "x") == {"a": 1, "b": 2}


WRITER = """
import sys
from pathlib import Path
from git_draft.word_index import BlobWords, WordIndex
index = WordIndex(Path(sys.argv[1]))
for start in range(0, 300, 20):
    index.add([BlobWords(str(n), {"x": 1, f"w{n}": 1}, {f"f{n}"}) for n in range(start, start + 20)])
    index.count_word("x")
"""


def test_two_processes_fill_one_index_at_once(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite3"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)]) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    index = WordIndex(path)
    assert count(index, "x") == {str(n): 1 for n in range(300)}
    assert all(count(index, f"w{n}") == {str(n): 1} and index.find_definers(f"f{n}") == [str(n)] for n in range(300))
    with sqlite3.connect(path) as db:
        ids = Counter(row[0] for row in db.execute("SELECT oid FROM blobs"))
    db.close()
    assert set(ids.values()) == {1}


def test_blobs_that_nobody_uses_are_forgotten_when_they_are_many(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite3"
    index = WordIndex(path)
    fill(index)
    assert not index.tidy({"b"}, spare=2)
    assert count(index, "x") == {"a": 1, "b": 2}
    assert index.tidy({"b"}, spare=1)
    for each in (index, WordIndex(path)):
        assert read_lengths(each) == {"b": 2}
        assert count(each, "x") == {"b": 2}
        assert count(each, "y") == {}
        assert each.find_definers("f") == ["b"]
        assert each.find_definers("g") == []
    index.add([BlobWords("d", {"x": 7}, {"g"})])
    assert count(index, "x") == {"b": 2, "d": 7}
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT COUNT(*) FROM holders WHERE word = 'y'").fetchone() == (0,), "and its rows are gone"
        assert db.execute("SELECT COUNT(*) FROM names WHERE blob = 1").fetchone() == (0,)
    db.close()


def test_many_small_batches_are_joined() -> None:
    index = WordIndex(None)
    for number in range(MANY_BATCHES + 1):
        assert not index.tidy(list_oids(index), spare=0)
        index.add([BlobWords(str(number), {"x": 1})])
    assert index.tidy(list_oids(index)[1:], spare=1)
    assert not index.tidy(list_oids(index), spare=0), "once is enough"
    assert len(count(index, "x")) == MANY_BATCHES + 1
    index.add([BlobWords("new", {"x": 2})])
    assert count(index, "x")["new"] == 2
