"""Requests by the Responses API: the same conversation in its words.

Translates the history, which is kept in the words of chat completions, into items, deterministically, so that each
request begins with the one before. Nothing is kept at the provider (``store`` is false), so the model's own items, its
encrypted reasoning too, go back with each request. Answers are read by `response_items.py`, requests are sent by
`sending.py`. Called by `openai.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from git_draft.bots.meter import Bounds
from git_draft.bots.replies import Message, Reply
from git_draft.bots.response_items import ITEMS, ItemAccumulator
from git_draft.bots.sending import Wire
from git_draft.bots.stream import feed_answer
from git_draft.toolbox import ToolSchema

_NAMES = {"max_tokens": "max_output_tokens"}
"""What this API calls the parameters that chat completions call otherwise."""
_UNKNOWN = frozenset({"logprobs", "top_logprobs"})


class Responses:
    """Implements `git_draft.bots.replies.ChatModel` for one run.

    Args:
        wire: sends the requests.
        parameters: sent with every request, by their names for chat completions.
        bounds: where an answer is cut.
    """

    def __init__(self, wire: Wire, *, parameters: Mapping[str, Any], bounds: Bounds) -> None:
        self._wire = wire
        self._parameters = {_NAMES.get(key, key): value for key, value in parameters.items() if key not in _UNKNOWN}
        self._bounds = bounds

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Ask for the next reply, again where that may help.

        Raises:
            RequestError: where there is none.
        """
        offered = frozenset(tool.name for tool in tools)

        async def read(chunks: AsyncIterator[bytes], is_stream: bool) -> Reply:  # as `Read` has it
            quirks, tell = self._wire.quirks, self._wire.feedback.emit
            accumulator = ItemAccumulator(self._bounds, quirks, tell)
            await feed_answer(chunks, accumulator, is_wanted=is_stream, quirks=quirks)
            return accumulator.finish(offered)

        return await self._wire.ask("/responses", self._make_body(messages, tools), read)

    def _make_body(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> dict[str, Any]:
        return {
            "model": self._wire.model,
            "input": [item for message in messages for item in _iter_items(message)],
            **({"tools": [_format_tool(tool) for tool in tools]} if tools else {}),
            "stream": True,
            "store": False,
            "include": ["reasoning.encrypted_content"],
            **self._parameters,
        }


def _iter_items(message: Message) -> Iterator[Mapping[str, Any]]:
    """Give a message as items; the model's own as they came."""
    role, content = message.get("role"), message.get("content")
    if role == "tool":
        yield {"type": "function_call_output", "call_id": message["tool_call_id"], "output": content}
        return
    if role != "assistant":
        yield {"role": role, "content": content}
        return
    if ITEMS in message:
        yield from message[ITEMS]
        return
    if content:  # what another transport has received
        yield {"role": "assistant", "content": content}
    for call in message.get("tool_calls") or ():
        function = call["function"]
        yield {
            "type": "function_call",
            "call_id": call["id"],
            "name": function["name"],
            "arguments": function["arguments"],
        }


def _format_tool(tool: ToolSchema) -> dict[str, Any]:
    # strict is what is meant where it is left out, and it takes no optional arguments
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": False,
    }
