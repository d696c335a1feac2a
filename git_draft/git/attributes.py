"""Git's attributes of paths, from .gitattributes in any folder, info/attributes and core.attributesFile.

Git itself is asked, for all paths at once. It reads what is in the working directory now, of a sparse one what is in the
index. Called by `opening.py`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import PurePosixPath

from git_draft.git.repo import Repository


def find_unset(repo: Repository, attribute: str, paths: Sequence[PurePosixPath]) -> frozenset[PurePosixPath]:
    """Find the paths for which an attribute is unset, as ``-attribute`` says.

    Raises:
        GitCommandError: where git can't tell.
    """
    if not paths:
        return frozenset()
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    fields = repo.run("check-attr", "--stdin", "-z", attribute, stdin=asked).stdout.split(b"\0")
    return frozenset(
        PurePosixPath(os.fsdecode(path))
        for path, value in zip(fields[::3], fields[2::3], strict=False)
        if value == b"unset"
    )
