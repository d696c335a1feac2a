"""Recorded answers of real models, with what they do to the files of their task; the data is in `tests/answers/`.

A file there is TOML: what was recorded (`model`, `task`, `answer`), what is expected of it (`changed`, `repeated`,
`refusals`, `problems`, `diff`), and what the one who read it says (`verdict`, `note`). Used by `unit/test_answers.py`.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from git_draft.bots.blocks import parse_answer
from git_draft.bots.patching import apply_answer
from tests.support.models import DictWorktree

TASKS = Path(__file__).resolve().parents[2] / "benchmarks" / "tasks" / "tuning"


@dataclass(frozen=True)
class Recorded:
    """An answer and what is expected of it.

    Args:
        model: which one wrote it.
        task: which of the benchmark's tasks it was given, with all its files.
        verdict: ``right`` where the files hold afterwards all that the answer means, ``refused`` where some of it is
            rightly not done; the rest is.
        note: what the answer means, for the reader.
        changed: the paths of the files that are no longer as they were.
        repeated: the paths of those that it gives as they are.
        refusals: words of the reason for each edit that is not done.
        problems: words of each reason why a part is no edit.
        answer: word by word.
        diff: the change to the files; it says together with the task what they hold.
    """

    model: str
    task: str
    verdict: str
    note: str
    changed: Sequence[str]
    repeated: Sequence[str]
    refusals: Sequence[str]
    problems: Sequence[str]
    answer: str
    diff: str


def parse_recorded(text: str) -> Recorded:
    """Read a file of the corpus."""
    return Recorded(**tomllib.loads(text))


def format_recorded(recorded: Recorded) -> str:
    """Write a file of the corpus."""
    return "".join(f"{each.name} = {_format_value(getattr(recorded, each.name))}\n" for each in fields(recorded))


def _format_value(value: str | Sequence[str]) -> str:
    """Write a value so that it reads well; TOML understands JSON's strings and lists."""
    is_plain = isinstance(value, str) and "\n" in value and "'''" not in value and not value.endswith("'")
    if is_plain and "\r" not in value:
        return f"'''\n{value}'''"
    return json.dumps(list(value) if not isinstance(value, str) else value, ensure_ascii=False)


def run_recorded(recorded: Recorded) -> Recorded:
    """Apply an answer to the files of its task, and give it with what comes out; reasons in full."""
    folder = TASKS / recorded.task
    files = {path.relative_to(folder / "files").as_posix(): path.read_text("utf-8") for path in _iter_files(folder)}
    worktree = DictWorktree(files)
    answer = parse_answer(recorded.answer, list(files))
    prompt = (folder / "prompt.txt").read_text("utf-8").strip()
    applied = apply_answer(answer, worktree, prompt=prompt, warned=set(), shown=list(files))
    return replace(
        recorded,
        changed=list(applied.changed),
        repeated=list(applied.repeated),
        refusals=list(applied.refusals),
        problems=list(answer.problems),
        diff=format_diff(files, worktree.files),
    )


def _iter_files(folder: Path) -> Sequence[Path]:
    return sorted(path for path in (folder / "files").rglob("*") if path.is_file())


def format_diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Write all changes as a unified diff; a file that is not there is named ``/dev/null``."""
    lines: list[str] = []
    for path in sorted({*before, *after}):
        old, new = (files.get(path, "").splitlines(keepends=True) for files in (before, after))
        names = (f"{side}/{path}" if path in files else "/dev/null" for side, files in (("a", before), ("b", after)))
        lines += difflib.unified_diff(old, new, next(names), next(names))
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
