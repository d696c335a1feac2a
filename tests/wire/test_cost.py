"""Usage and cost of runs against servers: what is read, priced, recorded, and where a limit ends a run."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from git_draft.errors import BotError, ConfigError
from git_draft.model import OutcomeKind, Usage
from tests.support.server import Turn
from tests.wire.conftest import KEY, Bench, Serve

EDIT = {"name": "edit_file", "arguments": {"path": "a.txt", "old": "one", "new": "1"}}
FINISH = {"name": "finish", "arguments": {"title": "Count in digits"}}
PRICES = {"price_in": 2, "price_out": 8.5}


def turn(call: dict[str, Any], usage: dict[str, Any] | None) -> Turn:
    return Turn(calls=[call], usage=usage)


def use(tokens_in: int, tokens_out: int, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, **more}


def run(serve: Serve, *turns: Turn, **options: Any) -> Usage:
    return Bench(serve(*turns).url, options).act().usage


def test_tokens_and_cost_of_a_run(serve: Serve) -> None:
    first = use(2000, 100, completion_tokens_details={"reasoning_tokens": 64})
    second = use(3000, 10, prompt_tokens_details={"cached_tokens": 2048})
    usage = run(serve, turn(EDIT, first), turn(FINISH, second), **PRICES, price_cached="0.2")
    cost = Decimal("0.004") + Decimal("0.00085") + Decimal("0.0019040") + Decimal("0.0004096") + Decimal("0.000085")
    assert usage == Usage(5000, 110, 2048, cost, 64)


def test_a_turn_without_usage_leaves_the_totals_out(serve: Serve) -> None:
    assert run(serve, turn(EDIT, use(2000, 100)), turn(FINISH, None), **PRICES) == Usage()


def test_a_server_on_this_machine_has_no_price_unless_options_say_so(serve: Serve) -> None:
    turns = (turn(EDIT, use(2000, 100)), turn(FINISH, use(2000, 100)))
    assert run(serve, *turns, model="gpt-4o").cost_usd is None
    assert run(serve, *turns, price_in=0, price_out=0).cost_usd == 0


def test_a_cost_that_the_server_reports_outranks_prices(serve: Serve) -> None:
    turns = (turn(EDIT, use(2000, 100, cost=0.25)), turn(FINISH, use(2000, 100, cost=0.5)))
    assert run(serve, *turns, **PRICES).cost_usd == Decimal("0.75")


def test_a_remote_model_has_its_listed_price() -> None:
    import httpx2

    chunk = {"choices": [{"index": 0, "delta": {"content": "done"}, "finish_reason": "stop"}]}
    last = {"choices": [], "usage": use(1_000_000, 100_000)}
    body = "".join(f"data: {each}\n\n" for each in (json.dumps(chunk), json.dumps(last), "[DONE]"))

    def act(model: str) -> Usage:
        answer = httpx2.Response(200, text=body, headers={"Content-Type": "text/event-stream"})
        transport = httpx2.MockTransport(lambda _: answer)
        options = {"base_url": "https://api.openai.com/v1", "api_key": KEY, "model": model, "api": "chat"}
        return Bench("", options, transport=transport).act().usage

    assert act("gpt-4o") == Usage(1_000_000, 100_000, cost_usd=Decimal("3.5"))
    assert act("gpt-never-heard-of") == Usage(1_000_000, 100_000)


def test_a_run_ends_before_the_request_that_would_pass_max_cost(serve: Serve) -> None:
    server = serve(
        *[turn(EDIT, use(10_000, 1000)), *[turn({"name": "list_files", "arguments": {}}, use(10_000, 1000))] * 2]
    )
    bench = Bench(server.url, {**PRICES, "max_cost": "0.07"})
    outcome = bench.act()
    assert (outcome.kind, outcome.turns, len(server.completions)) == (OutcomeKind.LIMIT, 2, 2)
    assert outcome.detail == "$0.07 of cost ($0.057 spent, the next request would take about $0.0286)"
    assert bench.worktree.files == {"a.txt": "1\ntwo\n"}
    assert outcome.usage == Usage(20_000, 2000, cost_usd=Decimal("0.057"))


def test_a_first_request_that_is_too_dear_is_not_sent(serve: Serve) -> None:
    server = serve(turn(FINISH, use(1, 1)))
    with pytest.raises(BotError, match=r"the first request would take about \$0\.00\d+, and max_cost is \$0\.005"):
        Bench(server.url, {**PRICES, "max_cost": "0.005"}).act()
    assert server.requests == []


def test_max_cost_needs_a_price_before_anything_is_sent(serve: Serve) -> None:
    server = serve(turn(FINISH, use(1, 1)), models=["only"])
    with pytest.raises(ConfigError, match="what scripted costs at http://127") as raised:
        Bench(server.url, {"max_cost": 1})
    assert raised.value.hint == "-o price_in=USD -o price_out=USD, for a million tokens each"
    bench = Bench(server.url, {"max_cost": 1}, env={})
    with pytest.raises(ConfigError, match="what only costs"):
        bench.act()
    assert server.completions == []


@pytest.mark.parametrize(
    "options, complaint",
    [
        ({"price_in": 1}, "the openai bot's prices lack price_out"),
        ({"price_cached": 1}, "the openai bot's prices lack price_in and price_out"),
        ({"price_in": -1, "price_out": 1}, "option price_in"),
        ({"price_in": "much", "price_out": 1}, "option price_in"),
        ({"price_in": "nan", "price_out": 1}, "option price_in"),
        ({"max_cost": 0}, "option max_cost"),
        ({"max_cost": "1e99999"}, "option max_cost"),
    ],
)
def test_prices_that_make_no_sense_are_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        Bench("http://127.0.0.1:1/v1", options)
