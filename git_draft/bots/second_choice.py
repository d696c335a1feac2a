"""Where an answer that only repeats a file should have been different: where the model was least sure of its words.

A small model that knows what to change may still copy a file to its end, since after each token the copy's next one is
the likeliest. The alternatives that the server tells show the place: there another token was nearly as likely, and an
answer that is begun with that one goes on differently. Pure functions; called by `rounds.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from git_draft.bots.replies import Token

MIN_PROBABILITY = 0.1
"""What is less likely is no second choice: on the tasks of the benchmark it was wrong where the right place was not shown."""

_DEFINITION = re.compile(r"\b(?:def|class|function|func|fn)\s+(\w+)")
_FENCE = "```"


def find_second_choices(tokens: Sequence[Token], names: Collection[str] = ()) -> list[str]:
    """Give beginnings of another answer, the likeliest first: the tokens up to a place, and another one there.

    Args:
        tokens: those of the answer, with their alternatives.
        names: definitions that are to change; places in them come first.
    """
    found: list[tuple[bool, float, int, str]] = []
    text = ""
    for index, token in enumerate(tokens):
        if _is_in_fence(text):
            defined = _DEFINITION.findall(text)
            is_meant = not names or bool(defined and defined[-1] in names)
            found += [
                (is_meant, probability, -index, text + other)
                for other, probability in token.others
                if probability >= MIN_PROBABILITY
                and other.strip()
                and other.strip() != token.text.strip()
                and "`" not in other
            ]
        text += token.text
    best: dict[int, str] = {}
    for _, _, place, start in sorted(found, reverse=True):
        best.setdefault(place, start)  # one for each place
    return list(best.values())


def _is_in_fence(text: str) -> bool:
    return (text.count(f"\n{_FENCE}") + text.startswith(_FENCE)) % 2 == 1 and "\n" in text.rpartition(_FENCE)[2]
