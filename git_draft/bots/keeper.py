"""The process that a program runs under: a child of git-draft, which runs this file.

It needs the standard library only. A process of its own, so that nothing of the program is left whatever becomes of git-draft, also where that is killed. It
reads an `Order` from its standard input and starts the program; when that ends, or the standard input does, everything
that the program started is ended as well. What is printed goes to standard output, how the program ended to the
descriptor that the order names. Started by `programs.py`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Self

from git_draft.frozen import frozen

GRACE_S = 3.0
"""From asking to end to killing."""
_KILLING_S = 5.0
_POLL_S = 0.02
_PR_SET_CHILD_SUBREAPER = 36


@frozen
class Order:
    """What is to be run; a line of JSON.

    Args:
        words: the program and its arguments.
        folder: where it runs.
        env: all of its environment.
        report_fd: where a `Report` is written.
    """

    words: tuple[str, ...]
    folder: str
    env: dict[str, str]
    report_fd: int

    def format(self) -> bytes:
        """Write it as a line; names that are no UTF-8 survive."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read it from its line."""
        return cls(**json.loads(line))


@frozen
class Report:
    """How a program ended; JSON.

    Args:
        status: its exit status, or less than 0 the signal that ended it; None where it did not end by itself.
        problem: why it could not be started.
    """

    status: int | None = None
    problem: str = ""

    def format(self) -> bytes:
        """Write it."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read it."""
        return cls(**json.loads(data))


def main() -> None:
    """Run the program that is ordered, until it ends or is to end."""
    line = sys.stdin.buffer.readline()
    if not line:
        return
    order = Order.parse(line)
    _adopt_orphans()
    wake, _woken = _wake_on_signals()
    try:
        process = subprocess.Popen(
            order.words,
            cwd=order.folder,
            env=order.env,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            process_group=0,  # so that it can be ended with all it starts; a terminal it has not, for we have none
        )
    except OSError as error:
        os.write(order.report_fd, Report(problem=error.strerror or str(error)).format())
        return
    status = _wait(process, wake)
    if status is not None:
        os.write(order.report_fd, Report(status).format())
    _end_all(process)


def _adopt_orphans() -> None:
    """Become the parent of what the program starts and leaves, so that it can be found."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _wake_on_signals() -> tuple[int, int]:
    """Let signals end a wait; those that ask to end do it by ending our own input, others by their mere arrival."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: None)
    return wake, woken


def _wait(process: subprocess.Popen[bytes], wake: int) -> int | None:
    """Wait until the program ends, and give its status; None where it is to be ended."""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if process.poll() is not None:
            return process.returncode
        arrived = os.read(wake, 512) if wake in ready else b""
        if 0 in ready or set(arrived) - {signal.SIGCHLD}:
            return None
        _reap(process)


def _reap(process: subprocess.Popen[bytes]) -> None:
    """Let go of adopted processes that have ended; the program itself is left to its own `poll`."""
    for pid in _list_children().get(os.getpid(), []):
        if pid != process.pid:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """End what is left of the program and of all that it started: first asked, then killed."""
    _signal_all(process, signal.SIGTERM)
    _wait_for_end(process, GRACE_S)
    deadline_s = time.monotonic() + _KILLING_S
    while _is_left(process) and time.monotonic() < deadline_s:  # again, for those that were being started
        _signal_all(process, signal.SIGKILL)
        _wait_for_end(process, _POLL_S)


def _wait_for_end(process: subprocess.Popen[bytes], timeout_s: float) -> None:
    deadline_s = time.monotonic() + timeout_s
    while _is_left(process) and time.monotonic() < deadline_s:
        time.sleep(_POLL_S)


def _is_left(process: subprocess.Popen[bytes]) -> bool:
    process.poll()
    _reap(process)
    return bool(_list_left(process)) or process.returncode is None


def _signal_all(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if sys.platform != "linux":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        return
    for pid in _list_left(process):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _list_left(process: subprocess.Popen[bytes]) -> list[int]:
    """Give what descends from us; where the system does not tell, the program's group stands for it, if it has any."""
    if sys.platform != "linux":
        try:
            os.killpg(process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return []
        return [process.pid]
    children = _list_children()
    found, rest = [], list(children.get(os.getpid(), []))
    while rest:
        pid = rest.pop()
        found.append(pid)
        rest += children.get(pid, [])
    return found


def _list_children() -> dict[int, list[int]]:
    """Give the children of each process."""
    children: dict[int, list[int]] = {}
    for pid, parent, state in _iter_processes():
        if state not in "ZX" or parent == os.getpid():
            children.setdefault(parent, []).append(pid)
    return children


def _iter_processes() -> Iterator[tuple[int, int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()  # the name before it may hold anything
        except OSError:
            continue
        yield int(folder.name), int(fields[1]), fields[0].decode()


if __name__ == "__main__":
    main()
