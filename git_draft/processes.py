"""Whether a process that was written down earlier is still the same and alive.

A number alone is not enough, since the system gives it out again; on Linux the moment of its start tells. Called by
store and sweeping.
"""

from __future__ import annotations

import os
from pathlib import Path

_DEAD = frozenset("ZX")  # its parent has not asked how it ended yet


def read_start(pid: int) -> str:
    """Give a mark of the moment that a process started at; empty where the system does not tell."""
    return _read_state_and_start(pid)[1]


def is_alive(pid: int, start: str) -> bool:
    """Tell whether the process that was written down with this number and start still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    state, found = _read_state_and_start(pid)
    return state not in _DEAD and found == start


def _read_state_and_start(pid: int) -> tuple[str, str]:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return "", ""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return fields[0], fields[19]
