"""A file that is put together from pieces, over several tries if need be, and gets its name only when its hash is right.

While it grows it has ``.part`` after its name, and beside it stands a list of marks: how far it was, and the hash up to
there. So the next try knows what of it is whole, however the last one ended. Called by `sources.py`, which appends, and
`pulling.py`, which begins and ends.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from git_draft.errors import PullError
from git_draft.frozen import frozen

_CHUNK_BYTES = 1 << 20


@frozen
class _Mark:
    """A length at which the file is whole.

    Args:
        end_bytes: the length.
        sha256: the hash up to there.
        part: the number of the part that ends here, None between parts.
        hasher: goes on from here.
    """

    end_bytes: int
    sha256: str
    part: int | None
    hasher: hashlib._Hash = field(compare=False)


class PartialFile:
    """A file in the making; a context manager, within which it is open.

    Args:
        target: its place and name in the end.
        size_bytes: what its size must be.
        sha256: what its hash must be.
    """

    def __init__(self, target: Path, size_bytes: int, sha256: str) -> None:
        self.target = target
        self.total_bytes = size_bytes
        self.size_bytes = 0
        self._sha256 = sha256
        self._path = target.with_name(target.name + ".part")
        self._state = target.with_name(target.name + ".part.json")
        self._hasher = hashlib.sha256()
        self._marks: list[_Mark] = []
        self._file: BinaryIO | None = None

    @property
    def found_bytes(self) -> int:
        """How much an earlier try has left on disk, whole or not."""
        return self._path.stat().st_size if self._path.exists() else 0

    def __enter__(self) -> Self:
        self._path.touch()
        self._file = self._path.open("r+b")
        self._take_up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None:  # it is finished, or thrown away
            return
        try:
            if self.size_bytes > (self._marks[-1].end_bytes if self._marks else 0):
                self.mark()
        finally:
            self._file.close()

    @property
    def whole_parts(self) -> int:
        """The number of the last part that is whole, 0 where none is."""
        return next((mark.part for mark in reversed(self._marks) if mark.part is not None), 0)

    def append(self, data: bytes) -> None:
        """Write on.

        Raises:
            PullError: where the file would be larger than it must be.
        """
        if self.size_bytes + len(data) > self.total_bytes:
            raise PullError(f"{self.target.name} would be larger than the {self.total_bytes:,} bytes that it has")
        assert self._file is not None  # noqa: S101  # within the block
        self._file.write(data)
        self._hasher.update(data)
        self.size_bytes += len(data)

    def mark(self, part: int | None = None) -> None:
        """Write down that all up to here is whole.

        Args:
            part: the number of the part that ends here.
        """
        assert self._file is not None  # noqa: S101  # within the block
        self._file.flush()
        self._marks.append(_Mark(self.size_bytes, self._hasher.hexdigest(), part, self._hasher.copy()))
        marks = [(mark.end_bytes, mark.sha256, mark.part) for mark in self._marks]
        new = self._state.with_name(self._state.name + ".new")
        new.write_text(json.dumps({"sha256": self._sha256, "marks": marks}), "utf-8")
        new.replace(self._state)

    def go_back(self, *, to_start: bool = False) -> None:
        """Cut off what follows the last whole part, or everything."""
        while self._marks and (to_start or self._marks[-1].part is None):
            self._marks.pop()
        self._cut()

    def finish(self) -> None:
        """Give the file its name.

        Raises:
            PullError: where its size or hash is wrong; the file in the making is deleted then, and nothing else.
        """
        assert self._file is not None  # noqa: S101  # within the block
        found = self._hasher.hexdigest()
        if found == self._sha256:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._close()
            self._path.replace(self.target)
            return
        self._close()
        self._path.unlink()
        raise PullError(
            f"{self.target.name} has the SHA-256 {found}, not {self._sha256}, and was thrown away"
            if self.size_bytes == self.total_bytes
            else f"{self.target.name} has {self.size_bytes:,} bytes, not {self.total_bytes:,}, and was thrown away"
        )

    def _close(self) -> None:
        assert self._file is not None  # noqa: S101  # within the block
        self._file.close()
        self._file = None
        self._state.unlink(missing_ok=True)

    def _take_up(self) -> None:
        # a killed try may leave a torn end, a crashed system anything: only what hashes as marked is kept
        assert self._file is not None  # noqa: S101  # within the block
        hasher, at = hashlib.sha256(), 0
        for end_bytes, sha256, part in self._read_marks():
            while at < end_bytes and (data := self._file.read(min(_CHUNK_BYTES, end_bytes - at))):
                hasher.update(data)
                at += len(data)
            if hasher.hexdigest() != sha256:
                break
            self._marks.append(_Mark(end_bytes, sha256, part, hasher.copy()))
        self._cut()

    def _read_marks(self) -> list[tuple[int, str, int | None]]:
        try:
            state = json.loads(self._state.read_text("utf-8"))
            if state["sha256"] == self._sha256:
                return [(int(end), str(sha256), part) for end, sha256, part in state["marks"]]
        except (OSError, ValueError, KeyError, TypeError):  # none, or none that we wrote
            pass
        return []

    def _cut(self) -> None:
        assert self._file is not None  # noqa: S101  # within the block
        self._hasher = self._marks[-1].hasher.copy() if self._marks else hashlib.sha256()
        self.size_bytes = self._marks[-1].end_bytes if self._marks else 0
        self._file.seek(self.size_bytes)
        self._file.truncate()
