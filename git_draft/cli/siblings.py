"""What is said of several runs side by side: a line for each, what to do next, the exit code.

Called by `making.py`; one draft alone is said there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from git_draft.cli.render import clean, format_count, format_draft_line, format_hints, make_draft_json
from git_draft.drafter import DraftResult, raise_for_attention
from git_draft.drafting import Attempt
from git_draft.errors import FolioError, GitDraftError, InterruptedRunError
from git_draft.merging import format_paths
from git_draft.model import OutcomeKind


def list_lines(attempts: Sequence[Attempt], active: int | None, columns: int, *, is_quiet: bool) -> Iterator[str]:
    """Say what came of each run, and what can be done with the drafts.

    Args:
        attempts: in the order in which they began.
        active: the number of the folio that is checked out here.
        columns: of the terminal, 0 where there is none.
        is_quiet: leave out what can be done.
    """
    made = _list_made(attempts)
    for number, attempt in enumerate(made):
        assert attempt.draft is not None  # noqa: S101  # they are those with a draft
        yield format_draft_line(attempt.draft)
        record = attempt.draft.record
        if record.outcome not in (OutcomeKind.COMPLETE, OutcomeKind.NO_CHANGE):
            more = record.question or record.detail
            yield f"  {record.outcome}" + (f": {clean(more)}" if more else "")
        yield from list_runnable_lines(attempt.runnable)
        same = next((each.draft for each in made[:number] if each.tree == attempt.tree), None)
        if same and attempt.draft.has_changes:
            yield f"  the same change as {same.name}"
    for number, attempt in enumerate(attempts, start=1):
        if attempt.draft is None:
            yield f"[{number}/{len(attempts)}] no draft: {_describe_failure(attempt)}"
    if not is_quiet:
        yield from format_hints(_suggest_next(made, active), columns)


def list_runnable_lines(paths: Sequence[PurePosixPath]) -> Iterator[str]:
    """Write what a draft changes of what runs, a line or none."""
    if paths:
        yield f"  changes what runs: {clean(format_paths(paths))}"


def make_json(attempts: Sequence[Attempt]) -> dict[str, object]:
    """Give the drafts, and the runs that made none, as JSON values."""
    return {
        "drafts": [
            {**make_draft_json(attempt.draft), "runnable": [str(path) for path in attempt.runnable]}
            for attempt in _list_made(attempts)
            if attempt.draft
        ],
        "failed": [
            {"run": attempt.run, "outcome": attempt.outcome.kind, "detail": _describe_failure(attempt)}
            for attempt in attempts
            if attempt.draft is None
        ],
    }


def raise_for_siblings(attempts: Sequence[Attempt]) -> None:
    """Turn what became of the runs into the exit code that says the most urgent of it.

    Raises:
        InterruptedRunError: where the user stopped one.
        GitDraftError: where one failed, or the user must act.
    """
    for attempt in attempts:
        if attempt.error is not None and not isinstance(attempt.error, GitDraftError):
            raise attempt.error
    kinds = [attempt.outcome.kind for attempt in attempts]
    stopped = kinds.count(OutcomeKind.INTERRUPTED)
    if stopped:
        raise InterruptedRunError(f"{stopped} of {format_count(len(kinds), 'run')} interrupted")
    failed = sum(each.draft is None or each.outcome.kind is OutcomeKind.FAILED for each in attempts)
    if failed:
        hints = (each.error.hint for each in attempts if isinstance(each.error, GitDraftError))
        raise FolioError(
            f"{failed} of {format_count(len(kinds), 'run')} failed", hint=next((hint for hint in hints if hint), None)
        )
    for attempt in attempts:
        if attempt.draft:
            raise_for_attention(DraftResult(attempt.draft, attempt.outcome), None)


def _list_made(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Give those with a draft, by its number, which is the order in which they landed."""
    made = [(attempt.draft.name, attempt) for attempt in attempts if attempt.draft]
    return [attempt for _, attempt in sorted(made, key=lambda pair: pair[0])]


def _describe_failure(attempt: Attempt) -> str:
    if isinstance(attempt.error, InterruptedRunError):
        return "interrupted before anything was changed"
    return clean(str(attempt.error))


def _suggest_next(made: Sequence[Attempt], active: int | None) -> tuple[str, ...]:
    """Give what compares and merges the last two that differ, or looks at the only one."""
    different: dict[str, Attempt] = {}
    for attempt in made:
        if attempt.draft and attempt.draft.has_changes:
            different.setdefault(attempt.tree, attempt)
    names = [attempt.draft.name for attempt in different.values() if attempt.draft]
    if not names:
        return ()
    look = f"compare: git diff drafts/{names[0]} drafts/{names[1]}" if names[1:] else f"look: git draft show {names[0]}"
    if names[0].folio != active:  # landed after quit, or after a switch to another branch
        return look, f"take: git cherry-pick --no-commit drafts/{names[-1]}"
    return look, f"merge: git draft merge {names[1] if names[1:] else names[0]} -X theirs"
