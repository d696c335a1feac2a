"""Many processes at work in one repository at once: those that draft, a user, a merger, and git's housekeeping.

The functions that processes run take a folder and a number, and go on until the drafters are done, which each says by a
file. Used by `tests/cases/test_crowds.py`.
"""

from __future__ import annotations

import multiprocessing
import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from git_draft.errors import GitDraftError
from git_draft.model import MergeStrategy
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

_TIMEOUT_S = 600.0
Work = Callable[[Path, int], "Report"]


@dataclass(frozen=True, slots=True)
class Report:
    """What one of the processes did.

    Args:
        done: what it finished: drafts as (name, commit), or commits of the user's.
        refused: what it was told where it could not.
        said: what it was warned of.
    """

    done: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]
    said: tuple[str, ...] = ()


def run_crowd(
    folder: Path, drafters: int, drafting: Work, others: tuple[Work, ...]
) -> tuple[list[Report], list[Report]]:
    """Let processes work on the repository ``folder / "repo"`` until all drafters are done; give the reports of both."""
    (folder / "drafters").write_text(str(drafters))
    work = [*([drafting] * drafters), *others]
    with multiprocessing.get_context("spawn").Pool(len(work)) as pool:
        running = [pool.apply_async(_work, (each, folder, number)) for number, each in enumerate(work)]
        reports = [each.get(_TIMEOUT_S) for each in running]
    return reports[:drafters], reports[drafters:]


def _work(work: Work, folder: Path, number: int) -> Report:
    try:
        return work(folder, number)
    except Exception:  # noqa: BLE001  # libgit2's can't go from one process to another
        (folder / f"over-{number}").touch()
        raise AssertionError(traceback.format_exc()) from None


def _is_over(folder: Path) -> bool:
    return len(list(folder.glob("over-*"))) >= int((folder / "drafters").read_text())


def make_drafts(folder: Path, number: int, count: int) -> Report:
    """Make drafts, one after the other, each with a new file and a change of a file that all of them change."""
    studio = Studio(GitRepo(folder / "repo"))
    done, refused = [], []
    for turn in range(count):
        edits = write(f"made/{number}-{turn}", "bot\n"), write("shared", f"{number} {turn}\n" * 5)
        try:
            draft = studio.draft(*edits, prompt=f"do {number}-{turn}").draft
            done.append((str(draft.name), draft.commit))
        except GitDraftError as error:
            refused.append(f"{type(error).__name__}: {error}")
    (folder / f"over-{number}").touch()
    return Report(tuple(done), tuple(refused), tuple(studio.warnings))


def draft_fifty(folder: Path, number: int) -> Report:
    """Make fifty drafts."""
    return make_drafts(folder, number, 50)


def draft_fifteen(folder: Path, number: int) -> Report:
    """Make fifteen drafts."""
    return make_drafts(folder, number, 15)


def commit_and_switch(folder: Path, number: int) -> Report:
    """Do what a user does: change files, commit, and switch between main and the folio branches."""
    repo = GitRepo(folder / "repo")
    source = random.Random(number)  # noqa: S311  # no secret
    done, refused = [], []
    turn = 0
    while not _is_over(folder):
        turn += 1
        repo.write("mine", f"{turn}\n")
        committed = repo.run("commit", "--quiet", "--message", f"mine {turn}", "mine")
        if committed.returncode == 0:
            done.append(("mine", repo.resolve("HEAD")))
        else:
            refused.append(committed.stderr.decode())
        if turn % 5 == 0:
            branches = [name.removeprefix("refs/heads/") for name in repo.list_refs("refs/heads/") if "+" not in name]
            repo.run("switch", "--quiet", source.choice(branches))
        time.sleep(0.3)
    return Report(tuple(done), tuple(refused))


def keep_house(folder: Path, _number: int) -> Report:
    """Run what packs and clears away, git's default grace period kept."""
    return _run_in_turn(folder, [["gc", "--quiet"], ["repack", "-a", "-d", "--quiet"], ["pack-refs", "--all"]])


def prune_at_once(folder: Path, _number: int) -> Report:
    """Clear away at once all that no ref leads to."""
    return _run_in_turn(folder, [["gc", "--prune=now", "--quiet"]])


def _run_in_turn(folder: Path, commands: list[list[str]]) -> Report:
    repo = GitRepo(folder / "repo")
    done: list[tuple[str, str]] = []
    refused: list[str] = []
    while not _is_over(folder):
        for command in commands:
            ran = repo.run(*command)
            if ran.returncode:
                refused.append(ran.stderr.decode())
            else:
                done.append((command[0], ""))
        time.sleep(0.05)
    return Report(tuple(done), tuple(refused))


def merge_again_and_again(folder: Path, _number: int) -> Report:
    """Merge the newest draft of whatever folio is active, and now and then undo that."""
    studio = Studio(GitRepo(folder / "repo"))
    done, refused = [], []
    turn = 0
    while not _is_over(folder):
        turn += 1
        try:
            if turn % 7 == 0:
                studio.undo()
            else:
                merge = studio.merge(strategy=MergeStrategy.THEIRS)
                done.append((str(merge.draft.name), studio.repo.resolve("HEAD")))
        except GitDraftError as error:
            refused.append(f"{type(error).__name__}: {error}")
        _end_merge(studio.repo)
        time.sleep(0.1)
    return Report(tuple(done), tuple(refused))


def _end_merge(repo: GitRepo) -> None:
    """Give up a merge that has conflicts, or in which the user committed between git's merge of files and its commit."""
    is_merging = (repo.path / ".git/MERGE_HEAD").exists()
    if is_merging and repo.run("merge", "--abort").returncode:  # the user has changed the same file again
        repo.run("commit", "--quiet", "--all", "--no-edit")


def work_alone(folder: Path, number: int) -> Report:
    """Do the whole round in a linked worktree of its own: draft, merge, leave, undo that, leave again."""
    studio = Studio(GitRepo(folder / f"linked{number}"))
    done = []
    for turn in range(6):
        draft = studio.draft(write(f"made/{turn}", f"bot {number}\n")).draft
        done.append((str(draft.name), draft.commit))
        studio.merge(strategy=MergeStrategy.THEIRS)
        studio.quit(force=True)
        studio.undo()
        studio.quit(force=True)
    (folder / f"over-{number}").touch()
    return Report(tuple(done), (), tuple(studio.warnings))
