"""One answer to one task: asked for by the real program, checked, and kept where somebody wants to look at it.

Called by `__main__.py`.
"""

from __future__ import annotations

import enum
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.tasks.cases import Task
from benchmarks.tasks.checks import Verdict, check_tree
from benchmarks.tasks.processes import Ended, run_bounded
from benchmarks.tasks.scratch import Scratch

_PROGRAM = (sys.executable, "-P", "-m", "git_draft")


class Mark(enum.StrEnum):
    """How an answer did."""

    SOLVED = "solved"
    WRONG = "wrong"
    NO_CHANGE = "no change"
    LIMIT = "limit"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Request:
    """How git-draft is asked.

    Args:
        bot: the bot's name, None for the user's default.
        options: bot options, each ``KEY=VALUE``.
        timeout_s: after so long it is told to stop.
    """

    bot: str | None = None
    options: Sequence[str] = ()
    timeout_s: float = 900

    def format_command(self, prompt: str) -> list[str]:
        """Write the command line for a prompt."""
        bot = ["--bot", self.bot] if self.bot else []
        options = [word for option in self.options for word in ("--option", option)]
        return [*_PROGRAM, "new", "--batch", "--json", "--verbose", *bot, *options, "--", prompt]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a task.

    Args:
        task: the task's name.
        mark: how it did.
        reason: why it is not solved, in a line.
        seconds: how long git-draft took.
        tokens_in: tokens sent, None where not known.
        tokens_out: tokens received, likewise.
        turns: replies of the model, likewise.
        model: the model's name, where git-draft knows it.
    """

    task: str
    mark: Mark
    reason: str
    seconds: float
    tokens_in: int | None = None
    tokens_out: int | None = None
    turns: int | None = None
    model: str | None = None


def get_answer(task: Task, request: Request, keep: Path | None = None) -> Answer:
    """Have a task done and checked.

    Args:
        task: the task.
        request: how git-draft is asked.
        keep: a folder for all there is to look at; made if it does not exist.
    """
    with tempfile.TemporaryDirectory(prefix="git-draft-bench-") as name:
        folder = Path(name).resolve()
        scratch = Scratch.create(folder / "repo", task.files)
        ended = run_bounded(request.format_command(task.prompt), scratch.folder, scratch.env, request.timeout_s)
        draft = _parse_draft(ended.output)
        verdict = None
        if _has_changes(draft):
            scratch.export(draft["commit"], folder / "tree")
            verdict = check_tree(task, folder / "tree")
        answer = _mark(task, request, ended, draft, verdict)
        if keep is not None:
            _keep_all(keep, scratch, ended, draft, verdict)
    return answer


def _parse_draft(output: str) -> dict[str, Any]:
    try:
        draft = json.loads(output)["draft"]
    except (ValueError, KeyError):
        return {}  # git-draft ended with an error, and said so on standard error
    return dict(draft)


def _has_changes(draft: dict[str, Any]) -> bool:
    return bool(draft.get("files", {}).get("changed"))


def _mark(task: Task, request: Request, ended: Ended, draft: dict[str, Any], verdict: Verdict | None) -> Answer:
    outcome, detail = draft.get("outcome"), draft.get("detail") or ""
    if ended.status is None:
        mark, reason = Mark.LIMIT, f"took more than {request.timeout_s:g} s"
    elif not draft:
        mark, reason = Mark.ERROR, _find_error(ended)
    elif outcome == "limit reached":
        mark, reason = Mark.LIMIT, detail
    elif outcome in {"failed", "interrupted"}:
        mark, reason = Mark.ERROR, f"{outcome}: {detail}"
    elif verdict is None:
        mark, reason = Mark.NO_CHANGE, draft.get("question") or draft.get("summary") or ""
    else:
        mark, reason = Mark.WRONG, verdict.reason
    if verdict and verdict.is_solved:  # also where the run did not end well: the user has what was asked for
        mark, reason = Mark.SOLVED, "" if mark is Mark.WRONG else reason
    known = {key: draft.get(key) for key in ("tokens_in", "tokens_out", "turns", "model")}
    return Answer(task.name, mark, " ".join(reason.split()), round(ended.seconds, 1), **known)


def _find_error(ended: Ended) -> str:
    lines = [line for line in ended.errors.splitlines() if line.startswith(("error: ", "attention: "))]
    return next(iter(lines[-1:]), f"exit status {ended.status}, without an error")


def _keep_all(folder: Path, scratch: Scratch, ended: Ended, draft: dict[str, Any], verdict: Verdict | None) -> None:
    events = run_bounded([*_PROGRAM, "events", "--json"], scratch.folder, scratch.env, timeout_s=60).output
    try:
        said = [event.get("text", "") for event in json.loads(events)["events"] if event["kind"] == "reply"]
    except ValueError:
        said = []  # no draft, no folio, no events
    texts = {
        "draft.json": ended.output,
        "stderr.txt": ended.errors,
        "events.json": events,
        "check.txt": verdict.output if verdict else "",
        "change.diff": scratch.diff(draft["commit"]) if _has_changes(draft) else "",
        **{f"reply-{number}.txt": text for number, text in enumerate(said, 1)},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("reply-*.txt"):
        stale.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
