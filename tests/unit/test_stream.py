"""Answers as servers really send them, put together to one message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_draft.bots.meter import Bounds
from git_draft.bots.quirks import ALL_QUIRKS
from git_draft.bots.replies import Reply
from git_draft.bots.retry import Fault, RequestError
from git_draft.bots.stream import Accumulator, feed_answer, iter_events
from git_draft.events import TextArrived

DONE = "[DONE]"
DEFAULT = Bounds()


async def _iter_bytes(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def read(events: Sequence[Any] | bytes, *, size: int = 7, bounds: Bounds = DEFAULT) -> Reply:
    """Read an answer that arrives in small pieces."""
    if not isinstance(events, bytes):
        lines = [event if isinstance(event, str) else json.dumps(event) for event in events]
        events = "".join(f"data: {line}\n\n" for line in lines).encode()
    accumulator = Accumulator(bounds)
    asyncio.run(feed_answer(_iter_bytes(events, size), accumulator, is_wanted=True, quirks=ALL_QUIRKS))
    return accumulator.finish()


def chunk(delta: Any, reason: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more}


def call(arguments: Any = None, **more: Any) -> dict[str, Any]:
    """Make a chunk with a fragment of a call."""
    name = more.pop("name", None)
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return chunk({"tool_calls": [{**more, "function": function}]})


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_events_are_found_wherever_the_bytes_are_cut(size: int, end: str) -> None:
    text = "\n: ping\ndata: a\u2028b\nid: 1\n\ndata:é\ndata: f\n\nevent: x\n\ndata: last".replace("\n", end)

    async def collect() -> list[str]:
        return [event async for event in iter_events(_iter_bytes(text.encode(), size))]

    assert asyncio.run(collect()) == ["a\u2028b", "é\nf", "last"]


TWO = [("read_file", {"path": "a"}), ("read_file", {"path": "b"})]


@pytest.mark.parametrize(
    "chunks, expected",
    [
        pytest.param(
            [call("", index=0, id="x", name="read_file"), call('{"path"', index=0), call(': "a"}', index=0),
             call("", index=1, id="y", name="read_file"), call('{"path": "b"}', index=1)],
            TWO, id="as OpenAI does",
        ),
        pytest.param(
            [call('{"path": "a"}', index=0, id="x", name="read_file"), call('{"path": "b"}', index=0, id="y", name="read_file")],
            TWO, id="all index 0, ids differ",
        ),
        pytest.param(
            [call('{"path": "a"}', index=0, name="read_file"), call('{"path": "b"}', index=0, name="read_file")],
            TWO, id="all index 0, no ids",
        ),
        pytest.param(
            [call("", name="read_file"), call('{"path":'), call('"a"}'), call("", name="read_file"), call('{"path":"b"}')],
            TWO, id="no index, no ids",
        ),
        pytest.param(
            [call('{"path":', id="x", name="read_file", index=0), call('"a"}', id="x", name="read_file", index=0),
             call("", id="x", name="read_file", index=0), call('{"path":"b"}', id="y", name="read_file", index=1)],
            TWO, id="id and name in every chunk",
        ),
        pytest.param(
            [call({"path": "a"}, index=0, id="x", name="read_file"), call({"path": "b"}, index=1, id="y", name="read_file")],
            TWO, id="arguments as objects",
        ),
        pytest.param(
            [call("", index=0, id="x", name="read_file"), call("", index=1, id="y", name="read_file"),
             call('{"path":"b"}', index=1), call('{"path":"a"}', index=0)],
            TWO, id="interleaved",
        ),
        pytest.param(
            [call('{"path":"a"}', index=0, id="x", name="read_file"), call("{}", index=0, id="y", name="list_files")],
            [("read_file", {"path": "a"}), ("list_files", {})], id="index 0, names differ",
        ),
        pytest.param(
            [call("", index=0, id="x", name="list_files"), call("", index=0, id="y", name="list_files")],
            [("list_files", {}), ("list_files", {})], id="index 0, nothing but ids differ",
        ),
        pytest.param([call(None, index=0, id="x", name="list_files")], [("list_files", {})], id="no arguments at all"),
        pytest.param([chunk({"tool_calls": [None, 3, {"function": None}]}), call("{}", name="list_files")],
                     [("list_files", {})], id="nulls between"),
    ],
)  # fmt: skip
def test_calls_are_put_together(chunks: list[dict[str, Any]], expected: list[tuple[str, dict[str, Any]]]) -> None:
    reply = read([*chunks, chunk({}, "tool_calls"), DONE])
    assert [(c.name, c.arguments) for c in reply.calls] == expected
    assert len({c.id for c in reply.calls}) == len(expected)
    for raw in reply.message["tool_calls"]:
        assert isinstance(json.loads(raw["function"]["arguments"]), dict)
        assert raw["type"] == "function"


@pytest.mark.parametrize(
    "events",
    [
        [chunk({"role": "assistant", "content": "he"}), chunk({"content": "llo"}, "stop"), DONE],
        [{"choices": []}, {"choices": None}, chunk({"content": "hello"}), {"choices": [{"index": 0}]}, chunk(None, "stop")],
        [chunk({"content": "hello"}), chunk({}, ""), DONE],
        [chunk({"content": "hello"}), {"choices": [], "usage": {"prompt_tokens": 3}}],
        [{"choices": [{"delta": {"content": "hello"}}]}, DONE],
        [{"choices": [{"index": 1, "delta": {"content": "not this"}}]}, chunk({"content": "hello"}, "stop")],
        ["3", "null", "[]", chunk({"content": "hello"}, "stop"), DONE],
        [chunk({"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "hello"}]}, "stop")],
        [chunk({"content": "<think>well\n"}), chunk({"content": "</think>\n\nhello"}, "stop")],
        [{"choices": [{"index": 0, "message": {"content": "hello"}, "finish_reason": "stop"}]}],
    ],
)  # fmt: skip
def test_text_is_put_together(events: list[Any]) -> None:
    reply = read(events)
    assert reply.text == "hello"
    assert not reply.calls


def test_unknown_fields_stay_for_the_history() -> None:
    reply = read([
        chunk({"role": "assistant", "content": None, "reasoning_content": "let me "}),
        chunk({"reasoning_content": "see", "reasoning_details": [{"n": 1}], "audio": None}),
        chunk({"reasoning_details": [{"n": 2}]}),
        call("{}", index=0, id="x", name="list_files", extra_content={"google": {"thought_signature": "abc"}}),
        chunk({}, "stop"),
    ])  # fmt: skip
    assert reply.message == {
        "role": "assistant",
        "content": None,
        "reasoning_content": "let me see",
        "reasoning_details": [{"n": 1}, {"n": 2}],
        "tool_calls": [
            {
                "id": "x",
                "type": "function",
                "function": {"name": "list_files", "arguments": "{}"},
                "extra_content": {"google": {"thought_signature": "abc"}},
            }
        ],
    }
    assert reply.text == ""


@pytest.mark.parametrize(
    "events, reason, is_retryable",
    [
        ([chunk({"content": "hel"})], "broke off in the middle", True),
        ([chunk({"content": "hel"}, usage={"prompt_tokens": 3})], "broke off in the middle", True),
        ([], "is empty", True),
        ([chunk({"content": "hel"}), '{"choices": [{"del'], "garbled", True),
        ([{"error": {"message": "overloaded", "type": "server_error"}}], "overloaded", True),
        ([{"error": {"message": "slow down", "code": "rate_limit_exceeded"}}], "rate limit", True),
        ([{"error": {"message": "no", "code": "insufficient_quota"}}], "no credit", False),
        ([{"error": {"message": "bad", "code": 400}}], "400: bad", False),
        ([{"error": "just words"}], "just words", True),
        (b'{"error": {"message": "bad key", "code": 401}}', "API key", False),
        (b"<!doctype html><html>Welcome</html>", "no JSON, it begins with '<!doctype html>", False),
        (b"hello", "no JSON", False),
        (b'{"hello": 1}', "no choices", False),
        (b"[1]", "no choices", False),
    ],
)  # fmt: skip
def test_what_is_no_answer_says_so(events: Any, reason: str, is_retryable: bool) -> None:
    with pytest.raises(RequestError, match=reason) as caught:
        read(events)
    assert caught.value.is_retryable == is_retryable


def test_an_answer_in_one_piece_is_fine() -> None:
    function = {"name": "read_file", "arguments": {"path": "a"}}
    message = {"role": "assistant", "content": "hi", "tool_calls": [{"id": "1", "function": function}]}
    usage = {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}, "cost": 0.01}
    data = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": usage}
    reply = read(("\n\n" + json.dumps(data)).encode())
    assert reply.text == "hi"
    assert [c.arguments for c in reply.calls] == [{"path": "a"}]
    assert (reply.usage.tokens_in, reply.usage.tokens_out, reply.usage.tokens_cached) == (5, 2, 4)
    assert str(reply.usage.cost_usd) == "0.01"


def test_a_model_that_does_not_stop_is_stopped() -> None:
    numbers = [call(f"{number} ", index=0, id="a", name="write_file") for number in range(400)]
    with pytest.raises(RequestError, match="without end: more than 300 tokens") as caught:
        read(numbers, bounds=Bounds(300))
    assert caught.value.fault is Fault.ENDLESS
    assert read([*numbers, chunk({}, "stop")], bounds=Bounds(320)).calls  # the server's own limit comes first


@pytest.mark.parametrize("unit", [" ", "ab\n", "x" * 499 + "\n"])
def test_a_model_that_repeats_itself_is_stopped(unit: str) -> None:
    with pytest.raises(RequestError, match="without end: it repeats itself"):
        read([chunk({"content": "Begin. "}), *[chunk({"content": unit})] * (12_000 // len(unit))], size=10_000)


@pytest.mark.parametrize("text", [" " * 7000 + "end", "".join(f"{number},\n" for number in range(4000))])
def test_long_answers_that_go_on_are_left_alone(text: str) -> None:
    pieces = [chunk({"content": text[start : start + 50]}) for start in range(0, len(text), 50)]
    assert read([*pieces, chunk({}, "stop")], size=10_000).text == text.strip()


def test_pieces_are_told_as_they_come_in() -> None:
    told: list[TextArrived] = []
    accumulator = Accumulator(Bounds(), tell=told.append)
    for delta in (
        {"role": "assistant", "content": "", "reasoning_content": "Hm", "reasoning": "Hm"},
        {"reasoning": "."},
        {"content": "I see", "reasoning_content": None},
        {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "read_file", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"path'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '": "x"}'}}]},
        {"content": None},
    ):
        accumulator.feed(chunk(delta))
    assert told == [
        TextArrived(text="Hm", is_thought=True),
        TextArrived(text=".", is_thought=True),
        TextArrived(text="I see"),
        TextArrived(text="", tool="read_file"),
        TextArrived(text='{"path', tool="read_file"),
        TextArrived(text='": "x"}', tool="read_file"),
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "message", "tool_calls", "function", "name", "arguments", "id", "index", "content", "error"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.lists(json_values, max_size=4), st.booleans())
def test_no_json_makes_it_fall_over(chunks: list[Any], is_ended: bool) -> None:
    accumulator = Accumulator(Bounds())
    accumulator.is_ended = is_ended
    try:
        for data in chunks:
            accumulator.feed({"choices": [{"delta": data}]})
            accumulator.feed(data)
        reply = accumulator.finish()
    except RequestError:
        return
    for raw in reply.message.get("tool_calls", []):
        assert isinstance(json.loads(raw["function"]["arguments"]), dict)
