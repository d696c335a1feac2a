"""How much of a model's context a conversation takes, and how much it holds.

Sizes are estimates from the length of the text, corrected by the usage that servers report. Given to a run's turns;
what to leave out is decided by `history.py` and `rounds.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from git_draft.bots.capability import Capabilities
from git_draft.bots.overflow import find_context_size
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.bots.replies import Message
from git_draft.bots.retry import RequestError
from git_draft.context import estimate_json_tokens
from git_draft.model import Usage
from git_draft.toolbox import MAX_RESULT_CHARS, ToolSchema

_MAX_ANSWER_TOKENS = 4096
"""So much is kept free for the answer, or a quarter of a small context."""
_RESULT_SHARE = 8
"""One result of a tool may take one part in so many of the context."""
_MIN_RESULT_CHARS = 2000
_CUT_SHARE = 0.5
_MIN_CUT_TOKENS = 3000
"""A server that read less than this share of so many tokens has cut them: no estimate is as wrong as that."""
_MIN_READ_TOKENS = 1000
"""Fewer than any context holds: a server that says so leaves out what it had in its cache."""


class Room:
    """The context of one run's model.

    Args:
        known: the size that is configured or was learned, and where it is learned; None where nobody wants to know.
        quirks: the rows of the table that are handled.
    """

    def __init__(self, known: Capabilities | None = None, quirks: Quirks = ALL_QUIRKS) -> None:
        self._known = known
        self._quirks = quirks
        self._ratio = 1.0
        self._has_told = False

    @property
    def size_tokens(self) -> int | None:
        """How many tokens the context holds, as far as it is known."""
        return self._known.context_tokens if self._known else None

    @property
    def budget_tokens(self) -> int | None:
        """How many of them a conversation may take, so that there is room for the answer."""
        size = self.size_tokens
        return None if size is None else size - min(size // 4, _MAX_ANSWER_TOKENS)

    @property
    def result_chars(self) -> int:
        """How many characters one result of a tool may have."""
        size = self.size_tokens
        return (
            MAX_RESULT_CHARS
            if size is None
            else max(_MIN_RESULT_CHARS, min(MAX_RESULT_CHARS, size * 3 // _RESULT_SHARE))
        )

    def estimate(self, messages: Sequence[Message], tools: Sequence[ToolSchema] = ()) -> int:
        """Estimate how many tokens a request takes."""
        return int(_estimate(messages, tools) * self._ratio)

    def note_reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema], usage: Usage) -> str | None:
        """Correct the estimates by what a server read; give a warning where it has read only a part."""
        read, sent = usage.tokens_in, _estimate(messages, tools)
        if not read:
            return None
        if read < sent * _CUT_SHARE and sent >= _MIN_CUT_TOKENS:
            if Quirk.CONTEXT_CUT not in self._quirks or self._has_told or read < _MIN_READ_TOKENS:
                return None
            self._has_told = True  # and nothing is learned: what is cut need not end where the context does
            return (
                f"the server read only {read:,} of about {sent:,} tokens: it cuts what is longer than its context"
                " (Ollama: OLLAMA_CONTEXT_LENGTH sets it; -o context_size=N keeps within N tokens)"
            )
        self._ratio = min(max(read / sent, 0.5), 2.0)
        return None

    def note_overflow(self, error: RequestError) -> None:
        """Learn the size that a server names where a conversation is too long."""
        size = find_context_size(error.message)
        if size and self._known:
            self._known.learn_context(size)


def _estimate(messages: Sequence[Message], tools: Sequence[ToolSchema]) -> int:
    return estimate_json_tokens([*messages, *(tool.parameters for tool in tools)])
