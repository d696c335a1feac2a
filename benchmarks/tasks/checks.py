"""The hidden check of a task, run on a tree that a model made.

The code in the tree is a model's, and the check runs it: with a limit on its time, a home folder of its own and none of
the user's variables, but otherwise with all that the user may do. Called by `answers.py` and by the tests.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tasks.cases import Task
from benchmarks.tasks.processes import run_bounded

_SUPPORT = Path(__file__).with_name("support")
_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says.

    Args:
        is_solved: whether the task is solved.
        reason: why not, in a line.
        output: all that the check wrote.
    """

    is_solved: bool
    reason: str
    output: str


def check_tree(task: Task, tree: Path) -> Verdict:
    """Run a task's check in a folder that holds the files of an answer; it may change them."""
    command = [sys.executable, "-P", str(task.check)]
    with tempfile.TemporaryDirectory(prefix="git-draft-check-") as home:
        env = {
            "HOME": home,
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONDONTWRITEBYTECODE": "1",  # two versions of a file within a second look the same to a cache
            "PYTHONPATH": f"{tree.resolve()}{os.pathsep}{_SUPPORT}",
        }
        ended = run_bounded(command, tree, env, _TIMEOUT_S)
    reason = "" if ended.status == 0 else find_reason(ended.errors)
    if ended.status is None:
        reason = f"the check took more than {_TIMEOUT_S} s"
    return Verdict(ended.status == 0, reason, ended.output + ended.errors)


def find_reason(errors: str) -> str:
    """Find the line that says most in what a failed check wrote on standard error."""
    lines = [line.strip() for line in errors.splitlines() if line.strip(" ^~\t")]
    if lines[-1:] == ["AssertionError"]:  # a bare assert: its source is in the line before
        return lines[-2]
    raised = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Interrupt)\b", line)]
    return next(iter(raised[-1:] or lines[-1:]), "the check failed without a word")
