"""The record of a draft as a git note on its commit, under ``refs/notes/drafts``.

`parse_note` and `format_note` are a pair. `Notes` writes by compare-and-swap and with the fan-out that git reads:
libgit2's own notes are neither safe against a second writer nor fast with many notes. Called by landing and records.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import PurePosixPath

from git_draft.errors import RefLockedError, RefMovedError
from git_draft.git.objects import Objects
from git_draft.git.refs import NOTES, Refs, RefUpdate
from git_draft.git.tree import MODE_FILE, MODE_FOLDER, TreeEntry
from git_draft.model import Changes, DraftName, OutcomeKind, Record, Usage

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_UNESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}
_ATTEMPTS = 200
_CACHED_TREES = 512
"""All of git's fan-out, for an index that is made from ten thousand notes."""
_KEYS = {
    key.lower(): key
    for key in (
        *("Draft", "Origin", "Bot", "Model", "Template", "Base", "Outcome", "Question", "Summary", "Started"),
        *("Walltime", "Turns", "Tokens", "Cost", "Files", "Part-of", "Recorded-by"),
    )
}  # git compares the keys of trailers without case
_TOKENS = {
    "in": "tokens_in",
    "out": "tokens_out",
    "cached": "tokens_cached",
    "written": "tokens_written",
    "reasoning": "tokens_reasoning",
}


def escape_value(value: str) -> str:
    r"""Write a value on one line: backslash, newline and control characters as ``\\``, ``\n``, ``\r``, ``\xNN``.

    A space at either end is written ``\x20``, since git strips it.
    """
    text = re.sub(
        r"[\\\x00-\x1f\x7f-\x9f]|^ | $", lambda found: _ESCAPES.get(found[0]) or f"\\x{ord(found[0]):02x}", value
    )
    return text.encode("utf-8", "replace").decode()


def unescape_value(text: str) -> str:
    """Read what `escape_value` wrote; a backslash before anything else stands for itself."""
    return re.sub(
        r"\\\\|\\n|\\r|\\x([0-9a-f]{2})",
        lambda found: chr(int(found[1], 16)) if found[1] else _UNESCAPES[found[0]],
        text,
    )


def format_note(record: Record) -> str:
    """Write a record: a title line, a blank line, a ``Key: value`` line for each thing known."""
    usage, changes = record.usage, record.changes
    tokens = [(getattr(usage, field), word) for word, field in _TOKENS.items()]
    outcome = record.outcome and (f"{record.outcome}: {record.detail}" if record.detail else str(record.outcome))
    values: dict[str, str | None] = {
        "Draft": str(record.draft),
        "Origin": record.origin,
        "Bot": record.bot,
        "Model": record.model,
        "Template": record.template,
        "Base": record.base,
        "Outcome": outcome,
        "Question": record.question,
        "Summary": record.summary,
        "Started": record.started.isoformat(timespec="seconds") if record.started else None,
        "Walltime": None if record.walltime is None else f"{record.walltime.total_seconds():.1f} s",
        "Turns": None if record.turns is None else str(record.turns),
        "Tokens": ", ".join(f"{count} {word}" for count, word in tokens if count is not None),
        "Cost": None if usage.cost_usd is None else f"{usage.cost_usd.normalize():f} USD",
        "Files": f"{changes.files} changed, +{changes.added} -{changes.removed}" if changes else None,
        "Part-of": record.part_of,
        "Recorded-by": record.recorded_by,
    }
    lines = [f"{key}: {escape_value(value)}" for key, value in [*values.items(), *record.unknown] if value]
    return "\n".join([f"draft {record.draft}", "", *lines, ""])


def parse_note(text: str, draft: DraftName) -> Record:
    """Read a record, keys in any order, the last of a repeated one; unknown keys and values are kept or left out.

    Args:
        text: the note.
        draft: the name that the ref gives; it outranks the note's own.
    """
    pairs: dict[str, str] = {}
    for line in text.split("\n")[1:]:
        match = re.fullmatch(r"([A-Za-z][A-Za-z0-9-]*)\s*:\s*(.*?)\s*", line, re.ASCII)
        if match:
            pairs[_KEYS.get(match[1].lower(), match[1])] = unescape_value(match[2])
    outcome, _, detail = pairs.get("Outcome", "").partition(": ")
    return Record(
        draft=draft,
        origin=pairs.get("Origin"),
        bot=pairs.get("Bot"),
        model=pairs.get("Model"),
        template=pairs.get("Template"),
        base=pairs.get("Base"),
        outcome=OutcomeKind(outcome) if outcome in {kind.value for kind in OutcomeKind} else None,
        detail=detail or None,
        question=pairs.get("Question"),
        summary=pairs.get("Summary"),
        started=_parse_time(pairs.get("Started", "")),
        walltime=_parse_span(pairs.get("Walltime", "")),
        turns=int(pairs["Turns"]) if pairs.get("Turns", "").isdecimal() else None,
        usage=_parse_usage(pairs),
        changes=_parse_changes(pairs.get("Files", "")),
        part_of=pairs.get("Part-of"),
        recorded_by=pairs.get("Recorded-by"),
        unknown=tuple((key, value) for key, value in pairs.items() if key.lower() not in _KEYS),
    )


def _parse_time(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else None


def _parse_span(text: str) -> timedelta | None:
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]+)?) s", text)
    return timedelta(seconds=float(match[1])) if match else None


