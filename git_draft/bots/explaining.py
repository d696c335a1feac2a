"""What the first request of a run would be, found without sending it.

The run is begun as always, with a model that keeps what it is asked and ends it there: so what is explained is what would
be sent, word by word. Called by `openai.py`.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Sequence
from dataclasses import asdict

from git_draft.bots.replies import Message, Reply
from git_draft.context import estimate_tokens
from git_draft.model import Explanation, SentText
from git_draft.toolbox import ToolSchema


class _Kept(Exception):  # noqa: N818  # no error: it ends the run at its first request
    """End a run, as there is nothing to be sent."""


class FirstRequest:
    """Implements `git_draft.bots.replies.ChatModel`: keeps the first request and gives no reply."""

    def __init__(self) -> None:
        self.messages: tuple[Message, ...] = ()
        self.tools: tuple[ToolSchema, ...] = ()

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Keep what would be sent, and end the run."""
        self.messages, self.tools = tuple(messages), tuple(tools)
        raise _Kept

    async def explain(self, run: Awaitable[object], *, model: str | None, host: str | None, url: str) -> Explanation:
        """Let a run come to its first request, and describe that.

        Args:
            run: made with this model.
            model: the model's name, None where its server is still to be asked.
            host: where it would be sent, None for this machine.
            url: likewise, without user and password.
        """
        with contextlib.suppress(_Kept):
            await run
        texts = [(str(message["role"]), str(message["content"])) for message in self.messages]
        schemas = json.dumps([asdict(tool) for tool in self.tools], default=dict) if self.tools else ""
        return Explanation(
            model=model,
            host=host,
            url=url,
            texts=tuple(SentText(role, text, estimate_tokens(text)) for role, text in texts),
            tools=tuple(tool.name for tool in self.tools),
            tools_tokens=estimate_tokens(schemas) if schemas else 0,
        )
