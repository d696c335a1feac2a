"""The command line is split before typer sees it.

typer alone would take the prompt of ``git draft "fix the bug"`` for the name of a subcommand. So the first word decides:
exactly a subcommand, ``-h`` or ``--version`` is that; anything else is the default command `new`. Called by `app.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from git_draft.errors import UsageError
from git_draft.frozen import frozen

DEFAULT_COMMAND = "new"
COMMANDS = (
    "new",
    "again",
    "list",
    "show",
    "log",
    "events",
    "pick",
    "merge",
    "quit",
    "undo",
    "drop",
    "stop",
    "fsck",
    "templates",
    "stats",
    "bots",
    "models",
    "completion",
)
HELP = frozenset({"-h", "--help"})
"""The options that ask for help."""
_TEMPLATE = ("-t", "--template")


@frozen
class Line:
    """A command line, split.

    Args:
        command: a name of `COMMANDS`, or ``--version``; empty for all of them, with `wants_help`.
        words: what typer parses.
        rest: what followed the first ``--``; None where there was none.
        wants_help: whether ``-h`` is among the words.
        arguments: of the template: names without hyphens, and values; None where a value is missing.
        options: those of the command, with their hyphens.
    """

    command: str
    words: tuple[str, ...] = ()
    rest: tuple[str, ...] | None = None
    wants_help: bool = False
    arguments: tuple[tuple[str, str | None], ...] = ()
    options: frozenset[str] = frozenset()


def split_line(argv: Sequence[str]) -> Line:
    """Split the words after ``git draft``.

    Raises:
        UsageError: where ``--`` has no place.
    """
    words = list(argv)
    rest: tuple[str, ...] | None = None
    if "--" in words:
        at = words.index("--")
        words, rest = words[:at], tuple(words[at + 1 :])
    first = words[0] if words else ""
    if first in HELP or words == ["help"]:
        return Line("", wants_help=True)
    if first == "--version":
        return Line(first)
    if first in COMMANDS:
        command, words = first, words[1:]
    else:
        command = DEFAULT_COMMAND
    if rest is not None and command not in (DEFAULT_COMMAND, "pick"):
        raise UsageError(f"git draft {command} takes nothing after --")
    return Line(command, tuple(words), rest, wants_help=not HELP.isdisjoint(words))


def find_template(words: Sequence[str]) -> str | None:
    """Find the name after ``-t``."""
    for at, word in enumerate(words):
        name, is_joined, value = word.partition("=")
        if word in _TEMPLATE:
            return words[at + 1] if at + 1 < len(words) else None
        if name == _TEMPLATE[1] and is_joined:
            return value
        if word.startswith(_TEMPLATE[0]):
            return word.removeprefix(_TEMPLATE[0])
    return None


def take_arguments(line: Line, options: frozenset[str]) -> Line:
    """Take the arguments of a template out of the words: after ``-t NAME`` each long option that is none of ours.

    Args:
        line: the line.
        options: ours, with their hyphens.
    """
    words = list(line.words)
    starts = [at for at, word in enumerate(words) if word.startswith("-t") or word.partition("=")[0] == _TEMPLATE[1]]
    if not starts:
        return replace(line, options=options)
    at = starts[0] + (2 if words[starts[0]] in _TEMPLATE else 1)
    kept, arguments = words[:at], list[tuple[str, str | None]]()
    while at < len(words):
        name, is_joined, value = words[at].partition("=")
        at += 1
        if not name.startswith("--") or name in options:
            kept.append(words[at - 1])
        elif is_joined:
            arguments.append((name[2:], value))
        elif at < len(words) and (words[at] == "-" or not words[at].startswith("-")):
            arguments.append((name[2:], words[at]))
            at += 1
        else:
            arguments.append((name[2:], None))
    return replace(line, words=tuple(kept), arguments=tuple(arguments), options=options)


def get_prompt(words: Sequence[str], rest: Sequence[str] | None) -> str | None:
    """Give the prompt among the bare words; None where there is none.

    Args:
        words: the bare words before ``--``.
        rest: what followed it.

    Raises:
        UsageError: for two or more words, and for one that looks like a mistyped subcommand.
    """
    bare = [*words, *(rest or ())]
    if len(bare) > 1:
        raise UsageError(f"quote the prompt: {len(bare)} words were given", hint=f'git draft "{" ".join(bare)}"')
    if not bare:
        return None
    if words:
        meant = find_meant(words[0])
        if meant:
            raise UsageError(
                f"{words[0]} is not a prompt of one word; did you mean git draft {meant}?",
                hint=f"to use it as a prompt: git draft -- {words[0]}",
            )
    return bare[0]


def find_meant(word: str) -> str | None:
    """Find the subcommand that a word is, or is one slip away from: a letter more, less, other, or two swapped."""
    if word in COMMANDS:
        return word
    return next((name for name in COMMANDS if len(name) > 2 and _is_one_slip(word, name)), None)


def _is_one_slip(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    left, right = a[start:], b[start:]
    return (
        left[1:] == right  # a letter more
        or left == right[1:]  # a letter less
        or left[1:] == right[1:]  # another letter
        or (left[:2] == right[:2][::-1] and left[2:] == right[2:])  # two letters swapped
    )
