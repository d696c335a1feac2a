"""The tasks as data: where they are and what belongs to one.

A task is a folder with `prompt.txt`, `files/`, `check.py` and `solution/`; README.md in the folder above tells more.
Called by `__main__.py` and by the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SETS = {"tuning": "tuning", "held-out": "held_out"}
"""The folder of each set of tasks."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Args:
        folder: where all that belongs to it is.
    """

    folder: Path

    @property
    def name(self) -> str:
        """What it is called."""
        return self.folder.name

    @property
    def prompt(self) -> str:
        """What the user asks for."""
        return (self.folder / "prompt.txt").read_text(encoding="utf-8").strip()

    @property
    def files(self) -> Path:
        """The repository at the start."""
        return self.folder / "files"

    @property
    def solution(self) -> Path:
        """The same files as a right answer leaves them."""
        return self.folder / "solution"

    @property
    def check(self) -> Path:
        """The hidden check, a Python program that is run in the folder of the answer; status 0 means solved."""
        return self.folder / "check.py"


def list_tasks(set_name: str) -> list[Task]:
    """Give the tasks of a set, one of `SETS`, sorted by name."""
    folder = Path(__file__).with_name(SETS[set_name])
    return [Task(path.parent) for path in sorted(folder.glob("*/prompt.txt"))]
