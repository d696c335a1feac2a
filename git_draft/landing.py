"""A finished run becomes a draft: commit, note, ref, upstream, index, in this order.

An orphan note is harmless, a draft without a record is not: hence the note before the ref. Numbers are taken here, by
exclusive creation of the ref, so that runs at the same time both land. Called by the drafter.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import PurePosixPath

from git_draft.columns import shorten
from git_draft.errors import RefLockedError, RefMovedError, StoreError
from git_draft.folios import make_sync
from git_draft.git.notes import format_note
from git_draft.git.refs import RefUpdate, format_draft_ref, format_upstream
from git_draft.git.repo import BRANCHES
from git_draft.git.snapshots import Snapshot
from git_draft.git.tree import MODE_EXECUTABLE, TreeEditor
from git_draft.model import PROMPT_TITLE_COLUMNS, Draft, DraftName, Record
from git_draft.project import Project
from git_draft.records import PROMPT_MARK, Records, make_draft
from git_draft.runnable import is_runnable

_LAND_ATTEMPTS = 200


def land_draft(
    project: Project, snapshot: Snapshot, onto: Draft | None, tree: str, prompt: str, title: str | None, record: Record
) -> Draft:
    """Make the draft.

    Args:
        project: the open repository.
        snapshot: the user's state when the run began.
        onto: the draft that this one goes on from, None for the snapshot's state.
        tree: the id of the tree that the bot left.
        prompt: the whole prompt.
        title: one line from the bot, None for the prompt shortened.
        record: what is known of the run; the draft's number in it is found here.
    """
    parent = onto.commit if onto else make_sync(project, record.draft.folio, snapshot, "prompt")
    subject = shorten(title, 200) if title and title.strip() else shorten(prompt, PROMPT_TITLE_COLUMNS)
    text = prompt if prompt.endswith("\n") else prompt + "\n"
    return land_commit(project, parent, tree, f"{PROMPT_MARK}{subject}\n\n{text}", record)


def land_commit(project: Project, parent: str, tree: str, message: str, record: Record) -> Draft:
    """Make a draft of a tree: commit, note, ref.

    Args:
        project: the open repository.
        parent: the id of the commit that it changes.
        tree: the id of the tree.
        message: of the commit.
        record: what is known of it; the draft's number in it is found here.

    Raises:
        RefLockedError: where other processes keep taking what it would be.
    """
    folio = record.draft.folio
    for _attempt in range(_LAND_ATTEMPTS):
        commit = project.objects.write_commit(tree, [parent], message, is_new=True)
        name = _find_next(project, folio)
        if _add_note(project, commit, replace(record, draft=name), is_first=True):
            break  # else another process made the very same commit in this second: the next one is ours
    else:
        raise RefLockedError("can't record the draft: other processes keep writing the same one")
    name = _take_number(project, commit, name, record)
    return make_draft(name, commit, parent, message, format_note(record))


def enter_draft(project: Project, draft: Draft) -> None:
    """Let upstream and index know of a draft that was made; what fails here, the next command sees to.

    Raises:
        RefLockedError: where the upstream is locked.
        RepoError: where git clears away what notes lead to.
        StoreError: where the index can't be written.
    """
    try:
        advance_upstream(project, draft.name.folio, draft.commit)
    finally:
        project.store.add_draft(Records(project).read_row(draft.name, draft.commit))


def list_runnable(project: Project, before: str, after: str) -> tuple[PurePosixPath, ...]:
    """Give the files that run code, or tell a program what to run, of those that a change of trees adds or changes."""
    old, new = project.objects.edit_tree(before), project.objects.edit_tree(after)

    def is_executable(tree: TreeEditor, path: PurePosixPath) -> bool:
        entry = tree.find(path)
        return entry is not None and entry.mode == MODE_EXECUTABLE

    changed = project.objects.list_changed(before, after)
    there = (path for path, letter in changed.items() if letter != "D")
    return tuple(
        path for path in there if is_runnable(path) or (is_executable(new, path) and not is_executable(old, path))
    )


def _find_next(project: Project, folio: int) -> DraftName:
    return DraftName(folio, 1 + max((name.number for name, _ in project.refs.iter_drafts([folio])), default=0))


def _add_note(project: Project, commit: str, record: Record, *, is_first: bool = False) -> bool:
    tips = project.notes.add(commit, format_note(record), replace=not is_first)
    if tips:
        with contextlib.suppress(StoreError):  # then the notes are read again
            project.store.advance_notes_tip(*tips)
    return tips is not None


def _take_number(project: Project, commit: str, name: DraftName, record: Record) -> DraftName:
    for _attempt in range(_LAND_ATTEMPTS):
        with contextlib.suppress(RefMovedError):  # taken meanwhile: the next one
            project.refs.commit([RefUpdate(format_draft_ref(name), None, commit)], f"draft: {name}")
            return name
        name = _find_next(project, name.folio)
        _add_note(project, commit, replace(record, draft=name))
    raise RefLockedError(f"can't take a draft number in folio {name.folio}")


def advance_upstream(project: Project, folio: int, commit: str) -> None:
    """Let the upstream of a folio name a draft; one that is gone, since the folio was quit, is not made again."""
    ref = BRANCHES + format_upstream(folio)
    for _attempt in range(_LAND_ATTEMPTS):
        now = project.refs.find(ref)
        if now is None:
            return
        with contextlib.suppress(RefMovedError):
            project.refs.commit([RefUpdate(ref, now, commit)], "draft: landed")
            return
