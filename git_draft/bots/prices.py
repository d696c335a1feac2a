"""What a model's tokens cost: by prices in the bot's options, else by those that genai-prices knows for its address.

That package has its data with it and fetches nothing unless it is told to, which is not done here. It takes a while to
load, so it is loaded where a cost is wanted and not before. What a run has cost is `spending.py`'s, the caller.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from git_draft.bots.address import is_this_machine
from git_draft.errors import ConfigError
from git_draft.frozen import frozen
from git_draft.model import Usage

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

_MILLION = 10**6
_SAME_AS = {"api.together.ai": "api.together.xyz", "codestral.mistral.ai": "api.mistral.ai"}
"""Hosts that genai-prices does not know, and those with the same prices that it does."""


class Price(Protocol):
    """What tokens cost."""

    def compute(self, usage: Usage) -> Decimal | None:
        """Give what one reply cost, in US dollars; None where not all that it takes is known."""
        ...


@frozen
class FixedPrice:
    """Prices for any number of tokens, in US dollars for a million.

    Args:
        in_usd: for those sent.
        out_usd: for those received, thoughts included.
        cached_usd: for those sent that came from the server's cache; None for the price of the others.
    """

    in_usd: Decimal
    out_usd: Decimal
    cached_usd: Decimal | None = None

    def compute(self, usage: Usage) -> Decimal | None:
        """Give what one reply cost; where it is not known what came from a cache, nothing did."""
        if usage.tokens_in is None or usage.tokens_out is None:
            return None
        cached = 0 if self.cached_usd is None else usage.tokens_cached or 0
        cached_usd = cached * (self.cached_usd or 0)
        return ((usage.tokens_in - cached) * self.in_usd + cached_usd + usage.tokens_out * self.out_usd) / _MILLION


@frozen
class ListPrice:
    """Prices as genai-prices lists them, those that depend on the length of the prompt included."""

    listed: ModelPrice

    def compute(self, usage: Usage) -> Decimal | None:
        """Give what one reply cost by that package's own calculation."""
        import genai_prices

        if usage.tokens_in is None or usage.tokens_out is None:
            return None
        counts = genai_prices.Usage(
            input_tokens=usage.tokens_in,
            output_tokens=usage.tokens_out,
            cache_read_tokens=usage.tokens_cached,
            cache_write_tokens=usage.tokens_written,
        )
        try:
            return self.listed.calc_price(counts)["total_price"]
        except ValueError:  # the counts contradict each other
            return None


class Prices:
    """The prices of one endpoint.

    Args:
        base_url: where requests go.
        fixed: the prices in the bot's options; they outrank what is listed.
        when: the time for which listed prices are looked up, aware.
    """

    def __init__(self, base_url: str, fixed: FixedPrice | None, when: datetime) -> None:
        self._base_url = base_url
        self._fixed = fixed
        self._when = when

    def find(self, model: str) -> Price | None:
        """Find the price of a model; that of one on this machine is known only where options give it."""
        return self._fixed or _find_listed(model, self._base_url, self._when)

    def get(self, model: str) -> Price:
        """Give the price of a model.

        Raises:
            ConfigError: where it is not known.
        """
        price = self.find(model)
        if price is None:
            hint = "-o price_in=USD -o price_out=USD, for a million tokens each"
            raise ConfigError(f"max_cost is set, but what {model} costs at {self._base_url} is not known", hint=hint)
        return price


def make_fixed_price(in_usd: Decimal | None, out_usd: Decimal | None, cached_usd: Decimal | None) -> FixedPrice | None:
    """Make a price of what options say; None where they say nothing.

    Raises:
        ConfigError: where only a part is said.
    """
    if in_usd is not None and out_usd is not None:
        return FixedPrice(in_usd, out_usd, cached_usd)
    if in_usd is None and out_usd is None and cached_usd is None:
        return None
    missing = [name for name, value in (("price_in", in_usd), ("price_out", out_usd)) if value is None]
    hint = "US dollars for a million tokens: price_in and price_out, and price_cached where it is another"
    raise ConfigError(f"the openai bot's prices lack {' and '.join(missing)}", hint=hint)


def _find_listed(model: str, base_url: str, when: datetime) -> Price | None:
    host = (urlsplit(base_url).hostname or "").lower()
    if is_this_machine(host):
        return None
    from genai_prices import data_snapshot

    url = f"https://{_SAME_AS.get(host, host)}{urlsplit(base_url).path}"
    name = model.removeprefix("models/")  # as Google lists its own
    try:
        _, found = data_snapshot.get_snapshot().find_provider_model(name, None, None, url)
        listed = found.get_prices(when)
    except LookupError:
        return None
    if listed.input_mtok is None or listed.output_mtok is None:  # which may mean that nobody wrote it down
        return FixedPrice(Decimal(0), Decimal(0)) if found.id.endswith(":free") else None
    return ListPrice(listed)
