"""Lines that are withheld: shown as a mark, and put back as they were when the text around them is written anew.

A text with such lines is never written by a bot but through `Masked.restore`, which wants every mark where it was. What
makes a line a secret is told by `tokens.py`. Called by `worktree.py`. Pure functions.

The rule that keeps a secret a secret: the lines that look like marks, those included that only look like one, must be
the same and in the same order before and after, and lines of one block stay neighbours. So each line keeps its bytes,
and what made it a secret (the line itself, or its block) is still there when the file is read the next time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from git_draft.errors import ToolError
from git_draft.frozen import frozen
from git_draft.tokens import find_secret_lines

_MARK = re.compile(r"\[withheld: [^\]\n]*\]")


@frozen
class Masked:
    """A text as a bot sees it.

    Args:
        text: with a mark in place of each line that is withheld.
        original: without.
        withheld: the names of what is withheld, by the line's number from 0.
    """

    text: str
    original: str
    withheld: Mapping[int, str]

    def describe(self) -> str:
        """Name the lines that are withheld, at most ten."""
        some = [f"{number + 1} ({name})" for number, name in list(self.withheld.items())[:10]]
        more = f" and {len(self.withheld) - 10} more" if len(self.withheld) > 10 else ""
        return f"line{'s' if len(self.withheld) > 1 else ''} {', '.join(some)}{more}"

    def restore(self, contents: str) -> str:
        """Give new contents with the withheld lines in place of their marks.

        Raises:
            ToolError: where a mark is missing, changed, doubled, made up, or out of order.
        """
        if not self.withheld:
            return contents
        lines, shown = contents.split("\n"), self.text.split("\n")
        marks = [number for number, line in enumerate(shown) if _MARK.search(line)]
        places = [number for number, line in enumerate(lines) if _MARK.search(line)]
        if [_strip(lines[place]) for place in places] != [_strip(shown[mark]) for mark in marks]:
            raise ToolError(self._explain("stay as they are, each once and in their order"))
        original = self.original.split("\n")
        for index, (mark, place) in enumerate(zip(marks, places, strict=True)):
            if mark not in self.withheld:
                continue
            if mark - 1 in self.withheld and place - 1 != places[index - 1]:
                raise ToolError(self._explain("stay together, with nothing between them"))
            lines[place] = original[mark]
        return "\n".join(lines)

    def _explain(self, what: str) -> str:
        return (
            f"{self.describe()} of the file may hold a secret and can't be seen or changed: the lines shown as "
            f"{_format_mark(next(iter(self.withheld.values())))} {what}; change other lines only, or go on without"
        )


def mask_text(text: str) -> Masked:
    """Withhold the lines of a text that hold a secret."""
    withheld = find_secret_lines(text)
    if not withheld:
        return Masked(text, text, withheld)
    lines = text.split("\n")
    for number, name in withheld.items():
        lines[number] = _format_mark(name) + ("\r" if lines[number].endswith("\r") else "")
    return Masked("\n".join(lines), text, withheld)


def _format_mark(name: str) -> str:
    return f"[withheld: {name}]"


def _strip(line: str) -> str:
    return line.removesuffix("\r")
