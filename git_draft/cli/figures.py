"""`git draft stats`: statistics as text, with a bar for each row on a terminal, and as JSON. Called by `app.py`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence

from git_draft.cli.looking import open_project
from git_draft.cli.paging import Paint, choose_paint, find_columns, leave_plain, print_paged
from git_draft.cli.render import clean, format_count, format_json
from git_draft.columns import fit_columns, measure_columns
from git_draft.errors import UsageError
from git_draft.figures import By, Figures, collect_tallies, group_tallies, sum_tallies
from git_draft.frozen import frozen
from git_draft.model import OutcomeKind, format_cost

_BAR_COLUMNS = 24
_LEAST_BAR_COLUMNS = 4
_MOST_NAME_COLUMNS = 40
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NO_NAME = {By.BOT: "not known", By.MODEL: "not known", By.TEMPLATE: "no template", By.DAY: "not known"}


def run_stats(*, by: str | None, since: str | None, is_json: bool) -> None:
    """Print statistics of all drafts, or of each group of them."""
    if by is not None and by not in set(By):
        raise UsageError(f"there are no statistics by {by!r}", hint=f"one of: {', '.join(By)}")
    project = open_project()
    first = project.repo.read_date(since) if since is not None else None
    rows = collect_tallies(project, first)
    total = sum_tallies(rows)
    groups = group_tallies(rows, By(by)) if by else []
    if is_json:
        values: dict[str, object] = {"since": first and first.isoformat(), "total": make_figures_json(total)}
        if by:
            values |= {"by": by, "groups": [{by: group.name, **make_figures_json(group)} for group in groups]}
        print(format_json({key: value for key, value in values.items() if value is not None}))
        return
    if not rows:
        print(f"no drafts since {first:%Y-%m-%d %H:%M:%S}" if first else "there are no drafts", file=sys.stderr)
        return
    columns = find_columns()
    paint = choose_paint(project, os.environ)
    if by:
        lines = format_groups(groups, By(by), columns, paint)
    else:
        lines = format_total(total, _BAR_COLUMNS if columns else 0, paint)
    print_paged(project, lines)


def make_figures_json(figures: Figures) -> dict[str, object]:
    """Give statistics as JSON values; what is not known is left out."""
    values: dict[str, object | None] = {
        "drafts": figures.drafts,
        "folios": figures.folios,
        "merged": figures.merged,
        "outcomes": dict(figures.outcomes),
        "tokens_in": figures.tokens_in,
        "tokens_out": figures.tokens_out,
        "tokens_cached": figures.tokens_cached,
        "cost_usd": None if figures.cost_usd is None else float(figures.cost_usd),
        "median_s": figures.median_s,
        "p90_s": figures.p90_s,
        "first": figures.first and figures.first.isoformat(),
        "last": figures.last and figures.last.isoformat(),
    }
    return {key: value for key, value in values.items() if value is not None}


# All drafts


def format_total(figures: Figures, bar: int, paint: Paint = leave_plain) -> Iterator[str]:
    """Write the statistics of all drafts, a line for each thing that is known.

    Args:
        figures: of at least one draft.
        bar: how many columns the bars of shares take; 0 for none.
        paint: colours a text, or does not.
    """
    days = sorted({f"{each:%Y-%m-%d}" for each in (figures.first, figures.last) if each})
    yield _format_line("drafts", f"{figures.drafts:,} in {format_count(figures.folios, 'folio')}, {' to '.join(days)}")
    shares = [("merged", figures.merged, "good")]
    styles = {OutcomeKind.COMPLETE: "good", OutcomeKind.FAILED: "bad"}
    shares += [(str(kind), count, styles.get(kind, "faint")) for kind, count in figures.outcomes.items()]
    for name, count, style in shares:
        drawn = f"  {paint(draw_bar(count, figures.drafts, bar), style)}" if bar else ""
        yield _format_line(name, f"{count:>6,}  {_format_share(count, figures.drafts):>5}{drawn}")
    if figures.tokens_in is not None or figures.tokens_out is not None:
        yield _format_line("tokens", ", ".join(_describe_tokens(figures)))
    if figures.cost_usd is not None:
        yield _format_line("cost", format_cost(figures.cost_usd))
    if figures.median_s is not None and figures.p90_s is not None:
        yield _format_line(
            "time", f"median {_format_span(figures.median_s)}, 9 of 10 within {_format_span(figures.p90_s)}"
        )


def _format_line(name: str, value: str) -> str:
    return f"{name:<16}{value}".rstrip(", ")


def _describe_tokens(figures: Figures) -> Iterator[str]:
    if figures.tokens_in is not None:
        cached = figures.tokens_cached
        share = f" ({_format_share(cached, figures.tokens_in)} cached)" if cached is not None else ""
        yield f"{figures.tokens_in:,} in{share}"
    if figures.tokens_out is not None:
        yield f"{figures.tokens_out:,} out"


def _format_share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def _format_span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def draw_bar(part: float, whole: float, columns: int) -> str:
    """Draw how large a part is, in eighths of a column; what is there at all can be seen."""
    eighths = round(8 * columns * part / whole) if whole else 0
    full, rest = divmod(max(eighths, 1) if part else 0, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


# Groups


@frozen
class _Column:
    """A column of the table: its title, a cell for each group, and how soon it gives way where the terminal is narrow."""

    title: str
    cells: Sequence[str]
    rank: int = 0

    @property
    def width(self) -> int:
        return max(map(measure_columns, (self.title, *self.cells)))


def format_groups(groups: Sequence[Figures], by: By, columns: int, paint: Paint = leave_plain) -> Iterator[str]:
    """Write a table of groups; columns that say nothing are left out, and on a terminal so many stay that bars fit.

    Args:
        groups: at least one.
        by: what they are groups of.
        columns: how wide the terminal is; 0 for none, where no bars are drawn.
        paint: colours a text, or does not.
    """
    most_columns = min(_MOST_NAME_COLUMNS, columns // 2) if columns else _MOST_NAME_COLUMNS
    names = [fit_columns(clean(group.name or _NO_NAME[by]), most_columns) for group in groups]
    shown = [column for column in _list_columns(groups) if any(column.cells)]
    name_columns = max(map(measure_columns, (by, *names)))
    while columns and shown[1:] and _measure(name_columns, shown) + 2 + _LEAST_BAR_COLUMNS > columns:
        shown.remove(max(shown, key=lambda column: column.rank))
    room = min(_BAR_COLUMNS, columns - _measure(name_columns, shown) - 2)
    yield paint(_format_row(by, name_columns, [(column.title, column.width) for column in shown]).rstrip(), "head")
    most = max(group.drafts for group in groups)
    for number, (name, group) in enumerate(zip(names, groups, strict=True)):
        row = _format_row(name, name_columns, [(column.cells[number], column.width) for column in shown])
        bar = f"  {paint(draw_bar(group.drafts, most, room), 'good')}" if room >= _LEAST_BAR_COLUMNS else ""
        yield (row + bar).rstrip()


def _list_columns(groups: Sequence[Figures]) -> Iterable[_Column]:
    def share(kinds: Iterable[OutcomeKind]) -> list[str]:
        return [_format_share(sum(group.outcomes.get(kind, 0) for kind in kinds), group.drafts) for group in groups]

    return (
        _Column("drafts", [f"{group.drafts:,}" for group in groups], rank=-1),
        _Column("merged", [_format_share(group.merged, group.drafts) for group in groups]),
        _Column("no change", share([OutcomeKind.NO_CHANGE]), rank=4),
        _Column("failed", share([OutcomeKind.FAILED]), rank=2),
        _Column("in", [_shorten_count(group.tokens_in) for group in groups], rank=5),
        _Column("cached", [_format_cached(group) for group in groups], rank=7),
        _Column("out", [_shorten_count(group.tokens_out) for group in groups], rank=6),
        _Column("cost", [format_cost(group.cost_usd) if group.cost_usd is not None else "" for group in groups], rank=1),
        _Column("median", [_format_span(group.median_s) if group.median_s is not None else "" for group in groups], rank=3),
        _Column("p90", [_format_span(group.p90_s) if group.p90_s is not None else "" for group in groups], rank=8),
    )  # fmt: skip


def _format_cached(group: Figures) -> str:
    return "" if group.tokens_cached is None else _format_share(group.tokens_cached, group.tokens_in or 0)


def _shorten_count(count: int | None) -> str:
    if count is None:
        return ""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return str(count)


def _measure(name_columns: int, shown: Iterable[_Column]) -> int:
    return name_columns + sum(column.width + 2 for column in shown)


def _format_row(name: str, width: int, cells: Iterable[tuple[str, int]]) -> str:
    padded = (" " * (room - measure_columns(text)) + text for text, room in cells)
    return "  ".join([name + " " * (width - measure_columns(name)), *padded])
