"""What `git draft undo` and `git draft drop` do on a terminal. Called by `app.py`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from git_draft.cli.render import clean, format_age, format_count, format_json
from git_draft.cli.terminal import TerminalFeedback
from git_draft.clock import SystemClock
from git_draft.dropping import Doomed
from git_draft.errors import AbortError, UsageError
from git_draft.frozen import frozen
from git_draft.history import Undo
from git_draft.operations import Operations
from git_draft.project import Project

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "y": timedelta(days=365)}


@frozen
class Drop:
    """The options of `drop`, as they were written."""

    draft: str | None
    folio: int | None
    older_than: str | None
    everything: bool
    force: bool


def run_undo(*, is_json: bool, is_quiet: bool) -> None:
    """Take back the last merge, quit or undo, and say which it was."""
    project = Project.open(Path.cwd(), os.environ)
    with TerminalFeedback(os.environ, is_quiet=is_quiet, is_verbose=False, can_ask=False) as feedback:
        operations = Operations(project, feedback, SystemClock())
        operations.tidy_up()
        undo = operations.undo()
    if is_json:
        print(format_json({"undo": _make_json(undo)}))
        return
    print(f"took back {undo.what}, now on {undo.branch}; index and files are as they were")
    if not is_quiet:
        print("  take that back too: git draft undo")


def _make_json(undo: Undo) -> dict[str, object]:
    return {"folio": undo.folio, "what": undo.what, "branch": undo.branch, "save": undo.save}


def run_drop(drop: Drop, *, is_json: bool, is_quiet: bool) -> None:
    """Say what would go, ask, and remove it."""
    if sum([drop.draft is not None, drop.folio is not None, drop.older_than is not None, drop.everything]) != 1:
        raise UsageError(
            "drop takes one of: a draft, --folio N, --older-than SPAN, --all", hint="git draft drop 1/2, for example"
        )
    span = _parse_span(drop.older_than) if drop.older_than is not None else None
    project = Project.open(Path.cwd(), os.environ)
    with TerminalFeedback(os.environ, is_quiet=is_quiet, is_verbose=False, can_ask=not is_json) as feedback:
        operations = Operations(project, feedback, SystemClock())
        operations.tidy_up()
        now = datetime.now(UTC)
        doomed = operations.plan_drop(
            draft=operations.get_draft(drop.draft) if drop.draft is not None else None,
            folio=drop.folio,
            older_than=now - span if span else None,
        )
        if (doomed.drafts or doomed.folios) and not drop.force:
            _confirm(feedback, doomed, now)
        operations.drop(doomed)
    if is_json:
        print(format_json({"drop": _make_drop_json(doomed)}))
        return
    for line in _list_dropped(doomed, is_quiet=is_quiet):
        print(line)


def _parse_span(text: str) -> timedelta:
    found = re.fullmatch(r"([0-9]{1,5})([hdwy])", text)
    if found is None:
        raise UsageError(f"--older-than takes a number with h, d, w or y, not {text!r}", hint="--older-than 30d")
    return int(found[1]) * _UNITS[found[2]]


def _confirm(feedback: TerminalFeedback, doomed: Doomed, now: datetime) -> None:
    if not feedback.can_ask:
        raise UsageError("drop asks first, and there is nobody to ask", hint="-f does not ask")
    parts = [format_count(len(doomed.drafts), "draft")] if doomed.drafts else []
    parts += [format_count(len(doomed.folios), "folio")] if doomed.folios else []
    if not feedback.confirm(tuple(_list_doomed(doomed, now)), f"remove {' and '.join(parts)} for good?"):
        raise AbortError("nothing was removed")


def _list_doomed(doomed: Doomed, now: datetime) -> Iterator[str]:
    for draft in doomed.drafts:
        age = f", {format_age(draft.record.started, now)}" if draft.record.started else ""
        yield f"{draft.name}: {draft.title}{age}"
    for folio, parts in doomed.folios:
        yield f"folio {folio.number}" + (f": {', '.join(parts)}" if parts else "")
    yield from (f"stays: {reason}" for reason in doomed.kept)


def _list_dropped(doomed: Doomed, *, is_quiet: bool) -> Iterator[str]:
    if not doomed.drafts and not doomed.folios:
        yield "nothing to remove"
    for draft in doomed.drafts:  # as `git branch -d` does: with the id it can be had back for a while
        yield f"removed {draft.name}: {clean(draft.title)} (was {draft.commit[:10]})"
    for folio, parts in doomed.folios:
        yield f"removed folio {folio.number}" + (f": {', '.join(parts)}" if parts else "")
    if not is_quiet:
        yield from (f"  stays: {reason}" for reason in doomed.kept)


def _make_drop_json(doomed: Doomed) -> dict[str, object]:
    return {
        "drafts": [{"draft": str(draft.name), "commit": draft.commit} for draft in doomed.drafts],
        "folios": [folio.number for folio, _ in doomed.folios],
        "kept": list(doomed.kept),
    }
