"""Requests to a chat completions endpoint: as little as will do.

Builds the request and hands the bytes of the answer to `stream.py`; sending it, again and without what is refused, is
`sending.py`'s. Which endpoint and which model is decided in `openai.py`, the caller.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from git_draft.bots.meter import Bounds
from git_draft.bots.replies import Message, Reply
from git_draft.bots.sending import Wire
from git_draft.bots.stream import Accumulator, feed_answer
from git_draft.toolbox import ToolSchema

PRIVATE = "_"
"""Begins the names of fields of a message that are ours, or another transport's, and are not sent."""


class ChatCompletions:
    """Implements `git_draft.bots.replies.ChatModel` for one run.

    Args:
        wire: sends the requests.
        parameters: sent with every request: temperature, max_tokens.
        bounds: where an answer is cut.
    """

    def __init__(self, wire: Wire, *, parameters: Mapping[str, Any], bounds: Bounds) -> None:
        self._wire = wire
        self._parameters = parameters
        self._bounds = bounds

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Ask for the next reply, again where that may help.

        Raises:
            RequestError: where there is none.
        """
        offered = frozenset(tool.name for tool in tools)

        async def read(chunks: AsyncIterator[bytes], is_stream: bool) -> Reply:  # as `Read` has it
            quirks, tell = self._wire.quirks, self._wire.feedback.emit
            accumulator = Accumulator(self._bounds, quirks, tell)
            await feed_answer(chunks, accumulator, is_wanted=is_stream, quirks=quirks)
            return accumulator.finish(offered)

        return await self._wire.ask("/chat/completions", self._make_body(messages, tools), read)

    def _make_body(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> dict[str, Any]:
        return {
            "model": self._wire.model,
            "messages": [_make_public(message) for message in messages],
            **({"tools": [_format_tool(tool) for tool in tools]} if tools else {}),  # some refuse an empty list
            "stream": True,
            "stream_options": {"include_usage": True},
            **self._parameters,
        }


def _make_public(message: Message) -> Message:
    return {key: value for key, value in message.items() if not key.startswith(PRIVATE)}


def _format_tool(tool: ToolSchema) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
