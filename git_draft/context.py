"""What a model that can't ask for files is shown: those that matter, whole, and the names of others, in a budget.

Which files are named is read from the prompt by `mentions.py`; which are relevant, and what defines a name, the worktree
tells. How the context is written for a model is its caller's, the bots'.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath

from git_draft.errors import ToolError
from git_draft.frozen import frozen
from git_draft.generated import has_generated_name, looks_generated
from git_draft.mentions import (
    MAX_NAMESAKES,
    find_imports,
    find_named_files,
    find_symbols,
    find_tested_stem,
    find_words,
    speaks_of_tests,
)
from git_draft.paths import LazyPaths
from git_draft.protocols import Worktree

MAX_FILES = 5
"""So many are shown beyond those that the prompt names: small models do better with fewer."""
TINY_FILES = 8
"""A repository of so few files is shown whole but for hidden files, if it takes no more than a quarter of the budget."""

_BYTES_PER_TOKEN = 3.5
_FRAME_TOKENS = 10  # a fence, a heading
_OTHERS_SHARE = 8  # of the budget, one in so many for names of files
_MAX_OTHERS_TOKENS = 1500
_MAX_RELEVANT_OTHERS = 10


@frozen
class ContextFile:
    """A file that is shown.

    Args:
        path: where it is.
        text: the whole of it.
        named: whether the prompt names it, or what it defines.
    """

    path: str
    text: str
    named: bool


@frozen
class Context:
    """What a model is shown of a repository.

    Args:
        files: the most important first.
        others: paths of files that are not shown, sorted.
        left_out: how many more there are.
        too_long: files that the prompt names and that the budget has no room for.
    """

    files: tuple[ContextFile, ...]
    others: tuple[str, ...]
    left_out: int
    too_long: tuple[ContextFile, ...] = ()


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a model makes of a text, rather too many than too few.

    With the tokens of Qwen2.5-Coder Python and JavaScript have 4.2 bytes for each, CSS and translations 3.3.
    """
    return _estimate_tokens([text])


def estimate_json_tokens(value: object) -> int:
    """Estimate how many tokens a model makes of a value written as JSON, which is never in memory as a whole."""
    return _estimate_tokens(json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value))


def _estimate_tokens(pieces: Iterable[str]) -> int:
    sizes = (len(piece) if piece.isascii() else len(piece.encode(errors="replace")) for piece in pieces)
    return int(sum(sizes) / _BYTES_PER_TOKEN) + 1


