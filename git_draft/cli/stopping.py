"""What `git draft stop` does: ask for the end of a run in the index, wait for it, and tell what came of it.

The process that does the run looks there about twice a second (`running.py`) and ends it as the first Ctrl-C would.
Called by `app.py`.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from git_draft.cli.render import clean, format_age, format_json
from git_draft.columns import shorten
from git_draft.errors import FolioError, GitDraftError, UsageError
from git_draft.model import PROMPT_TITLE_COLUMNS, DraftName, OutcomeKind
from git_draft.processes import is_alive
from git_draft.project import Project
from git_draft.rows import RunRow
from git_draft.sweeping import sweep

_TIMEOUT_S = 30.0
_POLL_S = 0.1
_SAY_AFTER_S = 1.0


def run_stop(number: int | None, *, is_json: bool, is_quiet: bool) -> None:
    """End a run that is under way, and say what came of it."""
    project = Project.open(Path.cwd(), os.environ)
    _sweep(project)
    run = _get_run(project, number)
    project.store.ask_to_stop(run.id)
    ended = _wait_for_end(project, run, is_quiet=is_quiet or is_json)
    draft = None if ended.number is None else str(DraftName(ended.folio, ended.number))
    if is_json:
        found = {"run": ended.id, "outcome": ended.outcome, "draft": draft}
        print(format_json({key: value for key, value in found.items() if value is not None}))
    else:
        print(_describe_end(ended, draft))


def _sweep(project: Project) -> None:
    for line in sweep(project, datetime.now(UTC)):
        print(f"warning: {clean(line)}", file=sys.stderr)


def _get_run(project: Project, number: int | None) -> RunRow:
    under_way = project.store.list_runs_under_way()
    if number is None:
        if not under_way:
            raise FolioError("no run is under way", hint="git draft list")
        if len(under_way) > 1:
            hint = "\n".join(f"git draft stop {run.id}   # {_describe(run)}" for run in under_way)
            raise UsageError(f"{len(under_way)} runs are under way, which one is meant?", hint=hint)
        return under_way[0]
    found = next((run for run in under_way if run.id == number), None)
    if found is not None:
        return found
    ended = project.store.find_run(number)
    if ended is None:
        raise UsageError(f"there is no run {number}", hint="git draft list")
    made = "no draft" if ended.number is None else f"draft {DraftName(ended.folio, ended.number)}"
    raise FolioError(f"run {number} is not under way, it has ended: {ended.outcome}, {made}", hint="git draft list")


def _describe(run: RunRow) -> str:
    prompt = shorten(run.prompt, PROMPT_TITLE_COLUMNS)
    return f"{prompt} ({run.bot}, {format_age(run.started, datetime.now(UTC))})"


def _wait_for_end(project: Project, run: RunRow, *, is_quiet: bool) -> RunRow:
    begun_s = time.monotonic()
    has_said = is_quiet or not sys.stderr.isatty()
    while True:
        found = project.store.find_run(run.id)
        if found is None or found.outcome is not None:
            return found or run
        if not is_alive(run.pid, run.start):
            _sweep(project)
            continue
        waited_s = time.monotonic() - begun_s
        if waited_s > _TIMEOUT_S:
            raise GitDraftError(
                f"run {run.id} was asked to stop and has not after {_TIMEOUT_S:.0f} s",
                hint=f"kill -INT {run.pid} asks the whole process, twice ends it",
            )
        if waited_s > _SAY_AFTER_S and not has_said:
            has_said = True
            print(f"waiting for process {run.pid} to end run {run.id}: {_describe(run)}", file=sys.stderr)
        time.sleep(_POLL_S)


def _describe_end(run: RunRow, draft: str | None) -> str:
    if run.outcome == OutcomeKind.INTERRUPTED:
        return f"stopped run {run.id}: " + (f"draft {draft}" if draft else "nothing was changed, no draft")
    return f"run {run.id} had ended by itself, {run.outcome}: " + (f"draft {draft}" if draft else "no draft")
