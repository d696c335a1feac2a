"""The names of bots and templates, written down for the completion of shells, which start no Python.

A line for each, ``bot NAME``, ``template NAME`` and ``argument NAME --ARGUMENT``, the last two with a tab and what it is.
Called by the commands that know them.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from git_draft.config import BotConfig, find_config_path, read_user_config
from git_draft.errors import ConfigError, TemplateError
from git_draft.project import Project
from git_draft.templates import Shelf

_FILE = "words"


def note_words(project: Project, shelf: Shelf) -> None:
    """Write down the names of bots and templates, for shells to read; where that can't be done, they do without.

    Args:
        project: the open repository.
        shelf: its templates, the user's, and the built-in ones.
    """
    bots: Sequence[BotConfig] = ()
    with contextlib.suppress(ConfigError):
        bots = read_user_config(find_config_path(project.repo.env)).bots
    lines = [f"bot {bot.name}\n" for bot in bots if bot.name.isprintable()]
    first = {each.name: each for each in reversed(shelf.list_templates())}  # of a name the one that counts
    for template in sorted(first.values(), key=lambda each: each.name):
        with contextlib.suppress(TemplateError):  # a broken one is in nobody's way
            settings = template.settings
            lines.append(f"template {template.name}\t{_put_on_a_line(settings.description)}\n")
            for name, argument in settings.arguments.items():
                lines.append(f"argument {template.name} --{name}\t{_put_on_a_line(argument.help)}\n")
    file, text = project.state_dir / _FILE, "".join(lines)
    with contextlib.suppress(OSError):
        if not file.exists() or file.read_text("utf-8") != text:
            _replace(file, text)


def _put_on_a_line(text: str) -> str:
    return re.sub(r"[^ -~\w]+|\s+", " ", text)


def _replace(file: Path, text: str) -> None:
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.write_text(text, "utf-8")
    fresh.replace(file)
