"""From a command line to its command: split, help where it is asked for, and the error boundary around all.

Called by `__main__`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from git_draft import __version__
from git_draft.cli.app import app
from git_draft.cli.commands import format_help, get_command, list_options
from git_draft.cli.failures import EXIT_INTERRUPTED, run_guarded
from git_draft.cli.line import DEFAULT_COMMAND, HELP, find_template, split_line, take_arguments
from git_draft.errors import UsageError


def main(argv: Sequence[str] | None = None) -> int:
    """Run git-draft and give its exit code; never raises."""
    words = sys.argv[1:] if argv is None else list(argv)
    return run_guarded(lambda: _dispatch(words), os.environ)


def _dispatch(argv: Sequence[str]) -> int:
    line = split_line(argv)
    if line.command == "--version":
        print(f"git-draft version {__version__}")
        return 0
    try:
        Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder does not exist any more") from None
    template = find_template(line.words) if line.command == DEFAULT_COMMAND else None
    if line.wants_help and template and template not in HELP:
        from git_draft.cli.templates import run_help

        run_help(template, list_options(get_command(app, DEFAULT_COMMAND)))
        return 0
    if line.wants_help:
        print(format_help(app, line.command))
        return 0
    command = get_command(app, line.command)
    if line.command == DEFAULT_COMMAND:
        line = take_arguments(line, list_options(command))
    status = command.main(args=list(line.words), prog_name="git draft", standalone_mode=False, obj=line)
    if status == EXIT_INTERRUPTED:  # typer's word for it, and it says nothing
        raise KeyboardInterrupt
    return status if isinstance(status, int) else 0
