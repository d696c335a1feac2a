"""Where this program keeps what belongs to no repository, private folders there, and folders that others change.

Called by whoever writes there, and by who looks for files beside other programs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path


def find_state_folder(env: Mapping[str, str]) -> Path:
    """Give the folder for logs, whether it is there or not."""
    state = Path(env.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():  # the standard says to ignore those
        state = Path("~/.local/state").expanduser()
    return state / "git-draft"


@contextlib.contextmanager
def private_folder(parent: Path) -> Iterator[Path]:
    """Make a folder that no other user can look into, and remove it with all that is in it when the block ends.

    Args:
        parent: where it is made; `remove_abandoned_folders` finds there what killed processes left.

    Raises:
        OSError: where it can't be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    folder, lock = _make_locked(parent)
    try:
        yield folder
    finally:
        remove_tree(folder)
        os.close(lock)


def _make_locked(parent: Path) -> tuple[Path, int]:
    """Make a folder and lock it: the lock, unlike a process id, is gone exactly when the process is."""
    import tempfile  # it takes time to load, which looking around need not

    while True:
        folder = Path(tempfile.mkdtemp(dir=parent))  # for its owner only
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # taken for abandoned before it could be locked
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder, lock
        os.close(lock)


def remove_abandoned_folders(parent: Path) -> None:
    """Remove the private folders of processes that were killed."""
    with contextlib.suppress(FileNotFoundError):
        for folder in list(parent.iterdir()):
            with contextlib.suppress(OSError):
                lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    remove_tree(folder)
                finally:
                    os.close(lock)


def iter_files(folder: Path) -> Iterator[Path]:
    """Give all files in a folder and its folders, also while others remove some: what goes away meanwhile is passed by.

    `Path.rglob` fails then.
    """
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def remove_tree(folder: Path) -> None:
    """Remove a folder, also where a program took the right to do so away; what can't be removed stays."""
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    for parent, names, _ in os.walk(folder):  # goes into each folder only after it has been opened here
        for path in (Path(parent, name) for name in names):
            with contextlib.suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
