"""How drafts would merge with what the user has now: each merge is tried, and nothing of it stays.

git writes its objects into a folder that goes at the end. Trials run side by side, and stop when their time is up: who
looks around does not want to wait. Called by the cli.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from git_draft.errors import RepoError, TimeIsUpError
from git_draft.frozen import frozen
from git_draft.git.clobber import find_unrecorded
from git_draft.git.refs import format_folio_branch
from git_draft.git.repo import Repository
from git_draft.git.scratch import ScratchIndexes
from git_draft.git.workdir import Workdir
from git_draft.merging import find_base
from git_draft.model import Draft, DraftName, MergeStrategy
from git_draft.project import Project

BUDGET_S = 0.9
"""How long all trials together may take."""

_MOST_THREADS = 8
_WHO = {f"GIT_{role}_{what}": "trial" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@frozen
class Outlook:
    """What a merge with no strategy named would do.

    Args:
        conflicts: the files that would have conflicts.
        blocked: the files on disk that git does not record and that it would overwrite; so it would be refused.
    """

    conflicts: tuple[PurePosixPath, ...] = ()
    blocked: tuple[PurePosixPath, ...] = ()


@frozen
class _Trial:
    """A merge to try.

    Args:
        name: of the draft.
        commit: the id of its commit.
        tree: the id of its tree.
        base: the id of the commit that its change stands on.
        base_tree: the id of that one's tree.
        state: the id of the tree that it would be merged into.
        is_here: whether that is what is on disk here.
    """

    name: DraftName
    commit: str
    tree: str
    base: str
    base_tree: str
    state: str
    is_here: bool


def look_ahead(
    project: Project, drafts: Sequence[Draft], active: int | None, budget_s: float = BUDGET_S
) -> dict[DraftName, Outlook]:
    """Try to merge drafts; give what is known of them when the time is up.

    Those of the active folio are merged with the files of now, those of other open folios with their branch.

    Args:
        project: the open repository.
        drafts: those to try, in the order of their importance; such of folios that are closed are passed over.
        active: the number of the folio that is checked out here.
        budget_s: how long it may take.
    """
    if not drafts or project.repo.config.get("extensions.partialClone"):  # git would fetch what is missing
        return {}
    found: dict[DraftName, Outlook] = {}
    deadline_s = time.monotonic() + budget_s
    temp_dir = project.state_dir / "tmp"
    with contextlib.suppress(RepoError), ScratchIndexes(project.repo, temp_dir).folder() as folder:
        (folder / "objects").mkdir()
        repo = project.repo.for_trials(folder / "objects", deadline_s)
        workdir = Workdir(repo, temp_dir)
        states = _find_states(project, workdir, drafts, active)
        _Bench(repo, workdir, found).work(_plan_trials(project, drafts, states, active))
    return found


@contextlib.contextmanager
def _passed_by() -> Iterator[None]:
    """Do without what can't be found out, a broken draft for example, as long as there is time for the others."""
    try:
        yield
    except TimeIsUpError:
        raise
    except RepoError:
        pass


def _find_states(
    project: Project, workdir: Workdir, drafts: Iterable[Draft], active: int | None
) -> dict[int, tuple[str, str]]:
    """Give for each open folio its last commit, and the tree that its drafts would be merged into."""
    states = {}
    for folio in {draft.name.folio for draft in drafts}:
        tip = project.refs.find_branch(format_folio_branch(folio))
        if tip:
            with _passed_by():
                tree = workdir.record_files().tree if folio == active else project.objects.read_commit(tip).tree
                states[folio] = tip, tree
    return states


def _plan_trials(
    project: Project, drafts: Iterable[Draft], states: Mapping[int, tuple[str, str]], active: int | None
) -> list[_Trial]:
    trials = []
    for draft in drafts:
        folio = draft.name.folio
        if folio in states:
            with _passed_by():
                tip, state = states[folio]
                base = project.objects.read_commit(find_base(project, tip, draft))
                tree = project.objects.read_commit(draft.commit).tree
                trials.append(_Trial(draft.name, draft.commit, tree, base.oid, base.tree, state, folio == active))
    return trials


@frozen
class _Bench:
    """Where merges are tried, side by side.

    Args:
        repo: with a git that leaves nothing behind.
        workdir: of that repository.
        found: what came of trials, filled by `work`.
    """

    repo: Repository
    workdir: Workdir
    found: dict[DraftName, Outlook]

    def work(self, trials: Sequence[_Trial]) -> None:
        """Try all of them, or as many as there is time for."""
        waiting = deque(trials)
        count = min(len(trials), _MOST_THREADS, os.cpu_count() or 1)
        threads = [threading.Thread(target=self._try_some, args=(waiting,)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _try_some(self, waiting: deque[_Trial]) -> None:
        with contextlib.suppress(IndexError, TimeIsUpError):
            while True:
                trial = waiting.popleft()
                with _passed_by():
                    self.found[trial.name] = self._try(trial)

    def _try(self, trial: _Trial) -> Outlook:
        if trial.state == trial.base_tree:
            result, conflicts = trial.tree, frozenset[PurePosixPath]()
        else:
            # with this one parent the merge base is the draft's own, whatever the user's history is
            ours = self.repo.run("commit-tree", trial.state, "-p", trial.base, "-m", "trial", env=_WHO)
            result, conflicts = self.workdir.predict_merge(
                ours.stdout.decode().strip(), trial.commit, MergeStrategy.DEFAULT
            )
        blocked = self._find_blocked(trial.state, result) if trial.is_here else ()
        return Outlook(tuple(sorted(conflicts)), blocked)

    def _find_blocked(self, state: str, result: str) -> tuple[PurePosixPath, ...]:
        added = self._list_paths("diff-tree", "-r", "--no-renames", "--diff-filter=AT", state, result)
        there = find_unrecorded(self.repo.toplevel, added, lambda _path: False)
        recorded = self._list_paths("ls-tree", "-r", state, "--", *map(str, there)) if there else ()
        return tuple(path for path in there if path not in recorded)

    def _list_paths(self, verb: str, *args: str) -> list[PurePosixPath]:
        listing = self.repo.run(verb, "-z", "--name-only", *args).stdout
        return [PurePosixPath(name) for name in os.fsdecode(listing).split("\0") if name]
