"""What `git draft list` shows: folios, their drafts newest first, runs under way or interrupted; as lines and JSON.

Pure functions from values to text. `looking.py` finds the values and prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from git_draft.cli.paging import Paint, leave_plain
from git_draft.cli.render import (
    clean,
    format_age,
    format_changes,
    format_count,
    format_tokens,
    make_draft_json,
)
from git_draft.columns import fit_columns, measure_columns
from git_draft.frozen import frozen
from git_draft.model import Draft, DraftName, Folio, OutcomeKind, format_cost
from git_draft.rows import RunRow

if TYPE_CHECKING:
    from git_draft.outlook import Outlook

_LEAST_TITLE_COLUMNS = 20
_NAME, _TITLE, _WHO, _USED, _STATE, _AGE = 0, 1, 3, 4, 5, 6
"""Where these cells stand in a row."""
_IS_GOOD = re.compile(r"(?:(?:merged|part of \S+|merges cleanly)(?:, |$))*")


@frozen
class Listing:
    """What is listed.

    Args:
        folios: each with its drafts, both by number.
        merged: the drafts that are merged.
        active: the number of the folio that is checked out here.
        were_quit: the numbers of folios whose state at quit is kept.
        runs: runs under way, and interrupted ones whose prompt nothing has followed.
        now: the present moment, for ages.
        is_cut: whether there are more folios than these.
        odd: refs that are named like drafts and hold none.
        outlooks: what merging a draft would do, as far as that was tried.
    """

    folios: Sequence[tuple[Folio, Sequence[Draft]]]
    merged: set[DraftName]
    active: int | None
    were_quit: set[int]
    runs: Sequence[RunRow]
    now: datetime
    is_cut: bool
    odd: Sequence[str] = ()
    outlooks: Mapping[DraftName, Outlook] = field(default_factory=dict)

    def list_unmerged(self) -> list[Draft]:
        """Give the drafts that have something to merge, in the order in which they are shown."""
        shown = (draft for _, drafts in reversed(self.folios) for draft in reversed(drafts))
        return [draft for draft in shown if draft.has_changes and draft.name not in self.merged]


def format_listing(listing: Listing, columns: int, paint: Paint = leave_plain) -> Iterable[str]:
    """Write folios and their drafts, newest first.

    Args:
        listing: what is listed.
        columns: how wide the terminal is; 0 for as wide as needed.
        paint: colours a text, or does not.
    """
    for folio, drafts in reversed(listing.folios):
        origin = clean(folio.origin) if folio.origin else "a branch not known"
        yield paint(f"folio {folio.number} on {origin} ({_describe_state(folio, listing)})", "head")
        for run in reversed(listing.runs):
            if run.folio == folio.number:
                state = "interrupted" if run.is_interrupted else f"run {run.id} running"
                line = f"  {state}: {clean(run.prompt)} ({run.bot}, {format_age(run.started, listing.now)})"
                yield fit_columns(line, columns) if columns else line
        newest = list(reversed(drafts))
        for draft, row in zip(
            newest, _format_rows([_make_row(each, listing) for each in newest], columns, paint), strict=True
        ):
            yield row
            if draft.record.question:
                yield paint(f"       question: {clean(draft.record.question)}", "asked")


def _describe_state(folio: Folio, listing: Listing) -> str:
    if folio.is_open:
        return "active" if folio.number == listing.active else "open"
    return "quit" if folio.number in listing.were_quit else "closed"  # its branch was removed by hand


def _make_row(draft: Draft, listing: Listing) -> tuple[str, ...]:
    record = draft.record
    is_said = record.outcome in (None, OutcomeKind.COMPLETE, OutcomeKind.NO_CHANGE)  # by the changes
    states = ["merged"] if draft.name in listing.merged else []
    states += [] if is_said else [str(record.outcome)]
    states += [f"part of {record.part_of}"] if record.part_of else []
    outlook = listing.outlooks.get(draft.name)
    states += [_describe_outlook(outlook)] if outlook else []
    age = format_age(record.started, listing.now) if record.started else ""
    usage = record.usage
    used = format_tokens(usage) if usage.cost_usd is None else format_cost(usage.cost_usd)
    who = f"{record.bot} ({record.model})" if record.bot and record.model else record.bot or record.model or ""
    title, changes = clean(draft.title), format_changes(record.changes)
    return str(draft.name), title, changes, clean(who), used, ", ".join(states), age


def _describe_outlook(outlook: Outlook) -> str:
    if outlook.blocked:
        more = f" and {len(outlook.blocked) - 1} more" if outlook.blocked[1:] else ""
        return f"blocked by {clean(str(outlook.blocked[0]))}{more}"
    if outlook.conflicts:
        return f"conflicts in {format_count(len(outlook.conflicts), 'file')}"
    return "merges cleanly"


def _measure_row(widths: Sequence[int], *, but: int | None = None) -> int:
    """Give how wide rows are with two columns before each cell; `but` counts as a cell without text."""
    return sum((0 if number == but else width) + 2 for number, width in enumerate(widths) if width)


def _format_rows(rows: Sequence[tuple[str, ...]], columns: int, paint: Paint) -> Iterable[str]:
    widths = [max(map(measure_columns, column)) for column in zip(*rows, strict=True)]
    for number in (_WHO, _USED):  # give way before anything is cut
        if widths and 0 < columns <= _measure_row(widths):
            widths[number] = 0
    if widths and 0 < columns <= _measure_row(widths):
        room = columns - 1 - _measure_row(widths, but=_TITLE)
        widths[_TITLE] = min(widths[_TITLE], max(_LEAST_TITLE_COLUMNS, room))
    for row in rows:
        styles = {_NAME: "name", _STATE: "good" if _IS_GOOD.fullmatch(row[_STATE]) else "bad", _AGE: "faint"}
        last = max(number for number, (text, width) in enumerate(zip(row, widths, strict=True)) if text and width)
        cells = []
        for number, (text, width) in enumerate(zip(row[: last + 1], widths, strict=False)):
            fitted = fit_columns(text, width)
            shown = paint(fitted, styles[number]) if number in styles else fitted
            cells += [shown + " " * (width - measure_columns(fitted) if number < last else 0)] if width else []
        yield "  " + "  ".join(cells)


def make_listing_json(listing: Listing) -> dict[str, object]:
    """Give the listing as JSON values."""
    return {
        "folios": [
            {
                "folio": folio.number,
                "origin": folio.origin,
                "open": folio.is_open,
                "active": folio.number == listing.active,
                "drafts": [_make_draft_json(draft, listing) for draft in drafts],
            }
            for folio, drafts in listing.folios
        ],
        "runs": [_make_run_json(run) for run in listing.runs if not run.is_interrupted],
        "interrupted": [_make_run_json(run) for run in listing.runs if run.is_interrupted],
    }


def _make_draft_json(draft: Draft, listing: Listing) -> dict[str, object]:
    values = make_draft_json(draft, merged=draft.name in listing.merged)
    outlook = listing.outlooks.get(draft.name)
    if outlook:
        conflicts, blocked = ([str(path) for path in paths] for paths in (outlook.conflicts, outlook.blocked))
        values["merges"] = {"clean": not conflicts and not blocked, "conflicts": conflicts, "blocked": blocked}
    return values


def _make_run_json(run: RunRow) -> dict[str, object]:
    return {"run": run.id, "folio": run.folio, "bot": run.bot, "prompt": run.prompt, "started": run.started.isoformat()}
