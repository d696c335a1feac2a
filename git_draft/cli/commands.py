"""Commands made ready from what `app.py` declares: one alone, its options, its help.

What typer does slowly for each command is done here in another way. Called by `app.py`.
"""

from __future__ import annotations

import re
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command as make_command
from typer.models import CommandInfo

from git_draft.cli.line import DEFAULT_COMMAND


def get_command(app: typer.Typer, name: str) -> TyperCommand:
    """Make one command ready, by its name."""
    # typer takes half a millisecond for each command that it makes ready, so only the one that is asked for
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    alone.registered_commands = [each for each in app.registered_commands if _get_name(each) == name]
    command = make_command(alone)
    assert isinstance(command, TyperCommand)  # noqa: S101  # one command alone is no group
    for parameter in command.params:
        if hasattr(parameter, "get_runtime_param"):
            vars(parameter)["_runtime_param"] = _PLAIN
    return command


class _Plain:
    """Takes texts, flags and defaults as they are: typer loads pydantic to do so, which takes longer than most commands."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:  # noqa: ANN401  # typer's protocol
        wanted = param.type_descriptor.annotation
        if value is None or isinstance(value, bool | int) or wanted in (str, str | None):
            return value
        if wanted in (list[str], list[str] | None):
            return list(value)
        vars(param)["_runtime_param"] = None  # typer makes its own
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


_PLAIN = _Plain()


def list_options(command: TyperCommand) -> frozenset[str]:
    """Give the options of a command, with their hyphens."""
    return frozenset(option for parameter in command.params for option in parameter.opts)


def _get_name(command: CommandInfo) -> str:
    return command.name or command.callback.__name__ if command.callback else ""


def format_help(app: typer.Typer, command: str) -> str:
    """Write what ``-h`` prints, for one command or, where none is named, for all.

    By hand, since typer's own help option loads pydantic for every command that does not ask for it.
    """
    group: Any = make_command(app)
    context = group.context_class(group, info_name="git draft")
    shown = group.commands[command or DEFAULT_COMMAND]
    name = "git draft" if shown.name == DEFAULT_COMMAND else f"git draft {command}"
    text: str = shown.get_help(shown.context_class(shown, info_name=name)).replace("[PROMPT]...", "[PROMPT]")
    text = re.sub(r" <[\w\[\]]+>(?=  )", "", text)  # typer names Python's types
    if command:
        return text
    formatter = context.make_formatter()
    group.format_commands(context, formatter)
    return f"{text}\n\n{formatter.getvalue().rstrip()}\n\ngit draft COMMAND -h tells more, git draft --help shows the manual."
