"""Leaving a folio: back to the origin branch, every file as it is.

All refusals come first. Then a commit of the final state, the save, the index, ``refs/drafts/<n>/@`` with HEAD, and last
the removal of branches and configuration, in a transaction of its own: what is removed has been made dispensable by
one before. Called by the drafter, inside the lock of the worktree, and by sweeping for what a killed quit left.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from git_draft.errors import FolioError, OwnCommitsError, RefMovedError, RepoError
from git_draft.folios import make_sync, remove_folio_branches
from git_draft.frozen import frozen
from git_draft.git.objects import Commit
from git_draft.git.refs import RefUpdate, format_final_ref, format_folio_branch, format_upstream
from git_draft.git.repo import BRANCHES
from git_draft.git.snapshots import Snapshot
from git_draft.model import Folio
from git_draft.project import Project
from git_draft.records import PROMPT_MARK, SYNC_MARK, Records
from git_draft.saves import begun, list_absorbed

_STAGE_ATTEMPTS = 3
_FINISH_ATTEMPTS = 20


@frozen
class Quit:
    """A folio that was left.

    Args:
        folio: the folio.
        staged: how many files differ from the origin branch and are staged.
        question: the open question of its newest draft.
        left_out: untracked files and nested repositories that no commit of ours holds.
    """

    folio: Folio
    staged: int
    question: str | None
    left_out: tuple[PurePosixPath, ...]


def check_can_quit(project: Project, folio: Folio) -> str:
    """See to it that a folio can be left; give the commit of its origin branch.

    Raises:
        FolioError: where the origin branch is gone, in use elsewhere, or not part of the folio branch.
        OperationInProgressError: where another git operation is under way.
    """
    project.repo.check_no_operation()
    origin_ref = BRANCHES + (folio.origin or "")
    origin = project.refs.find(origin_ref)
    branch = format_folio_branch(folio.number)
    if origin is None:
        raise _explain_gone(project, folio)
    elsewhere = project.find_checkout(origin_ref, elsewhere=True)
    if elsewhere:
        raise FolioError(
            f"the origin branch {folio.origin} is checked out in another worktree",
            hint=f"git -C {shlex.quote(str(elsewhere))} switch --detach",
        )
    head = project.repo.get_head()[1]
    if not project.objects.is_ancestor(origin, head):
        raise FolioError(
            f"the origin branch {folio.origin} has commits that {branch} lacks",
            hint=f"git merge {folio.origin}, then git draft --quit (a rebase would flatten the merges)",
        )
    return origin


def _explain_gone(project: Project, folio: Folio) -> FolioError:
    branch = format_folio_branch(folio.number)
    head = project.repo.get_head()[1]
    # an empty folio's upstream is where it was opened
    drafts = Records(project).list_drafts([folio.number])
    named = [draft.record.base or "" for draft in drafts] if drafts else [format_upstream(folio.number)]
    commits = filter(None, map(project.objects.find_commit, named))
    start = next((commit[:10] for commit in commits if project.objects.is_ancestor(commit, head)), "<commit>")
    return FolioError(
        f"the origin branch {folio.origin} is gone",
        hint=f"git branch {folio.origin} {start}, or where it was renamed: git config branch.{branch}.draftOrigin <new name>",
    )


def check_own_commits(project: Project, folio: Folio, origin: str, confirm: Callable[[tuple[str, ...]], bool]) -> None:
    """See to it that the user knows of commits of their own which quitting would leave behind.

    Args:
        project: the open repository.
        folio: the folio.
        origin: the commit of its origin branch.
        confirm: asked, with a line for each commit, where there are any.

    Raises:
        OwnCommitsError: where `confirm` says no.
    """
    own = list_own_commits(project, folio, origin)
    listed = tuple(f"{commit.oid[:10]} {commit.subject}" for commit in own)
    if own and not confirm(listed):
        ids = " ".join(commit.oid[:10] for commit in own if len(commit.parents) == 1)  # merges can't be picked
        raise OwnCommitsError(
            f"{format_folio_branch(folio.number)} has commits of your own, which {folio.origin} will not have",
            hint=f"git draft quit -f && git stash && git cherry-pick {ids} && git stash pop",
            commits=listed,
        )


def list_own_commits(project: Project, folio: Folio, origin: str) -> list[Commit]:
    """Give the commits of the folio branch that neither git-draft made nor the origin branch has, oldest first."""
    drafts = {commit for _, commit in project.refs.iter_drafts()}

    def is_ours(commit: Commit) -> bool:
        if commit.oid in drafts or commit.message.startswith((SYNC_MARK, PROMPT_MARK)):
            return True
        # a merge of a draft, also one that the user committed after a conflict, or of the origin branch
        return len(commit.parents) > 1 and all(
            parent in drafts or project.objects.is_ancestor(parent, origin) for parent in commit.parents[1:]
        )

    tip = project.refs.find_branch(format_folio_branch(folio.number))
    return [commit for commit in project.objects.iter_own(tip or origin, [origin]) if not is_ours(commit)]


def quit_folio(project: Project, folio: Folio) -> Quit:
    """Go back to the origin branch; call `check_can_quit` and `check_own_commits` before.

    Raises:
        RepoError: where files or refs keep changing meanwhile.
    """
    project.workdir.check_index_lock()
    question = _find_question(project, folio)
    for _attempt in range(_STAGE_ATTEMPTS):
        origin = check_can_quit(project, folio)
        snapshot = project.workdir.take_snapshot()
        final = make_sync(project, folio.number, snapshot, "finalize")
        untracked = _list_untracked(project, folio, snapshot, origin)
        staged = project.objects.list_changed(project.objects.read_commit(origin).tree, snapshot.tree)
        extra = {"Left-head": origin, "Left-index": _write_index_left(project, snapshot.tree, untracked)}
        with begun(project, folio, "quit", snapshot, extra) as operation:
            is_staged = project.workdir.stage(snapshot)
            if is_staged:
                project.workdir.unstage_untracked(untracked)
            if not (is_staged and move_head(project, folio, snapshot.head, origin, final)):
                operation.give_up()
                continue  # a file or a ref changed since the snapshot
            operation.keep()
            finish_quit(project, folio.number, snapshot.head)
        return Quit(folio, len(staged.keys() - set(untracked)), question, snapshot.left_out)
    raise RepoError("the files keep changing, the folio is still active", hint="run it again when they stand still")


def move_head(project: Project, folio: Folio, head: str, origin: str, final: str) -> bool:
    """Move HEAD to the origin branch, and keep the final state; both or none, for a kept state says that it was quit."""
    branch, origin_ref = BRANCHES + format_folio_branch(folio.number), BRANCHES + (folio.origin or "")
    final_ref = format_final_ref(folio.number)
    updates = [
        RefUpdate(final_ref, project.refs.find(final_ref), final),
        RefUpdate("HEAD", branch, origin_ref),
        RefUpdate(origin_ref, origin, origin),
        RefUpdate(branch, head, head),
    ]
    try:
        project.refs.commit(updates, f"checkout: moving from {format_folio_branch(folio.number)} to {folio.origin}")
    except RefMovedError:
        return False
    return True


def finish_quit(project: Project, number: int, tip: str) -> None:
    """Remove branch, upstream and configuration of a folio whose final state is kept.

    Raises:
        RefMovedError: where the folio branch moved meanwhile.
    """
    branch, upstream = BRANCHES + format_folio_branch(number), BRANCHES + format_upstream(number)
    for _attempt in range(_FINISH_ATTEMPTS):
        found = {branch: project.refs.find(branch), upstream: project.refs.find(upstream)}
        if found[branch] not in {tip, None}:  # None: another command swept it just now
            break
        updates = [RefUpdate(ref, old, None) for ref, old in found.items() if old]
        with contextlib.suppress(RefMovedError):  # a draft landed meanwhile and moved the upstream
            remove_folio_branches(project, number, updates)
            return
    raise RefMovedError(f"{branch} moved meanwhile, folio {number} is not removed")


def _list_untracked(project: Project, folio: Folio, snapshot: Snapshot, origin: str) -> list[PurePosixPath]:
    """Give the files to be untracked again: they were before, and no merged draft touched them."""
    objects = project.objects
    candidates = {*list_absorbed(project, folio.number), *snapshot.untracked}
    if not candidates:
        return []
    records = Records(project)
    drafts = records.list_drafts([folio.number])
    merged = records.list_merged(folio.number, drafts)
    for draft in drafts:
        if draft.name in merged:
            before, after = objects.read_commit(draft.parent).tree, objects.read_commit(draft.commit).tree
            candidates -= objects.list_changed(before, after).keys()
    tracked = objects.edit_tree(objects.read_commit(origin).tree)
    present = objects.edit_tree(snapshot.tree)
    return sorted(path for path in candidates if tracked.find(path) is None and present.find(path))


def _write_index_left(project: Project, tree: str, untracked: Iterable[PurePosixPath]) -> str:
    editor = project.objects.edit_tree(tree)
    for path in untracked:
        editor.remove(path)
    return editor.write_tree()


def _find_question(project: Project, folio: Folio) -> str | None:
    drafts = Records(project).list_drafts([folio.number])
    return drafts[-1].record.question if drafts else None
