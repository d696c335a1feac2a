"""The git program: started, waited for, and what it says when it fails. Called by repo."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from git_draft.errors import RepoError, TimeIsUpError
from git_draft.signals import STOPPING

_SAYS_NOTHING = ("fatal: Unable to process path ", "fatal: updating files failed")  # the line before does
_ATTEMPTS = 3  # of a git that a signal ends


def first_line(text: str) -> str:
    """Give the line that says most of what git printed: its first fatal or error line, without that word."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(_SAYS_NOTHING)]
    for mark in ("fatal: ", "error: "):
        for line in lines:
            if line.startswith(mark):
                return line.removeprefix(mark)
    said = [line.strip() for line in lines if not line.startswith("hint:")]
    return " ".join(said[:3])  # such as "The following paths …", which goes on with the paths


def run_git(
    args: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    stdin: bytes | None = None,
    shielded: bool = False,
    timeout_s: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git to its end, whatever its status is.

    Args:
        args: the words after ``git``.
        cwd: where.
        env: the whole environment.
        stdin: what it reads.
        shielded: keep the terminal's Ctrl-C from it.
        timeout_s: how long it may take, where it is not shielded; None for as long as it likes.

    Raises:
        RepoError: where there is no git.
        TimeIsUpError: where it takes longer; it is killed.
    """
    if not shielded:
        for _attempt in range(_ATTEMPTS):
            with start_git(args, cwd=cwd, env=env) as process:
                try:
                    stdout, stderr = process.communicate(stdin, timeout_s)
                except subprocess.TimeoutExpired:
                    process.kill()
                    raise TimeIsUpError(f"git {args[0]} takes too long") from None
            # a terminal's signal goes to us as well, and has its effect; where that is put off, git is asked again
            if -process.returncode not in STOPPING:
                break
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
    import tempfile  # it takes time to load, which looking around need not

    # files and not pipes: where we are killed, git must not die of what it wants to say
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with start_git(args, cwd=cwd, env=env, shielded=True, stdout=out, stderr=err) as process:
            process.communicate(stdin)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(process.args, process.returncode, out.read(), err.read())


def start_git(
    args: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    shielded: bool = False,
    stdout: int | IO[bytes] = subprocess.PIPE,
    stderr: int | IO[bytes] = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start git; arguments as `run_git`, and where its output goes.

    Raises:
        RepoError: where there is no git.
    """
    try:
        return subprocess.Popen(
            ["git", *args],
            cwd=cwd,
            env={**env, "LANGUAGE": "C"},  # untranslated: what git says is matched here and there
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            start_new_session=shielded,
        )
    except FileNotFoundError as error:
        raise RepoError("the git program is not on PATH", hint="install git 2.39 or newer") from error
