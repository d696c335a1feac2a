"""The openai bot against the scripted server: what it sends, how it fails, what it learns."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from git_draft.bots.address import NO_KEY
from git_draft.errors import BotError
from git_draft.model import Goal, Outcome, OutcomeKind, Usage
from tests.support.clock import FakeClock
from tests.support.server import Turn
from tests.wire.conftest import KEY, Bench, Serve

EDIT = Turn(text="I see.", calls=[{"name": "edit_file", "arguments": {"path": "a.txt", "old": "one", "new": "1"}}])
FINISH = Turn(calls=[{"name": "finish", "arguments": {"title": "Count in digits"}}])
LIMITED = Turn(status=429, headers={"Retry-After": "3"})


def test_a_run_from_prompt_to_finish(serve: Serve) -> None:
    server = serve(EDIT, FINISH)
    bench = Bench(server.url)
    assert bench.act() == Outcome(
        OutcomeKind.COMPLETE, title="Count in digits", summary=None, usage=Usage(240, 60), turns=2
    )
    assert bench.worktree.files == {"a.txt": "1\ntwo\n"}
    assert [line.split()[0] for line in bench.told] == ["ask", "reply", "ask", "reply"]
    first, second = server.completions
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert set(first.body) == {"model", "messages", "tools", "stream", "stream_options", "max_tokens"}
    assert [m["role"] for m in second.messages] == ["system", "user", "assistant", "tool"]
    assert second.messages[2]["content"] == "I see."
    assert (bench.bot.model, bench.bot.host) == ("scripted", None)


def test_options_are_sent_only_where_they_are_set(serve: Serve) -> None:
    server = serve(FINISH)
    Bench(server.url, {"model": "big", "temperature": 0, "max_tokens": 99, "api_key": "other"}).act()
    [request] = server.completions
    assert (request.body["model"], request.body["temperature"], request.body["max_tokens"]) == ("big", 0, 99)
    assert request.headers["authorization"] == "Bearer other"


def test_the_start_of_the_conversation_is_the_same_bytes_each_time(serve: Serve) -> None:
    server = serve(EDIT, FINISH)
    for _ in range(2):
        Bench(server.url).act()
    first, second, again, _ = (json.dumps([r.body["tools"], r.messages]) for r in server.completions)
    assert first == again
    assert second.startswith(first[:-2])


@pytest.mark.parametrize(
    "turn, reason, hint",
    [
        (Turn(status=401, error={"message": f"Incorrect API key: {KEY}"}), "refuses the API key (401)", "OPENAI_API_KEY"),
        (Turn(status=403, error=f"key {KEY} is blocked"), "(403): key *** is blocked", "API key"),
        (Turn(status=404, error={"message": "model 'scripted' not found"}), "has no model scripted (404)", "-m NAME"),
        (Turn(status=404, body="<html><title>404 Not Found</title>"), "nothing answers at", "/v1"),
        (Turn(status=400, error="bad thing"), "answered 400: bad thing", ""),
        (Turn(status=422, body='{"detail": [{"msg": "no"}]}', content_type="application/json"), "422", ""),
        (Turn(status=429, headers={"Retry-After": "600"}), "it says to come back in 10 minutes", "later"),
        (Turn(status=429, error={"message": "quota", "code": "insufficient_quota"}), "no credit left", "billing"),
        (Turn(body="<!doctype html><html>Welcome to nginx"), "no JSON, it begins with '<!doctype html>", "/v1"),
        (Turn(error={"message": "bad", "code": 400}), "the server answered 400: bad", ""),
        (Turn(status=400, error="maximum context length is 10"), "too long for the model", "larger context"),
    ],
)  # fmt: skip
def test_a_failure_that_waiting_does_not_mend_is_said_at_once(serve: Serve, turn: Turn, reason: str, hint: str) -> None:
    server = serve(turn)
    bench = Bench(server.url)
    with pytest.raises(BotError) as caught:
        bench.act()
    assert reason in caught.value.message
    assert hint in (caught.value.hint or "")
    assert KEY not in caught.value.message + str(bench.told)
    assert "\n" not in caught.value.message
    assert len(server.completions) == 1


@pytest.mark.parametrize(
    "turn",
    [
        Turn(error={"message": f"bad key Bearer {KEY}"}),
        Turn(error={"message": "x" * 170 + KEY, "code": 400}),
        Turn(status=400, error=f"bad key {KEY}"),
        Turn(body=f"go away, {KEY}"),
        Turn(body="x" * 72 + KEY),
    ],
)
def test_a_key_that_the_server_repeats_is_never_told(serve: Serve, turn: Turn) -> None:
    bench = Bench(serve(EDIT, turn, turn, turn).url)
    outcome = bench.act()
    assert outcome.kind is OutcomeKind.FAILED
    assert KEY[:8] not in f"{outcome} {bench.told}"
    with pytest.raises(BotError) as caught:
        Bench(serve(turn, turn, turn).url).act()
    assert KEY[:8] not in f"{caught.value.message} {caught.value.hint}"


def test_words_stay_as_they_are_where_there_is_no_key(serve: Serve) -> None:
    with pytest.raises(BotError, match="none of these is nonesuch"):
        Bench(serve(Turn(status=400, error="none of these is nonesuch")).url, env={"OPENAI_MODEL": "m"}).act()


def test_nothing_is_sent_where_a_redirect_points(serve: Serve) -> None:
    elsewhere = serve(FINISH)
    target = elsewhere.url.replace("127.0.0.1", "localhost") + "/chat/completions"
    server = serve(Turn(status=307, headers={"Location": target}, body=""))
    with pytest.raises(BotError, match=r"redirects to localhost \(307\), where nothing is sent"):
        Bench(server.url).act()
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "turn, reason",
    [
        (Turn(status=500, error="oops"), "answered 500: oops"),
        (Turn(status=502, body="<html><title>Bad gateway</title></html>"), "answered 502: Bad gateway"),
        (Turn(status=429), "rate limit at"),
        (Turn(text="half an ans", end="early"), "broke off in the middle"),
        (Turn(text="half an ans", end="break"), "garbled in the middle"),
        (Turn(chunks=["{not json"]), "garbled in the middle"),
        (Turn(chunks=[], end="early"), "the answer is empty"),
        (Turn(chunks=[{"error": {"message": "overloaded"}}]), "overloaded"),
        (Turn(text="half", end="hang"), "is silent for 0.2 s"),
        (Turn(delay_s=2), "is silent for 0.2 s"),
    ],
)
def test_a_failure_that_may_pass_is_tried_three_times(serve: Serve, turn: Turn, reason: str) -> None:
    server = serve(turn, turn, FINISH)
    bench = Bench(server.url, {"first_byte_timeout_s": 0.2, "idle_timeout_s": 0.2})
    assert bench.act().title == "Count in digits"
    assert [line.startswith("retry") for line in bench.told].count(True) == 2
    assert reason in bench.told[1]
    with pytest.raises(BotError, match=reason.replace("(", r"\(")):
        Bench(serve(turn, turn, turn, FINISH).url, {"first_byte_timeout_s": 0.2, "idle_timeout_s": 0.2}).act()


def test_retry_after_is_waited_for(serve: Serve) -> None:
    clock = FakeClock()
    Bench(serve(LIMITED, FINISH).url, clock=clock).act()
    assert 3 <= clock.slept_s[0] < 4


def test_nothing_of_a_broken_answer_is_done(serve: Serve) -> None:
    bench = Bench(serve(Turn(calls=EDIT.calls, end="early"), FINISH).url)
    bench.act()
    assert bench.worktree.files == {"a.txt": "one\ntwo\n"}


def test_a_failure_after_changes_keeps_them(serve: Serve) -> None:
    bench = Bench(serve(EDIT, Turn(status=401)).url)
    outcome = bench.act()
    assert outcome.kind is OutcomeKind.FAILED
    assert outcome.detail is not None
    assert outcome.detail.endswith("refuses the API key (401)")
    assert bench.worktree.files == {"a.txt": "1\ntwo\n"}


def test_a_server_that_is_down_is_named() -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        clock = FakeClock()
        with pytest.raises(BotError, match=f"can't reach {url}: ") as caught:
            Bench(url, clock=clock).act()
    assert "is the server running" in (caught.value.hint or "")
    assert len(clock.slept_s) == 2


def test_a_proxy_is_not_asked_for_this_machines_own_servers(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert Bench(serve(FINISH).url).act().title == "Count in digits"


def test_an_answer_in_one_piece_is_taken_too(serve: Serve) -> None:
    message = {"role": "assistant", "content": "all fine", "tool_calls": None}
    body = json.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": None})
    assert Bench(serve(Turn(body=body, content_type="application/json")).url).act().summary == "all fine"


def test_stream_options_are_left_out_once_refused(serve: Serve) -> None:
    refusal = Turn(status=422, error="stream_options: extra fields not permitted")
    server = serve(refusal, EDIT, FINISH, FINISH)
    bench = Bench(server.url)
    assert bench.act().usage == Usage()
    bench.act()
    assert ["stream_options" in request.body for request in server.completions] == [True, False, False, False]
    assert "retry" not in bench.feedback.kinds


def test_max_tokens_goes_by_its_newer_name_once_refused(serve: Serve) -> None:
    refusal = Turn(status=400, error="Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    server = serve(refusal, EDIT, FINISH)
    Bench(server.url, {"max_tokens": 50}).act()
    sent = [(r.body.get("max_tokens"), r.body.get("max_completion_tokens")) for r in server.completions]
    assert sent == [(50, None), (None, 50), (None, 50)]


def test_a_temperature_that_is_refused_is_left_out_with_a_warning(serve: Serve) -> None:
    server = serve(Turn(status=400, error="Unsupported value: 'temperature' does not support 0"), FINISH)
    bench = Bench(server.url, {"temperature": 0})
    bench.act()
    assert "temperature" not in server.completions[1].body
    assert "warning scripted does not take a temperature; sent without" in bench.told


def test_a_refusal_that_names_nothing_we_sent_is_not_repeated(serve: Serve) -> None:
    server = serve(Turn(status=400, error="top_p and temperature are odd"), FINISH)
    with pytest.raises(BotError, match="are odd"):
        Bench(server.url).act()
    assert len(server.completions) == 1


def test_reasoning_goes_back_verbatim_unless_it_is_refused(serve: Serve) -> None:
    thinking = Turn(calls=EDIT.calls, extra={"reasoning_content": "Let me think."})
    server = serve(thinking, FINISH)
    Bench(server.url).act()
    assert server.completions[1].messages[2]["reasoning_content"] == "Let me think."
    server = serve(thinking, Turn(status=422, error="messages.2.reasoning_content: extra input"), FINISH)
    Bench(server.url).act()
    assert ["reasoning_content" in r.messages[2] for r in server.completions[1:]] == [True, False]


@pytest.mark.parametrize(
    "arguments, done",
    [
        ({"path": "a.txt", "contents": "x"}, True),
        ('{"path": "a.txt", "contents": "x', False),
        ("{'path': 'a.txt', 'contents': 'x'}", False),
    ],
)
def test_a_write_is_done_as_it_was_meant_or_not_at_all(serve: Serve, arguments: Any, done: bool) -> None:
    server = serve(Turn(calls=[{"name": "write_file", "arguments": arguments, "as_object": True}]), FINISH)
    bench = Bench(server.url)
    bench.act()
    assert bench.worktree.files == {"a.txt": "x" if done else "one\ntwo\n"}
    history = server.completions[1].messages
    assert isinstance(json.loads(history[2]["tool_calls"][0]["function"]["arguments"]), dict)
    assert history[3]["content"].startswith("wrote" if done else "error: ")


def test_half_a_surrogate_pair_does_not_stop_a_run(serve: Serve) -> None:
    server = serve(Turn(text="odd \ud83d", calls=EDIT.calls), FINISH)
    assert Bench(server.url).act("caf\udce9").title == "Count in digits"
    assert server.completions[1].messages[1]["content"] == "caf?"
    assert server.completions[1].messages[2]["content"] == "odd ?"


def test_an_interrupted_run_reports_what_was_done(serve: Serve) -> None:
    server = serve(EDIT, Turn(text="and now", end="hang"))
    bench = Bench(server.url)

    async def interrupt() -> Outcome:
        task = asyncio.create_task(bench.bot.act(Goal("x"), bench.worktree, bench.feedback))
        async with asyncio.timeout(20):
            while len(server.completions) < 2:  # noqa: ASYNC110  # the server is in another thread
                await asyncio.sleep(0.01)
        task.cancel()
        return await task

    started_s = time.monotonic()
    outcome = asyncio.run(interrupt())
    assert (outcome.kind, outcome.turns, outcome.usage) == (OutcomeKind.INTERRUPTED, 1, Usage(120, 30))
    assert time.monotonic() - started_s < 10
    assert bench.worktree.files == {"a.txt": "1\ntwo\n"}


NO_MODEL = {"OPENAI_API_KEY": KEY}


def test_the_only_model_of_a_server_is_taken(serve: Serve) -> None:
    server = serve(FINISH, models=["tiny"])
    bench = Bench(server.url, env={})
    before = bench.bot.model
    bench.act()
    assert (before, bench.bot.model) == (None, "tiny")
    assert [request.path for request in server.requests] == ["/v1/models", "/v1/chat/completions"]
    assert server.completions[0].headers["authorization"] == f"Bearer {NO_KEY}"


@pytest.mark.parametrize(
    "models, reason",
    [
        ([], "offers no model"),
        (["b", "a"], "offers 2 models: a, b"),
        ([f"m{number:02}" for number in range(20)], "offers 20 models: m00, m01, m02, m03, m04, m05, m06, m07, …"),
    ],
)
def test_no_model_is_guessed(serve: Serve, models: list[str], reason: str) -> None:
    with pytest.raises(BotError) as caught:
        Bench(serve(models=models).url, env=NO_MODEL).act()
    assert caught.value.message.endswith(reason)
    assert "-m NAME" in (caught.value.hint or "")


def test_a_server_that_lists_no_models_wants_one_named(serve: Serve) -> None:
    url = serve().url + "/deeper"
    with pytest.raises(BotError, match=r"no model is named, and .*/deeper does not list any"):
        Bench(url, env=NO_MODEL).act()


def test_a_wrong_key_shows_when_models_are_listed(serve: Serve) -> None:
    with pytest.raises(BotError, match="refuses the API key"):
        Bench(serve(api_key="right").url, env=NO_MODEL).act()


def test_the_server_runs_as_a_process_too(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    turns = [{"status": 500}, {"calls": [{"name": "finish", "arguments": {"title": "From a file"}}]}]
    script.write_text(
        json.dumps({"models": ["m"], "conversations": [{"when": "other", "turns": []}, {"turns": turns}]})
    )
    command = [sys.executable, "-m", "tests.support.server", "--script", str(script)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        try:
            assert Bench(process.stdout.readline().strip(), env={}).act().title == "From a file"
        finally:
            process.terminate()
