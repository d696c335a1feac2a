"""Lines that ask for a file to be deleted or renamed, told from prose that only speaks of it.

Called by `blocks.py`; whether it is done is decided in `patching.py`.
"""

from __future__ import annotations

import re

from git_draft.bots.naming import MAX_PATH_CHARS, Known
from git_draft.frozen import frozen
from git_draft.lines import cut_line

_ORDER = re.compile(r"^(Delete|Rename) file: `([^`]+)`(?: -> `([^`]+)`)?$")
_DELETION = re.compile(
    r"^(?:delete|remove)\s+(?:the\s+)?(?:file\b\s*)?:?\s*(\S+)$|^(?:delete|remove)\s*(?:file)?:\s*(.+)$", re.IGNORECASE
)
_RENAMING = re.compile(
    r"^(?:rename|move)\s+(?:the\s+)?(?:file\b\s*)?:?\s*(?:from\s+)?(\S+)\s+(?:->|=>|→|-->|to|as|into)\s+(\S+)$",
    re.IGNORECASE,
)
_LIKE = re.compile(r"\W*(?:delete|rename) file\W*:", re.IGNORECASE)


@frozen
class Order:
    """A file that is to go, or to get another path."""

    path: str
    new_path: str | None = None


def explain_failed(line: str) -> str | None:
    """Tell the model what is wrong with a line that seems to ask for such a thing, and is none that can be done."""
    if not _LIKE.match(line):
        return None
    return (
        f"the line {cut_line(line.strip())!r} can't be done: write `Delete file: path` or `Rename file: old -> new`, with "
        "the path of a file that is there"
    )


def find_order(line: str, known: Known) -> Order | None:
    """Read a line that asks for a deletion or a renaming.

    Our own form is always taken, variants of it only where the file is known: prose must delete nothing.
    """
    if len(line) > 3 * MAX_PATH_CHARS or not re.search(r"delete|remove|rename|move", line, re.IGNORECASE):
        return None
    order = _ORDER.match(line)
    if order and (order[1] == "Rename") == (order[3] is not None):
        return Order(order[2], order[3])
    plain = " ".join(re.sub(r"[`*\"']", "", re.sub(r"^\s*(?:[-*+•]\s+|\d{1,3}[.)]\s+|#{1,6}\s+)*", "", line)).split())
    plain = plain.removesuffix(":")
    if (renaming := _RENAMING.match(plain)) and (src := _find_known(renaming[1], known)):
        return Order(src, renaming[2].removesuffix(".").removesuffix(":"))
    if (deletion := _DELETION.match(plain)) and (path := _find_known(deletion[1] or deletion[2], known)):
        return Order(path)
    return None


def _find_known(text: str, known: Known) -> str | None:
    return next((path for path in (text, text.removesuffix(".")) if path in known), None)
