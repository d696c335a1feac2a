"""Whether a process that was written down earlier is still the same and alive.

A number alone is not enough, since the system gives it out again; on Linux the moment of its start tells. Called by the
store's users: sweeping and list.
"""

from __future__ import annotations

import os
from pathlib import Path


def read_start(pid: int) -> str:
    """Give a mark of the moment that a process started at; empty where the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def is_alive(pid: int, start: str) -> bool:
    """Tell whether the process that was written down with this number and start still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return read_start(pid) == start
