"""How much a model generates in one answer, and where an answer is cut that has no end.

Used by whatever puts streamed answers together.
"""

from __future__ import annotations

from git_draft.bots.retry import Fault, RequestError
from git_draft.frozen import frozen

_CHARS_PER_TOKEN = 10  # more than any text has on average
_REPEATED_CHARS = 8000
_MAX_PERIOD_CHARS = 500
_PERIOD_CHECK_CHARS = 1000
_HINT = "try another model, or a smaller task"


@frozen
class Bounds:
    """Where an answer is cut that does not end by itself.

    Args:
        tokens: generated in one answer, as far as it can be told.
    """

    tokens: int = 100_000


class Meter:
    """Measures an answer as it comes, and ends one that has no end.

    Args:
        bounds: where it is cut.
    """

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._pieces = self._chars = self._unchecked = 0
        self._tail = ""

    def count(self, text: str) -> None:
        """Take in a piece of what is generated, a token or more.

        Raises:
            RequestError: where it passes the bounds, or only repeats itself.
        """
        self._pieces += 1
        self._chars += len(text)
        tokens = max(self._pieces, self._chars // _CHARS_PER_TOKEN)
        if tokens > self._bounds.tokens * 5 // 4:  # the server's own limit comes first, where it has one
            what = f"more than {self._bounds.tokens:,} tokens"
            raise RequestError(f"the model generates without end: {what}", hint=_HINT, fault=Fault.ENDLESS)
        self._tail += text
        self._unchecked += len(text)
        if self._unchecked >= _PERIOD_CHECK_CHARS:
            self._unchecked = 0
            self._tail = self._tail[-_REPEATED_CHARS:]
            if _is_periodic(self._tail):
                raise RequestError(
                    "the model generates without end: it repeats itself", hint=_HINT, fault=Fault.ENDLESS
                )


def _is_periodic(text: str) -> bool:
    """Tell whether a long text is the same short piece again and again."""
    if len(text) < _REPEATED_CHARS:
        return False
    end = text[-_MAX_PERIOD_CHARS:]
    found = text.rfind(end, 0, len(text) - 1)
    period = len(text) - len(end) - found
    return found >= 0 and period <= _MAX_PERIOD_CHARS and text[period:] == text[:-period]
