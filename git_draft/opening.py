"""A tree opened for a bot: the worktree with the limits that the user's state sets.

The rules are read once for a run, from the snapshot and the user's git, never from what a bot made. Called by
the drafter, and by the cli to read `--only`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from git_draft.draftignore import NAME, DraftIgnore
from git_draft.errors import ConfigError, UsageError
from git_draft.events import Warned
from git_draft.git.attributes import find_unset
from git_draft.git.snapshots import Snapshot
from git_draft.paths import find_fault
from git_draft.pathspecs import Only, Pathspec, parse_only
from git_draft.project import Project
from git_draft.protocols import Feedback
from git_draft.secrets import looks_secret
from git_draft.withholding import ATTRIBUTE, BY_NAME, Withholding
from git_draft.worktree import TreeWorktree


def get_only(project: Project, texts: Sequence[str], folder: Path) -> Only | None:
    """Read what `--only` says; give None where it was not said.

    Args:
        project: the open repository.
        texts: pathspecs as they were written.
        folder: the current folder.

    Raises:
        UsageError: where one is no pathspec, or means nothing that a bot could write.
    """
    top = project.repo.toplevel
    only = parse_only(texts, PurePosixPath(folder.resolve().relative_to(top.resolve())), top)
    for pathspec in only.wanted if only else ():
        if (fault := _find_fault(pathspec, top)) is not None:
            raise UsageError(f"--only {pathspec.text}: no bot can write there: {fault}")
    if only and only.is_contradiction():
        raise UsageError("--only excludes all that it names")
    return only


def _find_fault(pathspec: Pathspec, top: Path) -> str | None:
    """Find why no file, also no new one, that a pathspec means could be written."""
    start = pathspec.start
    if start is None:
        return None
    named = str(start) if pathspec.regex else os.fsdecode(pathspec.path).rstrip("/")
    if (fault := find_fault(named)) is not None:
        return fault
    if named != str(start):  # git takes what begins at the top as it is
        return f"{named!r}: no empty, '.' or '..' parts"
    if looks_secret(start) and not pathspec.is_folder and not (top / start).is_dir():
        return BY_NAME
    folders = [*reversed(start.parents)][1:] + ([start] if pathspec.is_folder else [])
    for folder in folders:
        if (top / folder).is_symlink() or (top / folder).is_file():
            return f"{folder} is no folder"
    return f"{start} is a symbolic link" if (top / start).is_symlink() else None


def take_snapshot(project: Project) -> Snapshot:
    """Take a snapshot for bots: one that tells where the rules are which `read_rules` reads.

    Raises:
        GitCommandError: where git can't read a file.
        OperationInProgressError: where the index holds conflicts.
        RepoError: where HEAD does not stand still.
    """
    return project.workdir.take_snapshot(name=NAME)


def read_rules(project: Project, snapshot: Snapshot) -> Withholding:
    """Read which files are withheld from bots; once for all runs on a snapshot, since it asks git about every file.

    Args:
        project: the open repository.
        snapshot: the user's state, by `take_snapshot`; its rules count, whatever the tree says that a bot works on.

    Raises:
        ConfigError: where a `.draftignore` can't be read.
    """
    return Withholding(_read_ignore(project, snapshot), partial(find_unset, project.repo, ATTRIBUTE))


def open_worktree(
    project: Project,
    snapshot: Snapshot,
    tree: str,
    feedback: Feedback,
    *,
    rules: Withholding,
    only: Only | None = None,
) -> TreeWorktree:
    """Open a tree for a bot.

    Args:
        project: the open repository.
        snapshot: the user's state.
        tree: what the bot works on.
        feedback: told what is read and written.
        rules: which files are withheld.
        only: where the bot may write; None for everywhere.
    """
    worktree = TreeWorktree(
        project.objects,
        tree,
        feedback,
        untracked=snapshot.untracked,
        withholding=rules,
        only=only,
        index_path=project.state_dir / "words.sqlite3",
        checkouts=project.checkouts,
    )
    for text in only.list_idle(worktree.list_files()) if only else ():
        feedback.emit(Warned(message=f"--only {text} is no file yet; new ones can be written there"))
    return worktree


def _read_ignore(project: Project, snapshot: Snapshot) -> DraftIgnore:
    editor = project.objects.edit_tree(snapshot.tree)
    texts = {}
    assert snapshot.named is not None  # noqa: S101  # else rules would be passed by without a word
    for path in snapshot.named:
        entry = editor.find(path)
        if entry is None or not entry.is_file:
            raise ConfigError(f"{path} is no plain file, so what it withholds can't be known", hint=f"rm {path}")
        texts[path.parent] = editor.read(entry)
    on_disk = project.repo.toplevel / NAME  # git may ignore it, by info/exclude for example
    if PurePosixPath() not in texts and on_disk.is_file():
        texts[PurePosixPath()] = on_disk.read_bytes()
    return DraftIgnore(texts, ignores_case=project.repo.config.get_bool("core.ignoreCase"))
