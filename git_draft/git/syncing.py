"""What git's settings ask to be synced to the disk when it is written: ``core.fsync``. Called by repo.

Measured with git 2.39: what is named is synced whatever is excluded beside it, ``none`` only takes away from the default,
the last value counts alone, and the default syncs neither loose objects nor refs.
"""

from __future__ import annotations

import contextlib

import pygit2

from git_draft.errors import ConfigError
from git_draft.git.config import GitConfig

_ALL = frozenset({"committed", "added", "all"})
_OBJECTS = _ALL | {"objects", "loose-object"}
_REFS = _ALL | {"reference"}


def open_database(git_dir: str, config: GitConfig) -> pygit2.Repository:
    """Open a repository by libgit2, which syncs loose objects and refs from then on where git would.

    libgit2 has one switch for the whole process: the part for refs is looked at when they are first read, the part for
    objects at each write.

    Raises:
        pygit2.GitError: where it can't be opened.
    """
    named = {part.strip() for part in (config.get("core.fsync") or "").split(",")}
    objects, refs = not named.isdisjoint(_OBJECTS), not named.isdisjoint(_REFS)
    with contextlib.suppress(ConfigError):  # git says so itself where it matters
        objects = objects or config.get_bool("core.fsyncObjectFiles")
    settings = pygit2.settings  # a new one would read the certificates of TLS again, for 5 ms
    settings.enable_caching(False)  # what it holds would be taken for there when git gc has cleared it away
    opened = pygit2.Repository(git_dir)
    settings.enable_fsync_gitdir(refs)
    with contextlib.suppress(KeyError):
        opened.lookup_reference("HEAD")
    settings.enable_fsync_gitdir(objects)
    return opened
