"""What `make docs` writes: manual page and reference from the commands, what sessions print, tables of quirks and speed.

A test compares them with what stands in the project, so that none grows old.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.speed.report import format_markdown
from git_draft import __version__
from git_draft.bots.quirks import TABLE
from git_draft.cli.line import DEFAULT_COMMAND
from tests.support.console import opened_console
from tests.support.reference import COMMANDS, describe, format_reference, format_usage, iter_options, read_examples

CHECKOUT = Path(__file__).resolve().parents[2]
MANUAL = CHECKOUT / "share/man/man1/git-draft.1"
MANUAL_SOURCE = CHECKOUT / "docs/git-draft.1.in"
README = CHECKOUT / "README.md"
TRANSCRIPT = re.compile(r"(<!-- made by make docs -->\n```console\n).*?(```\n)", re.DOTALL)

SPEED = CHECKOUT / "docs/speed.json"
SPEED_TABLES = re.compile(r"(<!-- measured by make bench, written by make docs -->\n).*?(<!-- end -->\n)", re.DOTALL)

QUIRKS = CHECKOUT / "docs/quirks.md"
QUIRKS_TABLE = re.compile(r"(<!-- made by make docs -->\n).*?(<!-- end -->\n)", re.DOTALL)

TUTORIAL = CHECKOUT / "docs/tutorial.md"
TUTORIAL_SCRIPT = Path(__file__).with_name("tutorial.json")
REFERENCE = CHECKOUT / "docs/cli-reference.md"


def escape_roff(text: str) -> str:
    """Write a text so that roff prints it as it stands."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in escaped.split("\n"))


def _iter_options(name: str) -> Iterator[str]:
    for options, value, told in iter_options(name):
        names = ", ".join(f"\\fB{escape_roff(option)}\\fR" for option in options)
        shown = f" \\fI{escape_roff(value)}\\fR" if value else ""
        yield f".TP\n{names}{shown}\n{escape_roff(told)}"


def _iter_commands() -> Iterator[str]:
    examples = read_examples()
    for name in COMMANDS:
        yield f".SS {escape_roff(format_usage(name))}\n{escape_roff(describe(name))}"
        if name == DEFAULT_COMMAND:
            yield f"See OPTIONS; \\fBgit draft {name}\\fR is the same in full."
        else:
            yield from _iter_options(name)
        for example in examples:
            if example.command == name:
                says = escape_roff(example.says[0].upper() + example.says[1:])
                yield f".PP\n{says}:\n.PP\n.nf\n.RS 4\n{escape_roff(example.line)}\n.RE\n.fi"


def format_manual() -> str:
    """Write the manual page."""
    parts = {
        "VERSION": __version__,
        "SYNOPSIS": "\n".join(escape_roff(format_usage(name)) for name in COMMANDS),
        "OPTIONS": "\n".join(_iter_options(DEFAULT_COMMAND)),
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


def format_speed() -> str:
    """Write the tables of what git-draft takes beside the model."""
    return f"\n{format_markdown(json.loads(SPEED.read_text('utf-8')))}\n"


def format_tutorial() -> str:
    """Write the tutorial with what its sessions print."""
    with opened_console(TUTORIAL_SCRIPT) as console:
        return console.renew(TUTORIAL.read_text("utf-8"))


def main() -> None:
    """Write all."""
    TUTORIAL.write_text(format_tutorial(), "utf-8")
    REFERENCE.write_text(format_reference(), "utf-8")
    QUIRKS.write_text(QUIRKS_TABLE.sub(lambda found: found[1] + format_quirks() + found[2], QUIRKS.read_text("utf-8")))
    from tests.support.scripted_demo import make_transcript

    MANUAL.parent.mkdir(parents=True, exist_ok=True)
    MANUAL.write_text(format_manual(), "utf-8")
    transcript = make_transcript()
    text = TRANSCRIPT.sub(lambda found: found[1] + transcript + found[2], README.read_text("utf-8"))
    README.write_text(SPEED_TABLES.sub(lambda found: found[1] + format_speed() + found[2], text), "utf-8")


if __name__ == "__main__":
    main()
