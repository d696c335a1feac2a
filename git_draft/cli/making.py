"""What the commands do that make drafts: new, again, pick; merging and leaving after it is `taking.py`'s.

They turn options into calls of the drafter, and what it gives into lines. Called by `beginning.py` and `app.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from git_draft.bots.registry import Choice, ChosenBot, choose_bot, make_bot
from git_draft.cli.explaining import format_explained, make_explained_json
from git_draft.cli.paging import find_columns
from git_draft.cli.prompting import Source, choose_template, get_prompt, open_shelf
from git_draft.cli.render import clean, format_draft_line, format_hints, format_json, make_draft_json
from git_draft.cli.repeating import (
    Recorded,
    choose_recorded_bot,
    choose_recorded_model,
    find_base_draft,
    get_recorded,
)
from git_draft.cli.siblings import list_lines as list_sibling_lines
from git_draft.cli.siblings import list_runnable_lines, raise_for_siblings
from git_draft.cli.siblings import make_json as make_siblings_json
from git_draft.cli.taking import NOTHING, Taken, get_default_strategy, make_feedback, take
from git_draft.cli.taking import list_lines as list_taken_lines
from git_draft.cli.taking import make_json as make_taken_json
from git_draft.cli.terminal import TerminalFeedback
from git_draft.cli.wishes import Manner, Wish
from git_draft.cli.words import note_words
from git_draft.clock import SystemClock
from git_draft.columns import fit_columns
from git_draft.config import find_config_path, parse_option, read_user_config
from git_draft.drafter import Drafter, DraftResult, raise_for_attention
from git_draft.drafting import Attempt, Order
from git_draft.errors import UsageError
from git_draft.git.refs import parse_folio_branch
from git_draft.log import opened_log
from git_draft.merging import MERGEABLE
from git_draft.model import Draft, MergeStrategy, OutcomeKind
from git_draft.opening import get_only
from git_draft.project import Project

_SUMMARY_LINES = 10
_SUMMARY_COLUMNS = 400
_GOES_ON = (OutcomeKind.COMPLETE, OutcomeKind.NO_CHANGE)


@dataclass
class Results:
    """What came of a command.

    Args:
        draft: the draft, where one was to be made.
        siblings: what came of each run, where there were several.
        taken: what was merged and left.
    """

    draft: DraftResult | None = None
    siblings: tuple[Attempt, ...] = ()
    taken: Taken = NOTHING


def make_drafts(
    project: Project, feedback: TerminalFeedback, wish: Wish, strategy: MergeStrategy | None, manner: Manner
) -> Results:
    """Make a draft or several, merge, leave: each where it is asked for, in this order.

    Args:
        project: the open repository, of which it is known that a draft can be made there.
        feedback: the terminal.
        wish: what is asked for.
        strategy: how the draft is merged; None for `draft.merge` where that is asked for.
        manner: how results are told.
    """
    results = Results()
    drafter = Drafter(project, feedback, SystemClock())
    if wish.accept:
        strategy = get_default_strategy(project)
    order = _make_order(project, drafter, wish, manner)
    with _opened_log():
        if order.count > 1:
            results.siblings = drafter.draft_siblings(order, feedback.open_sibling)
        else:
            results.draft = drafter.draft(order)
    outcome = results.draft.draft.record.outcome if results.draft else OutcomeKind.COMPLETE
    results.taken = take(
        drafter,
        results.draft.draft if results.draft else None,
        strategy if outcome is OutcomeKind.COMPLETE else None,
        feedback.confirm_loss if wish.leave and outcome in _GOES_ON else None,
    )
    return results


def run_explain(wish: Wish, manner: Manner) -> None:
    """Print what a draft would send."""
    wish.check()
    project = Project.open(Path.cwd(), os.environ)
    with make_feedback(replace(manner, is_quiet=not manner.is_verbose)) as feedback:  # what is read is no news here
        drafter = Drafter(project, feedback, SystemClock())
        order = _make_order(project, drafter, wish, manner)
        explained = drafter.explain(order)
    text = (
        format_json(make_explained_json(explained, order.bot.name))
        if manner.is_json
        else format_explained(explained, order.bot.name)
    )
    sys.stdout.buffer.write(f"{text}\n".encode(errors="replace"))


def run_pick(draft: str | None, paths: Sequence[str], manner: Manner, *, by_hunks: bool) -> None:
    """Make a smaller draft of a part of one."""
    if draft is None:
        raise UsageError("which draft?", hint="git draft pick 3/2 -- PATH, or git draft pick -p 3/2")
    if not paths and not by_hunks:
        raise UsageError("which part of it?", hint=f"git draft pick {draft} -- PATH, or git draft pick -p {draft}")
    if by_hunks and manner.is_json:
        raise UsageError("-p asks on the terminal, --json does not")
    project = Project.open(Path.cwd(), os.environ)
    with make_feedback(manner) as feedback:
        drafter = Drafter(project, feedback, SystemClock())
        drafter.tidy_up()
        whole = drafter.get_draft(draft)
    results = Results(draft=drafter.pick(whole, paths, Path.cwd(), by_hunks=by_hunks))
    print_results(project, results, manner)


# What is asked


def _make_order(project: Project, drafter: Drafter, wish: Wish, manner: Manner) -> Order:
    shelf = open_shelf(project, wish.options_of_ours)
    source = Source(wish.prompt, wish.edit)
    if wish.template is not None:
        source = choose_template(shelf, wish.template, wish.arguments, source)
    if wish.is_again:
        recorded = get_recorded(project, drafter, wish.again)
        wish, choice = _recall(project, drafter, wish, recorded, manner)
        source = Source(wish.prompt, wish.edit)
    else:
        choice = choose_bot(wish.bot, project.repo.config.get("draft.bot"), os.environ)
    on = drafter.get_draft(wish.on) if wish.on is not None else None
    options = dict(parse_option(text) for text in wish.options)
    bot: ChosenBot = make_bot(
        choice, model=wish.model, options=options, env=os.environ, clock=SystemClock(), memory=project.store
    )
    prompt = get_prompt(project, drafter, shelf, source, on)
    only = get_only(project, wish.only, Path.cwd())
    note_words(project, shelf)
    return Order(prompt, bot, on, only, wish.count, wish.template)


def _opened_log() -> AbstractContextManager[None]:
    return opened_log(os.environ, read_user_config(find_config_path(os.environ)).log_level)


def _recall(project: Project, drafter: Drafter, wish: Wish, recorded: Recorded, manner: Manner) -> tuple[Wish, Choice]:
    """Fill in what was recorded where the command line does not say otherwise."""
    setting = project.repo.config.get("draft.bot")
    model, on = wish.model, wish.on
    if wish.bot is None:
        choice = choose_recorded_bot(recorded, setting, lambda text: _say(f"warning: {text}"))
        model = model or choose_recorded_model(recorded, choice)
    else:
        choice = choose_bot(wish.bot, setting, os.environ)
    if on is None:
        on = find_base_draft(project, drafter, recorded)
        if on and not manner.is_quiet:
            _say(f"going on from draft {on}, as {recorded.what} did")
    return replace(wish, prompt=recorded.prompt, template=recorded.template, model=model, on=on), choice


def _say(text: str) -> None:
    print(clean(text), file=sys.stderr)


# What is said


def print_results(project: Project, results: Results, manner: Manner) -> None:
    """Print what came of a command.

    Raises:
        GitDraftError: where the exit code tells of something that the user must act on.
    """
    if manner.is_json:
        print(format_json(_make_json(results)))
    else:
        active = parse_folio_branch(project.repo.read_head().branch or "")
        for line in _list_lines(results, active, find_columns(), is_quiet=manner.is_quiet):
            print(line)
    raise_for_siblings(results.siblings)
    raise_for_attention(results.draft, results.taken.merge)


def _format_summary(summary: str) -> list[str]:
    lines = summary.strip().splitlines()
    shown = [f"  {fit_columns(clean(line), _SUMMARY_COLUMNS)}" for line in lines[:_SUMMARY_LINES]]
    return shown + (["  …"] if len(lines) > _SUMMARY_LINES else [])


def _suggest_next(draft: Draft, active: int | None) -> tuple[str, ...]:
    look = f"look: git draft show {draft.name}"
    if draft.name.folio != active:  # landed after quit, or after a switch to another branch
        return look, f"take: git cherry-pick --no-commit drafts/{draft.name}"
    is_next = draft.record.outcome in MERGEABLE
    merge = "git draft --merge theirs" if is_next else f"git draft merge {draft.name} -X theirs"
    return look, f"merge: {merge}", "leave: git draft --quit"


def _make_json(results: Results) -> dict[str, object]:
    values: dict[str, object] = make_siblings_json(results.siblings) if results.siblings else {}
    if results.draft:
        runnable = [str(path) for path in results.draft.runnable]
        values["draft"] = {**make_draft_json(results.draft.draft), "runnable": runnable}
    return {**values, **make_taken_json(results.taken)}


def _list_lines(results: Results, active: int | None, columns: int, *, is_quiet: bool) -> list[str]:
    lines = list(list_sibling_lines(results.siblings, active, columns, is_quiet=is_quiet))
    if results.draft:
        draft = results.draft.draft
        lines.append(format_draft_line(draft))
        lines += list_runnable_lines(results.draft.runnable)
        if draft.record.summary and not is_quiet:
            lines += _format_summary(draft.record.summary)
        if results.taken == NOTHING and not is_quiet and draft.has_changes:
            lines += format_hints(_suggest_next(draft, active), columns)
    return [*lines, *list_taken_lines(results.taken, is_quiet=is_quiet)]
