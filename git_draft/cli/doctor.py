"""What `git draft fsck` says. Called by `app.py`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from git_draft.cli.render import clean, format_count, format_json
from git_draft.cli.terminal import TerminalFeedback
from git_draft.clock import SystemClock
from git_draft.doctor import Disagreement, Health
from git_draft.errors import RepoError
from git_draft.operations import Operations
from git_draft.project import Project


def run_fsck(*, repair: bool, is_json: bool, is_quiet: bool) -> None:
    """Say what disagrees, and what was repaired.

    Raises:
        RepoError: where something is left.
    """
    project = Project.open(Path.cwd(), os.environ)
    with TerminalFeedback(os.environ, is_quiet=is_quiet, is_verbose=False, can_ask=False) as feedback:
        operations = Operations(project, feedback, SystemClock())
        operations.tidy_up()
        found, left = operations.examine(repair=repair)
    stays = {each.what for each in left.disagreements}
    repaired = [each for each in found.disagreements if each.what not in stays]
    if is_json:
        print(format_json({"fsck": _make_json(repaired, left)}))
    else:
        for line in _list_lines(repaired, left, is_quiet=is_quiet):
            print(line)
    if left.disagreements:
        can_help = any(each.repair for each in left.disagreements)
        count = format_count(len(left.disagreements), "disagreement")
        raise RepoError(count, hint="git draft fsck --repair" if can_help and not repair else None)


def _list_lines(repaired: list[Disagreement], left: Health, *, is_quiet: bool) -> Iterator[str]:
    for each in repaired:
        yield f"repaired: {clean(each.what)}"
    for each in left.disagreements:
        yield clean(each.what)
        if each.advice:
            yield f"  {clean(each.advice)}"
    if not left.disagreements and not is_quiet:
        drafts, folios = format_count(left.drafts, "draft"), format_count(left.folios, "folio")
        yield f"refs, notes and index agree: {drafts} in {folios}"


def _make_json(repaired: list[Disagreement], left: Health) -> dict[str, object]:
    disagreements = [{"what": each.what, "advice": each.advice} for each in left.disagreements]
    return {
        "drafts": left.drafts,
        "folios": left.folios,
        "repaired": [each.what for each in repaired],
        "disagreements": [{key: value for key, value in each.items() if value} for each in disagreements],
    }
