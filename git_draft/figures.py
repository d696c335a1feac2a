"""Statistics: how many drafts were merged, changed nothing or failed, what they took in tokens, money and time.

The index is brought in agreement with refs and notes first. A draft that was picked from another is no draft of its
own here; where it is merged, the one it is a part of counts as merged. Called by the cli.
"""

from __future__ import annotations

import enum
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from git_draft.frozen import frozen
from git_draft.git.notes import parse_note
from git_draft.git.refs import DRAFTS, format_final_ref, format_folio_branch, parse_draft_ref
from git_draft.git.repo import BRANCHES
from git_draft.model import OutcomeKind
from git_draft.project import Project
from git_draft.records import Records
from git_draft.rows import TallyRow
from git_draft.tallies import list_tallies, list_untold, note_merged, tally_draft


class By(enum.StrEnum):
    """What drafts are grouped by."""

    BOT = "bot"
    MODEL = "model"
    TEMPLATE = "template"
    DAY = "day"


@frozen
class Figures:
    """Statistics of a group of drafts; of what is known of none of them there is None.

    Args:
        name: what they have in common, None where that is not known, or for all drafts.
        drafts: how many there are.
        folios: how many folios they are in.
        merged: how many of them are merged, whole or in part.
        outcomes: how many runs ended how.
        tokens_in: tokens sent, summed, as are the next three.
        tokens_out: tokens received.
        tokens_cached: tokens of `tokens_in` that came from a server's cache.
        cost_usd: in US dollars.
        median_s: seconds that half of the runs were within.
        p90_s: seconds that nine of ten were within.
        first: when the first run began, aware.
        last: when the last run began, aware.
    """

    name: str | None
    drafts: int
    folios: int
    merged: int
    outcomes: Mapping[OutcomeKind, int]
    tokens_in: int | None
    tokens_out: int | None
    tokens_cached: int | None
    cost_usd: Decimal | None
    median_s: float | None
    p90_s: float | None
    first: datetime | None
    last: datetime | None


def collect_tallies(project: Project, since: datetime | None = None) -> list[TallyRow]:
    """Find what statistics are made of: a row for each draft that was not picked from another, merged in part or not.

    Args:
        project: the open repository.
        since: only drafts whose run began then or later.
    """
    held = dict(project.refs.iter_below(DRAFTS, f"{BRANCHES}draft/"))
    rows = {f"{row.folio}/{row.number}": row for row in _read_rows(project, held)}
    merged = {name for name, row in rows.items() if row.is_merged}
    wholes = {name: row.part_of for name, row in rows.items() if row.part_of}
    for name in merged & wholes.keys():
        whole: str | None = wholes[name]
        while whole and whole not in merged:
            merged.add(whole)
            whole = wholes.get(whole)
    first_s = since.timestamp() if since else 0.0
    return [
        row._replace(is_merged=1) if not row.is_merged and name in merged else row
        for name, row in rows.items()
        if not row.part_of and (since is None or (row.started_s or 0.0) >= first_s)
    ]


def _read_rows(project: Project, held: Mapping[str, str]) -> list[TallyRow]:
    """Give the rows of all drafts there are; what the index lacks is put into it first.

    Args:
        project: the open repository.
        held: what the refs of drafts and folio branches hold.
    """
    store = project.store
    rows = _name_rows(list_tallies(store))
    is_changed = not _is_agreed(project, held, rows)
    if is_changed:
        Records(project).survey_drafts()
    untold = list_untold(store)
    if untold:
        with store.transaction():
            for name, note in untold:
                tally_draft(store, parse_note(note, name))
    if is_changed or untold:
        rows = _name_rows(list_tallies(store))
    return _look_for_merged(project, held, [row for ref, row in rows.items() if held.get(ref) == row.oid])


def _name_rows(rows: Iterable[TallyRow]) -> dict[str, TallyRow]:
    """Give the rows by the refs of their drafts."""
    return {f"{DRAFTS}{row.folio}/{row.number}": row for row in rows}


