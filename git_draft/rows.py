"""What the index holds, row by row, as `store.py` gives it: drafts, runs, locks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from git_draft.model import DraftName


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as the index holds it.

    Args:
        name: its name.
        oid: the id of its commit.
        parent: the id of that commit's parent.
        message: the whole commit message.
        note: the text of its note, empty where it has none.
        sync_head: the id of the sync commit's own parent, where the parent is a sync commit with one parent.
        sync_tree: the id of the sync commit's tree, likewise.
    """

    name: DraftName
    oid: str
    parent: str
    message: str
    note: str
    sync_head: str | None = None
    sync_tree: str | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, under way or ended.

    Args:
        id: its number in the index.
        pid: the process that does it, with `start` as `processes.read_start` gives it.
        folio: the folio that its draft goes to.
        prompt: the whole prompt.
        bot: the bot's name.
        base: the id of the commit that it was asked on.
        tree: the id of the tree that it started from.
        started: when.
        outcome: how it ended; None while it is under way.
        number: the draft of its folio that it made.
    """

    id: int
    pid: int
    start: str
    folio: int
    prompt: str
    bot: str
    base: str
    tree: str
    started: datetime
    outcome: str | None = None
    number: int | None = None

    @property
    def is_interrupted(self) -> bool:
        """Whether it has ended since it was killed or stopped."""
        return self.outcome == "interrupted"


@dataclass(frozen=True, slots=True)
class LockRow:
    """Refs that a process said it is locking.

    Args:
        id: its number in the index.
        pid: the process, with `start` as `processes.read_start` gives it.
        refs: full names.
        since_s: when, in seconds since the epoch.
    """

    id: int
    pid: int
    start: str
    refs: tuple[str, ...]
    since_s: float
