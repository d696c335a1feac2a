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
    """The time in which a command writes, in seconds from its start: from the first object to the last record."""

    first_s: float
    last_s: float

    @classmethod
    def measure(cls, words: Sequence[str], copy: Callable[[], Path]) -> Window:
        """Run a command three times, each in a new copy of a repository, and take the medians."""
        spans = []
        for _ in range(_MEASURED):
            folder = copy()
            started = time.time()
            process = _start(words, folder)
            process.communicate(timeout=_TIMEOUT_S)
            assert process.returncode in (0, 3)
            times = sorted(time_s - started for time_s in _iter_times(folder / ".git") if time_s >= started)
            objects = [time_s - started for time_s in _iter_times(folder / ".git/objects") if time_s >= started]
            spans.append((min(objects, default=times[0]), times[-1]))
        return cls(*(statistics.median(ends) for ends in zip(*spans, strict=True)))

    def send(self, number: signal.Signals, moment: float, words: Sequence[str], folder: Path) -> Ended:
        """Run a command, and send it a signal at a moment; what a terminal sends goes to all that it started, too."""
        process = _start(words, folder)
        time.sleep(self.first_s + moment * (self.last_s - self.first_s))
        was_running = process.poll() is None
        if was_running:
            if number is signal.SIGTERM:
                process.send_signal(number)
            else:
                os.killpg(process.pid, number)
        _, stderr = process.communicate(timeout=_TIMEOUT_S)
        return Ended(moment, was_running, process.returncode, stderr)


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
