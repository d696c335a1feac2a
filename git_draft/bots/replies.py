"""A model's reply as the loop needs it, whatever server it came from.

`Reply` and its calls, and the protocol `ChatModel` that gives replies. Arguments are read by `arguments.py`, calls that
are written as text by `rescue.py`. No HTTP: `stream.py` builds the raw message, `chat.py` sends requests, `loop.py` acts on replies.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeAlias

from git_draft.bots.arguments import is_json_object, parse_arguments
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.bots.rescue import find_text_calls
from git_draft.errors import ToolError
from git_draft.frozen import frozen
from git_draft.model import Usage
from git_draft.toolbox import ToolSchema

Message: TypeAlias = Mapping[str, Any]
"""One message of a conversation, as it is sent."""

_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)

_MOST_USD = 10**6
_COST_PLACES = 12
"""No turn costs more than that, and none is charged more finely."""


@frozen
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


@frozen
class Token:
    """One token of a reply.

    Args:
        text: what it adds to the reply.
        others: what might have stood there, each with its probability.
    """

    text: str
    others: tuple[tuple[str, float], ...] = ()


@frozen
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
        is_streamed: whether it came in pieces.
    """

    message: Message
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    is_cut: bool = False
    refusal: str | None = None
    tokens: tuple[Token, ...] = ()
    is_streamed: bool = False

    def without(self, secret: str) -> Reply:
        """Give the same reply with no trace of a secret: what a model says ends in records, and in files."""
        if not (self.text or self.calls or self.message) or secret not in repr((self.message, self.refusal)):
            return self
        return replace(
            self,
            message=_hide(secret, self.message),
            text=_hide(secret, self.text),
            calls=tuple(
                replace(call, name=_hide(secret, call.name), arguments=_hide(secret, call.arguments))
                for call in self.calls
            ),
            refusal=_hide(secret, self.refusal),
            tokens=(),
        )


def _hide(secret: str, value: Any) -> Any:  # noqa: ANN401  # whatever JSON may hold
    """Put stars in place of a secret in all texts of a value as JSON has them."""
    match value:
        case str():
            return value.replace(secret, "***")
        case Mapping():
            return {_hide(secret, key): _hide(secret, each) for key, each in value.items()}
        case list() | tuple():
            return [_hide(secret, each) for each in value]
    return value


