"""What the commands do that need no bot: merge a draft, leave the folio.

They turn options into calls of the use cases, and what these give into lines. `making.py` makes a draft before.
Called by `app.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from git_draft.cli.render import clean, format_count, format_json
from git_draft.cli.terminal import TerminalFeedback
from git_draft.cli.wishes import STRATEGY_HINT, Manner, Wish, parse_strategy
from git_draft.clock import SystemClock
from git_draft.errors import ConfigError
from git_draft.frozen import frozen
from git_draft.merging import Merge
from git_draft.model import Draft, MergeStrategy
from git_draft.operations import Operations, raise_for_merge
from git_draft.project import Project
from git_draft.quitting import Quit

_TAKE_BACK = "  take it back: git draft undo"


@frozen
class Taken:
    """What was merged, and left."""

    merge: Merge | None = None
    quit: Quit | None = None


NOTHING = Taken()


def run_without_draft(wish: Wish, manner: Manner) -> None:
    """Merge, leave: each where it is asked for, in this order."""
    strategy = wish.check()
    project = Project.open(Path.cwd(), os.environ)
    with make_feedback(manner) as feedback:
        operations = Operations(project, feedback, SystemClock())
        operations.tidy_up()
        strategy = get_default_strategy(project) if wish.accept else strategy
        taken = take(operations, None, strategy, feedback.confirm_loss if wish.leave else None)
    _print_taken(taken, manner)


def run_merge(draft: str | None, strategy: str | None, manner: Manner) -> None:
    """Merge a draft of the active folio."""
    chosen = parse_strategy(strategy) if strategy is not None else None
    project = Project.open(Path.cwd(), os.environ)
    with make_feedback(manner) as feedback:
        operations = Operations(project, feedback, SystemClock())
        operations.tidy_up()
        named = operations.get_draft(draft) if draft is not None else None
        taken = take(operations, named, chosen or get_default_strategy(project), None)
    _print_taken(taken, manner)


def run_quit(manner: Manner, *, force: bool) -> None:
    """Leave the active folio."""
    project = Project.open(Path.cwd(), os.environ)
    with make_feedback(manner) as feedback:
        operations = Operations(project, feedback, SystemClock())
        operations.tidy_up()
        taken = take(operations, None, None, (lambda _commits: True) if force else feedback.confirm_loss)
    _print_taken(taken, manner)


def take(
    operations: Operations,
    draft: Draft | None,
    strategy: MergeStrategy | None,
    confirm: Callable[[tuple[str, ...]], bool] | None,
) -> Taken:
    """Merge, and leave where there are no conflicts: each where it is asked for.

    Args:
        operations: the use cases.
        draft: the draft to merge; None for the newest unmerged one.
        strategy: None to merge nothing.
        confirm: asked where commits would be left behind; None to stay.
    """
    merge = operations.merge(draft, strategy) if strategy else None
    is_clean = merge is None or merge.result.is_clean
    return Taken(merge, operations.quit(confirm) if confirm and is_clean else None)


def make_feedback(manner: Manner, edit: Callable[[str], str] | None = None) -> TerminalFeedback:
    """Make the feedback of a command.

    Args:
        manner: how it speaks.
        edit: lets the user answer a bot's question in their editor.
    """
    return TerminalFeedback(
        os.environ,
        is_quiet=manner.is_quiet,
        is_verbose=manner.is_verbose,
        can_ask=not manner.is_batch and not manner.is_json,
        edit=edit,
    )


def get_default_strategy(project: Project) -> MergeStrategy:
    """Give the strategy that git's configuration names, else the default.

    Raises:
        ConfigError: where it names none.
    """
    setting = project.repo.config.get("draft.merge") or MergeStrategy.DEFAULT
    try:
        return MergeStrategy(setting)
    except ValueError:
        raise ConfigError(f"draft.merge in git's configuration is no strategy: {setting}", hint=STRATEGY_HINT) from None


def _print_taken(taken: Taken, manner: Manner) -> None:
    if manner.is_json:
        print(format_json(make_json(taken)))
    else:
        for line in list_lines(taken, is_quiet=manner.is_quiet):
            print(line)
    if taken.merge:
        raise_for_merge(taken.merge)


def make_json(taken: Taken) -> dict[str, object]:
    """Give what was merged and left as JSON values."""
    values: dict[str, object] = {}
    if taken.merge:
        values["merge"] = {
            "draft": str(taken.merge.draft.name),
            "strategy": taken.merge.strategy,
            "clean": taken.merge.result.is_clean,
            "conflicts": [str(path) for path in taken.merge.result.conflicts],
        }
    if taken.quit:
        folio = taken.quit.folio
        values["quit"] = {"folio": folio.number, "origin": folio.origin, "staged": taken.quit.staged}
    return values


def list_lines(taken: Taken, *, is_quiet: bool) -> list[str]:
    """Say what was merged and left.

    Args:
        taken: that.
        is_quiet: leave out how to take it back.
    """
    lines = []
    if taken.merge and taken.merge.result.is_clean:
        lines.append(f"merged {taken.merge.draft.name} ({taken.merge.strategy})")
        if not is_quiet and not taken.quit:
            lines.append(_TAKE_BACK)
    if taken.quit:
        folio, count = taken.quit.folio, taken.quit.staged
        what = (
            f"{format_count(count, 'file')} differ{'s' if count == 1 else ''} from it, staged"
            if count
            else "nothing differs from it"
        )
        lines.append(f"left folio {folio.number}, now on {folio.origin}; {what}")
        if taken.quit.question:
            lines.append(f"  open question: {clean(taken.quit.question)}")
        if not is_quiet:
            lines.append(_TAKE_BACK)
    return lines
