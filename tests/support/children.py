"""Children of a process, as the kernel lists them, and whether anything of them is left.

For the tests of programs that must not outlive git-draft.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from git_draft.processes import is_alive, read_start

_TIMEOUT_S = 20.0
_LISTENS = "0A"
T = TypeVar("T")


def wait_for(find: Callable[[], T | None], what: str) -> T:
    """Ask again and again until something is found; fails the test where it is not in twenty seconds."""
    deadline = time.monotonic() + _TIMEOUT_S
    while True:
        found = find()
        if found:
            return found
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.02)


@dataclass(frozen=True)
class Child:
    """A process that was there.

    Args:
        pid: its number.
        start: a mark of its start, since numbers are given out again.
    """

    pid: int
    start: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return is_alive(self.pid, self.start)

    def list_sockets(self) -> set[str]:
        """Give the inodes of the sockets that it listens on."""
        return _list_listening() & set(_iter_open_sockets(self.pid))


def find_child(parent: int, word: str) -> Child | None:
    """Find a child of a process by a word of its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            if int(fields[1]) == parent and word in (folder / "cmdline").read_text("utf-8", "replace"):
                return Child(int(folder.name), read_start(int(folder.name)))
        except OSError:  # it ended meanwhile
            continue
    return None


def wait_for_handler(pid: int, number: signal.Signals) -> None:
    """Wait until a process handles a signal itself, which Python's programs do with SIGINT alone until they ask."""
    bit = 1 << (number - 1)
    wait_for(lambda: _read_caught(pid) & bit or None, f"handler of {number.name}")


def _read_caught(pid: int) -> int:
    match = re.search(r"^SigCgt:\s*([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(match[1], 16) if match else 0


def check_nothing_left(child: Child, sockets: set[str]) -> None:
    """See that a process ends within seconds, and that nobody listens where it did.

    Its sockets may outlast its main thread for a moment.
    """
    wait_for(lambda: not child.is_alive or None, f"end of process {child.pid}")
    wait_for(lambda: not _list_listening() & sockets or None, "end of what it listens on")


def _list_listening() -> set[str]:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[3] == _LISTENS}


def _iter_open_sockets(pid: int) -> Iterator[str]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
        except OSError:
            continue
        if match:
            yield match[1]
