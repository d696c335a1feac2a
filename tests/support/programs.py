"""The command bot with shell scripts for programs, as the tests of it use it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from git_draft.bots.command import CommandBot, make_bot
from git_draft.drafter import DraftResult
from git_draft.events import OutputPrinted
from tests.support.bots import Notebook
from tests.support.clock import FakeClock
from tests.support.studio import Studio


def make_command_bot(
    command: str, options: Mapping[str, object] | None = None, *, env: Mapping[str, str] | None = None
) -> CommandBot:
    """Make the bot, with more options as users write them, on an environment, that of the test where none is given."""
    given = {"command": command, **(options or {})}
    return make_bot(given, env=os.environ if env is None else env, clock=FakeClock(), memory=Notebook())


def draft_by_script(
    studio: Studio, script: str, options: Mapping[str, object] | None = None, *, env: Mapping[str, str] | None = None
) -> DraftResult:
    """Make a draft with a shell script for a bot."""
    return studio.draft(bot=make_command_bot(script, {"shell": True, **(options or {})}, env=env))


def list_output(studio: Studio) -> list[str]:
    """Give the lines that programs printed so far."""
    return [event.line for event in studio.feedback.events if isinstance(event, OutputPrinted)]
