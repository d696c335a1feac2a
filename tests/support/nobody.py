"""Runs something as a user without rights, since root reads and writes what nobody else can; disks that are full."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pygit2
import pytest
from pygit2.enums import ConfigLevel

NOBODY = 65534


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that every user can reach, with a home in it; `tmp_path` is root's own."""
    folder = Path(tempfile.mkdtemp(prefix="git-draft-open-"))
    folder.chmod(0o777)
    home = folder / "home"
    home.mkdir()
    shutil.copy(os.environ["GIT_CONFIG_GLOBAL"], home / ".gitconfig")
    try:
        yield folder
    finally:
        for parent, _, _ in os.walk(folder):
            Path(parent).chmod(0o777)
        shutil.rmtree(folder)


def give_away(folder: Path) -> None:
    """Let nobody own a folder with all that is in it."""
    if os.geteuid() == 0:
        for parent, _, names in os.walk(folder):
            for path in (Path(parent), *(Path(parent, name) for name in names)):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def run_as_nobody(home: Path, action: Callable[[], object]) -> str:
    """Do something in a child process that is nobody, and give the text of what it gives or raises.

    All modules that it needs must have been imported: nobody may not be able to read them.
    """
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: the child starts none
        pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            paths = {
                "HOME": home,
                "GIT_CONFIG_GLOBAL": home / ".gitconfig",
                "XDG_STATE_HOME": home,
                "TMPDIR": home.parent,
            }
            os.environ.update({key: str(path) for key, path in paths.items()})
            tempfile.tempdir = None  # it has been found already, for root; and so has libgit2's home
            for level in (ConfigLevel.GLOBAL, ConfigLevel.XDG):
                pygit2.Settings().search_path[level] = str(home)
            try:
                said = str(action())
            except Exception as error:  # noqa: BLE001  # whatever it is, the test wants to know
                said = f"{type(error).__name__}: {error}"
            os.write(theirs, said.encode("utf-8", "replace"))
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said


@contextlib.contextmanager
def small_disk(folder: Path, size_kib: int) -> Iterator[Path]:
    """Give a folder on a file system of its own that holds only so much; skips the test where none can be mounted."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted: {os.fsdecode(done.stderr).strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_disk(folder: Path, *, free_kib: int) -> Path:
    """Fill a disk up to some KiB; give the file that takes the room."""
    filler = folder / "filler"
    room = os.statvfs(folder)
    filler.write_bytes(b"x" * max(0, room.f_bavail * room.f_frsize - free_kib * 1024))
    return filler
