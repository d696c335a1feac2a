"""Whole commands measured: seconds, and the most memory that git-draft's own process took, git's not counted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 300
# what the kernel says of the process itself when it ends; resource.getrusage counts children too
_PROGRAM = """\
import atexit, pathlib, re, runpy, sys
def tell(place=sys.argv[1]):
    status = pathlib.Path("/proc/self/status").read_text()
    pathlib.Path(place).write_text(re.search(r"VmHWM:\\s*(\\d+)", status)[1])
atexit.register(tell)
sys.argv = ["git-draft", *sys.argv[2:]]
runpy.run_module("git_draft", run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a command cost.

    Args:
        seconds: from its start to its end.
        peak_mib: the most memory that its own process had.
        stdout: what it printed.
        stderr: what it said.
        status: its exit status.
    """

    seconds: float
    peak_mib: float
    stdout: str
    stderr: str
    status: int


def measure(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> Measured:
    """Run git-draft in a folder."""
    with tempfile.NamedTemporaryFile("r") as told:
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, told.name, *words],
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        seconds = time.monotonic() - started
        return Measured(seconds, int(told.read() or 0) / 1024, done.stdout, done.stderr, done.returncode)


def measure_git(folder: Path, commands: Sequence[Sequence[str]], env: Mapping[str, str] | None = None) -> float:
    """Run git's own commands in a folder; give the seconds of all together."""
    started = time.monotonic()
    for words in commands:
        subprocess.run(["git", *words], cwd=folder, env={**os.environ, **(env or {})}, check=True, capture_output=True)
    return time.monotonic() - started
