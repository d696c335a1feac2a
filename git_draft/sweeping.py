"""The next command finishes or sweeps what a killed one began, and says so.

Everything here is told from what is there (refs, configuration, processes written down), so it can be killed itself.
Called by the drafter before each command.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from datetime import datetime

from git_draft.columns import shorten
from git_draft.errors import RefMovedError
from git_draft.folders import remove_abandoned_folders
from git_draft.folios import remove_folio_branches
from git_draft.git.refs import (
    DRAFTS,
    UNDO,
    RefUpdate,
    format_draft_ref,
    format_final_ref,
    format_folio_branch,
    format_upstream,
    parse_folio_branch,
)
from git_draft.git.repo import BRANCHES
from git_draft.landing import advance_upstream
from git_draft.merging import advance_upstream_to_head
from git_draft.model import PROMPT_TITLE_COLUMNS, Draft, OutcomeKind
from git_draft.processes import is_alive, read_start
from git_draft.project import Project
from git_draft.quitting import finish_quit
from git_draft.records import Records
from git_draft.rows import RunRow
from git_draft.saves import UNDER_WAY, find_save, find_saved_upstream, is_merged

_LOCK_AGE_S = 10.0
"""How far the time of a lock file may be from that of its line in the store."""


def sweep(project: Project, now: datetime) -> list[str]:
    """Put in order what killed commands left; give a line for each thing that the user should know."""
    said = []
    if project.store.was_replaced:
        said.append(f"{project.store.path} was damaged; made again from refs and notes, events are lost")
    if Records(project).fill_index() and any(project.refs.iter_drafts()) and not project.store.was_replaced:
        said.append("made the index of drafts again from refs and notes")
    said += _remove_stale_locks(project)
    _remove_temp_folders(project)
    remove_abandoned_folders(project.checkouts_dir)
    said += _end_dead_runs(project, now)
    said += _sweep_folios(project)
    return said


def _remove_stale_locks(project: Project) -> Iterator[str]:
    killed = []
    for lock in project.store.list_locks():
        if is_alive(lock.pid, lock.start):
            continue
        for ref in lock.refs:
            if ref.startswith(UNDER_WAY):
                killed.append(ref.removeprefix(UNDER_WAY))
                continue
            # HEAD is each worktree's own, and the one where the process ran is not written down
            folders = [folder for folder, _ in project.repo.iter_checked_out()] if ref == "HEAD" else []
            for folder in folders or [project.repo.common_dir]:
                file = folder / f"{ref}.lock"
                with contextlib.suppress(FileNotFoundError):
                    if abs(file.stat().st_mtime - lock.since_s) < _LOCK_AGE_S:  # else it is another program's
                        file.unlink()
        project.store.remove_lock(lock.id)
    for ref in killed:  # when no lock of ours is left
        yield from _tell_of_operation(project, ref)


def _tell_of_operation(project: Project, ref: str) -> Iterator[str]:
    folio, _, number = ref.removeprefix(UNDO).partition("/")
    save = find_save(project, int(folio), int(number))
    if save is None:  # it was given up
        return
    if (
        is_merged(project, save) and project.repo.find_merging() is not None
    ):  # all was done but to forget that it was under way
        project.workdir.end_merge()
    if save.operation == "undo":
        yield f"an undo in folio {folio} was killed; git draft undo finishes it, or takes it back where it was done"
    else:
        yield f"a {save.operation} in folio {folio} was killed; git draft undo takes back what it did"
    if advice := project.repo.advise_on_locks():
        yield f"git left its locks behind; {advice}"


def _remove_temp_folders(project: Project) -> None:
    with contextlib.suppress(FileNotFoundError):
        for folder in (project.state_dir / "tmp").iterdir():
            pid = folder.name.partition("-")[0]
            # any process of that number may be the one: a folder too many is harmless
            if pid.isdecimal() and not is_alive(int(pid), read_start(int(pid))):
                shutil.rmtree(folder, ignore_errors=True)


def _end_dead_runs(project: Project, now: datetime) -> Iterator[str]:
    for run in project.store.list_runs_under_way():
        if is_alive(run.pid, run.start):
            continue
        draft = _find_landed(project, run)
        if draft is None:
            project.store.end_run(run.id, outcome=OutcomeKind.INTERRUPTED, ended=now)
            yield f"a run in folio {run.folio} was killed; its prompt was: {shorten(run.prompt, PROMPT_TITLE_COLUMNS)}"
            continue
        if draft.name == Records(project).get_newest(run.folio).name:
            advance_upstream(project, run.folio, draft.commit)
        project.store.add_draft(Records(project).read_row(draft.name, draft.commit))
        outcome = draft.record.outcome or OutcomeKind.COMPLETE
        project.store.end_run(run.id, outcome=outcome, ended=now, number=draft.name.number)
        yield f"a run in folio {run.folio} was killed when it had made draft {draft.name}"


def _find_landed(project: Project, run: RunRow) -> Draft | None:
    """Find the draft of a run that was killed between landing and saying so."""
    known = project.store.list_run_numbers(run.folio)
    for draft in Records(project).list_drafts([run.folio]):
        started = draft.record.started
        is_same = draft.prompt == run.prompt.removesuffix("\n") and draft.record.bot == run.bot
        if (
            draft.name.number not in known
            and is_same
            and started
            and int(started.timestamp()) == int(run.started.timestamp())
        ):
            return draft
    return None


def _sweep_folios(project: Project) -> Iterator[str]:
    refs = project.refs
    seen = set()
    for ref in list(refs.iter_names(f"{BRANCHES}draft/")):
        number = parse_folio_branch(ref.removeprefix(BRANCHES))
        if number is None or number in seen:
            continue
        seen.add(number)
        tip = refs.find(BRANCHES + format_folio_branch(number))
        is_busy, checked_out = _look_who_is_there(project, number)
        is_here = BRANCHES + format_folio_branch(number) in checked_out
        if tip is None:
            if not is_here and not is_busy:
                yield from _sweep_upstream(project, number, checked_out)
        elif is_here:
            _catch_up_merge(project, number, tip)
        elif not is_busy and _was_quit(project, number, tip):
            with contextlib.suppress(RefMovedError):
                finish_quit(project, number, tip)
                yield f"finished quitting folio {number}"
        elif not is_busy and not any(refs.iter_drafts([number])) and _is_ours_and_empty(project, number, tip):
            with contextlib.suppress(RefMovedError):
                upstream = BRANCHES + format_upstream(number)
                branch = BRANCHES + format_folio_branch(number)
                head = refs.find("HEAD")  # locked too, since the branch may be entered in this moment
                is_entered = RefUpdate("HEAD", head, head)
                remove_folio_branches(
                    project, number, [is_entered, RefUpdate(branch, tip, None), RefUpdate(upstream, tip, None)]
                )
                yield f"removed folio {number}, which was opened and never used"
    _remove_orphan_sections(project)


def _sweep_upstream(project: Project, number: int, checked_out: set[str]) -> Iterator[str]:
    """Remove what is left where the user removed the folio branch, unless it is the only ref to something."""
    upstream = BRANCHES + format_upstream(number)
    commit = project.refs.find(upstream)
    if commit is None or upstream in checked_out:
        return
    origin = project.store.list_folios().get(number)
    holders = [format_final_ref(number), *([BRANCHES + origin] if origin else [])]
    holders += [format_draft_ref(name) for name, _ in project.refs.iter_drafts([number])]
    holders += project.refs.iter_names(f"{UNDO}{number}/")
    tips = filter(None, map(project.objects.find_commit, holders))
    if any(project.objects.is_ancestor(commit, tip) for tip in tips):
        with contextlib.suppress(RefMovedError):
            remove_folio_branches(project, number, [RefUpdate(upstream, commit, None)])
            yield f"removed the upstream of folio {number}, whose branch is gone"


def _look_who_is_there(project: Project, number: int) -> tuple[bool, set[str]]:
    """Tell whether a folio is at work, and give the branches that are checked out anywhere.

    In the order in which an opened folio gets there: it is noted, then checked out, then has a run. One that is being
    left is noted before it is checked out no more, so that is looked at again.
    """
    is_noted = number in _list_noted(project)
    checked_out = {ref for _, ref in project.repo.iter_checked_out()}
    has_run = any(run.folio == number for run in project.store.list_runs_under_way())
    return is_noted or has_run or number in _list_noted(project), checked_out


def _list_noted(project: Project) -> set[int]:
    """Give the folios that living processes are opening, merging, leaving or bringing back."""
    noted = {ref for lock in project.store.list_locks() for ref in lock.refs}
    opening = {parse_folio_branch(ref.removeprefix(BRANCHES)) or 0 for ref in noted}
    saves = (ref.removeprefix(UNDER_WAY + UNDO) for ref in noted if ref.startswith(UNDER_WAY))
    return opening | {int(save.partition("/")[0]) for save in saves}


def _was_quit(project: Project, number: int, tip: str) -> bool:
    if not project.repo.config.get(f"branch.{format_folio_branch(number)}.draftOrigin"):
        return False  # no folio's any more: a branch of that name which the user made
    final = project.objects.find_commit(format_final_ref(number))
    return final is not None and (final == tip or tip in project.objects.read_commit(final).parents)


def _is_ours_and_empty(project: Project, number: int, tip: str) -> bool:
    # an upstream at the same commit is what opening makes; a user's own branch draft/7 has none
    return project.refs.find(BRANCHES + format_upstream(number)) == tip


def _catch_up_merge(project: Project, number: int, tip: str) -> None:
    # the user committed a merge after a conflict: the upstream follows, as after a clean merge, unless a draft has
    # landed since
    upstream = project.refs.find(BRANCHES + format_upstream(number))
    merged = project.objects.read_commit(tip).parents[1:]
    if upstream is None or not any(oid in merged for _, oid in project.refs.iter_drafts([number])):
        return
    if upstream in merged or upstream == find_saved_upstream(project, number):
        with contextlib.suppress(RefMovedError):
            advance_upstream_to_head(project, number)


def _remove_orphan_sections(project: Project) -> None:
    for branch, _origin in project.repo.config.iter_subsections("branch", "draftOrigin"):
        number = parse_folio_branch(branch)
        is_gone = number and project.refs.find_branch(branch) is None and number not in _list_noted(project)
        if number and is_gone and _was_folio(project, number):
            project.repo.remove_config_section(f"branch.{branch}")


def _was_folio(project: Project, number: int) -> bool:
    return any(project.refs.iter_names(f"{DRAFTS}{number}/")) or number in project.store.list_folios()
