"""Which files of a tree matter for some words, and which define a name: BM25 on contents, and the words of the paths.

What a blob holds comes from `word_index.py`, which is brought up to date here within a time; a blob's words are found
out once, by its id. Which files may be seen is decided by the caller, `worktree.py`.
"""

from __future__ import annotations

import heapq
import math
import re
import time
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TypeVar

from git_draft.errors import StoreError, ToolError
from git_draft.generated import looks_generated
from git_draft.word_index import NO_TEXT, BlobWords, WordIndex
from git_draft.words import count_words, split_name, stem_words

INDEXING_TIMEOUT_S = 10.0
"""How long new blobs are read; the rest have their turn next time."""
MAX_RANKED_BYTES = 1 << 20
"""Larger files are data."""

MAX_RANKED_FILES = 1000
"""A word that more files hold says little, and to sort a hundred thousand takes 30 MiB."""

_BATCH = 500
_LEAST_TIME_S = 0.2  # when the time is used up: for what the bot itself has written
_SPARE = 2000
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75  # k1 and b of BM25 at their usual values
_LEAST_SHARE = 0.3  # of the best score; what has less holds some word by chance
_DEFINED_WEIGHT = 3  # a name says more where it is defined than where it is used
_NAME_WEIGHT, _FOLDER_WEIGHT = 3.0, 1.0  # of a word in a path; one that stands in every line of a file weighs 2.2

_T = TypeVar("_T")

Files = Collection[tuple[str, str]]
"""Paths with the ids of their blobs."""


