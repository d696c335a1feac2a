"""Answers of real models: what each does to the files of its task is what it means.

``GIT_DRAFT_UPDATE=1`` writes what comes out into the corpus, to be read before it is committed: whether it is what the
model meant, only a reader can say.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from tests.support.answers import Recorded, format_recorded, parse_recorded, run_recorded

FOLDER = Path(__file__).resolve().parents[1] / "answers"
IS_UPDATE = os.environ.get("GIT_DRAFT_UPDATE") == "1"  # read before the tests' environment is sealed
PATHS = sorted(FOLDER.glob("*.toml"))

each_answer = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@each_answer
def test_answer(path: Path) -> None:
    recorded = parse_recorded(path.read_text("utf-8"))
    found = keep_words(run_recorded(recorded), recorded)
    if IS_UPDATE:
        path.write_text(format_recorded(found), "utf-8", newline="\n")
    assert found == recorded


def keep_words(found: Recorded, recorded: Recorded) -> Recorded:
    """Put for each reason the words of it that are written down, where it has them."""

    def shorten(reasons: Sequence[str], words: Sequence[str]) -> list[str]:
        left = [*words, *[""] * len(reasons)]
        return [word if word and word in reason else reason for reason, word in zip(reasons, left, strict=False)]

    return replace(
        found,
        refusals=shorten(found.refusals, recorded.refusals),
        problems=shorten(found.problems, recorded.problems),
    )


@each_answer
def test_changed_files_are_named_in_the_answer(path: Path) -> None:
    recorded = parse_recorded(path.read_text("utf-8"))
    assert [each for each in run_recorded(recorded).changed if PurePosixPath(each).name not in recorded.answer] == []


@each_answer
def test_verdict_and_form(path: Path) -> None:
    text = path.read_text("utf-8")
    recorded = parse_recorded(text)
    assert format_recorded(recorded) == text
    assert recorded.note
    assert recorded.verdict == ("refused" if recorded.refusals or recorded.problems else "right")


def test_corpus_is_large_and_holds_all_kinds() -> None:
    corpus = [parse_recorded(path.read_text("utf-8")) for path in PATHS]
    assert len({(each.task, each.answer.strip()) for each in corpus}) == len(corpus) >= 60
    assert min(Counter(each.verdict for each in corpus).values()) >= 15
    assert len({each.model for each in corpus}) > 1
    assert len({each.task for each in corpus}) >= 12
    assert any(each.changed and each.refusals for each in corpus)  # what fits is done, what does not is not
    assert any(not each.changed and each.verdict == "right" for each in corpus)  # words only, or files as they are
