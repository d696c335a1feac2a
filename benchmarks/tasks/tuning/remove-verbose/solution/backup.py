"""Copy notes to another folder."""

import shutil
from pathlib import Path


def list_notes(folder):
    """Give the paths of all notes in a folder, sorted."""
    return sorted(Path(folder).glob("*.note"))


def copy_notes(source, target):
    """Copy all notes that are not there yet.

    Args:
        source: the folder with the notes.
        target: the folder to copy them to; it is made if need be.

    Returns:
        The names of the copied notes.
    """
    Path(target).mkdir(parents=True, exist_ok=True)
    copied = []
    for path in list_notes(source):
        if not (Path(target) / path.name).exists():
            shutil.copy(path, target)
            copied.append(path.name)
    return copied