class ChatModel(Protocol):
    """Gives the next reply of a conversation."""

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Ask for the next reply.

        Raises:
            RequestError: where there is none, after all retries.
        """
        ...


def parse_reply(
    message: Message,
    finish_reason: str | None,
    usage: object,
    *,
    offered: Collection[str] = (),
    quirks: Quirks = ALL_QUIRKS,
) -> Reply:
    """Read an assistant's message; its content is believed, not its labels.

    Args:
        message: with ``content`` as text, as a list of parts or null, and ``tool_calls`` with raw arguments.
        finish_reason: the server's word for why it ended.
        usage: the server's usage object, None where it sent none.
        offered: names of tools, calls of which may be written as text.
        quirks: the rows of the table that are handled.
    """
    is_cut = finish_reason == "length"
    if Quirk.FINISH_REASON not in quirks and finish_reason == "stop":
        message = {key: value for key, value in message.items() if key != "tool_calls"}
    if not message.get("tool_calls") and not is_cut and Quirk.CALLS_AS_TEXT in quirks:
        message = _rescue_calls(message, offered, quirks)
    calls: list[ToolCall] = []
    raw_calls: list[Message] = []
    for number, raw in enumerate(message.get("tool_calls") or ()):
        call, arguments = _parse_call(raw, number, {call.id for call in calls}, is_cut=is_cut, quirks=quirks)
        calls.append(call)
        function = {**raw.get("function", {}), "name": call.name, "arguments": arguments}
        raw_calls.append({**raw, "id": call.id, "type": "function", "function": function})
    is_kept = Quirk.VERBATIM_HISTORY in quirks
    kept = {
        key: value
        for key, value in message.items()
        if key != "tool_calls" and value is not None and (is_kept or key in {"role", "content"})
    }
    kept = {"role": "assistant", "content": None, **kept}
    if raw_calls:
        kept["tool_calls"] = raw_calls
    elif kept["content"] is None:
        kept["content"] = ""  # null goes with calls only
    refusal = _find_refusal(message, finish_reason) if Quirk.REFUSAL in quirks else None
    text = _read_words(message, quirks)
    return Reply(kept, text, tuple(calls), parse_usage(usage), is_cut, refusal)


def _rescue_calls(message: Message, offered: Collection[str], quirks: Quirks) -> Message:
    """Make calls of those that are written as text, and take them out of it."""
    found = find_text_calls(_read_words(message, quirks), offered) if offered else None
    if found is None:
        return message
    calls = [
        {"function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}}
        for name, arguments in found.calls
    ]
    return {**message, "content": found.text or None, "tool_calls": calls}


def _find_refusal(message: Message, finish_reason: str | None) -> str | None:
    if refusal := message.get("refusal"):
        return str(refusal)
    return "stopped by a content filter" if finish_reason == "content_filter" else None


def _read_words(message: Message, quirks: Quirks) -> str:
    """Give what a message says, without its thoughts."""
    content = message.get("content")
    if isinstance(content, list) and Quirk.CONTENT_IN_PARTS in quirks:
        parts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
        content = "".join(part for part in parts if isinstance(part, str))
    text = content if isinstance(content, str) else ""
    return (_THOUGHTS.sub("", text) if Quirk.THOUGHTS in quirks else text).strip()


def _parse_call(
    raw: Message, number: int, taken: Collection[str], *, is_cut: bool, quirks: Quirks
) -> tuple[ToolCall, str]:
    """Read a call; give with it the arguments as valid JSON for the history."""
    function = raw.get("function") or {}
    name = str(function.get("name") or "")
    call_id = str(raw.get("id") or "")
    if Quirk.CALL_IDS in quirks:
        call_id = call_id or f"call_{number}"
        while call_id in taken:
            call_id += "_"
    written = function.get("arguments")
    try:
        arguments = parse_arguments(written, name, is_cut=is_cut, quirks=quirks)
    except ToolError as error:
        return ToolCall(call_id, name, None, str(error)), "{}"
    is_kept = isinstance(written, str) and is_json_object(written)
    return ToolCall(call_id, name, arguments), str(written) if is_kept else json.dumps(arguments, ensure_ascii=False)


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
    """Read the usage object that servers send, by any of its names; what is missing or odd stays unknown.

    Names are those of chat completions, of Responses, of DeepSeek (``prompt_cache_hit_tokens``) and of Anthropic, whose
    ``input_tokens`` are without those that were read from a cache or written to one. Thoughts that a server counts in its
    total only (xAI, Gemini) are tokens received, as they are billed.
    """
    if not isinstance(data, Mapping):
        return Usage()
    details_in = _find_details(data, "prompt_tokens_details", "input_tokens_details")
    details_out = _find_details(data, "completion_tokens_details", "output_tokens_details")
    sent = _find_count(data, "prompt_tokens", "input_tokens")
    received = _find_count(data, "completion_tokens", "output_tokens")
    total = _find_count(data, "total_tokens")
    cached = _find_count(details_in, "cached_tokens")
    if cached is None:
        cached = _find_count(data, "prompt_cache_hit_tokens", "cache_read_input_tokens")
    written = _find_count(details_in, "cache_write_tokens")
    if written is None:
        written = _find_count(data, "cache_creation_input_tokens")
    if sent == 0:  # no request is empty: nobody counted
        sent, received = None, received or None
    aside = (cached or 0) + (written or 0)
    if sent is not None and received is not None and total is not None:
        rest = max(0, total - sent - received)
        sent, received = (sent + rest, received) if rest == aside else (sent, received + rest)
    elif sent is not None and "cache_read_input_tokens" in data and "prompt_tokens" not in data:
        sent += aside
    return Usage(
        sent,
        received,
        _find_part(cached, sent),
        _find_cost(data),
        _find_part(_find_count(details_out, "reasoning_tokens"), received),
        _find_part(written, sent),
    )


def _find_details(data: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return next((data[name] for name in names if isinstance(data.get(name), Mapping)), {})


def _find_count(data: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = data.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    return None


def _find_part(part: int | None, whole: int | None) -> int | None:
    """Give a count that is a part of another one; unknown where it is more than that."""
    return None if part is not None and whole is not None and part > whole else part


def _find_cost(data: Mapping[str, Any]) -> Decimal | None:
    """Find what the server itself says that it charges, in US dollars."""
    if (ticks := _find_count(data, "cost_in_usd_ticks")) is not None:  # xAI
        return Decimal(ticks) / 10**10
    cost = data.get("cost")
    if isinstance(cost, Mapping):  # Perplexity
        cost = cost.get("total_cost")
    amount = _parse_amount(cost)
    if amount is not None and data.get("is_byok") is True:  # OpenRouter with a key of the user's own: its share only
        details = data.get("cost_details")
        upstream = _parse_amount(details.get("upstream_inference_cost") if isinstance(details, Mapping) else None)
        return None if upstream is None else amount + upstream
    return amount


def _parse_amount(value: object) -> Decimal | None:
    try:
        amount = Decimal(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    is_sound = amount is not None and amount.is_finite() and 0 <= amount < _MOST_USD
    return round(amount, _COST_PLACES).normalize() if amount is not None and is_sound else None
