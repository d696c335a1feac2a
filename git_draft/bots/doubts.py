"""What seems to be forgotten in a change that a model made, as far as reading it can tell; each is asked about once.

Names that a file uses and does not know, definitions that went and are still used, calls that no longer fit, and names
of the request that the change has nothing to do with. Called by `rounds.py`.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from git_draft.bots.checks import find_bad_call, find_lost_names, list_definitions, list_signatures
from git_draft.bots.focus import list_code_names
from git_draft.bots.outlines import read_outline
from git_draft.bots.parts import iter_parts
from git_draft.bots.uses import binds, iter_uses
from git_draft.context import ContextFile
from git_draft.frozen import frozen
from git_draft.mentions import find_named_files, find_symbols
from git_draft.protocols import Worktree

_REFERS = re.compile(r"from|like|as|see|using|than", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")


@frozen
class Change:
    """What became of one file.

    Args:
        path: the file.
        before: what it held, None for a new one.
        after: what it holds now.
    """

    path: str
    before: str | None
    after: str


@frozen
class Doubt:
    """Something that may be forgotten.

    Args:
        request: what the model is asked to do about it.
        paths: the files that it is about, and that may be changed for it.
        notice: the same for the user.
    """

    request: str
    paths: tuple[str, ...]
    notice: str


def find_doubts(changes: Sequence[Change], worktree: Worktree) -> Iterator[Doubt]:
    """Find what does not fit together any more after changes; of Python only."""
    for change in changes:
        for name in find_lost_names(change.path, change.before, change.after):
            yield _doubt_lost_name(name, change.path, worktree)
        gone = list_definitions(change.path, change.before or "") - list_definitions(change.path, change.after)
        for name in sorted(gone):
            if not binds(change.after, name) and name not in worktree.find_definitions([name]):
                yield from _doubt_use(name, change.path, worktree)
        yield from _doubt_calls(change, worktree)


def find_untouched(prompt: str, changes: Sequence[Change], files: Sequence[ContextFile]) -> Doubt | None:
    """Find names and files of the request that a change has nothing to do with, where it has to do with others.

    Args:
        prompt: what was asked for.
        changes: what was done.
        files: what the model was shown, as it was.
    """
    touched = {word for change in changes for word in _iter_touched(change)}
    rest = list_code_names(prompt, files) - touched
    if not rest or touched.isdisjoint(find_symbols(prompt)[0]):
        return _find_untouched_file(prompt, changes, files)
    sentences = _SENTENCE_END.split(prompt)
    left = [number for number, line in enumerate(sentences) if not rest.isdisjoint(re.findall(r"[\w$]+", line))]
    names = ", ".join(sorted(rest))
    return Doubt(
        " ".join(sentences[max(left[0] - 1, 0) : left[-1] + 1]),  # it may speak of what the one before says
        tuple(change.path for change in changes),
        f"the request speaks of {names}, with which the change has nothing to do",
    )


def _find_untouched_file(prompt: str, changes: Sequence[Change], files: Sequence[ContextFile]) -> Doubt | None:
    """Find files that the request names and that are as they were, where others were changed."""
    named = find_named_files(prompt, [PurePosixPath(file.path) for file in files])[0]
    changed = {change.path for change in changes}
    rest = tuple(path for path in map(str, named) if path not in changed and not _is_reference(path, prompt))
    if not rest or not changed:
        return None
    return Doubt(prompt, rest, f"the request speaks of {', '.join(rest)}, which was not changed")


def _is_reference(path: str, prompt: str) -> bool:
    """Tell whether a request names a file only to say where something is from, or what to do as."""
    name = re.escape(PurePosixPath(path).name)
    before = re.findall(rf"(\w+)\W+(?:the )?[\w./`'\"-]*(?<!\w){name}(?!\w)", prompt)
    return bool(before) and all(_REFERS.fullmatch(word) for word in before)


def _iter_touched(change: Change) -> Iterator[str]:
    """Give the words of lines that were changed, and the names of the definitions around them."""
    before, after = (change.before or "").split("\n"), change.after.split("\n")
    outline = read_outline(change.path, change.after)
    parts = [part for part in iter_parts(outline.parts) if part.kind == "definition"] if outline else []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for operation, low, high, start, end in matcher.get_opcodes():
        if operation != "equal":
            yield from re.findall(r"[\w$]+", "\n".join([*before[low:high], *after[start:end]]))
            # a line between two definitions belongs to none of them
            yield from (part.name for part in parts if part.start < max(end, start + 1) and start < part.end)


def _doubt_lost_name(name: str, path: str, worktree: Worktree) -> Doubt:
    homes = [str(home) for home in worktree.find_definitions([name]).get(name, ()) if str(home) != path]
    if len(homes) != 1:
        notice = f"{path} uses {name}, which it does not define or import."
        return Doubt(f"{notice} Correct {path}.", (path,), notice)
    notice = f"{path} uses {name} of {homes[0]} and does not import it."
    module = ".".join(PurePosixPath(homes[0]).with_suffix("").parts).removesuffix(".__init__")
    return Doubt(f"{notice} Import {name} from {module} in {path}.", (path,), notice)


def _doubt_use(name: str, path: str, worktree: Worktree) -> Iterator[Doubt]:
    for use in iter_uses(path, name, worktree):
        if use.path != path:
            notice = f"{path} does not define {name} any more, but {use.path} uses it in line {use.line}: {use.text}"
            yield Doubt(f"{notice}\n\nCorrect {use.path}.", (path, use.path), notice)
            return


def _doubt_calls(change: Change, worktree: Worktree) -> Iterator[Doubt]:
    """Find calls that fitted a function before its parameters were changed, one in each file."""
    old = list_signatures(change.path, change.before or "")
    for name, signature in list_signatures(change.path, change.after).items():
        if name not in old or ast.dump(old[name]) == ast.dump(signature):
            continue
        told: set[str] = set()
        for use in iter_uses(change.path, name, worktree):
            if use.call is None or use.path in told:
                continue
            if find_bad_call(_format_shape(use.call, name), name, old[name], signature) is not None:
                told.add(use.path)
                takes = ast.unparse(signature) or "nothing"
                notice = f"{use.path} calls {name} in a way that it does not take any more: {use.source}"
                request = (
                    f"{name} of {change.path} takes {takes} now. {use.path} still has the call `{use.source}`. "
                    f"Correct it in {use.path}."
                )
                yield Doubt(request, (use.path,), notice)


def _format_shape(call: ast.Call, name: str) -> str:
    """Write a call with nothing of what it is given but how: the arguments may hold calls of the same name."""
    given = ["*x" if isinstance(value, ast.Starred) else "x" for value in call.args]
    given += ["**x" if keyword.arg is None else f"{keyword.arg}=x" for keyword in call.keywords]
    return f"{name}({', '.join(given)})"


def gather(doubts: Sequence[Doubt]) -> Doubt:
    """Make one request of several doubts."""
    return Doubt(
        "\n".join(dict.fromkeys(doubt.request for doubt in doubts)),
        tuple(dict.fromkeys(path for doubt in doubts for path in doubt.paths)),
        "; ".join(dict.fromkeys(doubt.notice for doubt in doubts)),
    )
