"""A model's reply as the loop needs it, whatever server it came from.

`Reply` and its calls, the reading of arguments as models really write them, and the protocol `ChatModel` that gives
replies. No HTTP: `stream.py` builds the raw message, `chat.py` sends requests, `loop.py` acts on replies.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeAlias

from git_draft.errors import ToolError
from git_draft.model import Usage
from git_draft.toolbox import ToolSchema

Message: TypeAlias = Mapping[str, Any]
"""One message of a conversation, as it is sent."""

CONTENT_TOOLS = frozenset({"write_file", "edit_file"})
"""Tools whose arguments become files: what was cut or garbled there is never guessed."""

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asks for.

    Args:
        id: what its result is sent back under; unique within the reply.
        name: the tool's name as the model wrote it.
        arguments: what could be read of the arguments, None where nothing could.
        problem: why the arguments can't be used, said to the model.
    """

    id: str
    name: str
    arguments: Mapping[str, object] | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a reply.

    Args:
        text: what it adds to the reply.
        others: what might have stood there, each with its probability.
    """

    text: str
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply.

    Args:
        message: the assistant's message for the history: as it came, unknown fields too, its calls valid.
        text: what it says, without its thoughts.
        calls: in order.
        usage: what it took.
        is_cut: whether it reached its length limit.
        refusal: why the model, or a filter, gave no answer.
        tokens: those of the text, where the server was asked for them and told.
    """

    message: Message
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    is_cut: bool = False
    refusal: str | None = None
    tokens: tuple[Token, ...] = ()


class ChatModel(Protocol):
    """Gives the next reply of a conversation."""

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Ask for the next reply.

        Raises:
            RequestError: where there is none, after all retries.
        """
        ...


def parse_reply(message: Message, finish_reason: str | None, usage: object) -> Reply:
    """Read an assistant's message; its content is believed, not its labels.

    Args:
        message: with ``content`` as text, as a list of parts or null, and ``tool_calls`` with raw arguments.
        finish_reason: the server's word for why it ended.
        usage: the server's usage object, None where it sent none.
    """
    is_cut = finish_reason == "length"
    calls: list[ToolCall] = []
    raw_calls: list[Message] = []
    for number, raw in enumerate(message.get("tool_calls") or ()):
        call, arguments = _parse_call(raw, number, {call.id for call in calls}, is_cut=is_cut)
        calls.append(call)
        function = {**raw.get("function", {}), "name": call.name, "arguments": arguments}
        raw_calls.append({**raw, "id": call.id, "type": "function", "function": function})
    kept = {key: value for key, value in message.items() if key != "tool_calls" and value is not None}
    kept = {"role": "assistant", "content": None, **kept}
    if raw_calls:
        kept["tool_calls"] = raw_calls
    elif kept["content"] is None:
        kept["content"] = ""  # null goes with calls only
    text = _THOUGHTS.sub("", _read_text(message.get("content"))).strip()
    return Reply(kept, text, tuple(calls), parse_usage(usage), is_cut, _find_refusal(message, finish_reason))


def _find_refusal(message: Message, finish_reason: str | None) -> str | None:
    if refusal := message.get("refusal"):
        return str(refusal)
    return "stopped by a content filter" if finish_reason == "content_filter" else None


def _read_text(content: object) -> str:
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _parse_call(raw: Message, number: int, taken: set[str], *, is_cut: bool) -> tuple[ToolCall, str]:
    """Read a call; give with it the arguments as valid JSON for the history."""
    function = raw.get("function") or {}
    name = str(function.get("name") or "")
    call_id = str(raw.get("id") or "") or f"call_{number}"
    while call_id in taken:
        call_id += "_"
    written = function.get("arguments")
    try:
        arguments = parse_arguments(written, name, is_cut=is_cut)
    except ToolError as error:
        return ToolCall(call_id, name, None, str(error)), "{}"
    is_kept = isinstance(written, str) and _is_json_object(written)
    return ToolCall(call_id, name, arguments), str(written) if is_kept else json.dumps(arguments, ensure_ascii=False)


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def parse_arguments(written: object, tool: str, *, is_cut: bool = False) -> Mapping[str, object]:
    """Read a call's arguments: an object, JSON, JSON twice encoded, or nearly JSON.

    Args:
        written: what the server sent; None and "" are no arguments.
        tool: the tool's name; what is nearly JSON is not repaired for one that writes.
        is_cut: whether the reply reached its length limit.

    Raises:
        ToolError: where they can't be read, or where it would be a guess what a file should contain.
    """
    if isinstance(written, Mapping):
        return written
    if written is None or (isinstance(written, str) and not written.strip()):
        return {}
    if not isinstance(written, str):
        raise ToolError("the arguments are no JSON object; send the call again")
    try:
        value = json.loads(written, strict=False)  # line breaks within strings are clear enough
        value = json.loads(value, strict=False) if isinstance(value, str) else value
    except ValueError as error:
        if is_cut or "Unterminated string" in str(error):
            raise ToolError(
                "the call was cut off and nothing was done; send it again in smaller steps, with edit_file for a part"
            ) from None
        if tool in CONTENT_TOOLS:
            raise ToolError(
                f"the arguments are no valid JSON ({error}); nothing was done, send the call again"
            ) from None
        value = _repair(written)
    if not isinstance(value, dict):
        raise ToolError("the arguments are no JSON object; send the call again")
    return value


def _repair(text: str) -> object:
    import json_repair  # hardly ever needed

    return json_repair.loads(text, skip_json_loads=True)


def parse_tokens(data: object) -> tuple[Token, ...]:
    """Read the tokens of ``logprobs.content``; what is odd is left out."""
    return tuple(
        Token(item["token"], tuple(_iter_others(item)))
        for item in (data if isinstance(data, list) else ())
        if isinstance(item, Mapping) and isinstance(item.get("token"), str)
    )


def _iter_others(item: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for other in item.get("top_logprobs") or ():
        if isinstance(other, Mapping) and isinstance(logprob := other.get("logprob"), int | float):
            text = other.get("token")
            if isinstance(text, str) and text != item["token"]:
                yield text, math.exp(min(logprob, 0))


def parse_usage(data: object) -> Usage:
    """Read the usage object that servers send; what is missing or odd stays unknown."""
    if not isinstance(data, Mapping):
        return Usage()

    def get_count(value: object) -> int | None:
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    details = data.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else None
    cost = data.get("cost")
    try:
        cost_usd = Decimal(str(cost)) if isinstance(cost, int | float | str) and not isinstance(cost, bool) else None
    except InvalidOperation:
        cost_usd = None
    return Usage(
        get_count(data.get("prompt_tokens")), get_count(data.get("completion_tokens")), get_count(cached), cost_usd
    )
