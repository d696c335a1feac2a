"""What the words of a prompt allow: that names or files go, that a file shrinks, that anything is changed at all.

Called by `fragments.py` and `patching.py`, which ask before they let a model leave something out, and by `openai.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import PurePosixPath
from typing import Literal

_REMOVALS = re.compile(
    r"(remov|delet|drop|eliminat|inlin|renam|mov|replac|merg|extract)[a-z]*|rid",
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
_MAY_GO = re.compile(
    r"\b(remov|delet|drop|eliminat|discard|purg|retir|renam|replac|inlin|merg|mov(e|ing)\b|rid of|(should|must|can|may|to) go\b(?! (on|back|through|over))|"
    r"go(es)? away|(be|is|are) (called|named|gone)|call (it|them)|no longer|not needed|any ?more)",
    re.IGNORECASE,
)
_REMOVES = re.compile(
    r"\b(remov|delet|drop|eliminat|discard|rid of|(should|must|can) go\b(?! (on|back|through|over))|go(es)? away)",
    re.IGNORECASE,
)
_GOES = re.compile(
    r"[`'\"\u2019)]*,? (should|can|could|must|may|shall|will|has to|have to|needs? to|(is|are) to)( now| also| please)* ("
    r"(be|get) (removed|deleted|dropped|renamed|moved|eliminated|replaced|merged)\b|disappear\b|vanish\b|"
    r"(be (called|named|known as)|become) [`'\"]?\w\S*[./]\w|"
    r"go\b(?=\W*$|\s*[.,;:!?)]|,? (away|too|as well|and|now|since|because|to|into|under)\b))",
    re.IGNORECASE,
)
"""What says, right behind a file's name, that it goes; not ``main should be called once``."""
_PLACE = re.compile(r"from|in|into|inside|within", re.IGNORECASE)
_OF_CODE = re.compile(
    r"\w_\w|[a-z][A-Z]|\w\(|\w[./]\w|`|\b(function|method|class|parameter|argument|variable|option|import|constant|field)",
)
_ENGLISH = re.compile(r"\b(the|and|is|are|to|of|in|it|fix|add|should|make|with)\b", re.IGNORECASE)
_UNUSED = re.compile(r"\b(unused|dead|duplicate|never used|not used|obsolete)", re.IGNORECASE)

_ASKS = re.compile(
    r"\W*(?:please )?(explain|describe|summari[sz]e|tell me|what|why|where|when|which|who|whose|how(?! about)|is|are|does|do|did|was|were)\b",
    re.IGNORECASE,
)
_WISHES = re.compile(
    r"\b(fix|chang|add|mak|correct|repair|implement|writ|creat|updat|improv|refactor|insert|put|use\b|should|must|let\b|want|"
    r"wish|remov|delet|drop|renam|replac|mov|extract|merg|split|convert|document)",
    re.IGNORECASE,
)


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


def _list_targets(
    prompt: str, find_name: Callable[[str], str | None], *, stop: re.Pattern[str] | None = None
) -> set[str]:
    """List what stands behind a word for removing, with nothing but other such names and small words between.

    What comes behind a word that `stop` matches does not count; what ``it`` stands for there is no place itself.
    """
    going: set[str] = set()
    mentioned: set[str] = set()
    is_on = False
    words = re.findall(r"[\w./$-]+(?:['\u2019]\w+)?", prompt)
    for word, following in zip(words, [*words, ""][1:], strict=True):
        bare = word.rstrip("./")
        name = find_name(bare)
        if _REMOVALS.fullmatch(word) and name is None:
            is_on = True
        elif stop and stop.fullmatch(word):
            is_on = False
        elif is_on and word.lower() in {"it", "them", "this"}:
            going |= set() if stop and stop.fullmatch(following) else mentioned
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

    Small models delete files for no reason, above all the file that something is to be removed from. It is doubtful
    where the prompt is about files or about an order of things, where it may not be English, and where something is to
    go that may be this file: one of its words is mentioned, or nothing of the code is.
    """
    whole = PurePosixPath(path)
    names = {str(whole), whole.name, whole.stem, *map(str, whole.parents), *whole.parts} - {"."}
    lower = {name.lower() for name in names}
    if _list_targets(prompt, lambda word: path if word.removeprefix("./").lower() in lower else None, stop=_PLACE):
        return "asked"
    own = {str(whole).lower(), whole.name.lower()}
    mentions = [match for match in re.finditer(r"[\w./-]*\w", prompt) if match[0].removeprefix("./").lower() in own]
    if any(_GOES.match(prompt, match.end()) for match in mentions):
        return "asked"
    if _ABOUT_FILES.search(prompt) or not _ENGLISH.search(prompt):
        return "doubtful"
    return "doubtful" if not _is_place(prompt, own) and _may_mean(prompt, whole) else "unasked"


def _is_place(prompt: str, own: Collection[str]) -> bool:
    """Tell whether a prompt names a file as where something is: ``from a.py and b.py``. That one stays."""
    is_on = False
    for word in re.findall(r"[\w./-]*\w", prompt):
        if _PLACE.fullmatch(word):
            is_on = True
        elif is_on and word.removeprefix("./").lower() in own:
            return True
        elif "." not in word and "/" not in word and not _FILLERS.fullmatch(word):
            is_on = False
    return False


def _may_mean(prompt: str, path: PurePosixPath) -> bool:
    """Tell whether something that is to go may be this file."""
    words = {word.lower().removesuffix("s") for word in re.findall(r"[\w-]+", prompt)}
    of_path = {part.lower().removesuffix("s") for part in re.findall(r"[^\W_]{2,}", str(path.with_suffix("")))}
    whole = {part.lower().removesuffix("s") for part in path.with_suffix("").parts}
    if words & (of_path | whole):
        return _MAY_GO.search(prompt) is not None
    return _REMOVES.search(prompt) is not None and not _OF_CODE.search(prompt)


def is_question(prompt: str) -> bool:
    """Tell whether a prompt only asks for an answer in words: it begins like a question, and has no word of a wish."""
    return _ASKS.match(prompt) is not None and _WISHES.search(prompt) is None


def allows_shrinking(prompt: str) -> bool:
    """Tell whether a prompt has a word for making things shorter."""
    return _SHORTENING.search(prompt) is not None


def asks_for_unused(prompt: str) -> bool:
    """Tell whether a prompt is about what is not used, without names."""
    return _UNUSED.search(prompt) is not None
