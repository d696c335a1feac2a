"""What `make docs` writes: the manual page from the commands, the README's transcript from the demo, the table of quirks.

A test compares them with what stands in the project, so that none grows old.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from git_draft import __version__
from git_draft.bots.quirks import TABLE
from git_draft.cli.app import app

CHECKOUT = Path(__file__).resolve().parents[2]
MANUAL = CHECKOUT / "share/man/man1/git-draft.1"
MANUAL_SOURCE = CHECKOUT / "docs/git-draft.1.in"
README = CHECKOUT / "README.md"
TRANSCRIPT = re.compile(r"(<!-- made by make docs -->\n```console\n).*?(```\n)", re.DOTALL)

QUIRKS = CHECKOUT / "docs/quirks.md"
QUIRKS_TABLE = re.compile(r"(<!-- made by make docs -->\n).*?(<!-- end -->\n)", re.DOTALL)

_COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]  # it is a group
_DEFAULT = "new"


def escape_roff(text: str) -> str:
    """Write a text so that roff prints it as it stands."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in escaped.split("\n"))


def _format_usage(name: str) -> str:
    command = _COMMANDS[name]
    words = ["git draft"] if name == _DEFAULT else ["git draft", name]
    if any(param.param_type_name == "option" for param in command.params):
        words.append("[OPTIONS]")
    words += [f"[{param.metavar}]" for param in command.params if param.param_type_name == "argument"]
    return " ".join(words)


def _iter_options(name: str) -> Iterator[str]:
    for param in _COMMANDS[name].params:
        if param.param_type_name != "option" or "--help" in param.opts:
            continue
        names = ", ".join(f"\\fB{escape_roff(option)}\\fR" for option in param.opts)
        value = "" if param.is_flag else f" \\fI{escape_roff(param.metavar or '')}\\fR"
        yield f".TP\n{names}{value}\n{escape_roff(param.help or '')}"


def _iter_commands() -> Iterator[str]:
    for name, command in _COMMANDS.items():
        usage = escape_roff(_format_usage(name))
        yield f".SS {usage}\n{escape_roff(inspect.cleandoc(command.help or ''))}"
        if name == _DEFAULT:
            yield f"See OPTIONS; \\fBgit draft {_DEFAULT}\\fR is the same in full."
        else:
            yield from _iter_options(name)


def format_manual() -> str:
    """Write the manual page."""
    parts = {
        "VERSION": __version__,
        "SYNOPSIS": "\n".join(escape_roff(_format_usage(name)) for name in _COMMANDS),
        "OPTIONS": "\n".join(_iter_options(_DEFAULT)),
        "COMMANDS": "\n".join(_iter_commands()),
    }
    text = MANUAL_SOURCE.read_text("utf-8")
    for key, value in parts.items():
        text = text.replace(f"@{key}@", value)
    return text


def format_quirks() -> str:
    """Write the table of quirks."""
    lines = ["| row | what happens | seen with | what is done |", "|---|---|---|---|"]
    lines += [f"| {quirk} | {row.trap} | {row.applies_to} | {row.handling} |" for quirk, row in TABLE.items()]
    return "\n".join(["", *lines, "", "The case of a row is `test_handled[<row>]`.", "", ""])


def main() -> None:
    """Write all."""
    QUIRKS.write_text(QUIRKS_TABLE.sub(lambda found: found[1] + format_quirks() + found[2], QUIRKS.read_text("utf-8")))
    from tests.support.scripted_demo import make_transcript

    MANUAL.parent.mkdir(parents=True, exist_ok=True)
    MANUAL.write_text(format_manual(), "utf-8")
    transcript = make_transcript()
    text = README.read_text("utf-8")
    README.write_text(TRANSCRIPT.sub(lambda found: found[1] + transcript + found[2], text), "utf-8")


if __name__ == "__main__":
    main()
