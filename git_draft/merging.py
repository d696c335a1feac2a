"""A draft is merged into what the user has now.

The user's state becomes a commit first, made so that the base of the merge is the state that the draft started from:
only the bot's change is merged. Then git merges, as the user would. Refusals come before anything moves. Called by the
drafter, inside the lock of the worktree.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from git_draft.errors import ClobberError, FolioError, NoDraftError, RefMovedError, RepoError
from git_draft.folios import make_sync
from git_draft.frozen import frozen
from git_draft.git.clobber import find_unrecorded
from git_draft.git.refs import RefUpdate, format_folio_branch, format_upstream
from git_draft.git.repo import BRANCHES
from git_draft.git.snapshots import Snapshot
from git_draft.git.tree import TreeEditor
from git_draft.git.workdir import MergeResult
from git_draft.model import Draft, Folio, MergeStrategy, OutcomeKind
from git_draft.project import Project
from git_draft.records import PROMPT_MARK, SYNC_MARK, Records
from git_draft.saves import begun

MERGE_MESSAGE = "draft! merge"

_STAGE_ATTEMPTS = 3
MERGEABLE = (None, OutcomeKind.COMPLETE, OutcomeKind.LIMIT)
"""Outcomes of drafts that are merged without being named; None where the record is lost."""


@frozen
class Merge:
    """A merge that was done.

    Args:
        draft: what was merged.
        strategy: how.
        result: whether it is clean, or where the conflicts are.
        left_out: untracked files and nested repositories that no commit of ours holds.
        save: the ref that holds the user's files as they were before.
    """

    draft: Draft
    strategy: MergeStrategy
    result: MergeResult
    left_out: tuple[PurePosixPath, ...]
    save: str


def get_newest_unmerged(project: Project, folio: int) -> Draft:
    """Give the folio's draft with the highest number that has changes, is complete or at a limit, and is not merged.

    Raises:
        NoDraftError: where there is none.
    """
    records = Records(project)
    drafts = records.list_drafts([folio])
    merged = records.list_merged(folio, drafts)
    for draft in reversed(drafts):
        if draft.has_changes and draft.record.outcome in MERGEABLE and draft.name not in merged:
            return draft
    raise NoDraftError(f"folio {folio} has no draft to merge", hint='git draft "<prompt>"')


def merge_draft(project: Project, folio: Folio, draft: Draft, strategy: MergeStrategy) -> Merge:
    """Merge a draft of the folio that is checked out.

    Raises:
        FolioError: where it is of another folio, has no changes, or is merged already.
        OperationInProgressError: where another git operation is under way.
        ClobberError: where the merge would overwrite a file that no ref holds.
        GitCommandError: where git refuses because a file changed meanwhile.
    """
    _check_draft(project, folio, draft)
    project.repo.check_no_operation()
    project.workdir.check_index_lock()
    for _attempt in range(_STAGE_ATTEMPTS):
        snapshot = project.workdir.take_snapshot()
        target = _prepare_target(project, folio, snapshot, draft)
        result, _ = project.workdir.predict_merge(target, f"drafts/{draft.name}", strategy)
        check_clobber(project, snapshot, result, f"merging {draft.name}")
        project.objects.loosen(result, snapshot.tree)  # the same that git will write
        branch = BRANCHES + format_folio_branch(folio.number)
        extra = {"Draft": f"{draft.name} {draft.commit}", "Target": target, "Strategy": str(strategy)}
        with begun(project, folio, "merge", snapshot, extra) as operation:
            if not (project.workdir.stage(snapshot) and _move_branch(project, branch, snapshot.head, target)):
                operation.give_up()
                continue  # a file or HEAD changed since the snapshot
            operation.keep()
            merged = project.workdir.merge(f"drafts/{draft.name}", strategy, MERGE_MESSAGE)
            if merged.is_clean:
                advance_upstream_to_head(project, folio.number)
        return Merge(draft, strategy, merged, snapshot.left_out, operation.ref)
    raise RepoError("the files keep changing, nothing was merged", hint="run it again when they stand still")


def _move_branch(project: Project, branch: str, head: str, target: str) -> bool:
    try:
        project.refs.commit([RefUpdate("HEAD", branch, branch), RefUpdate(branch, head, target)], "draft: sync(merge)")
    except RefMovedError:
        return False
    return True


def advance_upstream_to_head(project: Project, folio: int) -> None:
    """Let the upstream of a folio name what its branch names."""
    upstream = BRANCHES + format_upstream(folio)
    branch = BRANCHES + format_folio_branch(folio)
    tip, old = project.refs.find(branch), project.refs.find(upstream)
    if tip and old and old != tip:
        project.refs.commit([RefUpdate(branch, tip, tip), RefUpdate(upstream, old, tip)], "draft: merged")


def _check_draft(project: Project, folio: Folio, draft: Draft) -> None:
    if draft.name.folio != folio.number:
        raise FolioError(
            f"draft {draft.name} is not of this folio, {folio.number}",
            hint=f"git switch {format_folio_branch(draft.name.folio)}",
        )
    if not draft.has_changes:
        raise FolioError(f"draft {draft.name} has no changes, there is nothing to merge")
    if Records(project).list_merged(folio.number, [draft]):
        raise FolioError(f"draft {draft.name} is merged already")


def _prepare_target(project: Project, folio: Folio, snapshot: Snapshot, draft: Draft) -> str:
    """Give the commit that the folio branch moves to before the merge: the user's state, on the draft's base."""
    objects, head = project.objects, snapshot.head
    base = find_base(project, head, draft)
    commit = objects.read_commit(base)
    if commit.message.startswith(SYNC_MARK) and commit.parents == (head,):
        head = base
    elif not objects.is_ancestor(base, head):
        return objects.write_commit(snapshot.tree, [head, base], f"{SYNC_MARK}merge)")
    return make_sync(project, folio.number, replace(snapshot, head=head), "merge")


def find_base(project: Project, head: str, draft: Draft) -> str:
    """Give the state that a draft's change stands on: its parent.

    Drafts that it goes on from and that are not merged are part of its change, so then it is the parent of the first.
    """
    commit = project.objects.read_commit(draft.parent)
    while (
        commit.message.startswith(PROMPT_MARK) and commit.parents and not project.objects.is_ancestor(commit.oid, head)
    ):
        commit = project.objects.read_commit(commit.parents[0])
    return commit.oid


def check_clobber(project: Project, snapshot: Snapshot, result: str, what: str) -> None:
    """See to it that putting a tree in place of the files of a snapshot writes over nothing that no ref holds.

    Args:
        project: the open repository.
        snapshot: the files of now.
        result: the id of the tree.
        what: what does it, for the message: ``merging 1/2``.

    Raises:
        ClobberError: where it would.
    """
    changed = project.objects.list_changed(snapshot.tree, result)
    recorded = project.objects.edit_tree(snapshot.tree)
    added = [path for path, letter in changed.items() if letter in "AT"]
    left_out = set(snapshot.left_out)
    inside = [path for path in added if not left_out.isdisjoint(path.parents)]
    if inside:  # once git records a file in there, it takes the folder for its own with all that is in it
        raise ClobberError(
            f"{what} would put files into a nested repository: {format_paths(inside)}",
            hint="move the nested repository away, or git submodule add it",
        )
    found = find_unrecorded(project.repo.toplevel, added, lambda path: recorded.find(path) is not None)
    if found:
        raise ClobberError(
            f"{what} would overwrite files that git does not record: {format_paths(found)}",
            hint="move them away, or git add -f them",
        )
    overlooked = [
        path for path in _list_overlooked(project) if path in changed and not _is_as_recorded(project, recorded, path)
    ]
    if overlooked:
        raise ClobberError(
            f"{what} would overwrite changes that git was told to overlook: {format_paths(overlooked)}",
            hint=f"git update-index --no-assume-unchanged --no-skip-worktree {shlex.quote(str(overlooked[0]))}",
        )


def _list_overlooked(project: Project) -> list[PurePosixPath]:
    """Give the files marked assume-unchanged or skip-worktree: no snapshot sees what is in them, and git writes over it."""
    lines = os.fsdecode(project.repo.run("ls-files", "-v", "-z").stdout).split("\0")
    return [PurePosixPath(line[2:]) for line in lines if line and (line[0].islower() or line[0] == "S")]


def _is_as_recorded(project: Project, recorded: TreeEditor, path: PurePosixPath) -> bool:
    if not os.path.lexists(project.repo.toplevel / path):
        return True
    entry = recorded.find(path)
    hashed = project.repo.run("hash-object", "--", str(path), check=False).stdout.decode().strip()
    return entry is not None and entry.oid == hashed


def format_paths(paths: Iterable[PurePosixPath], most: int = 5) -> str:
    """Name some paths on one line."""
    listed = [str(path) for path in paths]
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")
