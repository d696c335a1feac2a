"""A whole process measured: wall and processor time with what it started, and the memory of its largest process."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MAXRSS_OF_MIB = 1024 * 1024 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux KiB


@dataclass(frozen=True)
class Sample:
    """What one run took.

    Args:
        wall_s: from start to end.
        user_s: processor time in user mode, of all its processes.
        peak_mib: the most memory that one of its processes had.
    """

    wall_s: float
    user_s: float
    peak_mib: float

    def __add__(self, other: Sample) -> Sample:
        """Give what both take, one after the other."""
        return Sample(self.wall_s + other.wall_s, self.user_s + other.user_s, max(self.peak_mib, other.peak_mib))


class RunError(Exception):
    """A command that is measured failed."""


def run_measured(command: Sequence[str], folder: Path, environ: Mapping[str, str], *, stdin: str = "") -> Sample:
    """Run a command, its output dropped.

    Args:
        command: a program and its arguments.
        folder: a repository.
        environ: its environment.
        stdin: what it may read.

    Raises:
        RunError: with the end of what it said, where its exit status is not 0.
    """
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as read:
        read.write(stdin.encode())
        read.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=dict(environ), stdin=read, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            tail = said.read().decode("utf-8", "replace")[-2000:]
            raise RunError(f"{' '.join(command)}: exit status {process.returncode}\n{tail}")
    return Sample(wall_s, usage.ru_utime, usage.ru_maxrss / _MAXRSS_OF_MIB)


def find_median(samples: Iterable[Sample]) -> Sample:
    """Give the median of each figure."""
    rows = list(samples)
    return Sample(
        statistics.median(row.wall_s for row in rows),
        statistics.median(row.user_s for row in rows),
        statistics.median(row.peak_mib for row in rows),
    )
