"""From the events of a Responses API answer to one assistant message, believing nothing that it says about itself.

Items are put together from their pieces, whatever order and whichever of the many events come; the last word has the
whole response at the end, where there is one. No HTTP here: `responses.py` hands in what `stream.py` finds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from git_draft.bots.meter import Bounds, Meter
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.bots.replies import Reply, parse_reply
from git_draft.bots.retry import RequestError, describe_error_object
from git_draft.bots.stream import Tell
from git_draft.events import TextArrived

ITEMS = "_items"
"""The field of a message that holds the model's items for the next request; it is for this API only."""

_LEFT_OUT = frozenset({"id", "status"})
"""What names an item at the provider, where nothing is kept."""
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.done"})
_REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}


class ItemAccumulator:
    """Puts the events of one response together; implements `git_draft.bots.stream.Assembler`.

    Args:
        bounds: where the answer is cut.
        quirks: the rows of the table that are handled.
        tell: told of each piece; None for nobody.
    """

    def __init__(self, bounds: Bounds, quirks: Quirks = ALL_QUIRKS, tell: Tell | None = None) -> None:
        self._meter = Meter(bounds)
        self._quirks = quirks
        self._tell = tell
        self._items: dict[object, dict[str, Any]] = {}
        self._response: Mapping[str, Any] = {}
        self.is_ended = False
        self.has_choice = False
        self.is_streamed = False

    def feed(self, chunk: object) -> None:
        """Take in an event, or a whole response.

        Raises:
            RequestError: where it is an error, or the answer grows without end.
        """
        if not isinstance(chunk, Mapping):
            return
        kind = str(chunk.get("type") or "")
        if kind == "error" or (chunk.get("error") and "output" not in chunk):
            raise describe_error_object(chunk.get("error") or chunk)
        if kind in _ENDS:
            self._end(chunk.get("response"))
        elif isinstance(chunk.get("output"), list):  # in one piece
            self._end(chunk)
        elif isinstance(item := chunk.get("item"), Mapping):
            self.has_choice = True
            self._merge(_find_place(chunk), item)
        elif kind.startswith("response.") and isinstance(piece := chunk.get("delta"), str):
            self.has_choice = True
            self._add(_find_place(chunk), kind, piece)
        elif kind == "response.function_call_arguments.done" and isinstance(whole := chunk.get("arguments"), str):
            self._get(_find_place(chunk), "function_call")["arguments"] = whole

    def finish(self, offered: Collection[str] = ()) -> Reply:
        """Give the whole reply.

        Args:
            offered: names of tools, calls of which may be written as text.

        Raises:
            RequestError: where the answer broke off before its end.
        """
        if not (self.is_ended and self.has_choice) and Quirk.STREAM_BREAKS_OFF in self._quirks:
            what = "broke off in the middle" if self.has_choice else "is empty"
            raise RequestError(f"the answer {what}", is_retryable=True)
        items = self._list_items()
        calls = [item for item in items if item.get("type") == "function_call"]
        refusal = _join(items, "refusal")
        message: dict[str, Any] = {
            "role": "assistant",
            "content": _join(items, "text") or None,
            **({"refusal": refusal} if refusal else {}),
            **({"tool_calls": [_make_call(item) for item in calls]} if calls else {}),
        }
        reply = parse_reply(message, self._find_reason(), self._get_usage(), offered=offered, quirks=self._quirks)
        kept = _keep(items, reply)
        verbatim = {**reply.message, ITEMS: kept} if kept and Quirk.VERBATIM_HISTORY in self._quirks else reply.message
        return replace(reply, message=verbatim, is_streamed=self.is_streamed)

    def _end(self, response: object) -> None:
        self.is_ended = self.has_choice = True
        self._response = response if isinstance(response, Mapping) else {}
        if error := self._response.get("error"):
            raise describe_error_object(error)
        if self._response.get("status") == "failed":
            raise RequestError("the server says that the answer failed", is_retryable=True)

    def _merge(self, place: object, item: Mapping[str, Any]) -> None:
        """Take in an item; what is empty in it does not outrank the pieces that came."""
        old = self._items.setdefault(place, {})
        old.update({key: value for key, value in item.items() if value or key not in old})

    def _get(self, place: object, kind: str) -> dict[str, Any]:
        return self._items.setdefault(place, {"type": kind})

    def _add(self, place: object, kind: str, piece: str) -> None:
        if Quirk.ENDLESS in self._quirks and piece:
            self._meter.count(piece)
        if "function_call_arguments" in kind:
            item = self._get(place, "function_call")
            item["arguments"] = (item.get("arguments") or "") + piece
            self._say(piece, tool=str(item.get("name") or "") or None)
        elif "reasoning" in kind:
            self._get(place, "reasoning")
            self._say(piece, is_thought=True)
        elif "output_text" in kind or "refusal" in kind:
            item = self._get(place, "message")
            name = "_text" if "output_text" in kind else "_refusal"
            item[name] = item.get(name, "") + piece
            self._say(piece)

    def _say(self, text: str, *, tool: str | None = None, is_thought: bool = False) -> None:
        if self._tell:
            self._tell(TextArrived(text=text, tool=tool, is_thought=is_thought))

    def _list_items(self) -> Sequence[Mapping[str, Any]]:
        output = self._response.get("output")
        whole = [item for item in output if isinstance(item, Mapping)] if isinstance(output, list) else []
        if whole:
            return whole
        return [_complete(item) for _, item in sorted(self._items.items(), key=lambda pair: _sort_place(pair[0]))]

    def _find_reason(self) -> str | None:
        details = self._response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, Mapping) else None
        return _REASONS.get(str(reason)) if reason else None

    def _get_usage(self) -> object:
        """Give the usage in the words of chat completions."""
        usage = self._response.get("usage")
        if not isinstance(usage, Mapping):
            return None
        return {
            "prompt_tokens": usage.get("input_tokens"),
            "completion_tokens": usage.get("output_tokens"),
            "prompt_tokens_details": usage.get("input_tokens_details"),
            "completion_tokens_details": usage.get("output_tokens_details"),
            "cost": usage.get("cost"),
        }


