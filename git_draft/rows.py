"""What the index holds, row by row, as `store.py` and `tallies.py` give it: drafts, runs, locks, tallies."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from git_draft.frozen import frozen
from git_draft.model import DraftName


@frozen
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


@frozen
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


@frozen
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


class TallyRow(NamedTuple):
    """What statistics need of a draft; a plain tuple, since there may be ten thousand of them.

    Args:
        folio: the number of its folio.
        number: its number within the folio.
        oid: the id of its commit.
        bot: the bot's name, None where it is not known, as in all that follow.
        model: the model's name.
        template: the template of its prompt.
        outcome: how its run ended.
        part_of: the name of the draft that it is a part of.
        started_s: when its run began, in seconds since the epoch.
        walltime_s: how long it ran, in seconds.
        tokens_in: tokens sent.
        tokens_out: tokens received.
        tokens_cached: the part of `tokens_in` that came from the server's cache.
        cost_usd: in US dollars, as text, since a float would not be exact.
        merged_tip: the last commit of its folio when `is_merged` was found out.
        is_merged: whether that commit had it.
    """

    folio: int
    number: int
    oid: str
    bot: str | None = None
    model: str | None = None
    template: str | None = None
    outcome: str | None = None
    part_of: str | None = None
    started_s: float | None = None
    walltime_s: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_cached: int | None = None
    cost_usd: str | None = None
    merged_tip: str | None = None
    is_merged: int = 0
