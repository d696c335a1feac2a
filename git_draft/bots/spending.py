"""What a run has cost so far, and whether the next request would pass the limit that is set for it.

A cost that the server itself reports outranks one computed by `prices.py`. Where there is a limit, what the server does
not report is estimated, rather too high than too low, and so is the next request; an estimate is never recorded as a
cost. Given to a run's turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from git_draft.bots.prices import Price, Prices
from git_draft.bots.replies import Message, Reply
from git_draft.bots.room import Room
from git_draft.context import estimate_json_tokens
from git_draft.errors import BotError
from git_draft.events import Warned
from git_draft.model import Usage, format_cost
from git_draft.protocols import Feedback
from git_draft.toolbox import ToolSchema

_LEAST_TOKENS_OUT = 500
"""So many tokens, at the least, the next reply is taken to have."""
_ROOMY = 10
"""A run takes several requests: a hint names a limit so many times the cost of the first one."""

_BY_ESTIMATE = "the server does not say what was used; max_cost goes by estimates"


class Spending:
    """What one run costs.

    Args:
        prices: those of the endpoint; they are looked up when the first reply has come, or at once for a limit.
        model: the model's name.
        max_usd: the limit, None for none.
        feedback: told where estimates take the place of what was used.

    Raises:
        ConfigError: where there is a limit and no price.
    """

    def __init__(self, prices: Prices, model: str, max_usd: Decimal | None, feedback: Feedback) -> None:
        self._prices = prices
        self._model = model
        self._max_usd = max_usd
        self._feedback = feedback
        self._price = None if max_usd is None else prices.get(model)
        self._has_price = max_usd is not None
        self._spent_usd = Decimal(0)
        self._is_estimate = False
        self._last = (0, 0)  # of the last request: what its length lets expect, and what the server read
        self._most_out = _LEAST_TOKENS_OUT
        self._surcharge_usd = Decimal(0)  # the most by which a reported cost was above that by the prices

    def charge(self, messages: Sequence[Message], tools: Sequence[ToolSchema], reply: Reply) -> Reply:
        """Count a reply; give it with its cost, where that is known."""
        usage = reply.usage
        if usage.cost_usd is None and (price := self._find_price()):
            usage = replace(usage, cost_usd=price.compute(usage))
        if self._max_usd is not None:
            self._count(messages, tools, usage, reply)
        return replace(reply, usage=usage)

    def find_excess(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> str | None:
        """Tell of a request that would pass the limit, in a short line; None where it would not.

        Raises:
            BotError: where it is the first one.
        """
        if self._max_usd is None:
            return None
        next_usd = self._compute(Usage(self._estimate_in(messages, tools), self._most_out)) + self._surcharge_usd
        if self._spent_usd + next_usd <= self._max_usd:
            return None
        limit, needed = format_cost(self._max_usd), format_cost(next_usd)
        if not self._last[0]:
            raise BotError(
                f"the first request would take about {needed}, and max_cost is {limit}; nothing was sent",
                hint=f"-o max_cost={Decimal(f'{next_usd * _ROOMY:.1g}'):f}",
            )
        spent = ("~" if self._is_estimate else "") + format_cost(self._spent_usd)
        return f"{limit} of cost ({spent} spent, the next request would take about {needed})"

    def _find_price(self) -> Price | None:
        if not self._has_price:
            self._price, self._has_price = self._prices.find(self._model), True
        return self._price

    def _compute(self, usage: Usage) -> Decimal:
        price = self._find_price()
        return (price.compute(usage) if price else None) or Decimal(0)  # with a limit there is one

    def _count(self, messages: Sequence[Message], tools: Sequence[ToolSchema], usage: Usage, reply: Reply) -> None:
        read = self._estimate_in(messages, tools) if usage.tokens_in is None else usage.tokens_in
        written = usage.tokens_out
        if written is None:
            written = estimate_json_tokens(reply.message)
        expected_usd = self._compute(replace(usage, tokens_in=read, tokens_out=written))
        cost = usage.cost_usd
        if cost is None:
            cost = expected_usd
            if not self._is_estimate:
                self._feedback.emit(Warned(message=_BY_ESTIMATE))
            self._is_estimate = True
        self._surcharge_usd = max(self._surcharge_usd, cost - expected_usd)
        self._spent_usd += cost
        self._last = (_estimate(messages, tools), read)
        self._most_out = max(self._most_out, written)

    def _estimate_in(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> int:
        """Estimate what a request takes: what the last one took and what has been added, or by its length alone."""
        expected, read = self._last
        now = _estimate(messages, tools)
        return read + now - expected if expected and now >= expected else now


def _estimate(messages: Sequence[Message], tools: Sequence[ToolSchema]) -> int:
    return Room().estimate(messages, tools)
