"""What the words of a prompt allow: that names go, that a file shrinks.

Called by `fragments.py`, which asks before it lets a model leave something out.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_REMOVALS = re.compile(
    r"(remov|delet|drop|eliminat|inlin|renam|mov|replac|merg|extract)\w*|rid",
    re.IGNORECASE,
)
_FILLERS = re.compile(
    r"the|an?|of|this|that|these|those|both|all|unused|dead|old|obsolete|deprecated|now|def|and|or|from|in|file|module|its|"
    r"(function|method|class|constant|variable|helper|type|struct)(s|es)?",
    re.IGNORECASE,
)
_SHORTENING = re.compile(
    r"\b(remov|delet|drop|short|simplif|clean|strip|reduc|condens|compact|minimi|rewrit|replac|trim|prun|empt|split|"
    r"extract|mov|refactor|dedup|inlin|cut|less|clear)",
    re.IGNORECASE,
)
_UNUSED = re.compile(r"\b(unused|dead|duplicate|never used|not used|obsolete)", re.IGNORECASE)


def list_going(prompt: str, names: Collection[str]) -> set[str]:
    """List those names that a prompt asks to remove, rename or move: they stand right behind such a word.

    Args:
        prompt: what the user asked for.
        names: names of definitions, those of members with that of their class and a dot.
    """
    plain = {name.rpartition(".")[2]: name for name in names}
    going: set[str] = set()
    mentioned: set[str] = set()
    is_on = False
    for word in re.findall(r"[\w./$-]+(?:['\u2019]\w+)?", prompt):
        bare = word.rstrip(".")
        name = bare if bare in names else plain.get(bare) or plain.get(bare.rpartition(".")[2])
        if _REMOVALS.fullmatch(word) and name is None:
            is_on = True
        elif is_on and word.lower() in {"it", "them", "this"}:
            going |= mentioned
        elif name is not None:
            mentioned.add(name)
            going |= {name} if is_on else set()
        elif "." not in bare and not _FILLERS.fullmatch(bare):
            is_on = False
    return going


def allows_shrinking(prompt: str) -> bool:
    """Tell whether a prompt has a word for making things shorter."""
    return _SHORTENING.search(prompt) is not None


def asks_for_unused(prompt: str) -> bool:
    """Tell whether a prompt is about what is not used, without names."""
    return _UNUSED.search(prompt) is not None
