"""What a draft would send, to whom, and what would be withheld: all found out, and nothing sent, recorded or moved.

Called by the drafter; how it is shown is the cli's.
"""

from __future__ import annotations

import asyncio
from pathlib import PurePosixPath

from git_draft.errors import BotError
from git_draft.frozen import frozen
from git_draft.git.snapshots import Snapshot
from git_draft.model import Explanation, Goal
from git_draft.opening import open_worktree, read_rules, take_snapshot
from git_draft.pathspecs import Only
from git_draft.project import Project
from git_draft.protocols import Bot, Explaining, Feedback


@frozen
class Explained:
    """What would happen.

    Args:
        sent: what would be sent, and where.
        withheld: paths, with the reason for each.
        snapshot: the state that the run would start from.
        only: where the bot might write, None for everywhere.
        has_guidance: whether an AGENTS.md is part of it.
    """

    sent: Explanation
    withheld: tuple[tuple[PurePosixPath, str], ...]
    snapshot: Snapshot
    only: Only | None
    has_guidance: bool


def explain_run(
    project: Project, feedback: Feedback, bot: Bot, goal: Goal, tree: str | None, only: Only | None
) -> Explained:
    """Find out what a run would send first.

    Args:
        project: the open repository.
        feedback: told what is read, and what the bot warns of.
        bot: who would be asked.
        goal: what would be asked.
        tree: what it would work on; None for the user's state.
        only: where the bot might write, None for everywhere.

    Raises:
        BotError: where the bot can't tell.
    """
    if not isinstance(bot, Explaining):
        raise BotError(
            "this bot can't tell what it would send", hint="git draft events, after a draft, tells what it read"
        )
    snapshot = take_snapshot(project)
    rules = read_rules(project, snapshot)
    worktree = open_worktree(project, snapshot, tree or snapshot.tree, feedback, rules=rules, only=only)
    sent = asyncio.run(bot.explain(goal, worktree, feedback))
    withheld = tuple(worktree.list_withheld())
    return Explained(sent, withheld, snapshot, only, has_guidance=worktree.read_guidance() is not None)
