"""What the benchmark says: a line for each answer, a summary for each run, JSON for machines.

Called by `__main__.py`, which prints it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from benchmarks.tasks.answers import Answer, Mark

_REASON_COLUMNS = 100


def format_answer(answer: Answer, columns: int) -> str:
    """Write a line about an answer.

    Args:
        answer: the answer.
        columns: how wide the names of tasks are.
    """
    sent, received = _format_count(answer.tokens_in), _format_count(answer.tokens_out)
    counts = f"{answer.seconds:7.1f} s {sent:>7} in {received:>6} out"
    return f"{answer.mark:<9}  {answer.task:<{columns}} {counts}  {answer.reason[:_REASON_COLUMNS]}".rstrip()


def format_summary(title: str, answers: Sequence[Answer]) -> str:
    """Write a line about a whole run."""
    total = make_summary(answers)
    sent, received = _format_count(total["tokens_in"]), _format_count(total["tokens_out"])
    counts = f"{total['seconds']:.0f} s, {sent} tokens in, {received} out"
    return f"{title}: {total['solved']:.0f} of {total['total']:.0f} solved, {counts}"


def make_summary(answers: Sequence[Answer]) -> dict[str, float | None]:
    """Add up a run; tokens are those that are known, None where none are."""
    return {
        "solved": sum(answer.mark is Mark.SOLVED for answer in answers),
        "total": len(answers),
        "seconds": round(sum(answer.seconds for answer in answers), 1),
        "tokens_in": _add(answer.tokens_in for answer in answers),
        "tokens_out": _add(answer.tokens_out for answer in answers),
    }


def make_run_json(answers: Sequence[Answer]) -> dict[str, object]:
    """Give a run as JSON values."""
    return {**make_summary(answers), "answers": [asdict(answer) for answer in answers]}


def _add(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _format_count(count: float | None) -> str:
    return "?" if count is None else f"{count:.0f}"
