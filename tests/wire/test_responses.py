"""The Responses API: the same conversation in its words, changed over to and from, and Azure's addresses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
import pytest

from git_draft.bots.quirks import ALL_QUIRKS
from git_draft.errors import ConfigError
from git_draft.model import OutcomeKind, Usage
from tests.wire.conftest import KEY, Bench
from tests.wire.conversations import Answer, Case, Result, calling, fragment, play, refusing, saying

OPTIONS = {"api": "responses"}
REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
USAGE = {
    "input_tokens": 100,
    "output_tokens": 20,
    "input_tokens_details": {"cached_tokens": 64},
    "output_tokens_details": {"reasoning_tokens": 8},
}


def call(name: str, arguments: str, number: int = 1) -> dict[str, Any]:
    """Make an item with a call."""
    return {
        "type": "function_call",
        "id": f"fc_{number}",
        "call_id": f"call_{number}",
        "name": name,
        "arguments": arguments,
        "status": "completed",
    }


def words(text: str) -> dict[str, Any]:
    """Make an item with text."""
    content = [{"type": "output_text", "text": text, "annotations": []}]
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}


def stream(*items: Mapping[str, Any], usage: Mapping[str, Any] | None = None) -> Answer:
    """Answer as OpenAI does: each item added, in pieces, done, and the whole at the end."""
    events: list[Mapping[str, Any]] = [{"type": "response.created", "response": {"output": []}}]
    for index, item in enumerate(items):
        where = {"output_index": index, "item_id": item.get("id")}
        begun = {
            **item,
            **({"arguments": ""} if "arguments" in item else {}),
            **({"content": []} if "content" in item else {}),
        }
        events.append({"type": "response.output_item.added", "item": begun, **where})
        text = item["content"][0]["text"] if "content" in item else item.get("arguments", "")
        kind = "response.output_text.delta" if "content" in item else "response.function_call_arguments.delta"
        events += [{"type": kind, "delta": text[start : start + 5], **where} for start in range(0, len(text), 5)]
        events.append({"type": "response.output_item.done", "item": item, **where})
    whole = {"status": "completed", "output": list(items), "usage": usage}
    return Answer(chunks=[*events, {"type": "response.completed", "response": whole}], is_ended=False)


EDIT = call("edit_file", '{"path": "a.txt", "old": "one", "new": "1"}')
FINISH = call("finish", '{"title": "Done"}', 2)


def run(*answers: Answer, options: Mapping[str, Any] = OPTIONS) -> Result:
    return play(Case(answers, lambda _: None, options), ALL_QUIRKS)


def test_a_run_from_prompt_to_finish() -> None:
    result = run(stream(REASONING, words("I see."), EDIT, usage=USAGE), stream(FINISH, usage=USAGE))
    assert result.outcome is not None
    assert (result.outcome.kind, result.outcome.title) == (OutcomeKind.COMPLETE, "Done")
    assert (result.outcome.usage.tokens_in, result.outcome.usage.tokens_out) == (200, 40)
    assert result.outcome.usage.tokens_cached == 128
    assert result.files == {"a.txt": "1\ntwo\n"}
    first, second = result.requests
    assert set(first) == {"path", "model", "input", "tools", "stream", "store", "include", "max_output_tokens"}
    assert first["path"] == "/v1/responses"
    assert [item["role"] for item in first["input"]] == ["system", "user"]
    assert {tool["strict"] for tool in first["tools"]} == {False}
    assert json.dumps(second["input"]).startswith(json.dumps(first["input"])[:-1])
    reasoning, said, edit, result_item = second["input"][2:]
    assert reasoning == {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}
    assert said["content"][0]["text"] == "I see."
    assert (edit["call_id"], "id" in edit, "status" in edit) == ("call_1", False, False)
    assert result_item == {"type": "function_call_output", "call_id": "call_1", "output": "edited a.txt"}


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([{"type": "response.output_item.done", "output_index": 0, "item": EDIT}], id="only done"),
        pytest.param(
            [
                {"type": "response.output_item.added", "output_index": 0, "item": {**EDIT, "arguments": ""}},
                {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": EDIT["arguments"]},
            ],
            id="never done",
        ),
        pytest.param(
            [
                {"type": "response.function_call_arguments.done", "output_index": 0, "arguments": EDIT["arguments"]},
                {"type": "response.output_item.added", "output_index": 0, "item": {**EDIT, "arguments": ""}},
            ],
            id="out of order",
        ),
        pytest.param(
            [
                {"type": "response.output_item.added", "item": {**EDIT, "arguments": ""}, "item_id": "x"},
                {"type": "response.function_call_arguments.delta", "item_id": "x", "delta": EDIT["arguments"]},
                {"type": "response.output_item.done", "item": EDIT, "item_id": "x"},
            ],
            id="no index",
        ),
    ],
)
def test_items_are_put_together_whatever_events_come(events: Sequence[Mapping[str, Any]]) -> None:
    end = {"type": "response.completed", "response": {"output": []}}
    result = run(Answer(chunks=[*events, end], is_ended=False), stream(FINISH))
    assert result.files == {"a.txt": "1\ntwo\n"}
    assert result.is_done()


def test_text_without_a_whole_response_is_taken_from_its_pieces() -> None:
    pieces = [{"type": "response.output_text.delta", "output_index": 0, "delta": text} for text in ("All ", "fine.")]
    result = run(Answer(chunks=pieces))
    assert result.outcome
    assert result.outcome.summary == "All fine."


@pytest.mark.parametrize(
    "answer",
    [
        Answer({"error": {"message": "overloaded", "code": "server_error"}}),
        Answer(chunks=[{"type": "error", "message": "overloaded", "code": "server_error"}]),
        Answer(chunks=[{"type": "response.failed", "response": {"error": {"message": "overloaded"}}}]),
        Answer(chunks=[{"type": "response.failed", "response": {"status": "failed"}}]),
        Answer(chunks=[{"type": "response.output_text.delta", "delta": "hal"}], is_ended=False),
        Answer(chunks=["{oops"]),
        Answer(chunks=[]),
        saying("an answer of the other API"),
        refusing("slow down", 429),
        refusing("down", 503),
    ],
)
def test_what_may_pass_is_tried_again(answer: Answer) -> None:
    result = run(answer, stream(EDIT), stream(FINISH))
    assert result.files == {"a.txt": "1\ntwo\n"}
    assert "retry" in result.told


def test_an_answer_in_one_piece_is_taken_too() -> None:
    result = run(Answer({"status": "completed", "output": [words("All fine.")], "usage": USAGE}))
    assert result.outcome
    assert result.outcome.summary == "All fine."


def test_a_cut_write_is_not_done() -> None:
    cut = call("write_file", '{"path": "a.txt", "contents": "ne')
    response = {"status": "incomplete", "output": [cut], "incomplete_details": {"reason": "max_output_tokens"}}
    result = run(Answer(chunks=[{"type": "response.incomplete", "response": response}]), stream(FINISH))
    assert result.files == {"a.txt": "one\ntwo\n"}
    assert json.loads(result.requests[1]["input"][2]["arguments"]) == {}
    assert "cut off" in result.requests[1]["input"][3]["output"]


@pytest.mark.parametrize(
    "response, reason",
    [
        ({"output": [], "incomplete_details": {"reason": "content_filter"}}, "stopped by a content filter"),
        ({"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "I won't."}]}]}, "I won't."),
    ],
)
def test_a_refusal_is_said(response: Mapping[str, Any], reason: str) -> None:
    result = run(Answer(chunks=[{"type": "response.completed", "response": response}]))
    assert reason in (result.error or "")


def test_reasoning_that_only_the_provider_knows_is_not_sent_back() -> None:
    bare = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]}
    result = run(stream(bare, EDIT), stream(FINISH))
    assert [item.get("type") for item in result.requests[1]["input"][2:]] == ["function_call", "function_call_output"]


@pytest.mark.parametrize(
    "words, name",
    [("Unknown parameter: 'store'", "store"), ("Encrypted content is not supported with this model.", "include")],
)
def test_what_a_server_does_not_know_is_left_out(words: str, name: str) -> None:
    result = run(refusing(words), stream(EDIT), stream(FINISH))
    assert [name in request for request in result.requests] == [True, False, False]


CHAT_EDIT = calling(fragment("edit_file", EDIT["arguments"]))
CHAT_FINISH = calling(fragment("finish", '{"title": "Done"}'))
ONLY_RESPONSES = refusing("This model is only supported in v1/responses and not in v1/chat/completions.", 404)
WITH_REASONING = refusing("Function tools with reasoning_effort are not supported. Please use /v1/responses instead.")


@pytest.mark.parametrize("refusal", [ONLY_RESPONSES, WITH_REASONING])
def test_chat_completions_change_over_where_an_error_says_so(refusal: Answer) -> None:
    result = run(refusal, stream(EDIT), stream(FINISH), options={})
    assert result.is_done()
    assert [request["path"] for request in result.requests] == [
        "/v1/chat/completions",
        "/v1/responses",
        "/v1/responses",
    ]
    assert result.learned["api"] == "responses"


def test_tools_without_reasoning_are_the_last_resort() -> None:
    result = run(WITH_REASONING, refusing("", 404), CHAT_EDIT, CHAT_FINISH, options={})
    assert result.is_done()
    assert [request.get("reasoning_effort") for request in result.requests] == [None, None, "none", "none"]
    assert "api" not in result.learned


@pytest.mark.parametrize(
    "api, other, refusal", [("responses", "chat", refusing("", 404)), ("chat", "responses", ONLY_RESPONSES)]
)
def test_an_api_that_is_named_is_not_left_but_the_other_one_is_named(api: str, other: str, refusal: Answer) -> None:
    result = run(refusal, CHAT_EDIT, options={"api": api})
    assert "(404)" in (result.error or "")
    assert f"-o api={other} " in (result.error or "")
    assert len(result.requests) == 1


def test_a_check_tells_the_api_that_was_used() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        is_list = request.url.path.endswith("/models")
        return httpx2.Response(200, json={"data": [{"id": "m"}]}) if is_list else stream(FINISH).make_response()

    bench = Bench("", env={"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "m"}, transport=httpx2.MockTransport(answer))
    found = {finding.name: finding.value for finding in asyncio.run(bench.bot.check(bench.feedback))}
    assert (found["reachable"], found["api"]) == ("https://api.openai.com/v1", "Responses")


def test_neither_api_is_one_error() -> None:
    result = run(ONLY_RESPONSES, refusing("Not Found", 404), options={})
    assert "(404)" in (result.error or "")
    assert len(result.requests) == 2


def play_azure(answers: Sequence[Answer], **options: Any) -> tuple[list[httpx2.Request], Bench]:
    """Run the bot against Azure; give its requests."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return answers[min(len(seen), len(answers)) - 1].make_response()

    bench = Bench("", {"model": "mine", **options}, env={}, transport=httpx2.MockTransport(answer))
    bench.act()
    return seen, bench


