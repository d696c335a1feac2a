"""The models that a server offers: listed, with what it says of their context, and the only one chosen.

Called by `openai.py` where no model is named, and where a server is checked.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from git_draft.bots.client import Client
from git_draft.bots.endpoint import Endpoint, translate_errors
from git_draft.bots.retry import RequestError, with_retries
from git_draft.errors import BotError
from git_draft.frozen import frozen
from git_draft.protocols import Clock, Feedback

_CONTEXT_KEYS = ("context_length", "max_model_len", "context_window", "max_context_length", "n_ctx", "context_size")
"""What servers call the size of a model's context: OpenRouter, vLLM, Groq, Mistral, llama.cpp and others."""


@frozen
class OfferedModel:
    """A model that a server lists.

    Args:
        name: what requests call it.
        context_tokens: the size of its context, where the server says it.
    """

    name: str
    context_tokens: int | None = None


async def list_models(client: Client, endpoint: Endpoint, clock: Clock, feedback: Feedback) -> list[OfferedModel]:
    """Ask a server for its models, by name.

    Raises:
        RequestError: where there is no usable answer.
    """

    async def ask() -> list[OfferedModel]:
        where, limit_s = endpoint.base_url, endpoint.first_byte_timeout_s
        try:
            async with asyncio.timeout(limit_s):
                with translate_errors(endpoint, clock):
                    return parse_models(await client.get("/models"))
        except TimeoutError:
            raise RequestError(f"{where} is silent for {limit_s:g} s", is_retryable=True) from None

    return await with_retries(ask, clock, feedback)


async def choose_model(client: Client, endpoint: Endpoint, clock: Clock, feedback: Feedback) -> str:
    """Ask a server for its models and take the only one.

    Raises:
        BotError: where there is no clear choice.
    """
    where = endpoint.base_url
    try:
        names = [model.name for model in await list_models(client, endpoint, clock, feedback)]
    except RequestError as error:
        is_unlisted = error.status in {404, 405, 501}
        reason = f"no model is named, and {where} does not list any" if is_unlisted else error.reason
        raise BotError(reason, hint="name one with -m NAME" if is_unlisted else error.hint) from error
    if len(names) == 1:
        return names[0]
    if not names:
        raise BotError(f"{where} offers no model", hint="load one there, or name one with -m NAME")
    some = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    raise BotError(f"{where} offers {len(names)} models: {some}", hint="name one with -m NAME, or set OPENAI_MODEL")


def parse_models(body: bytes) -> list[OfferedModel]:
    """Read a list of models, sorted by name.

    Raises:
        RequestError: where it is none.
    """
    try:
        data: Any = json.loads(body)
        models = [OfferedModel(str(model["id"]), _find_context(model)) for model in data["data"]]
    except (ValueError, TypeError, KeyError):
        raise RequestError(
            "the list of models is no JSON as it should be", hint="is the base URL right? it often ends in /v1"
        ) from None
    return sorted(models, key=lambda model: model.name)


def _find_context(model: Mapping[str, Any]) -> int | None:
    places = (model, model.get("meta"), model.get("top_provider"))
    for place in places:
        for key in _CONTEXT_KEYS:
            value = place.get(key) if isinstance(place, Mapping) else None
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                return value
    return None
