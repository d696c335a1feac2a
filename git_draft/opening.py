"""A tree opened for a bot: the worktree with the limits that the user's state sets.

The rules are read once for a run, from the snapshot and the user's git, never from what a bot made. Called by the drafter.
"""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath

from git_draft.draftignore import NAME, DraftIgnore
from git_draft.errors import ConfigError
from git_draft.git.attributes import find_unset
from git_draft.git.workdir import Snapshot
from git_draft.project import Project
from git_draft.protocols import Feedback
from git_draft.withholding import ATTRIBUTE, Withholding
from git_draft.worktree import TreeWorktree


def open_worktree(project: Project, snapshot: Snapshot, tree: str, feedback: Feedback) -> TreeWorktree:
    """Open a tree for a bot.

    Args:
        project: the open repository.
        snapshot: the user's state; its rules count, whatever the tree says.
        tree: what the bot works on.
        feedback: told what is read and written.

    Raises:
        ConfigError: where a `.draftignore` can't be read.
    """
    return TreeWorktree(
        project.objects,
        tree,
        feedback,
        untracked=snapshot.untracked,
        withholding=Withholding(_read_ignore(project, snapshot), partial(find_unset, project.repo, ATTRIBUTE)),
        index_path=project.state_dir / "words.sqlite3",
    )


def _read_ignore(project: Project, snapshot: Snapshot) -> DraftIgnore:
    editor = project.objects.edit_tree(snapshot.tree)
    texts = {}
    for path, entry in editor.iter_named(NAME):
        if not entry.is_file:
            raise ConfigError(f"{path} is no plain file, so what it withholds can't be known", hint=f"rm {path}")
        texts[path.parent] = editor.read(entry)
    on_disk = project.repo.toplevel / NAME  # git may ignore it, by info/exclude for example
    if PurePosixPath() not in texts and on_disk.is_file():
        texts[PurePosixPath()] = on_disk.read_bytes()
    return DraftIgnore(texts, ignores_case=project.repo.config.get_bool("core.ignoreCase"))
