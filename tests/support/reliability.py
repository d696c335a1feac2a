"""The table of docs/reliability.md, made from a run: `make reliability` runs the tests that it names and counts.

Each row is a promise, the tests that hold it to that, and what they counted when they ran; a figure is never typed in.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs/reliability.md"
TABLE = re.compile(r"(<!-- made by make reliability -->\n).*?(<!-- end -->\n)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Promise:
    """A row of the table.

    Args:
        what: the promise.
        tests: where its tests are: a file, or a function in one, several of them parted by spaces.
        figure: what is said of a run; ``{tests}`` stands for how many passed, other names for what they recorded, the
            largest value of ``peak`` and ``ratio`` and the sum of all others.
    """

    what: str
    tests: str
    figure: str = "{tests} cases"


PROMISES = (
    Promise(
        "In repositories of every kind trees, diffs, status and merges are git's own, or the command is refused by name",
        "tests/git/test_odd_repositories.py",
    ),
    Promise("A merge is what git merges, for every strategy", "tests/git/test_merge.py"),
    Promise("A snapshot is what `git add -A` would commit", "tests/git/test_snapshot.py"),
    Promise("Undo brings back HEAD, index and files, partly staged ones too", "tests/cases/test_undo.py"),
    Promise(
        "Killed at any call that writes, nothing is lost, and the next command goes on",
        "tests/cases/test_crashes.py::test_killed_at_each_write",
        "{kills} kills by strace",
    ),
    Promise(
        "The same where git is killed, alone or with us",
        "tests/cases/test_crashes.py::test_git_killed_at_each_write",
        "{kills} kills by strace",
    ),
    Promise(
        "The same at any moment",
        "tests/cases/test_crashes.py::test_killed_at_random_moments",
        "{kills} kills at drawn moments",
    ),
    Promise("Killed around every effect, the state is that of before or that of after", "tests/cases/test_kills.py"),
    Promise(
        "SIGTERM, SIGHUP and Ctrl-C leave no half-done command",
        "tests/cases/test_crashes.py::test_asked_to_end_at_random_moments",
        "{signals} signals at drawn moments",
    ),
    Promise(
        "What git syncs to the disk by `core.fsync`, we sync",
        "tests/git/test_syncing.py",
        "{tests} cases, seen by strace",
    ),
    Promise(
        "Eight processes that draft beside a user, a merger and `git gc`: every finished draft is there, once",
        "tests/cases/test_crowds.py::test_drafts_while_the_user_works",
        "{drafts} of 400 drafts made, {refused} refused, {commits} commits, {merges} merges",
    ),
    Promise(
        "`git gc --prune=now` beside drafts: no ref leads to nothing",
        "tests/cases/test_crowds.py::test_drafts_while_everything_loose_is_pruned tests/cases/test_housekeeping.py",
        "{drafts} of 60 drafts made, {refused} refused",
    ),
    Promise(
        "Folios in two worktrees do not disturb each other",
        "tests/cases/test_crowds.py::test_two_folios_in_two_worktrees",
        "{drafts} rounds of draft, merge, quit, undo, quit",
    ),
    Promise("What happens in the worst moment is seen", "tests/cases/test_meanwhile.py"),
    Promise(
        "A path from a model stays among the files, on every system",
        "tests/unit/test_paths_fuzzed.py",
        "20,100 paths by hypothesis, 200,000 inputs by atheris",
    ),
    Promise(
        "A `.gitmodules` that git's fsck refuses is refused",
        "tests/unit/test_gitmodules.py",
        "500 files, {tests} cases",
    ),
    Promise(
        "100,000 files, 500 changed, 500 untracked: our own process stays small",
        "tests/cases/test_size.py::test_a_hundred_thousand_files",
        "at most {peak} MiB, {looking} where a model lists and searches them, {answering} where it is shown "
        "some and answers as text; a draft grows by {ratio} times what git's own snapshot grows by",
    ),
    Promise("A file of 200 MiB is not loaded", "tests/cases/test_size.py::test_a_huge_file", "at most {peak} MiB"),
    Promise(
        "An answer of 5 MB is cut at `max_tokens`, and taken whole where that is set so high",
        "tests/cases/test_size.py::test_a_long_answer",
        "{peak} MiB, {whole} MiB",
    ),
    Promise(
        "With 1,000 drafts in a folio, or 10,000 in 500, commands cost what they cost with ten",
        "tests/cases/test_size.py::test_ten_thousand_drafts",
        "at most {peak} MiB and {ratio} times the time",
    ),
    Promise("Full disks, unreadable files, other users", "tests/cases/test_surroundings.py"),
    Promise("Locks of others are waited for, and named", "tests/cases/test_held_locks.py"),
    Promise(
        "Index, notes and refs that disagree are told apart and put right",
        "tests/cases/test_doctor.py tests/cases/test_index.py",
    ),
)


def format_table(figures: Mapping[str, str]) -> str:
    """Write the table; figures by promise."""
    lines = ["| promise | tests | in the last run |", "|---|---|---|"]
    for promise in PROMISES:
        tests = ", ".join(f"`{name.removeprefix('tests/')}`" for name in promise.tests.split())
        lines.append(f"| {promise.what} | {tests} | {figures[promise.what]} |")
    return "\n".join([*lines, ""])


def read_figures(report: Path) -> dict[str, str]:
    """Read what a run counted, by promise, from pytest's report.

    Raises:
        SystemExit: where a test failed, or none ran.
    """
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314  # our own
    figures = {}
    for promise in PROMISES:
        found = [case for case in cases if any(_matches(case, name) for name in promise.tests.split())]
        failed = [
            case.get("name") for case in found if case.find("failure") is not None or case.find("error") is not None
        ]
        passed = [case for case in found if case.find("skipped") is None]
        if failed or not passed:
            raise SystemExit(f"{promise.tests}: {failed or 'nothing ran'}")
        figures[promise.what] = promise.figure.format(tests=len(passed), **_sum_up(passed))
    return figures


def _matches(case: ET.Element, name: str) -> bool:
    file, _, function = name.partition("::")
    is_file = case.get("classname") == file.removesuffix(".py").replace("/", ".")
    return is_file and (not function or str(case.get("name")).partition("[")[0] == function)


def _sum_up(cases: Sequence[ET.Element]) -> dict[str, str]:
    found: dict[str, list[float]] = {}
    for name, value in _iter_properties(cases):
        found.setdefault(name, []).append(value)
    totals = {name: max(values) if name in ("peak", "ratio") else sum(values) for name, values in found.items()}
    return {name: f"{total:,.1f}".removesuffix(".0") for name, total in totals.items()}


def _iter_properties(cases: Sequence[ET.Element]) -> Iterator[tuple[str, float]]:
    for case in cases:
        for item in case.iter("property"):
            yield str(item.get("name")), float(str(item.get("value")))


def main() -> None:
    """Run the tests and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        files = sorted({name.partition("::")[0] for promise in PROMISES for name in promise.tests.split()})
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-m",
            "deep or not deep",
            "--numprocesses=2",
            "--dist=worksteal",
            "--override-ini=junit_family=xunit1",
            f"--junitxml={report}",
        ]
        subprocess.run([*command, *files], cwd=CHECKOUT, check=True)
        table = format_table(read_figures(report))
    PAGE.write_text(TABLE.sub(lambda found: found[1] + table + found[2], PAGE.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