def _parse_usage(pairs: dict[str, str]) -> Usage:
    found = re.findall(rf"\b([0-9]{{1,18}}) ({'|'.join(_TOKENS)})\b", pairs.get("Tokens", ""))
    cost = re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,40})?)(?: USD)?", pairs.get("Cost", ""))
    counts = {_TOKENS[word]: int(count) for count, word in found}
    return Usage(**counts, cost_usd=Decimal(cost[1]) if cost else None)


def _parse_changes(text: str) -> Changes | None:
    match = re.fullmatch(r"([0-9]{1,12}) changed, \+([0-9]{1,12}) -([0-9]{1,12})", text)
    return Changes(int(match[1]), int(match[2]), int(match[3])) if match else None


class Notes:
    """The notes under ``refs/notes/drafts``."""

    def __init__(self, objects: Objects, refs: Refs) -> None:
        self._objects = objects
        self._refs = refs
        self._read_tree = lru_cache(maxsize=_CACHED_TREES)(objects.read_tree)

    def find_tip(self) -> str | None:
        """Find the commit that holds the notes of now; another one means that some note changed."""
        return self._refs.find(NOTES)

    def find(self, commit: str) -> str | None:
        """Find the text of the note on a commit."""
        tip = self.find_tip()
        tree = self._objects.read_commit(tip).tree if tip else None
        found = self._find_entry(tree, commit) if tree else None
        return self._objects.read_blob(found[-1][1].oid).decode("utf-8", "replace") if found else None

    def iter_commits(self) -> Iterator[str]:
        """Give the ids that notes are on, whether or not such an object is there."""
        tip = self.find_tip()
        if tip:
            yield from self._iter_below(self._objects.read_commit(tip).tree, "")

    def _iter_below(self, tree: str, prefix: str) -> Iterator[str]:
        for name, entry in self._read_tree(tree).items():
            digits = prefix + name.decode("ascii", "replace")
            if entry.mode == MODE_FOLDER:
                yield from self._iter_below(entry.oid, digits)
            elif re.fullmatch("[0-9a-f]{40}", digits):  # git keeps other files there, and says nothing of them
                yield digits

    def _find_entry(self, tree: str, rest: str) -> list[tuple[bytes, TreeEntry]] | None:
        # git's fan-out may be of any depth, and levels may be mixed
        entries = self._read_tree(tree)
        entry = entries.get(rest.encode())
        if entry and entry.mode != MODE_FOLDER:
            return [(rest.encode(), entry)]
        folder = entries.get(rest[:2].encode())
        below = self._find_entry(folder.oid, rest[2:]) if folder and folder.mode == MODE_FOLDER else None
        return [(rest[:2].encode(), folder), *below] if folder and below else None

    def add(self, commit: str, text: str, *, replace: bool = True) -> tuple[str | None, str] | None:
        """Write the note of a commit; give the commit of all notes before and after, None where nothing was done.

        Args:
            commit: the id of the commit.
            text: the note.
            replace: whether it takes the place of a note that is there; if not, nothing is done then.

        Raises:
            RefLockedError: where other writers leave no gap for a long time.
        """
        blob = TreeEntry(MODE_FILE, self._objects.write_blob(text.encode("utf-8", "replace")))
        for _attempt in range(_ATTEMPTS):
            tip = self.find_tip()
            root = self._objects.read_commit(tip).tree if tip else None
            if not replace and root and self._find_entry(root, commit):
                return None
            tree = self._put(root, commit, blob)
            new = self._objects.write_commit(tree, [tip] if tip else [], "Notes added by git-draft")
            try:
                self._refs.commit([RefUpdate(NOTES, tip, new)], "notes: Notes added by git-draft")
            except RefMovedError:
                continue
            return tip, new
        raise RefLockedError(f"can't change {NOTES}: other processes keep writing to it")

    def remove(self, commits: Iterable[str]) -> tuple[str, str] | None:
        """Remove the notes of commits; give the commit of all notes before and after, None where there were none.

        Raises:
            RefLockedError: where other writers leave no gap for a long time.
        """
        chosen = list(commits)
        for _attempt in range(_ATTEMPTS):
            tip = self.find_tip()
            root = self._objects.read_commit(tip).tree if tip else None
            places = [place for commit in chosen if root and (place := self._find_entry(root, commit))]
            if tip is None or root is None or not places:
                return None
            editor = self._objects.edit_tree(root)
            for place in places:
                editor.remove(PurePosixPath(*(name.decode() for name, _ in place)))
            new = self._objects.write_commit(editor.write_tree(), [tip], "Notes removed by git-draft")
            with contextlib.suppress(RefMovedError):
                self._refs.commit([RefUpdate(NOTES, tip, new)], "notes: Notes removed by git-draft")
                return tip, new
        raise RefLockedError(f"can't change {NOTES}: other processes keep writing to it")

    def _put(self, root: str | None, commit: str, blob: TreeEntry) -> str:
        steps = list(self._iter_steps(root, commit))
        child = blob
        for entries, name in reversed(steps):
            child = TreeEntry(MODE_FOLDER, self._objects.write_tree({**entries, name: child}))
        return child.oid

    def _iter_steps(self, root: str | None, commit: str) -> Iterator[tuple[dict[bytes, TreeEntry], bytes]]:
        # The levels from the root down, each with the name to replace in it: where the note stands, else two digits deep
        place = self._find_entry(root, commit) if root else None
        names = [name for name, _ in place] if place else [commit[:2].encode(), commit[2:].encode()]
        tree = root
        for name in names:
            entries = self._read_tree(tree) if tree else {}
            yield entries, name
            child = entries.get(name)
            tree = child.oid if child and child.mode == MODE_FOLDER else None