def build_context(prompt: str, worktree: Worktree, budget_tokens: int, *, max_files: int = MAX_FILES) -> Context:
    """Choose what a model is shown for a prompt.

    Args:
        prompt: what is asked for, all of it.
        worktree: the files.
        budget_tokens: how much may be shown, files and paths together, as `estimate_tokens` counts.
        max_files: how many files beyond those that are named.
    """
    tracked = LazyPaths([path for path in worktree.list_tracked() if not has_generated_name(path)])
    shelf = _Shelf(worktree, budget_tokens)
    ranked = worktree.rank_files(find_words(prompt))
    named = _find_named(prompt, worktree, tracked, ranked)
    if len(tracked) <= TINY_FILES and shelf.measure(tracked) <= budget_tokens // 4:
        visible = [
            path for path in tracked if not path.name.startswith(".")
        ]  # settings of tools, which few requests mean
        shelf.put([*named, *visible], named=len(named))
    else:
        shelf.put(named, named=len(named))
        spare = min(budget_tokens // _OTHERS_SHARE, _MAX_OTHERS_TOKENS)
        further = [path for path in ranked if path not in shelf.files]
        more = _iter_more(prompt, shelf, named, further, tracked)
        shelf.put(islice(more, 2 * max_files), most=max_files, spare_tokens=spare)
    others, left_out = _choose_others(tracked, shelf, ranked[:_MAX_RELEVANT_OTHERS])
    return Context(tuple(shelf.files.values()), others, left_out, tuple(shelf.iter_too_long(named)))


class _Shelf:
    """The files that were chosen, each read once.

    Args:
        worktree: where they are read.
        budget_tokens: what they may take together.
    """

    def __init__(self, worktree: Worktree, budget_tokens: int) -> None:
        self.files: dict[PurePosixPath, ContextFile] = {}
        self.budget_tokens = self.left_tokens = budget_tokens
        self._worktree = worktree
        self._texts: dict[PurePosixPath, str | None] = {}

    def read(self, path: PurePosixPath) -> str | None:
        """Give the text of a file, None where it is not to be shown."""
        if path not in self._texts:
            try:
                text = self._worktree.read_file(str(path))
                self._texts[path] = None if looks_generated(text) else text
            except ToolError:  # binary, or too large
                self._texts[path] = None
        return self._texts[path]

    def measure(self, paths: Iterable[PurePosixPath]) -> int:
        """Tell how many tokens files take, those left out that are not to be shown."""
        texts = ((path, self.read(path)) for path in paths)
        return sum(_count_tokens(path, text) for path, text in texts if text is not None)

    def put(
        self, paths: Iterable[PurePosixPath], *, named: int = 0, most: int | None = None, spare_tokens: int = 0
    ) -> None:
        """Add those files that fit as a whole; a part would be taken for the whole.

        Args:
            paths: the files, the most important first.
            named: how many of them, from the first, are named by the prompt.
            most: as many are added; None for all.
            spare_tokens: what is to be left of the budget.
        """
        count = 0
        for number, path in enumerate(paths):
            if count == most:
                return
            text = self.read(path) if path not in self.files else None
            if text == "" and most is not None:  # an __init__.py takes the place of a file that says something
                continue
            if text is not None and (tokens := _count_tokens(path, text)) <= self.left_tokens - spare_tokens:
                self.files[path] = ContextFile(str(path), text, number < named)
                self.left_tokens -= tokens
                count += 1

    def iter_too_long(self, paths: Iterable[PurePosixPath]) -> Iterator[ContextFile]:
        """Give those files that are not shown for want of room."""
        for path in paths:
            text = self.read(path)
            if path not in self.files and text is not None:
                yield ContextFile(str(path), text, named=True)


def _count_tokens(path: PurePosixPath, text: str) -> int:
    return estimate_tokens(text) + estimate_tokens(str(path)) + _FRAME_TOKENS


def _find_named(
    prompt: str, worktree: Worktree, tracked: Sequence[PurePosixPath], ranked: Collection[PurePosixPath]
) -> list[PurePosixPath]:
    """Find the files that the prompt names, or that define what it names; a mere word counts if the file is relevant."""
    named, by_word = find_named_files(prompt, tracked)
    named += [path for path in by_word if path in ranked]
    code, words = find_symbols(prompt)
    definers = worktree.find_definitions([*code, *words])
    for name in (*code, *words):
        paths = definers.get(name, ())
        paths = [path for path in paths if not _is_test(path)] or paths
        if name in code:
            named += paths if len(paths) <= MAX_NAMESAKES else []
        elif len(paths) == 1 and paths[0] in ranked:
            named += paths
    return list(dict.fromkeys(named))


def _is_test(path: PurePosixPath) -> bool:
    folders = {part.lower() for part in path.parts[:-1]}
    return find_tested_stem(path) is not None or not folders.isdisjoint(("test", "tests", "__tests__", "spec", "specs"))


def _iter_more(
    prompt: str,
    shelf: _Shelf,
    named: Sequence[PurePosixPath],
    ranked: Sequence[PurePosixPath],
    tracked: Sequence[PurePosixPath],
) -> Iterator[PurePosixPath]:
    """Give further files that may matter, the most important first."""
    asks_for_tests = speaks_of_tests(prompt)
    for test in filter(_is_test, named):  # who names a test means what it tests
        yield from _find_tested(test, shelf, tracked)
    if asks_for_tests:
        stems = {path.stem.lower() for path in named}
        yield from (path for path in tracked if find_tested_stem(path) in stems)
    for path in named:
        imported = find_imports(path, shelf.read(path) or "", tracked)
        yield from (each for each in ranked if each in imported)
    found = [path for path in ranked if asks_for_tests or not _is_test(path)]
    yield from found or (() if named else ranked)


def _find_tested(test: PurePosixPath, shelf: _Shelf, tracked: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    stem = find_tested_stem(test)
    found = [path for path in tracked if stem and path.stem.lower() == stem and path.suffix == test.suffix]
    return [*found[:MAX_NAMESAKES], *find_imports(test, shelf.read(test) or "", tracked)[:MAX_NAMESAKES]]


def _choose_others(
    tracked: Sequence[PurePosixPath], shelf: _Shelf, relevant: Iterable[PurePosixPath]
) -> tuple[tuple[str, ...], int]:
    """Choose which other paths are worth their tokens: relevant and near ones, then some of each folder."""
    shown = {file.path for file in shelf.files.values()}
    first, near = set(map(str, relevant)), {_get_folder(path) for path in shown}
    place: Counter[str] = Counter()

    def iter_ranked() -> Iterator[tuple[int, int, int, int, str]]:
        for number, path in enumerate(map(str, tracked)):
            if path not in shown:
                folder, depth = _get_folder(path), path.count("/")
                place[folder] += 1
                level = 0 if path in first else 1 if folder in near else 2 if depth == 0 else 3
                yield level, place[folder] if level > 2 else 0, depth, number, path

    left_tokens = min(shelf.left_tokens, shelf.budget_tokens // _OTHERS_SHARE, _MAX_OTHERS_TOKENS)
    chosen = []
    for *_, path in heapq.nsmallest(max(left_tokens, 1), iter_ranked()):  # each takes a token at least
        left_tokens -= estimate_tokens(f"{path}\n")
        if left_tokens < 0:
            break
        chosen.append(path)
    return tuple(sorted(chosen, key=lambda path: path.split("/"))), place.total() - len(chosen)


def _get_folder(path: str) -> str:
    return path.rpartition("/")[0]
