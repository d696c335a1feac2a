"""Git's attributes of paths, from .gitattributes in any folder, info/attributes and core.attributesFile.

Git itself is asked, for all paths at once. It reads what is in the working directory now, of a sparse one what is in the
index. Called by `opening.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from git_draft.git.repo import Repository

_BATCH = 10_000
"""How many paths git is asked about at once: what it answers is in memory all together."""


def find_unset(repo: Repository, attribute: str, paths: Sequence[str]) -> frozenset[str]:
    """Find the paths for which an attribute is unset, as ``-attribute`` says.

    Raises:
        GitCommandError: where git can't tell.
    """
    return frozenset(
        path for start in range(0, len(paths), _BATCH) for path in _ask(repo, attribute, paths[start : start + _BATCH])
    )


def _ask(repo: Repository, attribute: str, paths: Sequence[str]) -> Iterator[str]:
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    answer = repo.run("check-attr", "--stdin", "-z", attribute, stdin=asked).stdout
    if b"\0unset\0" not in answer:
        return
    fields = answer.split(b"\0")
    for path, value in zip(fields[::3], fields[2::3], strict=False):
        if value == b"unset":
            yield os.fsdecode(path)
