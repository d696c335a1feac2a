"""Repositories to measure in: so many small files in folders of fifty, clean or with a user's changes in them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_WHO = "Ada Lovelace <ada@example.org> 1700000000 +0000"
_FILES_OF_A_FOLDER = 50
_MOST_CHANGED = 500


@dataclass(frozen=True)
class Size:
    """How large a repository is, and what of it the user has touched where it is dirty.

    Args:
        files: how many files are tracked.
        changed: of these, how many are changed.
        untracked: how many there are beside.
    """

    files: int
    changed: int
    untracked: int

    @classmethod
    def of(cls, files: int) -> Size:
        """Give the size with so many files, and 500 changed and 500 untracked ones, or half of them in a small one."""
        touched = min(_MOST_CHANGED, files // 2)
        return cls(files, touched, touched)


def make_repository(folder: Path, size: Size, environ: Mapping[str, str], *, is_dirty: bool) -> Path:
    """Make a repository, checked out, its index fresh; give its folder."""
    folder.mkdir(parents=True)

    def git(*words: str, stdin: str | None = None, out: int | None = None) -> None:
        subprocess.run(["git", *words], cwd=folder, env=environ, check=True, input=stdin, stdout=out, text=True)

    git("init", "--quiet", "--initial-branch=main")
    names = [f"src/folder{n // _FILES_OF_A_FOLDER}/file{n}.py" for n in range(size.files)]
    entries = "".join(
        f"M 100644 inline {name}\ndata <<E\nclass Thing{n}:\n    line = {n}\nE\n" for n, name in enumerate(names)
    )
    git("fast-import", "--quiet", stdin=f"commit refs/heads/main\ncommitter {_WHO}\ndata 5\nfirst\n{entries}")
    git("reset", "--hard", "--quiet")
    if is_dirty:
        for name in names[:: size.files // size.changed][: size.changed]:
            (folder / name).write_text("mine\n")
        for number in range(size.untracked):
            (folder / names[number]).with_name(f"untracked{number}.py").write_text(f"{number}\n")
    git("status", "--porcelain", "--untracked-files=no", out=subprocess.DEVNULL)  # git notes what it has looked at
    return folder
