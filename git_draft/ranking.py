"""Which files of a tree matter for some words, and which define a name: BM25 on contents, and the words of the paths.

What a blob holds comes from `word_index.py`, which is brought up to date here within a time; a blob's words are found
out once, by its id. Which files may be seen is decided by the caller, `worktree.py`.
"""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path, PurePosixPath
from typing import TypeVar

from git_draft.definitions import find_names
from git_draft.errors import StoreError, ToolError
from git_draft.generated import has_generated_name, looks_generated
from git_draft.word_index import NO_TEXT, BlobWords, WordIndex
from git_draft.words import count_words, split_name, stem_words

INDEXING_TIMEOUT_S = 10.0
"""How long new blobs are read; the rest have their turn next time."""
MAX_RANKED_BYTES = 1 << 20
"""Larger files are data."""

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
        self._put_off: set[str] = set()

    def rank(self, files: Files, words: Collection[str]) -> list[PurePosixPath]:
        """Give the files that hold some of the words, the most relevant first, but none that is far less so than that."""
        stems = stem_words(words)
        by_path = _score_paths(files, stems)
        hints = {oid for path, oid in _iter_ranked(files) if path in by_path} if by_path else set()
        scores = self._ask(files, hints, lambda index: _score_files(index, files, stems, by_path))
        least = _LEAST_SHARE * max(scores.values(), default=0)
        found = [path for path, score in scores.items() if score >= least]
        found.sort(key=lambda path: (-scores[path], path.count("/"), path.split("/")))
        return [PurePosixPath(path) for path in found]

    def find_definitions(self, files: Files, names: Collection[str]) -> dict[str, list[PurePosixPath]]:
        """Give for each name that files define those files, sorted."""
        definers = self._ask(files, (), lambda index: {name: set(index.find_definers(name)) for name in names})
        wanted = set[str]().union(*definers.values())
        defining = [(PurePosixPath(path), oid) for path, oid in _iter_ranked(files) if oid in wanted]
        found = {name: [path for path, oid in defining if oid in oids] for name, oids in definers.items()}
        return {name: sorted(paths, key=lambda path: path.parts) for name, paths in found.items() if paths}

    # The index

    def _ask(self, files: Files, hints: Collection[str], ask: Callable[[WordIndex], _T]) -> _T:
        """Ask the index when it knows the files; one that can't be used is given up for one in memory."""
        try:
            index = self._index = self._index or WordIndex(self._index_path)
            self._learn(index, files, hints)
            return ask(index)
        except StoreError:
            if self._index is not None:
                (self._index.discard if self._index.is_damaged else self._index.close)()
            index = self._index = WordIndex(None)
            self._left_s = self._timeout_s
            self._learn(index, files, hints)
            return ask(index)

    def _learn(self, index: WordIndex, files: Files, hints: Collection[str]) -> None:
        """Bring the index up to date: what is new to it first, what there was no time for before last."""
        missing = {oid: path for path, oid in _iter_ranked(files) if oid not in index.ids}
        if not missing:
            return
        ordered = sorted(missing.items(), key=lambda item: (item[0] in self._put_off, item[0] not in hints))
        start_s = self._count_s()
        deadline_s = start_s + max(self._left_s, _LEAST_TIME_S)
        count = 0
        for start in range(0, len(ordered), _BATCH):
            batch = list(self._iter_words(ordered[start : start + _BATCH], deadline_s))
            index.add(batch)
            count += len(batch)
            if self._count_s() > deadline_s:
                break
        self._put_off.update(oid for oid, _ in ordered[count:])
        index.tidy((oid for _, oid in _iter_ranked(files)), spare=_SPARE + len(files))
        self._left_s -= self._count_s() - start_s
        self._tell(count)

    def _iter_words(self, items: Sequence[tuple[str, str]], deadline_s: float) -> Iterator[BlobWords]:
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


def _iter_ranked(files: Files) -> Iterator[tuple[str, str]]:
    return (item for item in files if not has_generated_name(item[0]))


def _score_files(
    index: WordIndex, files: Files, stems: AbstractSet[str], by_path: Mapping[str, float]
) -> dict[str, float]:
    """Score the files that are text and hold some of the words, in the path or inside."""
    by_blob = _score_blobs(index, files, stems)
    scores = {}
    for path, oid in _iter_ranked(files):
        id_ = index.ids.get(oid)
        if id_ is not None and index.get_length(id_) != NO_TEXT:
            score = by_blob.get(id_, 0.0) + by_path.get(path, 0.0)
            if score:
                scores[path] = score
    return scores


def _score_blobs(index: WordIndex, files: Files, stems: AbstractSet[str]) -> dict[int, float]:
    """Score the blobs that are text and hold some of the words by BM25."""
    texts = bytearray(max(index.ids.values(), default=0) + 1)  # by number, whether it is one
    total = 0
    for _, oid in _iter_ranked(files):
        id_ = index.ids.get(oid, 0)
        if id_ and index.get_length(id_) != NO_TEXT and not texts[id_]:
            texts[id_] = True
            total += index.get_length(id_)
    count_texts = texts.count(True)
    average = total / (count_texts or 1) or 1
    scores: dict[int, float] = {}
    for each in stems:
        counts = {id_: count for id_, count in index.count_word(each) if id_ < len(texts) and texts[id_]}
        weight = _weigh(len(counts), count_texts)
        for id_, count in counts.items():
            damping = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * index.get_length(id_) / average)
            scores[id_] = scores.get(id_, 0.0) + weight * count * (_SATURATION + 1) / (count + damping)
    return scores


def _score_paths(files: Files, stems: AbstractSet[str]) -> dict[str, float]:
    """Score the paths that hold a word; the more of the file's own name is asked for, the better."""
    if not stems:
        return {}
    maybe = re.compile("|".join(re.escape(each.removesuffix("y")) for each in stems))
    matched, total = {}, 0
    for text, _ in _iter_ranked(files):
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
