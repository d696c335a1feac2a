"""What `git draft undo` does on a terminal. Called by `app.py`."""

from __future__ import annotations

import os
from pathlib import Path

from git_draft.cli.render import format_json
from git_draft.cli.terminal import TerminalFeedback
from git_draft.drafter import Drafter
from git_draft.history import Undo
from git_draft.project import Project
from git_draft.running import SystemClock


def run_undo(*, is_json: bool, is_quiet: bool) -> None:
    """Take back the last merge, quit or undo, and say which it was."""
    project = Project.open(Path.cwd(), os.environ)
    with TerminalFeedback(os.environ, is_quiet=is_quiet, is_verbose=False, can_ask=False) as feedback:
        drafter = Drafter(project, feedback, SystemClock())
        drafter.tidy_up()
        undo = drafter.undo()
    if is_json:
        print(format_json({"undo": _make_json(undo)}))
        return
    print(f"took back {undo.what}, now on {undo.branch}; index and files are as they were")
    if not is_quiet:
        print("  take that back too: git draft undo")


def _make_json(undo: Undo) -> dict[str, object]:
    return {"folio": undo.folio, "what": undo.what, "branch": undo.branch, "save": undo.save}