def _is_agreed(project: Project, held: Mapping[str, str], rows: Mapping[str, TallyRow]) -> bool:
    """Tell whether the index has all drafts as refs and notes have them."""
    if project.store.find_notes_tip() != (project.notes.find_tip() or ""):
        return False
    known = {ref: row.oid for ref, row in rows.items()}
    return all(known.get(ref) == oid or not parse_draft_ref(ref) for ref, oid in held.items())


def _look_for_merged(project: Project, held: Mapping[str, str], rows: Sequence[TallyRow]) -> list[TallyRow]:
    """Give the rows with what is merged as of now; only folios whose last commit is another one are looked at."""
    tips = {
        folio: held.get(BRANCHES + format_folio_branch(folio)) or held.get(format_final_ref(folio))
        for folio in {row.folio for row in rows}
    }
    stale = {row.folio for row in rows if tips[row.folio] != row.merged_tip}
    if not stale:
        return list(rows)
    found = {}
    with project.store.transaction():
        for folio, group in groupby((row for row in rows if row.folio in stale), key=lambda row: row.folio):
            fresh = list(_find_merged(project, tips[folio], group))
            note_merged(project.store, folio, tips[folio], [row.number for row in fresh if row.is_merged])
            found.update({(folio, row.number): row for row in fresh})
    return [found.get((row.folio, row.number), row) for row in rows]


def _find_merged(project: Project, tip: str | None, rows: Iterable[TallyRow]) -> Iterator[TallyRow]:
    objects = project.objects
    commit = objects.find_commit(tip) if tip else None
    for row in rows:
        is_merged = bool(row.is_merged)
        if row.merged_tip != tip:
            is_merged = commit is not None and objects.has(row.oid) and objects.is_ancestor(row.oid, commit)
        yield row._replace(merged_tip=tip, is_merged=int(is_merged))


# Groups


def group_tallies(rows: Iterable[TallyRow], by: By) -> list[Figures]:
    """Give the statistics of each group: days in their order, else the group with the most drafts first."""
    find_name = _NAMES[by]
    groups: dict[str | None, list[TallyRow]] = {}
    for row in rows:
        groups.setdefault(find_name(row), []).append(row)
    named = sorted(groups.items(), key=lambda item: item[0] or "")
    if by is not By.DAY:
        named.sort(key=lambda item: -len(item[1]))
    return [sum_tallies(group, name) for name, group in named]


def _find_day(row: TallyRow) -> str | None:
    """Give the local day that a run began on; by `time`, at a third of what a datetime with a zone takes."""
    return None if row.started_s is None else "{:04}-{:02}-{:02}".format(*time.localtime(row.started_s))


_NAMES: Mapping[By, Callable[[TallyRow], str | None]] = {
    By.BOT: attrgetter("bot"),
    By.MODEL: attrgetter("model"),
    By.TEMPLATE: attrgetter("template"),
    By.DAY: _find_day,
}


def sum_tallies(rows: Sequence[TallyRow], name: str | None = None) -> Figures:
    """Give the statistics of drafts.

    Args:
        rows: one for each draft.
        name: what they have in common.
    """
    counts = Counter(row.outcome for row in rows)
    times = sorted(row.walltime_s for row in rows if row.walltime_s is not None)
    starts = [row.started_s for row in rows if row.started_s is not None]
    costs = [Decimal(row.cost_usd) for row in rows if row.cost_usd is not None]
    return Figures(
        name=name,
        drafts=len(rows),
        folios=len({row.folio for row in rows}),
        merged=sum(row.is_merged for row in rows),
        outcomes={kind: counts[kind] for kind in OutcomeKind if counts[kind]},
        tokens_in=_sum_known(row.tokens_in for row in rows),
        tokens_out=_sum_known(row.tokens_out for row in rows),
        tokens_cached=_sum_known(row.tokens_cached for row in rows),
        cost_usd=sum(costs, Decimal()) if costs else None,
        median_s=_find_quantile(times, 0.5),
        p90_s=_find_quantile(times, 0.9),
        first=_read_time(min(starts)) if starts else None,
        last=_read_time(max(starts)) if starts else None,
    )


def _sum_known(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _read_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()


def _find_quantile(ordered: Sequence[float], part: float) -> float | None:
    """Give the least of the values that so large a part of them is within: the nearest rank, so one that was measured."""
    return ordered[math.ceil(part * len(ordered)) - 1] if ordered else None
