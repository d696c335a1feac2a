"""The columns of the index that statistics are made of: what each draft's note said, and whether it is merged.

They are filled when somebody asks, so that landing a draft does not pay for it. Typed queries and nothing else, as in
`store.py`. Called by figures.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from git_draft.model import DraftName, Record
from git_draft.rows import TallyRow
from git_draft.store import Store

_COLUMNS = ", ".join(TallyRow._fields)


def list_tallies(store: Store) -> list[TallyRow]:
    """Give what is known of all drafts, by number; of those that `list_untold` gives little is."""
    rows = store.execute(f"SELECT {_COLUMNS} FROM drafts ORDER BY folio, number")  # noqa: S608  # names of our own
    return list(map(TallyRow._make, rows))


def list_untold(store: Store) -> list[tuple[DraftName, str]]:
    """Give the drafts whose note was not read into the columns, with its text."""
    rows = store.execute("SELECT folio, number, note FROM drafts WHERE NOT is_tallied")
    return [(DraftName(folio, number), note) for folio, number, note in rows]


def tally_draft(store: Store, record: Record) -> None:
    """Note what a draft's record says."""
    usage = record.usage
    values = {
        "folio": record.draft.folio,
        "number": record.draft.number,
        "bot": record.bot,
        "model": record.model,
        "template": record.template,
        "outcome": record.outcome and str(record.outcome),
        "part_of": record.part_of,
        "started_s": record.started and record.started.timestamp(),
        "walltime_s": None if record.walltime is None else record.walltime.total_seconds(),
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "tokens_cached": usage.tokens_cached,
        "cost_usd": None if usage.cost_usd is None else str(usage.cost_usd),
    }
    changes = ", ".join(f"{name} = :{name}" for name in list(values)[2:])
    store.execute(
        f"UPDATE drafts SET is_tallied = 1, {changes} WHERE folio = :folio AND number = :number",  # noqa: S608  # likewise
        values,
    )


def note_merged(store: Store, folio: int, tip: str | None, merged: Collection[int]) -> None:
    """Note which of a folio's drafts its last commit has; None for a folio that has none any more."""
    store.execute(
        "UPDATE drafts SET merged_tip = ?, is_merged = number IN (SELECT value FROM json_each(?)) WHERE folio = ?",
        (tip, json.dumps(list(merged)), folio),
    )
