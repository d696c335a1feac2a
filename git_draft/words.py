"""The words of a text, as the index keeps them and a search asks for them: names whole and in parts, stemmed.

Pure functions of text; which file holds a word is known to `word_index.py`. Called by `ranking.py` and `context.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

MAX_CHARACTERS = 64 << 10
"""What stands further down in a file is not looked at: it seldom says what the file is about, and takes time."""
MAX_WORD_CHARACTERS = 48
"""Longer ones are hashes and data."""

_NAME = re.compile(r"[^\W\d]\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\WA-Z\d_]+")
_VOWEL = re.compile("[aeiouy]")


def count_words(text: str) -> Counter[str]:
    """Count the words of a text by their stems; a name counts as itself and as each of its parts."""
    counts: Counter[str] = Counter()
    for name, count in Counter(_NAME.findall(text[:MAX_CHARACTERS])).items():
        for word in split_name(name):
            counts[word] += count
    return counts


def stem_words(words: Iterable[str]) -> set[str]:
    """Give the stems that `count_words` would count for words of a search.

    A name of several parts is asked for in parts, too: who writes ``word_count`` may mean ``WordCounter``.
    """
    return {word for text in words for name in _NAME.findall(text) for word in split_name(name)}


@lru_cache(maxsize=1 << 13)
def split_name(name: str) -> tuple[str, ...]:
    """Give the stems of a name and of its parts, in lower case: ``parseHTTPFiles`` has parse, http and file."""
    if len(name) > MAX_WORD_CHARACTERS:
        return ()
    parts = [stem(part.lower()) for part in _PART.findall(name) if len(part) > 1]
    return tuple(dict.fromkeys((stem(name.lower().strip("_")), *parts)))


def stem(word: str) -> str:
    """Cut the endings of plurals and verbs, so that ``parse``, ``parses``, ``parsed`` and ``parsing`` are one.

    What is left need not be a word; that two words with nothing in common become one is rare and does little harm.
    """
    if len(word) <= 3:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 else word
