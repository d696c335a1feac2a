"""Programs that are run with a limit on their time, and of which nothing is left running.

Called by `answers.py` for git-draft and by `checks.py` for the code that a model wrote.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_GRACE_S = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """A program that was run.

    Args:
        status: its exit status, None where it took too long.
        output: what it wrote on standard output.
        errors: what it wrote on standard error.
        seconds: how long it ran.
    """

    status: int | None
    output: str
    errors: str
    seconds: float


def run_bounded(command: Sequence[str], folder: Path, env: Mapping[str, str], timeout_s: float) -> Ended:
    """Run a program in a folder; after the timeout it is asked to end, then made to."""
    start = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # so that all it started can be ended with it
    ) as process:
        try:
            output, errors = process.communicate(timeout=timeout_s)
            status: int | None = process.returncode
        except subprocess.TimeoutExpired:
            output, errors = _end(process)
            status = None
        finally:
            _signal(process, signal.SIGKILL)
    return Ended(status, output, errors, time.monotonic() - start)


def _end(process: subprocess.Popen[str]) -> tuple[str, str]:
    _signal(process, signal.SIGTERM)
    try:
        return process.communicate(timeout=_GRACE_S)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        return process.communicate()


def _signal(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # nobody is left in its group
        os.killpg(process.pid, number)
