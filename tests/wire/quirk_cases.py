"""For each row of the table of oddities a conversation in which it happens, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from git_draft.bots.quirks import Quirk
from git_draft.model import OutcomeKind
from tests.wire.conversations import Answer, Case, Result, calling, chunk, fragment, refusing, saying

WRITE_ARGUMENTS = '{"path": "a.txt", "contents": "new\\n"}'
WRITE = calling(fragment("write_file", WRITE_ARGUMENTS))
READ = calling(fragment("read_file", '{"path": "a.txt"}'))
FINISH = calling(fragment("finish", '{"title": "Done"}', "c9"))


def _is_written(result: Result) -> None:
    assert result.files == {"a.txt": "new\n"}
    assert result.is_done()


def _is_unharmed(result: Result) -> None:
    assert result.files == {"a.txt": "one\ntwo\n"}
    assert result.is_done()


def _is_retried(result: Result) -> None:
    _is_written(result)
    assert "retry" in result.told


def _drops(name: str) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        _is_written(result)
        assert [name in request for request in result.requests] == [True, False, False]
        assert result.learned["refused"]

    return check


def _checks_limit_name(result: Result) -> None:
    _is_written(result)
    assert [(r.get("max_tokens"), r.get("max_completion_tokens")) for r in result.requests[1:]] == [(None, 50)] * 2


def _checks_field(result: Result) -> None:
    assert result.is_done()
    assert "reasoning_content" not in json.dumps(result.requests[-1]["messages"])


def _checks_reasoning(result: Result) -> None:
    _is_written(result)
    assert [request.get("reasoning_effort") for request in result.requests] == [None, "none", "none"]


_BLOCK = "a.txt\n<<<<<<< SEARCH\none\n=======\n1\n>>>>>>> REPLACE\n"


def _checks_text_edits(result: Result) -> None:
    assert result.files == {"a.txt": "1\ntwo\n"}
    assert result.learned["edits"] == "blocks"


def _checks_cut_context(result: Result) -> None:
    assert "the server read only 4,095 of about" in result.told
    assert "context" not in result.learned


_LONG = "".join(f"line {number} of a long file\n" for number in range(1500))


def _checks_full_context(result: Result) -> None:
    assert result.is_done()
    assert result.learned["context"] == "8192"
    shrunk = [message["content"] for message in result.requests[-1]["messages"] if message["role"] == "tool"]
    assert shrunk[0].startswith("[left out to save room: the result of read_file")
    assert result.requests[-1]["messages"][:2] == result.requests[0]["messages"]


def _checks_limit(words: str) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert result.outcome
        assert result.outcome.kind is OutcomeKind.LIMIT
        assert words in (result.outcome.detail or "")
        assert result.files == {"a.txt": "new\n"}

    return check


def _checks_failure(words: str, requests: int) -> Callable[[Result], None]:
    def check(result: Result) -> None:
        assert words in (result.error or (result.outcome and result.outcome.detail) or "")
        assert len(result.requests) == requests

    return check


def _checks_calls(result: Result) -> None:
    assert result.is_done()
    ids = [m["tool_call_id"] for m in result.requests[-1]["messages"] if m["role"] == "tool"]
    assert len(set(ids)) == len(ids) == 2
    assert all(ids)


def _checks_two_reads(result: Result) -> None:
    assert result.is_done()
    assert result.get_results() == ["<file>\none\ntwo\n</file>", "<file>\nthree\n</file>"]


def _checks_smaller_steps(result: Result) -> None:
    _is_unharmed(result)
    assert "smaller steps" in result.get_results()[0]


def _checks_summary(result: Result) -> None:
    assert result.outcome
    assert result.outcome.summary == "All is fine."


def _checks_verbatim(result: Result) -> None:
    assert result.is_done()
    assert result.requests[1]["messages"][2]["reasoning_content"] == "Let me think."


def _checks_reminder(result: Result) -> None:
    _is_written(result)
    assert "Your answer was empty" in result.requests[1]["messages"][-1]["content"]


_TWO_FILES = {"a.txt": "one\ntwo\n", "b.txt": "three\n"}
_READ_A, _READ_B = '{"path": "a.txt"}', '{"path": "b.txt"}'
_FULL = refusing("This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.")
_READ_LONG = [calling(fragment("read_file", json.dumps({"path": "long.txt", "start_line": n}))) for n in (1, 2)]

_ITEM = {"type": "function_call", "call_id": "c1", "name": "write_file", "arguments": WRITE_ARGUMENTS}
_END = {"type": "function_call", "call_id": "c2", "name": "finish", "arguments": '{"title": "Done"}'}


def _respond(item: Mapping[str, str]) -> Answer:
    return Answer(chunks=[{"type": "response.completed", "response": {"output": [item]}}])


CASES: Mapping[Quirk, Case] = {
    Quirk.OTHER_API: Case(
        [refusing("This model is only supported in v1/responses.", 404), _respond(_ITEM), _respond(_END)], _is_written
    ),
    Quirk.TOOLS_WITH_REASONING: Case(
        [
            refusing("Function tools with reasoning_effort are not supported for m in /v1/chat/completions."),
            WRITE,
            FINISH,
        ],
        _checks_reasoning,
        {"api": "chat"},
    ),
    Quirk.OUTPUT_LIMIT_NAME: Case(
        [refusing("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."), WRITE, FINISH],
        _checks_limit_name,
        {"max_tokens": 50},
    ),
    Quirk.OUTPUT_LIMIT_REFUSED: Case(
        [refusing("max_tokens is too large: 32000. This model supports at most 4096."), WRITE, FINISH],
        _drops("max_tokens"),
    ),
    Quirk.STREAM_OPTIONS: Case(
        [refusing("stream_options: extra fields not permitted", 422), WRITE, FINISH], _drops("stream_options")
    ),
    Quirk.STREAM_REFUSED: Case(
        [
            refusing("Your organization must be verified to stream this model."),
            Answer({"choices": [{"message": {"tool_calls": [fragment("write_file", WRITE_ARGUMENTS)]}}]}),
            Answer({"choices": [{"message": {"tool_calls": [fragment("finish", '{"title": "Done"}')]}}]}),
        ],
        _drops("stream"),
    ),
    Quirk.TEMPERATURE: Case(
        [refusing("Unsupported value: 'temperature' does not support 0"), WRITE, FINISH],
        _drops("temperature"),
        {"temperature": 0},
    ),
    Quirk.UNKNOWN_FIELDS: Case(
        [
            calling(fragment("read_file", _READ_A), reasoning_content="Hm."),
            replace(
                refusing("messages.2.reasoning_content: extra inputs are not permitted", 422),
                only_with="reasoning_content",
            ),
            FINISH,
        ],
        _checks_field,
    ),
    Quirk.TOOLS_REFUSED: Case([refusing("tools param requires --jinja flag", 500), saying(_BLOCK)], _checks_text_edits),
    Quirk.TOOLS_IGNORED: Case([saying(_BLOCK)], _checks_text_edits, prompt="Count in digits in a.txt"),
    Quirk.CONTEXT_CUT: Case(
        [
            _READ_LONG[0],
            Answer(
                chunks=[
                    chunk(content="Hm."),
                    chunk("stop"),
                    {"choices": [{"delta": {}}], "usage": {"prompt_tokens": 4095}},
                ]
            ),
        ],
        _checks_cut_context,
        files={"long.txt": _LONG},
    ),
    Quirk.CONTEXT_FULL: Case([*_READ_LONG, _FULL, FINISH], _checks_full_context, files={"long.txt": _LONG}),
    Quirk.RATE_LIMIT: Case([refusing("slow down", 429), WRITE, FINISH], _is_retried),
    Quirk.NO_CREDIT: Case(
        [refusing("You exceeded your current quota", 429, code="insufficient_quota")],
        _checks_failure("no credit left", 1),
    ),
    Quirk.ERROR_AS_ANSWER: Case(
        [Answer(chunks=[{"error": {"message": "overloaded", "code": 503}}]), WRITE, FINISH], _is_retried
    ),
    Quirk.PAGE_AS_ANSWER: Case([Answer("<!doctype html><html>Welcome")], _checks_failure("it often ends in /v1", 1)),
    Quirk.ANSWER_IN_ONE_PIECE: Case(
        [Answer({"choices": [{"message": {"content": "All is fine."}, "finish_reason": "stop"}]})], _checks_summary
    ),
    Quirk.CORRUPT_CHUNK: Case(
        [Answer(chunks=[chunk(content="Hm."), "{oops", chunk("stop")]), WRITE, FINISH], _is_retried
    ),
    Quirk.STREAM_BREAKS_OFF: Case([Answer(chunks=[chunk(content="Hm.")], is_ended=False), WRITE, FINISH], _is_retried),
    Quirk.EMPTY_CHOICES: Case(
        [
            Answer(chunks=[{"choices": []}, {"choices": None}, {"choices": [{"index": 0}]}, *(WRITE.chunks or ())]),
            FINISH,
        ],
        _is_written,
    ),
    Quirk.SHARED_INDEX: Case(
        [calling(fragment("read_file", _READ_A, "x"), fragment("read_file", _READ_B, "y")), FINISH],
        _checks_two_reads,
        files=_TWO_FILES,
    ),
    Quirk.FINISH_REASON: Case([calling(fragment("write_file", WRITE_ARGUMENTS), reason="stop"), FINISH], _is_written),
    Quirk.CALL_IDS: Case(
        [calling(fragment("read_file", _READ_A, None), fragment("read_file", _READ_B, None, 1)), FINISH],
        _checks_calls,
        files=_TWO_FILES,
    ),
    Quirk.ARGUMENTS_AS_OBJECT: Case(
        [calling(fragment("write_file", json.dumps(WRITE_ARGUMENTS))), FINISH], _is_written
    ),
    Quirk.ARGUMENTS_EMPTY: Case(
        [calling(fragment("list_files", "")), FINISH],
        lambda result: _equal(result.get_results(), ["<paths>\na.txt\n</paths>"]),
    ),
    Quirk.ARGUMENTS_NEARLY_JSON: Case(
        [calling(fragment("read_file", "{'path': 'a.txt',}")), FINISH],
        lambda result: _equal(result.get_results(), ["<file>\none\ntwo\n</file>"]),
    ),
    Quirk.ARGUMENTS_CUT: Case(
        [calling(fragment("write_file", '{"path": "a.txt", "contents": "ne'), reason="length"), FINISH],
        _checks_smaller_steps,
    ),
    Quirk.CALLS_AS_TEXT: Case(
        [saying(f'Now.\n<tool_call>\n{{"name": "write_file", "arguments": {WRITE_ARGUMENTS}}}\n</tool_call>'), FINISH],
        _is_written,
    ),
    Quirk.CONTENT_IN_PARTS: Case([saying([{"type": "text", "text": "All is fine."}])], _checks_summary),
    Quirk.THOUGHTS: Case([saying("<think>Is it?</think>All is fine.")], _checks_summary),
    Quirk.VERBATIM_HISTORY: Case(
        [calling(fragment("read_file", _READ_A), reasoning_content="Let me think."), FINISH], _checks_verbatim
    ),
    Quirk.EMPTY_ANSWER: Case([saying(""), WRITE, FINISH], _checks_reminder),
    Quirk.REFUSAL: Case([saying("I", "content_filter")], _checks_failure("stopped by a content filter", 1)),
    Quirk.IDENTICAL_CALLS: Case([WRITE], _checks_limit("the same call 3 times: write_file")),
    Quirk.ENDLESS: Case(
        [WRITE, Answer(chunks=[*[chunk(content="again and again\n" * 100)] * 20, chunk("stop")])],
        _checks_limit("generates without end: it repeats itself"),
    ),
    Quirk.SILENCE: Case(
        [Answer(chunks=[chunk(content="Hm.")], stalls=True), WRITE, FINISH], _is_retried, {"idle_timeout_s": 0.05}
    ),
}


def _equal(found: object, expected: object) -> None:
    assert found == expected
