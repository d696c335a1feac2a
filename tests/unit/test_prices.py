"""What tokens cost: prices in options, listed ones, and what stays unknown."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import data_snapshot

from git_draft.bots.prices import FixedPrice, Prices, make_fixed_price
from git_draft.errors import ConfigError
from git_draft.model import Usage

OPENAI = "https://api.openai.com/v1"
WHEN = datetime(2026, 10, 1, tzinfo=UTC)
BIG = Usage(1_000_000, 1_000_000)


def compute(model: str, base_url: str, usage: Usage = BIG) -> Decimal | None:
    price = Prices(base_url, None, WHEN).find(model)
    return price.compute(usage) if price else None


@pytest.mark.parametrize(
    "usage, cost",
    [
        (Usage(1_000_000, 0), "2"),
        (Usage(0, 1_000_000), "8"),
        (Usage(1000, 500, 400), "0.00524"),  # 600 at 2, 400 at 0.1, 500 at 8
        (Usage(1000, 500, tokens_reasoning=400), "0.006"),  # thoughts are within what was received
        (Usage(1, 0), "0.000002"),
        (Usage(0, 0), "0"),
        (Usage(1000), None),
        (Usage(tokens_out=1000), None),
    ],
)
def test_prices_in_options(usage: Usage, cost: str | None) -> None:
    price = FixedPrice(Decimal(2), Decimal(8), Decimal("0.1"))
    assert price.compute(usage) == (None if cost is None else Decimal(cost))


def test_what_came_from_a_cache_costs_the_same_where_options_do_not_say() -> None:
    assert FixedPrice(Decimal(2), Decimal(8)).compute(Usage(1_000_000, 0, 900_000)) == 2
    assert FixedPrice(Decimal(2), Decimal(8), Decimal(0)).compute(Usage(1_000_000, 0, 900_000)) == Decimal("0.2")


@pytest.mark.parametrize(
    "model, base_url",
    [
        ("gpt-4o", OPENAI),
        ("gpt-4o-2024-08-06", f"{OPENAI}/"),
        ("gpt-4o", "https://API.OpenAI.com:443/v1"),
        ("gpt-4o", "https://mine.openai.azure.com/openai/v1"),
        ("openai/gpt-4o", "https://openrouter.ai/api/v1"),
        ("mistral-large-latest", "https://api.mistral.ai/v1"),
        ("codestral-latest", "https://codestral.mistral.ai/v1"),
        ("deepseek-chat", "https://api.deepseek.com"),
        ("llama-3.3-70b-versatile", "https://api.groq.com/openai/v1"),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "https://api.together.xyz/v1"),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "https://api.together.ai/v1"),
        ("accounts/fireworks/models/deepseek-v3p2", "https://api.fireworks.ai/inference/v1"),
        ("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai"),
        ("models/gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai"),
        ("claude-sonnet-4-5", "https://api.anthropic.com/v1"),
    ],
)
def test_listed_prices_are_found_by_address_and_name(model: str, base_url: str) -> None:
    cost = compute(model, base_url)
    assert cost is not None
    assert Decimal("0.1") < cost < 100


@pytest.mark.parametrize(
    "model, base_url",
    [
        ("gpt-99", OPENAI),
        ("text-embedding-3-small", OPENAI),  # has no price for what it gives
        ("my-deployment", "https://mine.openai.azure.com/openai/v1"),
        ("gpt-4o", "https://models.example.com/v1"),
        ("gpt-4o", "http://localhost:11434/v1"),
        ("gpt-4o", "http://127.0.0.1:8080"),
    ],
)
def test_what_is_not_listed_stays_unknown(model: str, base_url: str) -> None:
    assert compute(model, base_url) is None
    with pytest.raises(ConfigError, match=f"what {model} costs at .* is not known") as raised:
        Prices(base_url, None, WHEN).get(model)
    assert "price_in" in str(raised.value.hint)


def test_caches_and_long_prompts_have_prices_of_their_own() -> None:
    plain, cached = compute("gpt-4o", OPENAI, Usage(1000, 0)), compute("gpt-4o", OPENAI, Usage(1000, 0, 1000))
    assert plain is not None
    assert cached is not None
    assert 0 < cached < plain
    base_url = "https://generativelanguage.googleapis.com/v1beta/openai"
    short, long = (compute("gemini-2.5-pro", base_url, Usage(count, 0)) for count in (100_000, 300_000))
    assert short is not None
    assert long is not None
    assert long > 3 * short
    write = compute("gpt-5.6-sol", OPENAI, Usage(1000, 0, tokens_written=1000))
    assert write is not None
    assert write > (compute("gpt-5.6-sol", OPENAI, Usage(1000, 0)) or 0)


def test_half_a_usage_or_one_that_contradicts_itself_has_no_cost() -> None:
    for usage in (Usage(), Usage(1000), Usage(tokens_out=5), Usage(5, 5, 6)):
        assert compute("gpt-4o", OPENAI, usage) is None


def test_a_model_that_is_offered_for_nothing_costs_nothing() -> None:
    assert compute("qwen/qwen3-coder:free", "https://openrouter.ai/api/v1") == 0


def test_prices_in_options_outrank_listed_ones() -> None:
    fixed = make_fixed_price(Decimal(1), Decimal(2), None)
    assert Prices(OPENAI, fixed, WHEN).get("gpt-4o") == fixed == FixedPrice(Decimal(1), Decimal(2))
    assert Prices("http://localhost/v1", fixed, WHEN).find("any") == fixed
    assert make_fixed_price(None, None, None) is None


@pytest.mark.parametrize(
    "prices, lacking",
    [((1, None, None), "price_out"), ((None, 1, None), "price_in"), ((None, None, 1), "price_in and price_out")],
)
def test_half_of_the_prices_is_refused(prices: tuple[int | None, ...], lacking: str) -> None:
    with pytest.raises(ConfigError, match=f"prices lack {lacking}$"):
        make_fixed_price(*(None if price is None else Decimal(price) for price in prices))


def test_prices_come_with_the_package_and_load_when_they_are_wanted() -> None:
    assert not data_snapshot.get_snapshot().from_auto_update
    code = (
        "import sys; from decimal import Decimal; from datetime import datetime, UTC; import git_draft.bots.prices as p;"
        "p.Prices('http://localhost/v1', None, datetime.now(UTC)).find('m');"
        "p.Prices('https://x.test', p.FixedPrice(Decimal(1), Decimal(1)), datetime.now(UTC)).find('m');"
        "print('genai_prices' in sys.modules);"
        "p.Prices('https://x.test', None, datetime.now(UTC)).find('m'); print('genai_prices' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
