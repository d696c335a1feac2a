"""Folders in which others work at the same time."""

import shutil
from pathlib import Path

from git_draft.folders import iter_files


def test_a_folder_goes_away_while_files_are_looked_for(tmp_path: Path) -> None:
    """As pip's and git's do, after their names were read: what stays is found, and nothing fails."""
    for name in ("left", "right"):
        (tmp_path / name / "folder").mkdir(parents=True)
        (tmp_path / name / "folder" / "file.txt").touch()
    files = iter_files(tmp_path)
    found = next(files)
    shutil.rmtree(tmp_path / ("right" if found.parent.parent.name == "left" else "left"))
    assert list(files) == []
