"""Arguments, usage and messages as models write them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from git_draft.bots.arguments import parse_arguments
from git_draft.bots.replies import parse_reply, parse_usage
from git_draft.errors import ToolError
from git_draft.model import Usage


@pytest.mark.parametrize(
    "written, expected",
    [
        ('{"path": "a"}', {"path": "a"}),
        ({"path": "a"}, {"path": "a"}),
        (None, {}),
        ("", {}),
        (" \n", {}),
        ("{}", {}),
        ('"{\\"path\\": \\"a\\"}"', {"path": "a"}),
        ('{"path": "a\nb"}', {"path": "a\nb"}),
        ("{'path': 'a',}", {"path": "a"}),
        ('{path: "a"', {"path": "a"}),
        ('```json\n{"path": "a"}\n```', {"path": "a"}),
    ],
)
def test_arguments_are_read_as_they_are_meant(written: Any, expected: Any) -> None:
    assert parse_arguments(written, "read_file") == expected


@pytest.mark.parametrize(
    "written, tool, is_cut, reason",
    [
        ('{"path": "a", "contents": "x', "write_file", False, "cut off"),
        ('{"path": "a", "contents": "x"', "write_file", True, "cut off"),
        ('{"path": "a", "contents": "int main() {\\n}', "write_file", False, "cut off"),
        ('{"path": "a", "contents": "x"', "write_file", False, "no valid JSON"),
        ("{'path': 'a', 'old': 'b', 'new': ''}", "edit_file", False, "no valid JSON"),
        ('{"path": "a', "read_file", False, "cut off"),
        ("[1]", "read_file", False, "no JSON object"),
        ("3", "read_file", False, "no JSON object"),
        ([1], "read_file", False, "no JSON object"),
        ("???", "read_file", False, "no JSON object"),
    ],
)
def test_what_a_file_should_contain_is_never_guessed(written: Any, tool: str, is_cut: bool, reason: str) -> None:
    with pytest.raises(ToolError, match=reason):
        parse_arguments(written, tool, is_cut=is_cut)


def test_the_history_gets_valid_calls_whatever_came() -> None:
    written = ['{"path":  "a"}', "{'path': 'b'}", '{"path": "c', None]
    raw = [{"id": "same", "function": {"name": "read_file", "arguments": arguments}} for arguments in written]
    reply = parse_reply({"tool_calls": raw}, "stop", None)
    sent = [call["function"]["arguments"] for call in reply.message["tool_calls"]]
    assert sent == ['{"path":  "a"}', '{"path": "b"}', "{}", "{}"]
    assert [call.problem is None for call in reply.calls] == [True, True, False, True]
    assert [call["id"] for call in reply.message["tool_calls"]] == ["same", "same_", "same__", "same___"]
    assert reply.message["content"] is None


def test_a_message_without_calls_has_text() -> None:
    assert parse_reply({"content": None, "refusal": None}, "stop", None).message == {"role": "assistant", "content": ""}


@pytest.mark.parametrize(
    "message, reason, refusal",
    [
        ({"content": "x"}, "stop", None),
        ({"content": None, "refusal": "I won't"}, "stop", "I won't"),
        ({"content": ""}, "content_filter", "stopped by a content filter"),
    ],
)
def test_a_refusal_is_seen(message: dict[str, Any], reason: str, refusal: str | None) -> None:
    assert parse_reply(message, reason, None).refusal == refusal


@pytest.mark.parametrize(
    "data, expected",
    [
        (None, Usage()),
        ("many", Usage()),
        ({}, Usage()),
        ({"prompt_tokens": 1, "completion_tokens": 0}, Usage(1, 0)),
        ({"prompt_tokens": "1", "completion_tokens": -1, "cost": True}, Usage()),
        ({"prompt_tokens": 9, "prompt_tokens_details": None, "cost": "0.5"}, Usage(9, cost_usd=Decimal("0.5"))),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 8}, "cost": "free"},
            Usage(9, tokens_cached=8),
        ),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 10}}, Usage(9)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, Usage()),
        ({"prompt_tokens": 0, "completion_tokens": 5}, Usage(None, 5)),
        ({"cost": "NaN"}, Usage()),
        ({"cost": -1}, Usage()),
        ({"cost": "1e999999"}, Usage()),
        ({"cost": 0}, Usage(cost_usd=Decimal(0))),
    ],
)
def test_usage_is_known_or_unknown_but_never_made_up(data: Any, expected: Usage) -> None:
    assert parse_usage(json.loads(json.dumps(data))) == expected


@pytest.mark.parametrize(
    "data, expected",
    [
        pytest.param(
            {
                "prompt_tokens": 2006,
                "completion_tokens": 300,
                "total_tokens": 2306,
                "prompt_tokens_details": {"cached_tokens": 1920, "cache_write_tokens": 50, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 0},
            },
            Usage(2006, 300, 1920, None, 64, 50),
            id="OpenAI",
        ),
        pytest.param(
            {
                "input_tokens": 328,
                "input_tokens_details": {"cached_tokens": 128},
                "output_tokens": 52,
                "output_tokens_details": {"reasoning_tokens": 12},
                "total_tokens": 380,
            },
            Usage(328, 52, 128, None, 12),
            id="Responses",
        ),
        pytest.param(
            {
                "prompt_tokens": 100,
                "completion_tokens": 9,
                "total_tokens": 109,
                "prompt_tokens_details": None,
                "prompt_cache_hit_tokens": 64,
                "prompt_cache_miss_tokens": 36,
                "completion_tokens_details": {"reasoning_tokens": 5},
            },
            Usage(100, 9, 64, None, 5),
            id="DeepSeek",
        ),
        pytest.param(
            {
                "input_tokens": 4,
                "cache_read_input_tokens": 2000,
                "cache_creation_input_tokens": 300,
                "output_tokens": 12,
            },
            Usage(2304, 12, 2000, None, None, 300),
            id="Anthropic",
        ),
        pytest.param(
            {"input_tokens": 2304, "cache_read_input_tokens": 2000, "output_tokens": 12, "total_tokens": 2316},
            Usage(2304, 12, 2000),
            id="Anthropic by a proxy that counts as OpenAI does",
        ),
        pytest.param(
            {"prompt_tokens": 4, "cache_read_input_tokens": 2000, "completion_tokens": 12, "total_tokens": 2016},
            Usage(2004, 12, 2000),
            id="Anthropic by a proxy that counts as OpenAI does in the total only",
        ),
        pytest.param(
            {"prompt_tokens": 2304, "cache_read_input_tokens": 2000, "completion_tokens": 12},
            Usage(2304, 12, 2000),
            id="Anthropic by the names of chat completions",
        ),
        pytest.param(
            {
                "prompt_tokens": 10120,
                "completion_tokens": 1499,
                "total_tokens": 14428,
                "completion_tokens_details": {"reasoning_tokens": 2809},
                "cost_in_usd_ticks": 232856000,
            },
            Usage(10120, 4308, None, Decimal("0.0232856"), 2809),
            id="xAI",
        ),
        pytest.param({"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623}, Usage(20, 603), id="Gemini"),
        pytest.param(
            {"prompt_tokens": 5, "completion_tokens": 7, "cost": {"total_cost": 0.006, "request_cost": 0.005}},
            Usage(5, 7, cost_usd=Decimal("0.006")),
            id="Perplexity",
        ),
        pytest.param(
            {"cost": 0.0015, "is_byok": False, "cost_details": {"upstream_inference_cost": None}},
            Usage(cost_usd=Decimal("0.0015")),
            id="OpenRouter",
        ),
        pytest.param(
            {"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.019}},
            Usage(cost_usd=Decimal("0.02")),
            id="OpenRouter with a key of one's own",
        ),
        pytest.param(
            {"cost": 0.001, "is_byok": True}, Usage(), id="OpenRouter with a key of one's own, and no word of its cost"
        ),
    ],
)
def test_usage_is_read_by_each_of_its_names(data: Any, expected: Usage) -> None:
    assert parse_usage(data) == expected
