"""Save refs: the user's state before a merge or a quit, as ``refs/drafts-undo/<folio>/<k>``.

A save is shaped like the stash of ``git stash -u``: its tree is the working state, its parents are HEAD, a commit of the
index, and a commit of the files that were untracked. The third adds up over a folio, since quit makes them untracked
again. The message holds the values of the refs. Called by merging and quitting; undoing is not in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from git_draft.git.refs import UNDO, RefUpdate
from git_draft.git.repo import BRANCHES
from git_draft.git.tree import EMPTY_TREE
from git_draft.git.workdir import Snapshot
from git_draft.project import Project

KEPT_SAVES = 20


def list_saves(project: Project, folio: int) -> list[tuple[int, str]]:
    """Give number and commit of each save of a folio, oldest first."""
    saves = []
    for ref in project.refs.iter_names(f"{UNDO}{folio}/"):
        last = ref.rpartition("/")[2]
        commit = project.refs.find(ref)
        if last.isdecimal() and commit:
            saves.append((int(last), commit))
    return sorted(saves)


def find_saved_upstream(project: Project, folio: int) -> str | None:
    """Find the commit that the upstream named when the folio's last save was made; None where a quit made it."""
    saves = list_saves(project, folio)
    lines = project.objects.read_commit(saves[-1][1]).message.splitlines() if saves else []
    if "Operation: merge" not in lines:
        return None
    return next((line.rpartition(" ")[2] for line in lines if line.startswith("Upstream: ")), None)


def list_absorbed(project: Project, folio: int) -> list[PurePosixPath]:
    """Give the files that were untracked when a save of the folio was made, and that a merge has recorded since."""
    saves = list_saves(project, folio)
    if not saves:
        return []
    parents = project.objects.read_commit(saves[-1][1]).parents
    tree = project.objects.read_commit(parents[2]).tree
    return [path for path, _ in project.objects.edit_tree(tree).iter_files()]


def save_state(
    project: Project, folio: int, operation: str, snapshot: Snapshot, index_tree: str, extra: Mapping[str, str]
) -> str:
    """Keep the user's state before an operation; give the ref that does.

    Args:
        project: the open repository.
        folio: the folio's number.
        operation: ``merge`` or ``quit``.
        snapshot: the working state.
        index_tree: the id of the tree that the index holds.
        extra: further lines for the message, refs and their old values for example.
    """
    objects = project.objects
    saves = list_saves(project, folio)
    number = saves[-1][0] + 1 if saves else 1
    head = snapshot.head
    index = objects.write_commit(index_tree, [head], f"draft! index({operation})")
    untracked_tree = _write_untracked(project, snapshot, list_absorbed(project, folio))
    untracked = objects.write_commit(untracked_tree, [], f"draft! untracked({operation})")
    lines = {"Operation": operation, "Head-branch": BRANCHES + snapshot.branch, **extra}
    message = f"draft! save({operation})\n\n" + "".join(f"{key}: {value}\n" for key, value in lines.items())
    save = objects.write_commit(snapshot.tree, [head, index, untracked], message)
    ref = f"{UNDO}{folio}/{number}"
    project.refs.commit([RefUpdate(ref, None, save)], f"draft: save before {operation}")
    for old, commit in saves[: max(0, len(saves) + 1 - KEPT_SAVES)]:
        project.refs.commit([RefUpdate(f"{UNDO}{folio}/{old}", commit, None)], "draft: forget an old save")
    return ref


def forget_save(project: Project, ref: str) -> None:
    """Remove the save of an operation that was given up before it changed anything."""
    project.refs.commit([RefUpdate(ref, project.refs.find(ref), None)], "draft: given up")


def _write_untracked(project: Project, snapshot: Snapshot, absorbed: Sequence[PurePosixPath]) -> str:
    present = project.objects.edit_tree(snapshot.tree)
    editor = project.objects.edit_tree(EMPTY_TREE)
    for path in {*absorbed, *snapshot.untracked}:
        entry = present.find(path)
        if entry:
            editor.put(path, entry)
    return editor.write_tree()