def test_azure_by_its_v1_base_url_is_an_endpoint_like_any() -> None:
    seen, bench = play_azure([stream(FINISH)], base_url="https://x.openai.azure.com/openai/v1/", api_key=KEY)
    assert str(seen[0].url) == "https://x.openai.azure.com/openai/v1/responses"
    assert seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert bench.bot.host == "x.openai.azure.com"


AZURE = {"azure_endpoint": "https://x.openai.azure.com", "api_version": "2025-04-01-preview"}


def test_azure_in_its_older_form() -> None:
    seen, _ = play_azure([refusing("Resource not found", 404), CHAT_FINISH], **AZURE, api_key=KEY)
    assert [str(request.url) for request in seen] == [
        "https://x.openai.azure.com/openai/responses?api-version=2025-04-01-preview",
        "https://x.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2025-04-01-preview",
    ]
    assert seen[0].headers["api-key"] == KEY
    assert "authorization" not in seen[0].headers


def test_azure_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "another")
    seen, _ = play_azure([stream(FINISH)], **AZURE, azure_ad_token=KEY)
    assert seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert "another" not in str(seen[0].headers)


def test_azures_key_may_stand_in_the_environment() -> None:
    transport = httpx2.MockTransport(lambda _: stream(FINISH).make_response())
    bench = Bench("", {"model": "mine", **AZURE}, env={"AZURE_OPENAI_API_KEY": KEY}, transport=transport)
    assert bench.act().title == "Done"


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"azure_endpoint": "https://x.openai.azure.com"}, "needs an api_version"),
        ({**AZURE, "base_url": "https://x/v1"}, "two ways to say where"),
        (AZURE, "no API key for x.openai.azure.com"),
    ],
)
def test_azure_options_that_do_not_go_together_are_said(options: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Bench("", options, env={})


def test_unknown_usage_stays_unknown() -> None:
    result = run(stream(FINISH))
    assert result.outcome
    assert result.outcome.usage == Usage()
