"""What git clears away while we work: a `git gc --prune=now` takes new objects before a ref leads to them.

So after each change of refs it is seen whether git was at work meanwhile, and what is gone is written again. git's
default leaves loose objects alone that are younger than two weeks, so what a ref is to lead to is always written loose,
though a pack has it: `git repack -d` may be about to throw that away. A `git prune` by hand can't be seen, and is not
guarded against. Called by repo, objects and refs.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from functools import cached_property
from pathlib import Path

import pygit2
from pygit2.enums import ObjectType

from git_draft.errors import RepoError
from git_draft.git.config import GitConfig

_TIMEOUT_S = 60.0
_KEPT_BYTES = 32 << 20
_WRITE_ATTEMPTS = 10


class Housekeeping:
    """Tells whether git packed and cleared away objects since this was made, and keeps what we wrote since.

    Args:
        common_dir: the git directory that all worktrees share.
        config: git's settings.
    """

    def __init__(self, common_dir: Path, config: GitConfig) -> None:
        self._common_dir = common_dir
        self._config = config
        self._before = self._read_marks()
        self._written: list[tuple[ObjectType, bytes]] = []
        self._room = _KEPT_BYTES

    @cached_property
    def _loose(self) -> pygit2.Odb:
        # without the packs: what stands in one is written all the same, since the pack may go
        odb = pygit2.Odb()
        odb.add_backend(pygit2.OdbBackendLoose(str(self._common_dir / "objects"), -1, False), 1)
        return odb

    def is_loose(self, oid: str) -> bool:
        """Tell whether an object has a file of its own."""
        return self._loose.exists(pygit2.Oid(hex=oid))

    def write(self, kind: ObjectType, data: bytes) -> str:
        """Write an object, though git removes folders that it emptied, also one that libgit2 has just made for it.

        Raises:
            RepoError: where the object database can't be written to.
        """
        for attempt in range(1, _WRITE_ATTEMPTS + 1):
            try:
                return str(self._loose.write(kind, data))
            except (pygit2.GitError, OSError) as error:
                if attempt == _WRITE_ATTEMPTS or "failed to rename lockfile" not in str(error):
                    raise RepoError(f"can't write to the object database: {error}") from error
        raise AssertionError  # the last attempt returns or raises

    def remember(self, kind: ObjectType, data: bytes) -> None:
        """Keep an object that was written, as long as there is room for it; compressed, since few are asked for again."""
        packed = zlib.compress(data, 1)
        if len(packed) <= self._room:
            self._room -= len(packed)
            self._written.append((kind, packed))

    def was_at_work(self) -> bool:
        """Tell whether git packed or cleared away objects since this was made.

        One that clears away at once is waited for: it may have decided before a ref was there.
        """
        pid = self._find_clearing()
        deadline = time.monotonic() + _TIMEOUT_S
        while pid is not None and self._find_clearing() == pid and time.monotonic() < deadline:
            time.sleep(0.02)
        return pid is not None or self._read_marks() != self._before

    def write_again(self) -> None:
        """Write all objects again that are kept.

        Raises:
            RepoError: where the object database can't be written to.
        """
        for kind, packed in self._written:
            self.write(kind, zlib.decompress(packed))

    def bring_back(self) -> None:
        """Write all objects again that are kept, if git was at work; called where one is missing.

        Raises:
            RepoError: where the object database can't be written to.
        """
        if self.was_at_work():
            self.write_again()

    def _read_marks(self) -> list[int]:
        marks = []
        for name in ("pack", "info/packs"):
            with contextlib.suppress(OSError):
                marks.append((self._common_dir / "objects" / name).stat().st_mtime_ns)
        return marks

    def _find_clearing(self) -> int | None:
        try:
            pid = int((self._common_dir / "gc.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().lower().replace(b"--no-prune", b"")
        except OSError:
            return pid  # the system does not tell what it does
        return pid if b"prune" in command or self._config.get("gc.pruneExpire") is not None else None
