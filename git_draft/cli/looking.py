"""What the commands do that only look: list, show, log, events.

None of them imports openai, and list does without pydantic. Called by `app.py`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from git_draft.cli.listing import Listing, format_listing, make_listing_json
from git_draft.cli.paging import choose_paint, print_paged
from git_draft.cli.render import clean, clean_line, format_json
from git_draft.columns import fit_columns
from git_draft.errors import ConfigError, FolioError, NoDraftError, StoreError, UsageError
from git_draft.frozen import frozen
from git_draft.git.refs import format_final_ref
from git_draft.model import Draft, DraftName
from git_draft.project import Project
from git_draft.records import Records
from git_draft.sweeping import sweep

_DETAIL_COLUMNS = 200


def open_project() -> Project:
    """Open the repository of the current folder for looking around; what was swept, or can't be used, is said.

    Raises:
        RepoError: where git finds none.
    """
    try:
        project = Project.open(Path.cwd(), os.environ)
        lines = sweep(project, datetime.now(UTC))
    except StoreError as error:  # whoever only looks can do without: refs and notes are the data
        project = Project.open(Path.cwd(), os.environ, with_index=False)
        Records(project).fill_index()
        advice = f" ({error.hint})" if error.hint else ""
        lines = [f"{error.message}{advice}; shown is what refs and notes tell, without runs and events"]
    for line in lines:
        print(f"warning: {clean(line)}", file=sys.stderr)
    return project


def collect_listing(project: Project, *, every: bool, now: datetime, folio: int | None = None) -> Listing:
    """Find what `git draft list` shows.

    Args:
        project: the open repository.
        every: folios that were left, too.
        now: the present moment.
        folio: only this one, open or not.
    """
    records = Records(project)
    active = records.find_active()
    folios = records.list_folios()
    shown = [each for each in folios if (each.number == folio if folio is not None else every or each.is_open)]
    drafts, odd = records.survey_drafts(None if every else [each.number for each in shown])
    by_folio: dict[int, list[Draft]] = {}
    for draft in drafts:
        by_folio.setdefault(draft.name.folio, []).append(draft)
    groups = [(each, by_folio.get(each.number, [])) for each in shown]
    return Listing(
        folios=groups,
        merged={name for each, group in groups for name in records.list_merged(each.number, group)},
        active=active.number if active else None,
        were_quit={each.number for each in shown if project.refs.find(format_final_ref(each.number))},
        runs=project.store.list_open_runs(),
        now=now,
        is_cut=folio is None and len(shown) < len(folios),
        odd=odd,
    )


def run_list(*, every: bool, is_json: bool, folio: str | None = None) -> None:
    """Print folios, drafts, and runs that are under way or were interrupted."""
    # as text, since typer loads pydantic for a number
    number = None if folio is None else int(folio) if folio.isascii() and folio.isdecimal() else 0
    if folio is not None and every:
        raise UsageError("--all and --folio are two things to ask for", hint="give one of them")
    project = open_project()
    listing = collect_listing(project, every=every, now=datetime.now(UTC), folio=number)
    if folio is not None and not listing.folios:
        raise NoDraftError(f"there is no folio {folio}", hint="git draft list --all")
    for ref in listing.odd:
        print(f"warning: {clean(ref)} is skipped, it holds no commit that a draft could be", file=sys.stderr)
    is_terminal = sys.stdout.isatty()
    columns, lines = shutil.get_terminal_size() if is_terminal else (0, 0)
    if is_json or is_terminal:  # elsewhere nobody waits for it, and a script that wants it asks for JSON
        from git_draft.outlook import look_ahead

        unmerged = listing.list_unmerged()
        outlooks = look_ahead(project, unmerged if is_json else unmerged[:lines], listing.active)
        listing = replace(listing, outlooks=outlooks)
    if is_json:
        print(format_json(make_listing_json(listing)))
        return
    print_paged(project, format_listing(listing, columns, choose_paint(project, os.environ)))
    if not listing.folios:
        advice = "; git draft list --all shows those that were left" if listing.is_cut else ""
        print(f"no folio is open{advice}", file=sys.stderr)


@frozen
class Parts:
    """What of a draft is shown: all of it, or one of these."""

    stat: bool = False
    record: bool = False
    prompt: bool = False


def run_show(draft: str | None, parts: Parts) -> None:
    """Show a draft by `git show`."""
    if sum((parts.stat, parts.record, parts.prompt)) > 1:
        raise UsageError("--stat, --record and --prompt are different things to show", hint="give one of them")
    project = open_project()
    records = Records(project)
    active = records.find_active()
    if draft is None and active is None:
        raise NoDraftError("no folio is active, name a draft", hint="git draft list --all")
    found = records.get_draft(draft or "@", active.number if active else None)
    if parts.prompt:
        text = found.prompt if not sys.stdout.isatty() else "\n".join(map(clean_line, found.prompt.splitlines()))
        sys.stdout.write(f"{text}\n")
        return
    flags = ["--stat"] if parts.stat else ["--no-patch", "--format=%N"] if parts.record else []
    status = project.repo.run_in_terminal(
        *_choose_display(project), "show", "--notes=drafts", "--first-parent", *flags, found.commit
    )
    raise_status(status)


def run_log(folio: int | None) -> None:
    """Show drafts as a graph by `git log`."""
    project = open_project()
    records = Records(project)
    drafts = records.list_drafts(None if folio is None else [folio])
    if not drafts:
        raise NoDraftError("there are no drafts" if folio is None else f"folio {folio} has no drafts")
    hidden = [base for base in sorted(_list_bases(drafts)) if _is_below_drafts(project, base, drafts)]
    tips = [draft.commit for draft in drafts]
    tips += filter(None, map(records.find_tip, {draft.name.folio for draft in drafts}))
    status = project.repo.run_in_terminal(
        *(*_choose_display(project), "log", "--graph", "--boundary", "--decorate", "--notes=drafts"),
        *(*tips, "--not", *hidden),
    )
    raise_status(status)


def _list_bases(drafts: Sequence[Draft]) -> set[str]:
    first = {draft.name.folio: draft.record.base for draft in reversed(drafts)}
    return {base for base in first.values() if base}


def _is_below_drafts(project: Project, base: str, drafts: Sequence[Draft]) -> bool:
    # hiding a commit hides what it has: only what is older than all drafts may go
    return project.objects.find_commit(base) is not None and not any(
        project.objects.is_ancestor(draft.commit, base) for draft in drafts
    )


def _choose_display(project: Project) -> list[str]:
    # git knows pager.<command> only for its own commands, and NO_COLOR not at all
    plain = ["-c", "color.ui=false"] if os.environ.get("NO_COLOR") else []
    setting = project.repo.config.get("pager.draft")
    if setting is None:
        return plain
    try:
        return [*plain, "--paginate" if project.repo.config.get_bool("pager.draft") else "--no-pager"]
    except ConfigError:  # no boolean: a command
        return [*plain, "-c", f"core.pager={setting}", "--paginate"]


def raise_status(status: int) -> None:
    """Turn the exit status of a git that printed for us into ours.

    Raises:
        FolioError: where git failed, which has said why itself.
    """
    if status > 0 and status != 141:  # 128 + SIGPIPE: the pager was left early
        raise FolioError(f"git ended with status {status}")


def run_events(draft: str | None, *, is_json: bool, is_verbose: bool = False) -> None:
    """Print what bots did."""
    from git_draft.events import parse_event

    project = open_project()
    records = Records(project)
    active = records.find_active()
    if draft is None:
        if active is None:
            raise NoDraftError("no folio is active, name a draft", hint="git draft list --all")
        name, folio = None, active.number
    else:
        name = records.get_draft(draft, active.number if active else None).name
        folio = name.folio
    rows = project.store.list_events(folio, name.number if name else None)
    if is_json:
        items = [
            {
                "time": time.isoformat(),
                "draft": f"{folio}/{number}" if number else None,
                **parse_event(body).model_dump(),
            }
            for time, number, body in rows
        ]
        print(format_json({"events": items}))
        return
    print_paged(project, _format_events(folio, rows, is_verbose=is_verbose))
    if not rows:
        print("no events", file=sys.stderr)


def _format_events(folio: int, rows: Iterable[tuple[datetime, int | None, str]], *, is_verbose: bool) -> Iterator[str]:
    from git_draft.events import parse_event

    for time, number, body in rows:
        event = parse_event(body)
        label = str(DraftName(folio, number)) if number else f"{folio}/-"
        yield f"{time.astimezone():%Y-%m-%d %H:%M:%S}  {label:<6} {event.kind:<10} {clean(event.describe())}"
        if is_verbose:
            for key, value in event.model_dump(mode="json", exclude_none=True, exclude={"kind"}).items():
                yield fit_columns(f"    {key}: {clean(str(value))}", _DETAIL_COLUMNS)
