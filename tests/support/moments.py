"""Commands that get a signal at a moment drawn from the time in which they write.

Where nobody may trace processes this stands in for strace; and signals that ask a process to end can come at any time.
Used by `tests/cases/test_crashes.py`.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 60
_MEASURED = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended that was sent a signal.

    Args:
        moment: when it was sent, as a part of the time in which the command writes: 0 for the first object, 1 for the
            last record.
        was_running: whether it was still running then.
        status: the exit status, negative where it died of the signal.
        stderr: what it printed.
    """

    moment: float
    was_running: bool
    status: int
    stderr: str


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a command writes: from where it begins its snapshot to the last record.

    Args:
        span_s: how long that takes. How long a command takes until then depends on what else the machine does, so the
            beginning is waited for each time.
    """

    span_s: float

    @classmethod
    def measure(cls, words: Sequence[str], copy: Callable[[], Path]) -> Window:
        """Run a command three times, each in a new copy of a repository, and take the median."""
        spans = []
        for _ in range(_MEASURED):
            folder = copy()
            process = _start(words, folder)
            begun = _wait_for_writing(process, folder)
            process.communicate(timeout=_TIMEOUT_S)
            assert process.returncode in (0, 3)
            spans.append(max(_iter_times(folder / ".git")) - begun)
        return cls(statistics.median(spans))

    def send(self, number: signal.Signals, moment: float, words: Sequence[str], folder: Path) -> Ended:
        """Run a command, and send it a signal at a moment; what a terminal sends goes to all that it started, too."""
        process = _start(words, folder)
        _wait_for_writing(process, folder)
        time.sleep(moment * self.span_s)
        was_running = process.poll() is None
        if was_running:
            if number is signal.SIGTERM:
                process.send_signal(number)
            else:
                os.killpg(process.pid, number)
        _, stderr = process.communicate(timeout=_TIMEOUT_S)
        return Ended(moment, was_running, process.returncode, stderr)


def _wait_for_writing(process: subprocess.Popen[str], folder: Path) -> float:
    """Wait until a command makes the copy of the index for its snapshot; give the time."""
    scratch = folder / ".git/git-draft/tmp"
    before = scratch.stat().st_mtime_ns
    while scratch.stat().st_mtime_ns == before and process.poll() is None:
        time.sleep(0.001)
    return time.time()


def _start(words: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "git_draft", *words],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def _iter_times(folder: Path) -> Iterator[float]:
    for parent, _, names in os.walk(folder):
        for name in names:
            yield os.lstat(os.path.join(parent, name)).st_ctime  # noqa: PTH118  # thousands of them
