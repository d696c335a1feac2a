"""What may be set of a bot that talks to a model, by the configuration and ``--option``; checked by pydantic.

Used by `openai.py` and `local.py`, which decide what the values mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from git_draft.bots.turns import Limits
from git_draft.config import describe_invalid
from git_draft.errors import ConfigError

_LIMITS = Limits()
_MOST_USD = 1_000_000
Options = TypeVar("Options", bound=BaseModel)


class ChatOptions(BaseModel):
    """What may be set of a run, wherever the model is.

    Args:
        temperature: sent only where it is set.
        max_tokens: the most tokens in one reply; sent where the server takes it, and counted here in any case.
        edits: how the model makes changes: by calling tools, or by writing them as text, as search/replace blocks or
            as whole files; ``auto`` begins with tools and finds out.
        context_tokens: how much of the files a model is shown that writes its edits as text.
        first_byte_timeout_s: how long an answer may take to begin; a slow machine reads a long prompt for minutes.
        idle_timeout_s: how long the server may be silent within an answer.
        max_turns: see `Limits`, as the next three.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float | None = Field(None, ge=0)
    max_tokens: int = Field(32_000, ge=1)
    edits: Literal["auto", "tools", "blocks", "whole"] = "auto"
    context_tokens: int = Field(16_000, ge=0)
    first_byte_timeout_s: float = Field(180, gt=0)
    idle_timeout_s: float = Field(120, gt=0)
    max_turns: int = Field(_LIMITS.turns, ge=1)
    max_identical_calls: int = Field(_LIMITS.identical_calls, ge=2)
    max_walltime_s: float = Field(_LIMITS.walltime_s, gt=0)
    max_tokens_out: int = Field(_LIMITS.tokens_out, ge=1)


class OpenAIOptions(ChatOptions):
    """What the configuration and ``--option`` may set.

    Args:
        model: else OPENAI_MODEL, where no base_url is set here, else the only model that the server names.
        base_url: else OPENAI_BASE_URL, else OpenAI's own. Azure's ends in ``/openai/v1``.
        azure_endpoint: in its place a resource of Azure in its older form, with `api_version`; the model is the name of
            the deployment, the key else AZURE_OPENAI_API_KEY.
        api_version: of that.
        azure_ad_token: in place of a key for it.
        api_key: else OPENAI_API_KEY, where no base_url is set here; not needed for this machine.
        api: which of the two APIs; ``auto`` takes the Responses API for OpenAI and Azure, chat completions elsewhere,
            and the other one where an error says so.
        context_size: tokens that the model's context holds, where it is not to be found out.
        refused: what requests are sent without, besides what was learned; names with commas between.
        price_in: what tokens cost, in US dollars for a million, in place of listed prices: those sent.
        price_out: those received.
        price_cached: those sent that came from the server's cache, where they have another price.
        max_cost: in US dollars; a run ends before the request that would pass it, by estimate.
    """

    model: str | None = Field(None, min_length=1)
    base_url: str | None = None
    azure_endpoint: str | None = None
    api_version: str | None = Field(None, min_length=1)
    azure_ad_token: SecretStr | None = None
    api_key: SecretStr | None = None
    api: Literal["auto", "chat", "responses"] = "auto"
    context_size: int | None = Field(None, ge=256)
    refused: str = ""
    price_in: Decimal | None = Field(None, ge=0, le=_MOST_USD)
    price_out: Decimal | None = Field(None, ge=0, le=_MOST_USD)
    price_cached: Decimal | None = Field(None, ge=0, le=_MOST_USD)
    max_cost: Decimal | None = Field(None, gt=0, le=_MOST_USD)


def check_options(kind: type[Options], options: Mapping[str, object], *, bot: str) -> Options:
    """Read options as their class describes them.

    Raises:
        ConfigError: where one is unknown or wrong.
    """
    try:
        return kind.model_validate(options)
    except ValidationError as error:
        known = ", ".join(sorted(kind.model_fields))
        raise ConfigError(
            f"the {bot} bot's option {describe_invalid(error)}", hint=f"its options are {known}"
        ) from None
