"""A draft begins: what needs no bot is done first, then git looks at the files while what runs bots is loaded.

What comes after that is `making.py`'s. Called by `app.py`.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path

from git_draft.cli.taking import make_feedback
from git_draft.cli.wishes import Manner, Wish
from git_draft.clock import SystemClock
from git_draft.operations import Operations
from git_draft.project import Project


def run_new(wish: Wish, manner: Manner) -> None:
    """Make a draft or several, merge, leave: each where it is asked for, in this order."""
    strategy = wish.check()
    project = Project.open(Path.cwd(), os.environ)
    with make_feedback(manner, lambda question: _edit_answer(project, question)) as feedback:
        operations = Operations(project, feedback, SystemClock())
        operations.tidy_up()
        operations.check_can_draft()
        with operations.snapshot_begun() if wish.is_ready else nullcontext():
            from git_draft.cli import making

            results = making.make_drafts(project, feedback, wish, strategy, manner)
    making.print_results(project, results, manner)


def _edit_answer(project: Project, question: str) -> str:
    from git_draft.cli.prompting import edit_answer

    return edit_answer(project, question)
