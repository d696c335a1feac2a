"""The commands for the manual page and for `docs/cli-reference.md`, with the examples of `docs/examples.toml`.

The examples are run as one session; the reference shows what they print.
"""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.main import get_command

from git_draft.cli.app import app
from git_draft.cli.line import DEFAULT_COMMAND
from tests.support.console import opened_console

COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]  # it is a group
"""What typer knows of each command."""

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples.toml"
EXAMPLES_SCRIPT = Path(__file__).with_name("examples.json")
_HEAD = """\
# The commands

<!-- made by make docs, from the commands themselves and examples.toml -->

What each command takes, with examples: one session, run again by a test, with a model whose answers are scripted. `git draft "…"` is short for
`git draft new "…"`; a prompt that is the name of a command is written `git draft -- list`. A draft is named `3/2` (draft 2 of folio 3), `2` (of the active
folio), `@` (the newest), `3/` (the newest of folio 3), or by the id of its commit.
"""


@dataclass(frozen=True)
class Example:
    """An example of a command.

    Args:
        command: whose.
        line: what a user types.
        says: what it is for.
        before: commands that are run first and not shown.
        typed: what is typed where it asks.
        lines: how many lines of what it prints are shown; 0 for all.
        unrun: why it can't be run; empty where it can.
    """

    command: str
    line: str
    says: str
    before: str = ""
    typed: Sequence[str] = ()
    lines: int = 0
    unrun: str = ""

    def cut(self, seen: str) -> str:
        """Give as much of the output as is shown."""
        lines = seen.splitlines(keepends=True)
        return "".join([*lines[: self.lines], "…\n"]) if self.lines and lines[self.lines :] else seen


def read_examples() -> list[Example]:
    """Read the examples, in the order in which they are run."""
    return [Example(**table) for table in tomllib.loads(EXAMPLES.read_text("utf-8"))["example"]]


def run_examples(examples: Iterable[Example]) -> Iterator[tuple[Example, str]]:
    """Run examples in one session; give each with what is shown of its output."""
    with opened_console(EXAMPLES_SCRIPT) as console:
        for example in examples:
            if example.before:
                console.run(example.before, expected=(0,))
            yield example, "" if example.unrun else example.cut(console.run(example.line, example.typed, (0,)))


def format_usage(name: str) -> str:
    """Write how a command is called."""
    command = COMMANDS[name]
    words = ["git draft"] if name == DEFAULT_COMMAND else ["git draft", name]
    if any(param.param_type_name == "option" for param in command.params):
        words.append("[OPTIONS]")
    words += [f"[{param.metavar}]" for param in command.params if param.param_type_name == "argument"]
    return " ".join(words)


def iter_options(name: str) -> Iterator[tuple[Sequence[str], str, str]]:
    """Give the names, the value's name or an empty text, and the help of each option of a command."""
    for param in COMMANDS[name].params:
        if param.param_type_name == "option" and "--help" not in param.opts:
            yield param.opts, "" if param.is_flag else param.metavar or "", param.help or ""


def describe(name: str) -> str:
    """Give a command's help, its line first."""
    return inspect.cleandoc(COMMANDS[name].help or "")


def format_reference() -> str:
    """Write the reference; runs the examples."""
    ran: dict[str, list[tuple[Example, str]]] = {name: [] for name in COMMANDS}
    for example, seen in run_examples(read_examples()):
        ran[example.command].append((example, seen))
    return "\n".join([_HEAD, *("\n".join(_iter_section(name, pairs)) for name, pairs in ran.items())])


def _iter_section(name: str, ran: Iterable[tuple[Example, str]]) -> Iterator[str]:
    yield f"## {name}\n\n`{format_usage(name)}`\n\n{describe(name)}\n"
    rows = [
        (" ".join([*(f"`{name}`," for name in names[:-1]), f"`{names[-1]}{value and ' ' + value}`"]), told)
        for names, value, told in iter_options(name)
    ]
    rows += [(f"`{p.metavar}`", p.help) for p in COMMANDS[name].params if p.param_type_name == "argument" and p.help]
    if rows:
        yield "\n".join(["| | |", "|---|---|", *(f"| {cell} | {told} |".replace("||", "|") for cell, told in rows), ""])
    for example, seen in ran:
        yield f"{example.says[0].upper()}{example.says[1:]}:\n\n```console\n$ {example.line}\n{seen}```\n"
