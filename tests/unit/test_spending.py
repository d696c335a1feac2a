"""What a run costs: counted where it is known, estimated for a limit, and never made up in the record."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from git_draft.bots.loop import run_loop
from git_draft.bots.prices import FixedPrice, Prices
from git_draft.bots.replies import Reply
from git_draft.bots.spending import Spending
from git_draft.bots.turns import Limits, Turns
from git_draft.errors import BotError, ConfigError
from git_draft.events import ModelReplied, Warned
from git_draft.model import Goal, Outcome, OutcomeKind, Usage
from tests.support.bots import RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.models import DictWorktree, ScriptedModel, reply

WHEN = datetime(2026, 10, 1, tzinfo=UTC)
PRICE = FixedPrice(Decimal(10), Decimal(100), Decimal(1))
LOCAL = "http://localhost/v1"


def write(number: int, usage: Mapping[str, Any] | None, text: str = "") -> Reply:
    return reply(text, ("write_file", {"path": str(number), "contents": "x"}), usage=usage)


def use(tokens_in: int, tokens_out: int, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, **more}


class Run:
    """A run with a price and maybe a limit, and what came of it."""

    def __init__(self, *replies: Reply, price: FixedPrice | None = PRICE, max_usd: str | None = None) -> None:
        self.model, self.feedback, self.worktree = ScriptedModel(*replies), RecordingFeedback(), DictWorktree()
        limit = None if max_usd is None else Decimal(max_usd)
        self.spending = Spending(Prices(LOCAL, price, WHEN), "m", limit, self.feedback)

    def act(self) -> Outcome:
        clock = FakeClock()
        turns = Turns(self.model, self.feedback, clock, Limits(turns=9), spending=self.spending)
        return asyncio.run(run_loop(turns, Goal("go"), self.worktree, self.feedback, clock=clock))

    @property
    def warnings(self) -> list[str]:
        return [event.message for event in self.feedback.events if isinstance(event, Warned)]


def test_costs_are_summed_and_told_with_each_reply() -> None:
    cached = use(2000, 10, prompt_tokens_details={"cached_tokens": 1500})
    run = Run(write(1, use(1000, 20)), write(2, cached), reply("done", usage=use(3000, 5)))
    assert run.act().usage == Usage(6000, 35, 1500, Decimal("0.0500"))
    told = [(e.tokens_cached, e.cost_usd) for e in run.feedback.events if isinstance(e, ModelReplied)]
    assert told == [(None, Decimal("0.012")), (1500, Decimal("0.0075")), (None, Decimal("0.0305"))]


def test_what_a_server_reports_outranks_prices() -> None:
    run = Run(write(1, use(1000, 20, cost=0.5)), reply("done", usage=use(1000, 20)))
    assert run.act().usage.cost_usd == Decimal("0.512")
    assert Run(reply("done", usage={"cost": 0}), price=None).act().usage == Usage(cost_usd=Decimal(0))


@pytest.mark.parametrize("gap", [None, {}, {"prompt_tokens": 9}, {"completion_tokens": 9}, use(0, 0)])
def test_a_turn_whose_usage_is_missing_makes_the_cost_unknown(gap: Mapping[str, Any] | None) -> None:
    usage = Run(write(1, use(1000, 20)), reply("done", usage=gap)).act().usage
    assert usage.cost_usd is None
    assert usage.tokens_in is None or usage.tokens_out is None


def test_without_a_price_the_cost_is_unknown() -> None:
    assert Run(reply("done", usage=use(1000, 20)), price=None).act().usage == Usage(1000, 20)
    with pytest.raises(ConfigError, match="max_cost is set, but what m costs at http://localhost/v1 is not known"):
        Run(price=None, max_usd="1")


def test_a_run_ends_before_the_request_that_would_pass_the_limit() -> None:
    replies = [write(number, use(10_000, 1000)) for number in range(9)]
    run = Run(*replies, max_usd="0.75")
    outcome = run.act()
    assert (outcome.kind, outcome.turns, len(run.model.seen)) == (OutcomeKind.LIMIT, 3, 3)
    # 0.2 for each; the next one would be as long and a little more
    assert outcome.detail == "$0.75 of cost ($0.60 spent, the next request would take about $0.20)"
    assert outcome.usage.cost_usd == Decimal("0.6")
    assert set(run.worktree.files) == {"0", "1", "2"}
    assert run.warnings == []
    assert Run(*replies[:2], reply("done", usage=use(10_000, 1000)), max_usd="0.75").act().detail is None


def test_the_next_reply_is_taken_for_as_long_as_the_longest() -> None:
    long, short = write(1, use(1000, 4000)), write(2, use(1000, 10))
    outcome = Run(long, short, reply("done", usage=use(1000, 10)), max_usd="0.8").act()
    assert (outcome.turns, outcome.detail) == (
        1,
        "$0.80 of cost ($0.41 spent, the next request would take about $0.41)",
    )
    assert Run(short, short, reply("done", usage=use(1000, 10)), max_usd="0.8").act().kind is OutcomeKind.COMPLETE


def test_what_is_added_counts_on_top_of_what_the_server_read() -> None:
    def ask(words: str) -> Outcome:
        return Run(write(1, use(10, 10), words), reply("done", usage=use(10, 10)), max_usd="0.1").act()

    assert ask("short").kind is OutcomeKind.COMPLETE
    assert ask("many words " * 3000).kind is OutcomeKind.LIMIT


def test_a_first_request_that_would_pass_the_limit_is_not_sent() -> None:
    run = Run(reply("done"), max_usd="0.05")
    with pytest.raises(
        BotError, match=r"the first request would take about \$0\.\d+, and max_cost is \$0\.05"
    ) as raised:
        run.act()
    hint = str(raised.value.hint)
    assert hint.startswith("-o max_cost=")
    assert Run(reply("done"), max_usd=hint.partition("=")[2]).act().kind is OutcomeKind.COMPLETE
    assert run.model.seen == []
    assert run.feedback.events == []


def test_what_the_server_does_not_report_is_estimated_for_the_limit_only() -> None:
    run = Run(*(write(number, None, "words " * 200) for number in range(9)), max_usd="0.30")
    outcome = run.act()
    assert outcome.kind is OutcomeKind.LIMIT
    assert outcome.turns
    assert 0 < outcome.turns < 9
    assert str(outcome.detail).startswith("$0.30 of cost (~$0.")
    assert outcome.usage == Usage()
    assert run.warnings == ["the server does not say what was used; max_cost goes by estimates"]


def test_a_limit_goes_by_the_cost_that_the_server_reports() -> None:
    run = Run(*(write(number, use(10, 10, cost=0.4)) for number in range(9)), max_usd="1")
    assert run.act().detail == "$1.00 of cost ($0.80 spent, the next request would take about $0.45)"
    run = Run(*(write(number, use(90_000, 10, cost=0.1)) for number in range(9)), max_usd="1.2")
    assert run.act().detail == "$1.20 of cost ($0.30 spent, the next request would take about $0.95)"
