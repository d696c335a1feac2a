"""`git draft completion`: scripts that complete the line in bash, zsh and fish, made from the commands themselves.

They start no Python: what is fixed stands in them, drafts and folios they ask git for, and the names of bots and
templates they read from a file that the last command wrote (`words.py`). Called by `app.py`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any

import typer
from typer.main import get_command

from git_draft import __version__
from git_draft.catalogue import CATALOGUE
from git_draft.errors import UsageError
from git_draft.figures import By
from git_draft.frozen import frozen
from git_draft.model import MergeStrategy
from git_draft.templates import Shelf, Template

SHELLS = ("bash", "zsh", "fish")

_KINDS = {
    "--template": "template",
    "--bot": "bot",
    "--on": "draft",
    "--only": "file",
    "--merge": "strategy",
    "--strategy": "strategy",
    "--folio": "folio",
    "--by": "by",
}
"""What kind of value options take; of others nothing is known."""
_ARGUMENTS = {"DRAFT": "draft", "FOLIO": "folio", "SHELL": "shell"}
_ARGUMENTS_OF = {"templates": ("template",), "bots": ("add",), "models": ("pull", "weights")}
_PRINTED = {
    "draft": "(__git_draft_drafts)",
    "folio": "(__git_draft_folios)",
    "bot": "(__git_draft_recall bot)",
    "template": "(__git_draft_templates)",
}
"""How fish is told to find the words of a kind."""
_HELP = ("--help", "-h")


@frozen
class Option:
    """An option under one of its names.

    Args:
        name: with its hyphens.
        help: what it means.
        kind: of the value that it takes; empty where it takes none.
    """

    name: str
    help: str
    kind: str = ""

    @property
    def flags(self) -> str:
        """How fish is told of it."""
        return f"-l {self.name[2:]}" if self.name.startswith("--") else f"-s {self.name[1:]}"


@frozen
class Command:
    """A command as shells know it.

    Args:
        name: its name.
        help: what it does, in a line.
        options: under all of their names.
        arguments: the kinds of its first arguments, as far as something is known of them.
    """

    name: str
    help: str
    options: tuple[Option, ...]
    arguments: tuple[str, ...]

    @property
    def values(self) -> list[Option]:
        """The options that take a value."""
        return [option for option in self.options if option.kind]

    @property
    def signs(self) -> list[tuple[str, Option]]:
        """For fish: the names of each option together, as it wants them, with the option."""
        grouped: dict[str, list[Option]] = {}
        for option in self.options:
            grouped.setdefault(option.help, []).append(option)
        return [(" ".join(option.flags for option in group), group[0]) for group in grouped.values()]


def run_completion(app: typer.Typer, shell: str | None, shelf: Shelf) -> None:
    """Print the script for a shell.

    Args:
        app: the program, with all of its commands.
        shell: one of `SHELLS`.
        shelf: the templates of which nothing need be written down.

    Raises:
        UsageError: where it is none of these.
    """
    if shell not in SHELLS:
        what = f"there is no completion for {shell!r}" if shell else "for which shell?"
        raise UsageError(what, hint=f"git draft completion {'|'.join(SHELLS)}")
    print(format_script(list(iter_commands(app)), shell, shelf.list_templates()))


def iter_commands(app: typer.Typer) -> Iterator[Command]:
    """Give the commands of the program, in their order."""
    group: Any = get_command(app)
    for name, command in group.commands.items():
        options = [
            Option(text, parameter.help or "", "" if parameter.is_flag else _KINDS.get(parameter.opts[-1], "none"))
            for parameter in command.params
            if parameter.param_type_name == "option"
            for text in parameter.opts
        ]
        options += [Option(text, "Say what it does.") for text in _HELP]
        metavars = [each.metavar for each in command.params if each.param_type_name == "argument"]
        arguments = _ARGUMENTS_OF.get(name) or tuple(_ARGUMENTS[each] for each in metavars if each in _ARGUMENTS)
        yield Command(name, command.help.split("\n")[0], tuple(options), arguments)


def format_script(commands: list[Command], shell: str, templates: Iterable[Template]) -> str:
    """Write the script for a shell.

    Args:
        commands: all of them.
        shell: one of `SHELLS`.
        templates: those that are there where nothing was written down.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (files("git_draft") / "completions" / name).read_text("utf-8")),
        autoescape=False,  # noqa: S701  # shells are no HTML; what is not ours is quoted
        keep_trailing_newline=False,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["quoted"] = _quote_for_fish if shell == "fish" else shlex.quote
    return environment.get_template(f"{shell}.jinja").render(
        version=__version__,
        commands=commands,
        templates=[Option(each.name, each.settings.description) for each in templates],
        printed=_PRINTED | {kind: " ".join(words) for kind, words in _list_choices().items()},
        choices=_list_choices(),
    )


def _list_choices() -> dict[str, tuple[str, ...]]:
    return {
        "strategy": tuple(MergeStrategy),
        "by": tuple(By),
        "shell": SHELLS,
        "add": ("add",),
        "pull": ("pull",),
        "weights": tuple(CATALOGUE),
    }


def _quote_for_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
