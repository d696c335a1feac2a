"""Several processes that write to one repository at once, each a fresh interpreter.

What they run must be a function of a module. Used by `tests/git/`.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

PROCESSES = 4
_TIMEOUT_S = 60

T = TypeVar("T")


def run_rivals(work: Callable[[Path, int], T], folder: Path) -> list[T]:
    """Call a function with a folder and a number, in as many processes as there are numbers; give what they return."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        running = [pool.apply_async(work, (folder, number)) for number in range(PROCESSES)]
        return [each.get(_TIMEOUT_S) for each in running]