class Ranking:
    """Ranks the files of one repository.

    Args:
        index_path: the file of the index; None to keep it in memory.
        read_text: gives the text of a blob, None where it is none; raises `ToolError` where it can't be read now.
        tell: told how many blobs were new, when all that there was time for are in the index.
        timeout_s: how long new blobs are read, all in all.
        count_s: the time, in seconds since some start.
    """

    def __init__(
        self,
        index_path: Path | None,
        read_text: Callable[[str], str | None],
        tell: Callable[[int], None],
        *,
        timeout_s: float = INDEXING_TIMEOUT_S,
        count_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._index_path = index_path
        self._read_text = read_text
        self._tell = tell
        self._timeout_s = timeout_s
        self._index: WordIndex | None = None
        self._count_s = count_s
        self._left_s = timeout_s
        # the hashes of the blobs that there was no time for, sorted: a set of them is large
        self._put_off = array("q")

    def rank(self, files: Files, words: Collection[str]) -> list[PurePosixPath]:
        """Give the files that hold some of the words, the most relevant first, but none that is far less so than that."""
        stems = stem_words(words)
        by_path = _score_paths(files, stems)
        scores = self._ask(
            files, by_path.keys(), lambda index, numbers: _score_files(index, files, numbers, stems, by_path)
        )
        least = _LEAST_SHARE * max(scores, default=0)
        found = ((score, path) for (path, _), score in zip(files, scores, strict=True) if score and score >= least)
        best = heapq.nsmallest(
            MAX_RANKED_FILES, found, key=lambda item: (-item[0], item[1].count("/"), item[1].split("/"))
        )
        return [PurePosixPath(path) for _, path in best]

    def find_definitions(self, files: Files, names: Collection[str]) -> dict[str, list[PurePosixPath]]:
        """Give for each name that files define those files, sorted."""
        definers = self._ask(files, (), lambda index, _: {name: set(index.find_definers(name)) for name in names})
        wanted = set[str]().union(*definers.values())
        defining = [(PurePosixPath(path), oid) for path, oid in files if oid in wanted]
        found = {name: [path for path, oid in defining if oid in oids] for name, oids in definers.items()}
        return {name: sorted(paths, key=lambda path: path.parts) for name, paths in found.items() if paths}

    # The index

    def _ask(self, files: Files, hints: Collection[str], ask: Callable[[WordIndex, Sequence[int]], _T]) -> _T:
        """Ask the index when it knows the files, given the number of each; give it up for one in memory if it fails."""
        try:
            index = self._index = self._index or WordIndex(self._index_path)
            return ask(index, self._learn(index, files, hints))
        except StoreError:
            if self._index is not None:
                (self._index.discard if self._index.is_damaged else self._index.close)()
            index = self._index = WordIndex(None)
            self._left_s = self._timeout_s
            return ask(index, self._learn(index, files, hints))

    def _learn(self, index: WordIndex, files: Files, hints: Collection[str]) -> Sequence[int]:
        """Bring the index up to date; give the number of each file there, 0 for those that there was no time for."""
        numbers = index.find_numbers(oid for _, oid in files)
        if 0 not in numbers:
            return numbers
        start_s = self._count_s()
        deadline_s = start_s + max(self._left_s, _LEAST_TIME_S)
        count, missing = 0, self._iter_missing(files, numbers, hints)
        while some := list(islice(missing, _BATCH)):
            paths = {oid: path for path, oid in some}  # one blob may be at several
            unknown = [oid for oid, number in zip(paths, index.find_numbers(paths), strict=True) if not number]
            batch = list(self._iter_words([(oid, paths[oid]) for oid in unknown], deadline_s))
            index.add(batch)
            count += len(batch)
            if self._count_s() > deadline_s:
                break
        index.tidy((oid for _, oid in files), spare=_SPARE + len(files))
        numbers = index.find_numbers(oid for _, oid in files)
        self._put_off = array("q", sorted(hash(oid) for oid, number in _iter_oids(files, numbers) if not number))
        self._left_s -= self._count_s() - start_s
        self._tell(count)
        return numbers

    def _iter_missing(self, files: Files, numbers: Sequence[int], hints: Collection[str]) -> Iterator[tuple[str, str]]:
        """Give the files that the index does not know: what is new first, what there was no time for before last.

        It goes through all of them for each kind: to sort a hundred thousand would take 20 MiB.
        """
        for was_put_off in (False, True):
            for is_hinted in (True, False):
                for (path, oid), number in zip(files, numbers, strict=True):
                    if not number and (path in hints) is is_hinted and self._was_put_off(oid) is was_put_off:
                        yield path, oid

    def _was_put_off(self, oid: str) -> bool:
        at = bisect_left(self._put_off, hash(oid))
        return at < len(self._put_off) and self._put_off[at] == hash(oid)

    def _iter_words(self, items: Sequence[tuple[str, str]], deadline_s: float) -> Iterator[BlobWords]:
        from git_draft.definitions import find_names  # its patterns take time to compile

        for oid, path in items:
            try:
                text = self._read_text(oid)
            except ToolError:
                continue
            if text is None or looks_generated(text):
                yield BlobWords(oid, None)
            else:
                names = find_names(text, PurePosixPath(path).suffix)
                counts = count_words(text)
                for name in names:
                    counts.update(split_name(name) * _DEFINED_WEIGHT)
                yield BlobWords(oid, counts, names)
            if self._count_s() > deadline_s:
                return


def _iter_oids(files: Files, numbers: Sequence[int]) -> Iterator[tuple[str, int]]:
    return ((oid, number) for (_, oid), number in zip(files, numbers, strict=True))


def _score_files(
    index: WordIndex, files: Files, numbers: Sequence[int], stems: AbstractSet[str], by_path: Mapping[str, float]
) -> Sequence[float]:
    """Score each file by the words that it holds, in the path or inside; 0 where it is no text."""
    by_blob = _score_blobs(index, numbers, stems)
    return array(
        "d",
        (
            by_blob[number] + by_path.get(path, 0.0) if index.get_length(number) != NO_TEXT else 0.0
            for (path, _), number in zip(files, numbers, strict=True)
        ),
    )


def _score_blobs(index: WordIndex, numbers: Sequence[int], stems: AbstractSet[str]) -> Sequence[float]:
    """Score the blobs by the words that they hold, by BM25; by number, 0 for those that are no text."""
    texts = bytearray(max(numbers, default=0) + 1)  # by number, whether it is one
    total = 0
    for number in numbers:
        if index.get_length(number) != NO_TEXT and not texts[number]:
            texts[number] = True
            total += index.get_length(number)
    count_texts = texts.count(True)
    average = total / (count_texts or 1) or 1
    scores = array("d", bytes(8 * len(texts)))
    for each in stems:
        weight = _weigh(sum(1 for _ in _iter_counts(index, each, texts)), count_texts)
        for number, count in _iter_counts(index, each, texts):
            damping = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * index.get_length(number) / average)
            scores[number] += weight * count * (_SATURATION + 1) / (count + damping)
    return scores


def _iter_counts(index: WordIndex, word: str, texts: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((number, count) for number, count in index.count_word(word) if number < len(texts) and texts[number])


def _score_paths(files: Files, stems: AbstractSet[str]) -> dict[str, float]:
    """Score the paths that hold a word; the more of the file's own name is asked for, the better."""
    if not stems:
        return {}
    maybe = re.compile("|".join(re.escape(each.removesuffix("y")) for each in stems))
    matched, total = {}, 0
    for text, _ in files:
        total += 1
        if maybe.search(text.lower()):
            path = PurePosixPath(text)
            name, folders = stem_words([path.stem]), stem_words(path.parts[:-1])
            if not stems.isdisjoint(name | folders):
                matched[text] = (name, folders)
    counts = Counter(each for name, folders in matched.values() for each in (name | folders) & stems)
    weights = {each: _weigh(count, total) for each, count in counts.items()}
    return {
        text: sum(weights[each] for each in stems & name) * _NAME_WEIGHT * len(stems & name) / (len(name) or 1)
        + sum(weights[each] for each in stems & folders) * _FOLDER_WEIGHT
        for text, (name, folders) in matched.items()
    }


def _weigh(count: int, total: int) -> float:
    """Weigh a word by how few of all hold it."""
    return math.log(1 + (total - count + 0.5) / (count + 0.5))
