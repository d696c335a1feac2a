"""What `git draft again` asks once more: a recorded prompt, with its bot and model where they can still be had.

Called by `making.py`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from git_draft.bots.registry import Choice, choose_bot
from git_draft.drafter import Drafter
from git_draft.errors import NoDraftError, UsageError
from git_draft.frozen import frozen
from git_draft.model import Draft
from git_draft.project import Project
from git_draft.rows import RunRow


@frozen
class Recorded:
    """What was asked.

    Args:
        what: the draft, or the run, that it is the record of.
        prompt: the whole prompt.
        bot: the bot's name.
        model: the model's name.
        base: the id of the commit that it was asked on.
        template: the name of the template that the prompt was made of.
    """

    what: str
    prompt: str
    bot: str | None
    model: str | None
    base: str
    template: str | None = None


def get_recorded(project: Project, drafter: Drafter, name: str | None) -> Recorded:
    """Give what a draft was asked; where none is named, the newest of the active folio, or a later run that was interrupted.

    Raises:
        NoDraftError: where there is none.
    """
    if name is not None:
        return _describe_draft(drafter.get_draft(name))
    folio = drafter.find_active()
    if folio is None:
        raise NoDraftError("no folio is active, so again needs a draft", hint="git draft list --all")
    drafts = drafter.list_drafts(folio.number)
    # of those without a draft only the ones that nothing has followed are listed, so a run is newer than each draft
    # but for the siblings that it began with
    runs = [
        run
        for run in project.store.list_open_runs()
        if run.folio == folio.number and _is_interrupted_alone(run, drafts)
    ]
    if runs:
        run = runs[-1]
        return Recorded(f"run {run.id}, which was interrupted,", run.prompt, run.bot, None, run.base)
    if not drafts:
        raise NoDraftError(f"folio {folio.number} has no drafts", hint='git draft "<prompt>"')
    return _describe_draft(drafts[-1])


def _is_interrupted_alone(run: RunRow, drafts: list[Draft]) -> bool:
    newest = drafts[-1].record.started if drafts else None
    return run.is_interrupted and (newest is None or int(run.started.timestamp()) > int(newest.timestamp()))


def _describe_draft(draft: Draft) -> Recorded:
    record = draft.record
    return Recorded(f"draft {draft.name}", draft.prompt, record.bot, record.model, draft.parent, record.template)


def find_base_draft(project: Project, drafter: Drafter, recorded: Recorded) -> str | None:
    """Find the draft that something was asked on with ``--on``."""
    if any(oid == recorded.base for _, oid in project.refs.iter_drafts()):
        return str(drafter.get_draft(recorded.base).name)
    return None


def choose_recorded_bot(recorded: Recorded, git_setting: str | None, warn: Callable[[str], None]) -> Choice:
    """Choose the bot that was asked, or where it is not known any more the usual one."""
    if recorded.bot:
        try:
            return choose_bot(recorded.bot, git_setting, os.environ)
        except UsageError:
            usual = choose_bot(None, git_setting, os.environ)
            warn(f"the bot of {recorded.what} is not known any more: {recorded.bot}; {usual.config.name} is asked")
            return usual
    return choose_bot(None, git_setting, os.environ)


def choose_recorded_model(recorded: Recorded, choice: Choice) -> str | None:
    """Give the model that was asked, for the bot that was asked; None leaves it to the bot's configuration."""
    configured = str(choice.config.options.get("model", ""))
    is_same = recorded.model in (configured, Path(configured).stem)  # of a model's file the name is recorded
    return None if choice.config.name != recorded.bot or is_same else recorded.model
