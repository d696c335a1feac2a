"""The programs that git-draft is compared with, each installed into an environment of its own, from PyPI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

EARLIER = "git-draft[openai]==0.53.2"
AIDER = "aider-chat==0.86.2"

# git 2.39 knows `git config --get KEY` only, where the earlier git-draft says `git config get KEY`
_WRAPPER = """\
#!/bin/sh
case "$1 $2" in
    "config get") shift 2; exec {git} config --get "$@" ;;
    "config set") shift 2; exec {git} config "$@" ;;
esac
exec {git} "$@"
"""


def find_python(oldest: tuple[int, int], newest: tuple[int, int]) -> str | None:
    """Find an interpreter whose version is in a range, both ends included; this one comes first."""
    if oldest <= sys.version_info[:2] <= newest:
        return sys.executable
    for minor in range(oldest[1], newest[1] + 1):
        for program in _iter_interpreters(f"python3.{minor}"):
            if subprocess.run([program, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
                return program
    return None


def _iter_interpreters(name: str) -> Iterator[str]:
    if found := shutil.which(name):
        yield found
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(root.glob(f"versions/*/bin/{name}")))


def install(requirement: str, folder: Path, oldest: tuple[int, int], newest: tuple[int, int]) -> str | None:
    """Install a peer where it is not there yet; give what is wrong where that can't be done.

    Args:
        requirement: name and version, for pip.
        folder: its environment.
        oldest: the oldest Python that it runs on.
        newest: the newest one.
    """
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == requirement:
        return None
    python = find_python(oldest, newest)
    if python is None:
        return f"no Python from {oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}"
    for command in (
        [python, "-m", "venv", "--clear", str(folder)],
        [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", requirement],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    stamp.write_text(requirement)
    return None


def write_wrapper(folder: Path) -> Path:
    """Write a git that understands the earlier git-draft; give the folder for PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "git"
    program.write_text(_WRAPPER.format(git=shutil.which("git")))
    program.chmod(0o755)
    return folder
