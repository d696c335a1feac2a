"""Whether a draft, or a list of them, takes longer when there are many already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.candidates import PROMPT
from benchmarks.speed.timing import Sample, run_measured

_MOST_COMPARED = 20


@dataclass(frozen=True)
class Growth:
    """What commands take in a new repository, and in one with many drafts.

    Args:
        drafts: how many these are.
        few: what each command took at first.
        many: what it took in the end.
    """

    drafts: int
    few: Mapping[str, Sequence[Sample]]
    many: Mapping[str, Sequence[Sample]]


def measure_growth(repo: Path, environ: Mapping[str, str], drafts: int) -> Growth:
    """Make drafts in one folio, leave it and make one in another.

    Args:
        repo: a repository without drafts.
        environ: with `bin` on PATH, and the server's address.
        drafts: how many to make in the first folio, 4 at least.
    """

    def run(*words: str) -> Sample:
        return run_measured(["git", "draft", *words], repo, environ)

    compared = min(_MOST_COMPARED, drafts // 2)
    run(PROMPT)  # it opens the folio, which the others don't
    lists = [run("list") for _ in range(compared)]
    samples = [run(PROMPT) for _ in range(drafts - 1)]
    run("--quit")
    run(PROMPT)
    return Growth(
        drafts,
        {"a draft in one folio": samples[:compared], "list, one draft shown": lists},
        {
            "a draft in one folio": samples[-compared:],
            "list, one draft shown": [run("list") for _ in range(compared)],
        },
    )
