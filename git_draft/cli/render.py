"""Results as text and as JSON, in pieces: a draft, its changes, usage, age; cut to a terminal's width.

Pure functions from values to text, used by all that prints. The JSON is described in docs/json.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from git_draft.columns import measure_columns
from git_draft.model import Changes, Draft, Record, Usage, format_cost

JSON_VERSION = 1

_AGES = ((60, "second"), (60, "minute"), (24, "hour"), (7, "day"), (4.348, "week"), (12, "month"))


def clean(text: str) -> str:
    """Put a text on one line without control characters, so that no model can paint the terminal."""
    return clean_line(" ".join(text.split()))


def clean_line(line: str) -> str:
    """Take the control characters out of a line, its blanks as they are."""
    return "".join(each if each.isprintable() else "�" for each in line.expandtabs())


def format_count(count: int, noun: str) -> str:
    """Write ``1 file`` and ``2 files``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def format_changes(changes: Changes | None) -> str:
    """Write how much a draft changes."""
    if changes is None:
        return ""
    if changes.files == 0:
        return "no change"
    return f"{format_count(changes.files, 'file')} +{changes.added} -{changes.removed}"


def format_tokens(usage: Usage) -> str:
    """Write how many tokens there were; where only one half is known, that it is only this half."""
    sent, received = usage.tokens_in, usage.tokens_out
    if sent is None or received is None:
        halves = ((sent, "in"), (received, "out"))
        return "".join(f"{format_count(count, 'token')} {way}" for count, way in halves if count is not None)
    return format_count(sent + received, "token")


def format_usage(usage: Usage) -> str:
    """Write tokens and cost, as far as they are known."""
    cost = "" if usage.cost_usd is None else format_cost(usage.cost_usd)
    return ", ".join(part for part in (format_tokens(usage), cost) if part)


def format_age(then: datetime, now: datetime) -> str:
    """Write how long ago something was, as git does."""
    span = max(0.0, (now - then).total_seconds())
    for size, unit in _AGES:
        if span < size:
            return f"{format_count(int(span), unit)} ago"
        span /= size
    return f"{format_count(int(span), 'year')} ago"


def format_hints(hints: Iterable[str], columns: int) -> Iterator[str]:
    """Write what can be done next, as many in a line as fit into so many columns; 0 for any number."""
    line = ""
    for hint in hints:
        longer = f"{line}   {hint}" if line else f"  {hint}"
        if line and columns and measure_columns(longer) > columns:
            yield line
            longer = f"  {hint}"
        line = longer
    if line:
        yield line


def format_draft_line(draft: Draft) -> str:
    """Write the line that names a new draft: its title, what it changes, what it used."""
    facts = [fact for fact in (format_changes(draft.record.changes), format_usage(draft.record.usage)) if fact]
    return f"draft {draft.name}: {clean(draft.title)}" + (f" ({', '.join(facts)})" if facts else "")


# JSON


def make_draft_json(draft: Draft, *, merged: bool | None = None) -> dict[str, object]:
    """Give a draft as JSON values; what is not known is left out."""
    record: Record = draft.record
    usage, changes = record.usage, record.changes
    values: dict[str, object | None] = {
        "draft": str(draft.name),
        "commit": draft.commit,
        "parent": draft.parent,
        "title": draft.title,
        "prompt": draft.prompt,
        "origin": record.origin,
        "bot": record.bot,
        "model": record.model,
        "template": record.template,
        "part_of": record.part_of,
        "base": record.base,
        "outcome": record.outcome,
        "detail": record.detail,
        "question": record.question,
        "summary": record.summary,
        "started": record.started and record.started.isoformat(),
        "walltime_s": None if record.walltime is None else record.walltime.total_seconds(),
        "turns": record.turns,
        "tokens_in": usage.tokens_in,
        "tokens_out": usage.tokens_out,
        "tokens_cached": usage.tokens_cached,
        "tokens_written": usage.tokens_written,
        "tokens_reasoning": usage.tokens_reasoning,
        "cost_usd": None if usage.cost_usd is None else float(usage.cost_usd),
        "files": changes and {"changed": changes.files, "added": changes.added, "removed": changes.removed},
        "merged": merged,
    }
    return {key: value for key, value in values.items() if value is not None}


def format_json(values: dict[str, object]) -> str:
    """Write an object, with the version of its format."""
    return json.dumps({"version": JSON_VERSION, **values}, ensure_ascii=False, indent=2)
