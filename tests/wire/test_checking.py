"""A bot is checked: what its server and model can do, found out by a tiny request or two, and remembered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from git_draft.bots.offers import parse_models
from git_draft.bots.retry import RequestError
from tests.support.server import Turn
from tests.wire.conftest import KEY, Bench, Serve

CALL = Turn(calls=[{"name": "finish", "arguments": {"title": "ok"}}])


def check(bench: Bench) -> dict[str, str]:
    """Check a bot; give what was found by name, with an exclamation mark where it would not work."""
    findings = asyncio.run(bench.bot.check(bench.feedback))
    return {finding.name: ("" if finding.is_ok else "! ") + finding.value for finding in findings}


def list_learned(bench: Bench) -> dict[str, str]:
    return {key: value for (_, _, key), value in bench.memory.pages.items()}


def test_a_server_that_does_all_is_told_so(serve: Serve) -> None:
    bench = Bench(serve(CALL, models=["scripted", "other"]).url)
    found = check(bench)
    assert found == {
        "reachable": bench.url,
        "model": "scripted, of 2 that it lists",
        "key": "accepted",
        "answer": "yes",
        "api": "chat completions",
        "tools": "called",
        "streaming": "yes",
        "usage": "reported",
        "context size": "not said; learned when it is reached",
    }
    assert list_learned(bench) == {"edits": "tools", "usage": "yes"}
    bench.bot.forget()
    assert list_learned(bench) == {}


def test_what_is_refused_is_found_out(serve: Serve) -> None:
    refusals = [Turn(status=400, error="max_tokens is too large"), Turn(status=400, error="no stream_options")]
    bench = Bench(serve(*refusals, Turn(status=400, error="it does not support tools"), Turn(text="ok")).url)
    found = check(bench)
    assert found["tools"] == "not called; edits are written as text"
    assert found["sent without"] == "output-limit, stream_options"
    assert list_learned(bench)["edits"] == "blocks"


def test_a_model_that_calls_nothing_this_time_is_not_judged(serve: Serve) -> None:
    bench = Bench(serve(Turn(text="ok", usage=None)).url)
    found = check(bench)
    assert found["tools"] == "not called this time; a run finds out"
    assert "edits" not in list_learned(bench)


@pytest.mark.parametrize(
    "settings, env, name, value",
    [
        ({"api_key": "right"}, {"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "m"}, "key", "refuses the API key (401)"),
        ({"models": ["a", "b"]}, {"OPENAI_API_KEY": KEY}, "model", "none is named"),
    ],
)
def test_what_would_not_work_is_said(
    serve: Serve, settings: dict[str, Any], env: dict[str, str], name: str, value: str
) -> None:
    found = check(Bench(serve(CALL, **settings).url, env=env))
    assert found[name].startswith("! ")
    assert value in found[name]
    assert "answer" not in found


def test_a_server_that_is_not_there_is_not_asked_twice() -> None:
    found = check(Bench("http://127.0.0.1:1/v1"))
    assert list(found) == ["reachable"]
    assert found["reachable"].startswith("! can't reach")


def test_a_server_without_a_list_is_asked_all_the_same(serve: Serve) -> None:
    bench = Bench(serve(Turn(text="ok")).url + "/deeper")
    found = check(bench)
    assert found["models"] == "it lists none"
    assert found["answer"].startswith("! ")


@pytest.mark.parametrize(
    "entry, size",
    [
        ({"context_length": 131072}, 131072),
        ({"max_model_len": 4096}, 4096),
        ({"context_window": 8192}, 8192),
        ({"meta": {"n_ctx": 2048}}, 2048),
        ({"max_context_length": 0}, None),
        ({"context_length": "big"}, None),
        ({}, None),
    ],
)
def test_a_context_size_is_read_where_it_is_said(entry: dict[str, Any], size: int | None) -> None:
    [model] = parse_models(json.dumps({"data": [{"id": "m", **entry}]}).encode())
    assert (model.name, model.context_tokens) == ("m", size)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": [3]}'])
def test_what_is_no_list_of_models_is_said(body: bytes) -> None:
    with pytest.raises(RequestError, match="no JSON as it should be"):
        parse_models(body)
