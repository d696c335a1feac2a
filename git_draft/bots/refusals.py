"""Parts of a request that some servers refuse: found in the words of the error, changed or left out, and remembered.

Data and pure functions; `sending.py` asks again with what is left. What it all means stands in `quirks.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from git_draft.bots.quirks import Quirk, Quirks
from git_draft.bots.retry import Fault, RequestError
from git_draft.frozen import frozen

Body = Mapping[str, Any]
_FIELD_PREFIX = "field:"
"""Begins the remembered name of a field of the model's own messages."""
_MESSAGE_FIELDS = frozenset({"role", "content", "tool_calls", "tool_call_id", "type", "id", "call_id", "name"})
_CONVERSATIONS = ("messages", "input")
"""Where the conversation is: by chat completions, by the Responses API."""
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@frozen
class Refusal:
    """A part that may be refused.

    Args:
        name: under which it is remembered.
        quirk: its row.
        said: how the error names it.
        is_sent: whether a request has it.
        change: the request without it.
        warning: what the user is told, after the model's name.
    """

    name: str
    quirk: Quirk
    said: re.Pattern[str]
    is_sent: Callable[[Body], bool]
    change: Callable[[Body], Body]
    warning: str | None = None


def _has(*names: str) -> Callable[[Body], bool]:
    return lambda body: any(name in body for name in names)


def _drop(*names: str) -> Callable[[Body], Body]:
    return lambda body: {key: value for key, value in body.items() if key not in names}


def _rename(old: str, new: str) -> Callable[[Body], Body]:
    return lambda body: {(new if key == old else key): value for key, value in body.items()}


def _add(name: str, value: object) -> Callable[[Body], Body]:
    return lambda body: {**body, name: value}


_TOOLS_WITH_REASONING = re.compile(r"tools\b.{0,80}\breasoning_effort|reasoning_effort.{0,80}\btools", re.IGNORECASE)


def needs_responses(error: RequestError) -> bool:
    """Tell whether tools are refused by chat completions as long as the model reasons."""
    return error.status == 400 and _TOOLS_WITH_REASONING.search(error.message) is not None


def _needs_tools_without_reasoning(body: Body) -> bool:
    return "messages" in body and "tools" in body and "reasoning_effort" not in body


def _say(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


REFUSALS: Sequence[Refusal] = (
    Refusal(
        "reasoning",
        Quirk.TOOLS_WITH_REASONING,
        _TOOLS_WITH_REASONING,
        _needs_tools_without_reasoning,
        _add("reasoning_effort", "none"),
        "takes tools on chat completions only without reasoning; -o api=responses would do with it",
    ),
    Refusal(
        "max_tokens",
        Quirk.OUTPUT_LIMIT_NAME,
        _say(r"\bmax_tokens\b(?=.{0,120}\bmax_completion_tokens\b)|unsupported parameter.{0,20}\bmax_tokens\b"),
        _has("max_tokens"),
        _rename("max_tokens", "max_completion_tokens"),
    ),
    Refusal(
        "output-limit",
        Quirk.OUTPUT_LIMIT_REFUSED,
        _say(r"\bmax_(?:completion_|output_|new_)?tokens\b|in the completion"),
        _has(*_LIMITS),
        _drop(*_LIMITS),
    ),
    Refusal(
        "stream_options",
        Quirk.STREAM_OPTIONS,
        _say(r"\bstream_options\b|\binclude_usage\b"),
        _has("stream_options"),
        _drop("stream_options"),
    ),
    Refusal(
        "stream",
        Quirk.STREAM_REFUSED,
        _say(r"\bstream(?:ing)?\b(?!_)"),
        lambda body: body.get("stream") is True,
        _drop("stream", "stream_options"),
    ),
    Refusal(
        "temperature",
        Quirk.TEMPERATURE,
        _say(r"\btemperature\b"),
        _has("temperature"),
        _drop("temperature"),
        "does not take a temperature; sent without",
    ),
    Refusal("store", Quirk.UNKNOWN_FIELDS, _say(r"\bstore\b"), _has("store"), _drop("store")),
    Refusal(
        "include",
        Quirk.UNKNOWN_FIELDS,
        _say(r"\binclude\b|encrypted.content"),
        _has("include"),
        _drop("include"),
    ),
)


def adapt(body: Body, refused: Collection[str]) -> dict[str, Any]:
    """Change a request for what is known to be refused."""
    adapted: Body = body
    for refusal in REFUSALS:
        if refusal.name in refused and refusal.is_sent(adapted):
            adapted = refusal.change(adapted)
    fields = {name.removeprefix(_FIELD_PREFIX) for name in refused if name.startswith(_FIELD_PREFIX)}
    if not fields:
        return dict(adapted)
    return {key: _leave_out(value, fields) if key in _CONVERSATIONS else value for key, value in adapted.items()}


def _leave_out(messages: object, fields: Collection[str]) -> object:
    if not isinstance(messages, list):
        return messages
    return [{key: value for key, value in message.items() if key not in fields} for message in messages]


def find_refusal(error: RequestError, body: Body, quirks: Quirks) -> tuple[str, str | None] | None:
    """Find the part of a request that an error names: the name to remember, and a warning; None where it names none.

    Args:
        error: what the server said.
        body: what was sent.
        quirks: the rows that are handled.
    """
    words = error.message
    if error.fault is Fault.CONTEXT:  # room that is kept for the answer counts, so it goes first
        limit = next(each for each in REFUSALS if each.quirk is Quirk.OUTPUT_LIMIT_REFUSED)
        is_counted = limit.is_sent(body) and (limit.said.search(words) or error.status == 413)
        return (limit.name, None) if is_counted and limit.quirk in quirks else None
    if error.status not in {400, 422}:
        return None
    for refusal in REFUSALS:
        if refusal.quirk in quirks and refusal.is_sent(body) and refusal.said.search(words):
            return refusal.name, refusal.warning
    return _find_field(words, body) if Quirk.UNKNOWN_FIELDS in quirks else None


def _find_field(words: str, body: Body) -> tuple[str, None] | None:
    """Find a field of the conversation's messages that the words name."""
    messages = [message for key in _CONVERSATIONS for message in body.get(key) or () if isinstance(message, Mapping)]
    names: set[str] = {key for message in messages for key in message} - _MESSAGE_FIELDS
    for name in sorted(names):
        if re.search(rf"\b{re.escape(name)}\b", words):
            return _FIELD_PREFIX + name, None
    return None
