"""What the words of a prompt allow: that names or files go, that a file shrinks.

Called by `fragments.py` and `patching.py`, which ask before they let a model leave something out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import PurePosixPath
from typing import Literal

_REMOVALS = re.compile(
    r"(remov|delet|drop|eliminat|inlin|renam|mov|replac|merg|extract)\w*|rid",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"the|an?|of|this|that|these|those|both|all|unused|dead|old|obsolete|deprecated|now|def|and|or|from|in|its|"
    r"everything|whole|entire|(file|module|folder|package|script|test|function|method|class|constant|variable|helper|type|struct)(s|es)?|directory|directories",
    re.IGNORECASE,
)
_SHORTENING = re.compile(
    r"\b(remov|delet|drop|short|simplif|clean|reduc|condens|compact|minimi|rewrit|prun|split|extract|refactor|dedup|"
    r"inlin|cut\b.*\bdown\b|empt(ies|y(ing)? (the|this|that|it|out)\b))",
    re.IGNORECASE,
)
_ABOUT_FILES = re.compile(
    r"\b(files?|modules?|folders?|director(y|ies)|packages?|scripts?|unused|obsolete|dead)\b|\b(merg|split|convert|turn|"
    r"transform|restructur|reorgani|migrat|consolidat|combin|unif|mov|clean)",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"\b(the|and|is|are|to|of|in|it|fix|add|should|make|with)\b", re.IGNORECASE)
_UNUSED = re.compile(r"\b(unused|dead|duplicate|never used|not used|obsolete)", re.IGNORECASE)


def list_going(prompt: str, names: Collection[str]) -> set[str]:
    """List those names that a prompt asks to remove, rename or move: they stand right behind such a word.

    Args:
        prompt: what the user asked for.
        names: names of definitions, those of members with that of their class and a dot.
    """
    plain = {name.rpartition(".")[2]: name for name in names}

    def find(word: str) -> str | None:
        return word if word in names else plain.get(word) or plain.get(word.rpartition(".")[2])

    return _list_targets(prompt, find)


def _list_targets(prompt: str, find_name: Callable[[str], str | None]) -> set[str]:
    """List what stands behind a word for removing, with nothing but other such names and small words between."""
    going: set[str] = set()
    mentioned: set[str] = set()
    is_on = False
    for word in re.findall(r"[\w./$-]+(?:['\u2019]\w+)?", prompt):
        bare = word.rstrip("./")
        name = find_name(bare)
        if _REMOVALS.fullmatch(word) and name is None:
            is_on = True
        elif is_on and word.lower() in {"it", "them", "this"}:
            going |= mentioned
        elif name is not None:
            mentioned.add(name)
            going |= {name} if is_on else set()
        elif "." not in bare and "/" not in bare and not _FILLERS.fullmatch(bare):
            is_on = False
    return going


Consent = Literal["asked", "doubtful", "unasked"]
"""Whether a prompt asks that something goes."""


def judge_removal(prompt: str, path: str) -> Consent:
    """Tell whether a prompt asks that a file goes, or gets another name.

    Small models delete files for no reason. It is doubtful where the prompt is about files or about an order of
    things, or where it may not be English.
    """
    whole = PurePosixPath(path)
    names = {str(whole), whole.name, whole.stem, *map(str, whole.parents), *whole.parts} - {"."}
    lower = {name.lower() for name in names}
    if _list_targets(prompt, lambda word: path if word.removeprefix("./").lower() in lower else None):
        return "asked"
    return "doubtful" if _ABOUT_FILES.search(prompt) or not _ENGLISH.search(prompt) else "unasked"


def allows_shrinking(prompt: str) -> bool:
    """Tell whether a prompt has a word for making things shorter."""
    return _SHORTENING.search(prompt) is not None


def asks_for_unused(prompt: str) -> bool:
    """Tell whether a prompt is about what is not used, without names."""
    return _UNUSED.search(prompt) is not None
