"""`python -m benchmarks.tasks`: how many of the small tasks a bot solves, with how many tokens, in how many seconds."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.tasks.answers import Answer, Request, get_answer
from benchmarks.tasks.cases import SETS, Task, list_tasks
from benchmarks.tasks.report import format_answer, format_summary, make_run_json


def _parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tasks", description=__doc__)
    parser.add_argument("--set", choices=SETS, default="tuning", dest="set_name", help="default: tuning")
    parser.add_argument("-b", "--bot", metavar="NAME", help="default: the one that git draft would take")
    parser.add_argument("-o", "--option", metavar="KEY=VALUE", action="append", default=[], help="a bot option")
    parser.add_argument("--runs", metavar="N", type=int, default=1, help="all tasks so many times")
    parser.add_argument("--only", metavar="TASK", action="append", default=[], help="this task; repeatable")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="keep replies, diffs and what the checks said")
    parser.add_argument("--timeout", metavar="SECONDS", type=float, default=900, help="for one task; default: 900")
    parser.add_argument("--json", action="store_true", help="print one JSON object; the lines go to standard error")
    args = parser.parse_args(argv)
    known = {task.name: task for task in list_tasks(args.set_name)}
    if unknown := set(args.only) - known.keys():
        parser.error(f"no such task: {', '.join(sorted(unknown))}")
    if not known:
        parser.error(f"the set {args.set_name} has no tasks")
    args.tasks = [known[name] for name in args.only or known]
    return args


def _do_run(tasks: Sequence[Task], request: Request, keep: Path | None, title: str, *, is_json: bool) -> list[Answer]:
    say = partial(print, file=sys.stderr if is_json else sys.stdout, flush=True)
    columns = max(len(task.name) for task in tasks)
    answers = []
    for task in tasks:
        answers.append(get_answer(task, request, keep / task.name if keep else None))
        say(format_answer(answers[-1], columns))
    say(format_summary(title, answers))
    return answers


def main(argv: Sequence[str] | None = None) -> None:
    """Run the tasks; what is not solved is said and is no failure."""
    args = _parse_args(argv)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))  # what was started is ended on the way
    request = Request(args.bot, tuple(args.option), args.timeout)
    runs: list[list[Answer]] = []
    for number in range(1, args.runs + 1):
        keep = args.keep / f"run-{number}" if args.keep else None
        runs.append(_do_run(args.tasks, request, keep, f"run {number}", is_json=args.json))
    if args.json:
        head = {"version": 1, "set": args.set_name, "bot": args.bot, "options": args.option}
        print(json.dumps({**head, "runs": [make_run_json(answers) for answers in runs]}, indent=2))
    elif len(runs) > 1:
        print(format_summary("all runs", [answer for answers in runs for answer in answers]))


if __name__ == "__main__":
    main()
