"""What a ``.gitmodules`` may say that a bot writes: what git's own fsck refuses, and some more, is refused.

A submodule is fetched and checked out by a command of the user's, from where this file says and to where it says; and a
value that git takes for an option, or for a command, runs. Called by worktree and exporting.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from git_draft.errors import ToolError
from git_draft.git.objects import Objects
from git_draft.git.tree import TreeEntry
from git_draft.paths import find_fault

GITMODULES = ".gitmodules"

_UPDATES = frozenset({"none", "checkout", "rebase", "merge"})
_WEB = re.compile(r"(?:https?|ftps?)(?=:)", re.IGNORECASE)
_HELPER = re.compile(r"\w+::")
_HOST = re.compile(r"[0-9a-z._-]+|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
_BAD_ESCAPE = re.compile("%(?![0-9a-f]{2})", re.IGNORECASE)
_CLIMBS_OUT = re.compile(r"(?:\.{1,2}[/\\])*\.\.[/\\](?:\.{0,2}[/\\])*[:/\\]")
_SEPARATORS = re.compile(r"[/\\]")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_UNPRINTABLE = re.compile("[\x00-\x20\x7f]|%0[0-9a-f]|%1[0-9a-f]|%7f", re.IGNORECASE)


def check_modules(objects: Objects, path: PurePosixPath, entry: TreeEntry, contents: bytes) -> None:
    """See that a file is no ``.gitmodules``, or one that does no harm.

    Args:
        objects: what can read git's configuration syntax.
        path: where it is, in any folder.
        entry: what is to stand there.
        contents: its bytes.

    Raises:
        ToolError: where it is one that git would refuse.
    """
    if path.name != GITMODULES:
        return
    if not entry.is_file:
        raise ToolError(f"{path} has to be a plain file")
    settings = objects.parse_settings(contents)
    if settings is None:
        raise ToolError(f"{path} is not in git's configuration syntax")
    if fault := next(_iter_faults(settings), None):
        raise ToolError(f"{path}: {fault}")


def _iter_faults(settings: Iterable[tuple[str, str]]) -> Iterator[str]:
    for key, value in settings:
        section, _, rest = key.partition(".")
        name, has_name, field = rest.rpartition(".")
        if section != "submodule" or not has_name:
            continue
        if not name or ".." in _SEPARATORS.split(name) or name.startswith("-") or _CONTROL.search(name):
            yield f"no such name for a submodule: {name!r}"
        elif field == "url" and not _is_safe_url(value):
            yield f"no such URL for a submodule: {value!r}"
        elif field == "path" and (value.startswith("-") or find_fault(value) is not None):
            yield f"no such path for a submodule: {value!r}"
        elif field == "update" and value not in _UPDATES:
            yield f"no such way to update a submodule: {value!r}"


def _is_safe_url(url: str) -> bool:
    # an option, a helper program such as ext::, line ends that reach a credential helper, ../ that eats up the host
    if not url or url.startswith("-") or _HELPER.match(url) or _UNPRINTABLE.search(url) or _CLIMBS_OUT.match(url):
        return False
    if not _WEB.match(url):
        return True
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return (
        url[len(parts.scheme) :].startswith("://") and _HOST.fullmatch(host) is not None and not _BAD_ESCAPE.search(url)
    )
