"""The user's terminal: progress while a bot works, its questions, the editor, yes or no.

Progress goes to standard error: on a terminal a line that is drawn again and again, elsewhere plain lines. Results are
in `render.py`. Called by `making.py`, and by `models.py` to know a terminal.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from git_draft.cli.render import clean, format_count
from git_draft.columns import fit_columns
from git_draft.errors import AbortError, GitDraftError
from git_draft.events import (
    Event,
    FolioClosed,
    FolioOpened,
    ModelAsked,
    ModelLoading,
    ModelReplied,
    QuestionAsked,
    RunEnded,
    RunStarted,
    Warned,
)

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_S = 0.1
_CLEAR_LINE = "\r\x1b[K"
_PROMPT_FILE = "DRAFT_EDITMSG"


def is_terminal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether a stream is a terminal on which a line can be drawn again."""
    return stream.isatty() and environ.get("TERM", "dumb") != "dumb"


class Spinner:
    """One line at the bottom of the terminal that says what is done now; a context manager.

    Args:
        stream: a terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._text = ""
        self._since_s = time.monotonic()
        self._is_over = threading.Event()
        self._is_paused = False
        self._thread = threading.Thread(target=self._turn, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._clear()

    def say(self, text: str) -> None:
        """Change what is said."""
        with self._lock:
            self._text = text

    def print(self, text: str) -> None:
        """Print a line above that stays."""
        with self._lock:
            self._stream.write(f"{_CLEAR_LINE}{text}\n")
            self._stream.flush()

    def pause(self, *, is_paused: bool) -> None:
        """Take the line away, for a question, or bring it back."""
        with self._lock:
            self._is_paused = is_paused
        self._clear()

    def _clear(self) -> None:
        with self._lock:
            self._stream.write(_CLEAR_LINE)
            self._stream.flush()

    def _turn(self) -> None:
        frame = 0
        while not self._is_over.wait(_FRAME_S):
            frame += 1
            with self._lock:
                if self._text and not self._is_paused:
                    columns = shutil.get_terminal_size().columns
                    spent_s = time.monotonic() - self._since_s
                    line = f"{_FRAMES[frame % len(_FRAMES)]} {spent_s:.0f} s  {self._text}"
                    self._stream.write(_CLEAR_LINE + fit_columns(line, columns - 1))
                    self._stream.flush()


class TerminalFeedback:
    """Shows what a bot does, and asks what it asks; a context manager.

    Args:
        environ: for TERM.
        is_quiet: say nothing but warnings.
        is_verbose: show the model's own words, too.
        can_ask: whether questions may be asked.
    """

    def __init__(self, environ: Mapping[str, str], *, is_quiet: bool, is_verbose: bool, can_ask: bool) -> None:
        self._is_quiet = is_quiet
        self._is_verbose = is_verbose
        self._can_ask = can_ask and sys.stdin.isatty() and sys.stderr.isatty()
        self._spinner = Spinner(sys.stderr) if is_terminal(sys.stderr, environ) and not is_quiet else None

    def __enter__(self) -> Self:
        if self._spinner:
            self._spinner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._spinner:
            self._spinner.__exit__(kind, error, trace)

    def emit(self, event: Event) -> None:
        """Show an event: warnings always, the rest as progress."""
        if isinstance(event, Warned):
            self._print(f"warning: {clean(event.message)}")
        elif self._is_quiet or isinstance(event, RunEnded | QuestionAsked):
            return
        elif isinstance(event, FolioOpened | FolioClosed):
            self._print(f"{'opened' if isinstance(event, FolioOpened) else 'closed'} {clean(event.describe())}")
        elif isinstance(event, RunStarted):
            self._print(f"asking {clean(event.describe())}")
            self._say("waiting for the model")
        elif isinstance(event, ModelLoading):
            self._say(f"loading {clean(event.describe())}")
        elif isinstance(event, ModelAsked):
            self._say(f"waiting for the model, {clean(event.describe())}")
        elif isinstance(event, ModelReplied):
            if self._is_verbose and event.text.strip():
                self._print("\n".join(map(clean, event.text.strip().splitlines())))
        elif self._is_verbose or not self._spinner:
            self._print(f"{event.kind}: {clean(event.describe())}")
        else:
            self._say(f"{event.kind}: {clean(event.describe())}")

    def _print(self, text: str) -> None:
        if self._spinner:
            self._spinner.print(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def _say(self, text: str) -> None:
        if self._spinner:
            self._spinner.say(text)

    async def ask(self, question: str) -> str | None:
        """Ask on the terminal; None with --batch, without a terminal, and where the user ends the input."""
        if not self._can_ask:
            return None
        if self._spinner:
            self._spinner.pause(is_paused=True)
        print(f"question: {clean(question)}\n> ", end="", file=sys.stderr, flush=True)
        try:
            answer = await _read_line(sys.stdin.fileno())
        finally:
            if self._spinner:
                self._spinner.pause(is_paused=False)
        return answer

    def confirm_loss(self, commits: tuple[str, ...]) -> bool:
        """Ask whether commits of the user's own may be left behind; no where nobody can be asked."""
        if not self._can_ask:
            return False
        if self._spinner:
            self._spinner.pause(is_paused=True)
        for commit in commits:
            print(f"    {clean(commit)}", file=sys.stderr)
        count = format_count(len(commits), "commit")
        print(f"leave {count} of your own on the folio branch behind? [y/N] ", end="", file=sys.stderr, flush=True)
        try:
            return sys.stdin.readline().strip().lower() in ("y", "yes")
        finally:
            if self._spinner:
                self._spinner.pause(is_paused=False)


async def _read_line(descriptor: int) -> str | None:
    # by the event loop and not by a thread: Ctrl-C must be able to end it
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        if not ready.done():
            ready.set_result(os.read(descriptor, 65536))

    loop.add_reader(descriptor, read)
    try:
        data = await ready
    finally:
        loop.remove_reader(descriptor)
    return data.decode("utf-8", "replace").strip() or None


def _run_editor(editor: str, file: Path, environ: Mapping[str, str]) -> int:
    process = subprocess.Popen(["sh", "-c", f'{editor} "$@"', editor, str(file)], env=dict(environ))
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as git does: Ctrl-C is the editor's
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def edit_text(text: str, editor: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Let the user change a text in their editor, started as git starts it.

    Args:
        text: what the file holds at first.
        editor: the command, as ``git var GIT_EDITOR`` gives it.
        folder: where the file is put; the git directory.
        environ: the editor's environment.

    Raises:
        GitDraftError: where the editor fails.
        AbortError: where the result is empty.
    """
    if not editor:
        raise GitDraftError("no editor is set", hint="git config core.editor <command>")
    file = folder / _PROMPT_FILE
    file.write_text(text, "utf-8")
    if editor != ":" and _run_editor(editor, file, environ):
        raise GitDraftError(f"the editor failed: {editor}", hint="git config core.editor <command>")
    edited = file.read_text("utf-8", "replace").strip("\n") if file.exists() else ""
    if not edited.strip():
        raise AbortError("the prompt is empty, nothing was done")
    return edited
