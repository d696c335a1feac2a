"""A program run to its end: started, listened to, and ended with all that it started where it takes too long.

It runs under a process of its own, `keeper.py`, which ends it also where git-draft is killed. What is printed is handed
on line by line, cleaned and bounded. Which program, and what it is told, is not decided here. Called by `command.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from git_draft.bots import keeper as keeper_module
from git_draft.bots.keeper import GRACE_S, Order, Report
from git_draft.errors import BotError

FIRST_LINES = 1900
LAST_LINES = 100
"""Of a longer output so many lines are kept at its beginning and at its end."""
MAX_LINE_CHARACTERS = 500
_MAX_LINE_BYTES = 4 * MAX_LINE_CHARACTERS
_CHUNK_BYTES = 1 << 16
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|$)|[ -/]*[0-~])")


class Listener:
    """Takes what a program prints, and hands on its lines, the first and the last where there are many.

    Args:
        tell: given each line.
        hidden: texts that must not be handed on, with what stands for them.
    """

    def __init__(self, tell: Callable[[str], None], hidden: Mapping[str, str]) -> None:
        self._tell = tell
        self._hidden = hidden
        self._rest = b""
        self._count = 0
        self._last: deque[bytes] = deque(maxlen=LAST_LINES)
        self.last_line = ""
        """The last line that says something."""

    def hear(self, data: bytes) -> None:
        """Take a piece of the output."""
        *lines, rest = (self._rest + data).split(b"\n")
        # of a line without end the start will do; where it is drawn again and again, its last state
        self._rest = rest if len(rest) <= 2 * _MAX_LINE_BYTES else rest[:_MAX_LINE_BYTES] + rest[-_MAX_LINE_BYTES:]
        room = max(0, FIRST_LINES - self._count)
        for line in lines[:room]:
            self._say(line)
        self._count += len(lines)
        self._last.extend(lines[room:][-LAST_LINES:])

    def end(self) -> None:
        """Hand on what is left when the program has ended."""
        if self._rest:
            self.hear(b"\n")
        unheard = self._count - FIRST_LINES - len(self._last)
        if unheard > 0:
            self._tell(f"… {unheard} more lines")
        for line in self._last:
            self._say(line)
        self._last.clear()

    def _say(self, line: bytes) -> None:
        text = self._clean(line)
        if text:
            self.last_line = text
            self._tell(text)

    def _clean(self, line: bytes) -> str:
        """Give a line as it looked in the end, without colours and control characters."""
        text = _ESCAPES.sub("", line.decode("utf-8", "replace"))
        drawn = [part for part in text.split("\r") if part.strip()]
        text = drawn[-1].expandtabs(4).rstrip() if drawn else ""
        for secret, name in self._hidden.items():
            text = text.replace(secret, name)
        text = "".join(each for each in text if each.isprintable())
        return text if len(text) <= MAX_LINE_CHARACTERS else text[:MAX_LINE_CHARACTERS] + "…"


async def run_program(
    words: Sequence[str], folder: Path, env: Mapping[str, str], *, listener: Listener, timeout_s: float
) -> int:
    """Run a program; when this returns or raises, nothing of it runs any more.

    Args:
        words: the program, as a path or a name in the folder, and its arguments.
        folder: where it runs.
        env: all of its environment.
        listener: told what it prints.
        timeout_s: how long it may take.

    Returns:
        Its exit status, or less than 0 the signal that ended it.

    Raises:
        TimeoutError: where it took too long and was ended.
        BotError: where it can't be started.
    """
    reports, report_fd = os.pipe()
    try:
        keeper = await _start_keeper(report_fd)
        try:
            async with asyncio.timeout(timeout_s):
                await _give_order(keeper, Order(tuple(words), str(folder), dict(env), report_fd))
                await _listen(keeper, listener)
        finally:
            await _end(keeper, listener)
        os.close(report_fd)
        report_fd = -1
        report = _read_report(reports)
    finally:
        os.close(reports)
        if report_fd >= 0:
            os.close(report_fd)
    if report.problem:
        raise BotError(f"can't start {words[0]}: {report.problem}")
    if report.status is None:
        raise BotError(f"{words[0]} was ended, and nobody knows how")
    return report.status


async def _start_keeper(report_fd: int) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", keeper_module.__file__),  # a file that needs nothing but the standard library
            stdin=PIPE,
            stdout=PIPE,
            stderr=STDOUT,
            pass_fds=(report_fd,),
            start_new_session=True,  # Ctrl-C on the terminal is for us
        )
    except OSError as error:
        raise BotError(f"can't start a process: {error.strerror}") from error


async def _give_order(keeper: Process, order: Order) -> None:
    assert keeper.stdin is not None  # noqa: S101  # it has a pipe
    with contextlib.suppress(ConnectionError):  # how it died is found out below
        keeper.stdin.write(order.format())
        await keeper.stdin.drain()


async def _listen(keeper: Process, listener: Listener) -> None:
    assert keeper.stdout is not None  # noqa: S101  # it has a pipe
    while data := await keeper.stdout.read(_CHUNK_BYTES):
        listener.hear(data)


async def _end(keeper: Process, listener: Listener) -> None:
    """End the program by the end of its keeper's input, which does nothing where it has ended by itself."""
    assert keeper.stdin is not None  # noqa: S101  # it has a pipe
    keeper.stdin.close()
    try:
        async with asyncio.timeout(3 * GRACE_S):
            await _listen(keeper, listener)  # its end is that of the keeper and of all that it kept
            await keeper.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            keeper.kill()
    listener.end()


def _read_report(reports: int) -> Report:
    data = b""
    os.set_blocking(reports, False)
    with contextlib.suppress(BlockingIOError):  # somebody still has it open
        while piece := os.read(reports, 4096):
            data += piece
    return Report.parse(data) if data else Report()