def _find_place(event: Mapping[str, Any]) -> object:
    index = event.get("output_index")
    return index if isinstance(index, int) else str(event.get("item_id") or "")


def _sort_place(place: object) -> tuple[int, str]:
    return (place, "") if isinstance(place, int) else (1 << 30, str(place))


def _complete(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the pieces of a text into an item that came without its contents."""
    content = list(item.get("content") or ())
    if not content and item.get("_text"):
        content.append({"type": "output_text", "text": item["_text"], "annotations": []})
    if not content and item.get("_refusal"):
        content.append({"type": "refusal", "refusal": item["_refusal"]})
    whole = {key: value for key, value in item.items() if not key.startswith("_")}
    return {"role": "assistant", **whole, "content": content} if item.get("type") == "message" else whole


def _join(items: Sequence[Mapping[str, Any]], name: str) -> str:
    """Join the texts, or the refusals, of all messages."""
    texts: list[str] = []
    for item in items:
        content = item.get("content") if item.get("type") == "message" else None
        parts = [{"text": content}] if isinstance(content, str) else content if isinstance(content, list) else []
        found = [part.get(name) for part in parts if isinstance(part, Mapping)]
        texts += [text for text in found if isinstance(text, str)]
    return "".join(texts)


def _make_call(item: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": item.get("name"), "arguments": item.get("arguments")}
    return {"id": item.get("call_id") or item.get("id"), "function": function}


def _keep(items: Sequence[Mapping[str, Any]], reply: Reply) -> list[Mapping[str, Any]]:
    """Give what the next request holds of an answer: its items, their calls valid; none where they tell less."""
    calls = list(reply.message.get("tool_calls") or ())
    if len(calls) != sum(item.get("type") == "function_call" for item in items):  # calls written as text
        return []
    kept: list[Mapping[str, Any]] = []
    for item in items:
        if item.get("type") == "reasoning" and not item.get("encrypted_content"):
            continue  # without it only the provider would know what was thought
        bare = {key: value for key, value in item.items() if key not in _LEFT_OUT}
        if item.get("type") == "function_call":
            call = calls.pop(0)
            function = call["function"]
            bare |= {"call_id": call["id"], "name": function["name"], "arguments": function["arguments"]}
        kept.append(bare)
    return kept
