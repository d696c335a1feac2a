"""What stands on disk, unrecorded, where files are about to be put. Called by merging and history."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath


def find_unrecorded(
    top: Path, paths: Iterable[PurePosixPath], is_recorded: Callable[[PurePosixPath], bool]
) -> list[PurePosixPath]:
    """Find what is on disk where files are about to be put, and in no snapshot: ignored files above all.

    Args:
        top: the top of the working directory.
        paths: files that will be made, relative to the top.
        is_recorded: whether the snapshot holds a file at a path.
    """
    found: dict[PurePosixPath, None] = {}
    for path in paths:
        for place in [*list(path.parents)[-2::-1], path]:
            try:
                mode = os.lstat(top / place).st_mode
            except (FileNotFoundError, NotADirectoryError):
                break
            if not stat.S_ISDIR(mode):
                if not is_recorded(place):
                    found[place] = None
                break
            if place == path:
                found.update((each, None) for each in _iter_disk(top, place) if not is_recorded(each))
    return list(found)


def _iter_disk(top: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    for parent, folders, files in os.walk(top / folder):
        here = PurePosixPath(Path(parent).relative_to(top))
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*files, *links]):
            yield here / name
