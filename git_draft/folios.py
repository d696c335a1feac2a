"""Folios: open one, find the active one, close one that stayed empty; sync commits.

A folio is a branch ``draft/<n>``, its upstream ``draft/<n>+`` and a section of git's configuration that names the
origin branch. The orders of steps matter: each leaves a state that the next command can finish or sweep. Leaving a
folio is in `quitting.py`. Called by drafter, landing, merging, quitting.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_draft.errors import FolioError, RefLockedError, RefMovedError
from git_draft.git.refs import (
    DRAFTS,
    RefUpdate,
    format_folio_branch,
    format_upstream,
    parse_folio_branch,
)
from git_draft.git.repo import BRANCHES
from git_draft.git.snapshots import Snapshot
from git_draft.model import Folio
from git_draft.project import Project
from git_draft.records import Records

_OPEN_ATTEMPTS = 20


def get_active(project: Project) -> Folio:
    """Give the folio that is checked out here.

    Raises:
        FolioError: where HEAD is not on a folio branch.
        OperationInProgressError: where another git operation is under way.
    """
    project.repo.check_no_operation()  # first, since a rebase of the folio branch takes HEAD off it
    folio = find_active(project)
    if folio is None:
        branch = project.repo.read_head().branch or "a detached HEAD"
        records = Records(project)
        number = max((each.number for each in records.list_folios() if each.is_open), default=None)
        if number is None:
            raise FolioError(f"{branch} is not a folio branch, no folio is open", hint='git draft "<prompt>"')
        folder = records.find_checkout(number)
        hint = f"cd {folder}" if folder else f"git switch {format_folio_branch(number)}"
        raise FolioError(f"{branch} is not a folio branch", hint=hint)
    return folio


def find_active(project: Project) -> Folio | None:
    """Find the folio that is checked out here; None on any other branch.

    Raises:
        FolioError: on a branch that is named like a folio branch and has no origin recorded.
    """
    folio = Records(project).find_active()
    branch = project.repo.read_head().branch
    if folio is None and branch and parse_folio_branch(branch) is not None:
        number = parse_folio_branch(branch)
        if branch == format_upstream(number or 0):
            raise FolioError(
                f"{branch} is the upstream of a folio", hint=f"git switch {format_folio_branch(number or 0)}"
            )
        raise FolioError(
            f"branch {branch} has no origin branch recorded", hint=f"git config branch.{branch}.draftOrigin <branch>"
        )
    return folio


def open_folio(project: Project, snapshot: Snapshot) -> Folio:
    """Open a folio on the branch and commit of a snapshot, and move HEAD to its branch; nothing else changes.

    Raises:
        FolioError: where a branch named ``draft`` makes folio branches impossible.
        RefMovedError: where HEAD moved meanwhile.
    """
    check_can_open(project)
    for _attempt in range(_OPEN_ATTEMPTS):
        folio = Folio(_find_next_number(project), snapshot.branch)
        # noted for as long as it takes, so that another command does not sweep it half way
        with project.store.noted_locks([BRANCHES + format_folio_branch(folio.number)]):
            if _make_branches(project, folio, snapshot.head):
                _enter(project, folio, snapshot.head)
                project.store.add_folio(folio.number, folio.origin)
                return folio
    raise RefLockedError("can't take a folio number: other processes keep taking them")


def _make_branches(project: Project, folio: Folio, head: str) -> bool:
    branch, upstream = BRANCHES + format_folio_branch(folio.number), BRANCHES + format_upstream(folio.number)
    try:
        project.refs.commit(
            [RefUpdate(branch, None, head), RefUpdate(upstream, None, head)], f"draft: opened from {folio.origin}"
        )
    except RefMovedError:  # another process took the number
        return False
    return True


def _enter(project: Project, folio: Folio, head: str) -> None:
    branch, upstream = BRANCHES + format_folio_branch(folio.number), BRANCHES + format_upstream(folio.number)
    origin = BRANCHES + (folio.origin or "")
    message = f"checkout: moving from {folio.origin} to {format_folio_branch(folio.number)}"
    try:
        write_folio_section(project, folio)
        project.refs.commit(
            [RefUpdate("HEAD", origin, branch), RefUpdate(origin, head, head), RefUpdate(branch, head, head)], message
        )
    except (RefMovedError, RefLockedError):
        remove_folio_branches(project, folio.number, [RefUpdate(branch, head, None), RefUpdate(upstream, head, None)])
        raise


def write_folio_section(project: Project, folio: Folio) -> None:
    """Write a folio's configuration: its branch's upstream, and the origin branch."""
    section = f"branch.{format_folio_branch(folio.number)}"
    upstream = BRANCHES + format_upstream(folio.number)
    project.repo.set_config(
        {f"{section}.remote": ".", f"{section}.merge": upstream, f"{section}.draftOrigin": folio.origin or ""}
    )


def check_can_open(project: Project) -> None:
    """See to it that folio branches can be made.

    Raises:
        FolioError: where a branch is named ``draft``.
    """
    if project.refs.find_branch("draft") is not None:
        raise FolioError(
            "a branch named draft leaves no room for folio branches such as draft/1",
            hint="git branch -m draft <another name>",
        )


def _find_next_number(project: Project) -> int:
    numbers = [project.store.find_last_folio()]
    for prefix in (DRAFTS, f"{BRANCHES}draft/"):  # a branch draft/6/topic takes the name draft/6 as well
        for ref in project.refs.iter_names(prefix):
            folio = ref.removeprefix(prefix).partition("/")[0].removesuffix("+")
            numbers.append(int(folio) if folio.isascii() and folio.isdecimal() else 0)
    return 1 + max(numbers)


def close_empty_folio(project: Project, folio: Folio, head: str) -> bool:
    """Undo the opening of a folio that got no draft and that no run works in; tell whether it could be.

    Args:
        project: the open repository.
        folio: the folio.
        head: the commit that it was opened on.
    """
    is_in_use = any(run.folio == folio.number for run in project.store.list_runs_under_way())
    if folio.origin is None or is_in_use or any(project.refs.iter_drafts([folio.number])):
        return False
    branch, upstream = BRANCHES + format_folio_branch(folio.number), BRANCHES + format_upstream(folio.number)
    origin = BRANCHES + folio.origin
    message = f"checkout: moving from {format_folio_branch(folio.number)} to {folio.origin}"
    try:
        project.refs.commit(
            [RefUpdate("HEAD", branch, origin), RefUpdate(origin, head, head), RefUpdate(branch, head, head)], message
        )
        remove_folio_branches(project, folio.number, [RefUpdate(branch, head, None), RefUpdate(upstream, head, None)])
    except RefMovedError:  # the user has done something with it since: it is in use
        return False
    project.store.remove_folio(folio.number)
    return True


def remove_folio_branches(project: Project, number: int, updates: Sequence[RefUpdate]) -> None:
    """Remove a folio's branches, if they are as expected, with their logs, and its configuration.

    Raises:
        RefMovedError: where one is not as expected; nothing is removed then.
    """
    project.refs.commit(updates, "draft: closed")
    for update in updates:  # libgit2 leaves the log, which would be in the way of a branch named draft
        if update.new is not None:
            continue
        (project.repo.common_dir / "logs" / update.name).unlink(missing_ok=True)
    project.repo.remove_config_section(f"branch.{format_folio_branch(number)}")


def make_sync(project: Project, folio: int, snapshot: Snapshot, purpose: str) -> str:
    """Give a commit that has the state of a snapshot: its HEAD, a sync commit of the folio, or a new one.

    Args:
        project: the open repository.
        folio: the folio's number.
        snapshot: the state.
        purpose: ``prompt``, ``merge`` or ``finalize``, for the commit's subject.
    """
    if project.objects.read_commit(snapshot.head).tree == snapshot.tree:
        return snapshot.head
    found = project.store.find_sync(folio, snapshot.head, snapshot.tree)
    if found and project.objects.has(found):
        return found
    return project.objects.write_commit(snapshot.tree, [snapshot.head], f"draft! sync({purpose})")
