"""Output through git's pager, and in git's colours, as the user has set them up for git.

What git prints itself (`show`, `log`) it pages itself. Called by what prints lists.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping

from git_draft.errors import ConfigError
from git_draft.project import Project

Paint = Callable[[str, str], str]
"""Gives a text in a style, one of `STYLES`."""

STYLES = {"name": "33", "good": "32", "bad": "31", "head": "1", "asked": "36", "faint": "2"}
"""The codes of git's own colours for ids, what is added, what is removed, and so on."""
_PAGER_ENV = {"LESS": "FRX", "LV": "-c"}  # git's own, where the user has set nothing


def leave_plain(text: str, _style: str) -> str:
    """Give a text as it is; a `Paint`."""
    return text


def choose_paint(project: Project, environ: Mapping[str, str]) -> Paint:
    """Give what paints, or what leaves texts as they are: as ``color.ui``, NO_COLOR and the terminal say."""
    setting = (project.repo.config.get("color.ui") or "auto").lower()
    is_terminal = sys.stdout.isatty() and environ.get("TERM", "dumb") != "dumb"
    is_on = setting == "always" or (setting not in ("false", "never", "no", "off", "0") and is_terminal)
    if not is_on or environ.get("NO_COLOR"):
        return leave_plain
    return lambda text, style: f"\x1b[{STYLES[style]}m{text}\x1b[m" if text.strip() else text


def find_columns() -> int:
    """Find how wide the terminal is, 0 where standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def print_paged(project: Project, lines: Iterable[str]) -> None:
    """Print lines, on a terminal through the pager that git would take; ``pager.draft`` is honoured."""
    pager = _find_pager(project) if sys.stdout.isatty() else None
    if pager is None:
        for line in lines:
            print(line)
        return
    environ = {**_PAGER_ENV, **os.environ}
    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as git does: Ctrl-C is the pager's
    try:
        process = subprocess.Popen(["sh", "-c", pager], stdin=subprocess.PIPE, env=environ, text=True, errors="replace")
        with contextlib.suppress(BrokenPipeError):  # the user has seen enough
            process.communicate("".join(f"{line}\n" for line in lines))
        process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def _find_pager(project: Project) -> str | None:
    setting = project.repo.config.get("pager.draft")
    if setting is not None:
        try:
            if not project.repo.config.get_bool("pager.draft"):
                return None
        except ConfigError:  # no boolean: a command
            return setting
    pager = os.fsdecode(project.repo.run("var", "GIT_PAGER", check=False).stdout).strip()
    return pager if pager not in ("", "cat") else None
