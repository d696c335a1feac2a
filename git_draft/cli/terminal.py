"""The user's terminal: progress while a bot works, its questions, the editor, yes or no.

Progress goes to standard error: on a terminal a line that is drawn again and again (by `spinner.py`), elsewhere plain
lines; what it says is `progress.py`'s. Results are in `render.py`. Called by `making.py`, and by `models.py` to know a
terminal.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from git_draft.cli.progress import Progress
from git_draft.cli.render import clean, format_count
from git_draft.cli.spinner import Spinner
from git_draft.errors import AbortError, GitDraftError
from git_draft.protocols import Feedback

if TYPE_CHECKING:  # both take a while to load, and a command that moves refs needs neither
    import asyncio

    from git_draft.events import Event

_PROMPT_FILE = "DRAFT_EDITMSG"


def is_terminal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether a stream is a terminal on which a line can be drawn again."""
    return stream.isatty() and environ.get("TERM", "dumb") != "dumb"


class Sibling:
    """Shows what one of several runs does; given by `TerminalFeedback.open_sibling`.

    Args:
        progress: its lines and its row.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def emit(self, event: Event) -> None:
        """Show an event."""
        self._progress.emit(event)

    async def ask(self, question: str) -> str | None:  # noqa: ARG002  # the protocol's
        """Answer no question: which run asks could not be told in a hurry, and others go on meanwhile."""
        return None


class TerminalFeedback:
    """Shows what a bot does, and asks what it asks; a context manager.

    Args:
        environ: for TERM.
        is_quiet: say nothing but warnings.
        is_verbose: show the model's own words, too.
        can_ask: whether questions may be asked.
        edit: lets the user answer a question in their editor.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        is_quiet: bool,
        is_verbose: bool,
        can_ask: bool,
        edit: Callable[[str], str] | None = None,
    ) -> None:
        self._is_quiet = is_quiet
        self._is_verbose = is_verbose
        self._edit = edit
        self._can_ask = can_ask and sys.stdin.isatty() and sys.stderr.isatty()
        self._spinner = Spinner(sys.stderr) if is_terminal(sys.stderr, environ) and not is_quiet else None
        self._progress = Progress(self._spinner, is_quiet=is_quiet, is_verbose=is_verbose)

    def __enter__(self) -> Self:
        if self._spinner:
            self._spinner.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.end_speech()
        if self._spinner:
            self._spinner.__exit__(kind, error, trace)

    def open_sibling(self, number: int, count: int) -> Feedback:
        """Give the feedback of one of several runs at the same time: a row of its own, its lines marked.

        Args:
            number: which, from 1.
            count: how many there are.
        """
        label = f"[{number}/{count}] "
        return Sibling(Progress(self._spinner, is_quiet=self._is_quiet, is_verbose=self._is_verbose, label=label))

    def emit(self, event: Event) -> None:
        """Show an event: warnings always, the rest as progress."""
        self._progress.emit(event)

    async def ask(self, question: str) -> str | None:
        """Ask on the terminal; None with --batch, without a terminal, and where the user ends the input.

        A lone ``e`` opens the editor, for an answer of several lines.
        """
        if not self._can_ask:
            return None
        self._step_aside()
        print(f"question: {clean(question)}", file=sys.stderr)
        try:
            return await self._read_answer(question)
        finally:
            if self._spinner:
                self._spinner.pause(is_paused=False)

    async def _read_answer(self, question: str) -> str | None:
        while True:
            print("answer (e: in the editor)> " if self._edit else "> ", end="", file=sys.stderr, flush=True)
            answer = await _read_line(sys.stdin.fileno())
            if answer != "e" or self._edit is None:
                return answer
            try:
                return self._edit(question)
            except GitDraftError as error:
                print(clean(error.message), file=sys.stderr)

    @property
    def can_ask(self) -> bool:
        """Whether there is somebody to ask."""
        return self._can_ask

    def confirm(self, lines: Sequence[str], question: str) -> bool:
        """Ask yes or no, after showing what it is about; no where nobody can be asked."""
        if not self._can_ask:
            return False
        self._step_aside()
        for line in lines:
            print(f"  {clean(line)}", file=sys.stderr)
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        try:
            return sys.stdin.readline().strip().lower() in ("y", "yes")
        finally:
            if self._spinner:
                self._spinner.pause(is_paused=False)

    def confirm_loss(self, commits: tuple[str, ...]) -> bool:
        """Ask whether commits of the user's own may be left behind; no where nobody can be asked."""
        count = format_count(len(commits), "commit")
        return self.confirm(commits, f"leave {count} of your own on the folio branch behind?")

    def _step_aside(self) -> None:
        self._progress.end_speech()
        if self._spinner:
            self._spinner.pause(is_paused=True)


async def _read_line(descriptor: int) -> str | None:
    import asyncio

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


def has_terminal() -> bool:
    """Tell whether there is a terminal for an editor, be it another one than standard input."""
    return sys.stdin.isatty() or _open_terminal() is not None


def _open_terminal() -> TextIO | None:
    try:
        return Path("/dev/tty").open(encoding="utf-8")
    except OSError:
        return None


def run_editor(file: Path, editor: str, environ: Mapping[str, str]) -> None:
    """Let the user change a file in their editor, started as git starts it.

    Args:
        file: which.
        editor: the command, as ``git var GIT_EDITOR`` gives it.
        environ: the editor's environment.

    Raises:
        GitDraftError: where there is none, or it fails.
    """
    if not editor:
        raise GitDraftError("no editor is set", hint="git config core.editor <command>")
    if editor != ":" and _run_editor(editor, file, environ):
        raise GitDraftError(f"the editor failed: {editor}", hint="git config core.editor <command>")


def _run_editor(editor: str, file: Path, environ: Mapping[str, str]) -> int:
    is_shown = is_terminal(sys.stderr, environ)
    if is_shown:  # a window may have opened behind this one
        print("hint: waiting for your editor to close the file …", end="", file=sys.stderr, flush=True)
    terminal = None if sys.stdin.isatty() else _open_terminal()  # what was piped in is no keyboard
    process = subprocess.Popen(["sh", "-c", f'{editor} "$@"', editor, str(file)], env=dict(environ), stdin=terminal)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as git does: Ctrl-C is the editor's
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        if terminal:
            terminal.close()
        if is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def edit_text(
    text: str, editor: str, folder: Path, environ: Mapping[str, str], *, cut_off: Callable[[str], str], nothing: str
) -> str:
    """Let the user change a text in their editor.

    Args:
        text: what the file holds at first.
        editor: the command, as ``git var GIT_EDITOR`` gives it.
        folder: where the file is put; the git directory.
        environ: the editor's environment.
        cut_off: takes away what does not count.
        nothing: what is said where nothing is left.

    Raises:
        GitDraftError: where the editor fails.
        AbortError: where the result is empty.
    """
    file = folder / _PROMPT_FILE
    file.write_text(text, "utf-8")
    run_editor(file, editor, environ)
    edited = cut_off(file.read_text("utf-8", "replace")).strip("\n") if file.exists() else ""
    if not edited.strip():
        raise AbortError(nothing)
    return edited
