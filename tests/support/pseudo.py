"""The program on a terminal: a pseudo terminal that a test types into and reads from."""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.support.skips import require_program

_TIMEOUT_S = 60.0


class Terminal:
    """A program on a terminal of its own.

    Args:
        process: the program.
        descriptor: our end of the terminal.
    """

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self.screen = ""

    def wait_for(self, text: str) -> None:
        """Read until a text was printed; fails the test where it does not come."""
        deadline = time.monotonic() + _TIMEOUT_S
        while text not in self.screen:
            assert time.monotonic() < deadline, f"no {text!r} in {self.screen!r}"
            assert self._read(), f"it ended without {text!r}: {self.screen!r}"

    def wait_for_prompt(self) -> None:
        """Read until the program waits after ``> ``, ``? `` or ``] ``; fails the test where it never does."""
        deadline = time.monotonic() + _TIMEOUT_S
        before = None
        while not re.search(r"[>?\]] (\x1b\[[0-9;]*m)*\Z", self.screen) or self.screen != before:
            assert time.monotonic() < deadline, f"no prompt in {self.screen!r}"
            before = self.screen
            assert self._read(), f"it ended without a prompt: {self.screen!r}"

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Read until something is so that is not on the screen; fails the test where it never is."""
        deadline = time.monotonic() + _TIMEOUT_S
        while not is_so():
            assert time.monotonic() < deadline, f"not so after {self.screen!r}"
            assert self._read(), f"it ended before it was so: {self.screen!r}"

    def type(self, text: str) -> None:
        r"""Type; ``\x03`` is Ctrl-C, ``\x04`` Ctrl-D, ``\r`` Enter."""
        os.write(self._descriptor, text.encode())

    def finish(self) -> int:
        """Read to the end and give the exit code, negative for a signal."""
        while self._read():
            pass
        return self._process.wait()

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def text(self) -> str:
        """What was printed, without what moves or paints, and without lines that were drawn over."""
        lines = [line.rpartition("\r\x1b[K")[2] for line in self.screen.replace("\r\n", "\n").split("\n")]
        return "\n".join(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line) for line in lines)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], 0.2)
        if not ready:
            return True
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # how Linux says that the other end is closed
            data = b""
        self.screen += data.decode("utf-8", "replace")
        return bool(data)

    def close(self) -> None:
        """End the program where it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._descriptor)


@contextlib.contextmanager
def opened_terminal(
    command: Sequence[str], folder: Path, environ: Mapping[str, str], *, columns: int = 80
) -> Iterator[Terminal]:
    """Start a program on a terminal, ended with the block."""
    require_program("setsid", package="util-linux")
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    process = subprocess.Popen(
        ["setsid", "--ctty", *command], cwd=folder, env=dict(environ), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
    finally:
        terminal.close()
