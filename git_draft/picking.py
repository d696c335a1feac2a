"""A part of a draft becomes a draft of its own: some of its paths, or the hunks that the user chooses.

Git does the choosing, on an index that holds what the draft started from; the user's own is not touched. The part has the
draft's own parent, so it is merged as any other, and merging the whole later works too. Called by the drafter.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from git_draft import __version__
from git_draft.errors import AbortError, FolioError, GitCommandError
from git_draft.git.program import first_line
from git_draft.git.scratch import ScratchIndexes
from git_draft.landing import enter_draft, land_commit
from git_draft.model import Draft, DraftName, OutcomeKind, Record
from git_draft.project import Project
from git_draft.records import PROMPT_MARK


def pick_part(
    project: Project, draft: Draft, paths: Sequence[str], folder: Path, now: datetime, *, by_hunks: bool
) -> Draft:
    """Make a draft of a part of another one.

    Args:
        project: the open repository.
        draft: the whole.
        paths: pathspecs as git reads them; without any, all paths.
        folder: the current folder, which pathspecs start from.
        now: the present moment.
        by_hunks: whether git asks for each hunk, on the terminal.

    Raises:
        FolioError: where the part is nothing, or all of it.
        GitCommandError: where git knows no such path.
        AbortError: where the user chose nothing.
    """
    objects = project.objects
    before, whole = objects.read_commit(draft.parent).tree, objects.read_commit(draft.commit).tree
    tree = _choose(project, draft, before, paths, folder, by_hunks=by_hunks)
    if tree == before and by_hunks:
        raise AbortError("nothing was picked, no draft was made")
    if tree == before:
        raise FolioError(
            f"draft {draft.name} changes nothing in these paths", hint=f"git draft show --stat {draft.name}"
        )
    if tree == whole:
        raise FolioError(f"that is all of draft {draft.name}", hint=f"git draft merge {draft.name}")
    record = Record(
        draft=DraftName(draft.name.folio, 1),
        origin=draft.record.origin,
        bot=draft.record.bot,
        model=draft.record.model,
        template=draft.record.template,
        base=draft.record.base,
        outcome=OutcomeKind.COMPLETE,
        started=now,
        changes=objects.count_changes(before, tree),
        part_of=str(draft.name),
        recorded_by=f"git-draft {__version__}",
    )
    message = f"{PROMPT_MARK}{draft.title}\n\n{draft.prompt}\n"
    part = land_commit(project, draft.parent, tree, message, record)
    enter_draft(project, part)
    return part


def _choose(project: Project, draft: Draft, before: str, paths: Sequence[str], folder: Path, *, by_hunks: bool) -> str:
    """Give the tree of what is chosen."""
    repo = project.repo
    words = ["-C", str(folder), "restore", "--staged", f"--source={draft.commit}"]
    with ScratchIndexes(repo, project.state_dir / "tmp").of_tree(before) as env:
        if by_hunks:
            if status := repo.run_in_terminal(*words, "--patch", "--", *paths, env=env):
                raise GitCommandError("git restore failed, no draft was made", status=status)
        else:
            done = repo.run(*words, "--", *paths, env=env, check=False)
            if done.returncode:
                raise GitCommandError(first_line(os.fsdecode(done.stderr)), hint=f"git draft show --stat {draft.name}")
        return repo.run("write-tree", env=env).stdout.decode().strip()
