"""The names of bots and templates, written down for the completion of shells, which start no Python.

A line for each, ``bot NAME``, ``template NAME`` and ``argument NAME --ARGUMENT``, the last two with a tab and what it is.
Called by the commands that know them.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence

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
    with contextlib.suppress(OSError):
        _write(project, [*_iter_bots(project), *_iter_templates(shelf)])


def note_bots(project: Project) -> None:
    """Write down the names of bots, and leave what is written of templates."""
    with contextlib.suppress(OSError):
        file = project.state_dir / _FILE
        lines = file.read_text("utf-8").splitlines(keepends=True) if file.exists() else []
        _write(project, [*_iter_bots(project), *(line for line in lines if not line.startswith("bot "))])


def _iter_bots(project: Project) -> Iterator[str]:
    bots: Sequence[BotConfig] = ()
    with contextlib.suppress(ConfigError):
        bots = read_user_config(find_config_path(project.repo.env)).bots
    yield from (f"bot {bot.name}\n" for bot in bots if bot.name.isprintable())


def _iter_templates(shelf: Shelf) -> Iterator[str]:
    first = {each.name: each for each in reversed(shelf.list_templates())}  # of a name the one that counts
    for template in sorted(first.values(), key=lambda each: each.name):
        with contextlib.suppress(TemplateError):  # a broken one is in nobody's way
            settings = template.settings
            yield f"template {template.name}\t{_put_on_a_line(settings.description)}\n"
            for name, argument in settings.arguments.items():
                yield f"argument {template.name} --{name}\t{_put_on_a_line(argument.help)}\n"


def _write(project: Project, lines: Iterable[str]) -> None:
    file, text = project.state_dir / _FILE, "".join(lines)
    if not file.exists() or file.read_text("utf-8") != text:
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        fresh.write_text(text, "utf-8")
        fresh.replace(file)


def _put_on_a_line(text: str) -> str:
    return re.sub(r"[^ -~\w]+|\s+", " ", text)
