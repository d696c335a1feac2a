"""An endpoint, and what goes wrong with requests to it, in our own words.

Translates what the client and httpx2 below it raise into the `RequestError` of `retry.py`. Called by
`sending.py` and by whatever else sends a request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING

from git_draft.bots.client import UnreachableError
from git_draft.bots.quirks import ALL_QUIRKS, Quirks
from git_draft.bots.retry import RequestError, clean_line, describe_redirect, describe_status, parse_retry_after
from git_draft.frozen import frozen
from git_draft.protocols import Clock

if TYPE_CHECKING:
    import httpx2


@frozen
class Endpoint:
    """Where requests go.

    Args:
        base_url: as configured, without user and password.
        api_key: sent as bearer token.
        first_byte_timeout_s: how long the server may take until an answer begins.
        idle_timeout_s: how long it may be silent within one.
    """

    base_url: str
    api_key: str = field(repr=False)
    first_byte_timeout_s: float = 180
    idle_timeout_s: float = 120


@contextmanager
def translate_errors(
    endpoint: Endpoint, clock: Clock, *, model: str | None = None, quirks: Quirks = ALL_QUIRKS
) -> Iterator[None]:
    """Raise whatever goes wrong with a request as RequestError; none of them holds the key, whoever said it.

    Raises:
        RequestError: for any failure of a request.
    """
    import httpx2  # takes a moment to load

    try:
        yield
    except (RequestError, UnreachableError, httpx2.HTTPError) as error:
        raise _describe_failure(error, endpoint, clock, model, quirks).without(endpoint.api_key) from error


def _describe_failure(
    error: Exception, endpoint: Endpoint, clock: Clock, model: str | None, quirks: Quirks
) -> RequestError:
    """Describe what reading an answer, the client or httpx2 raised."""
    import httpx2

    where = endpoint.base_url
    match error:
        case RequestError() as described:
            return described
        case httpx2.HTTPStatusError(response=response) if response.has_redirect_location:
            return describe_redirect(response.headers["location"], where=where, status=response.status_code)
        case httpx2.HTTPStatusError(response=response):
            retry_after_s = parse_retry_after(response.headers, clock.now())
            words = _read_words(response)
            return describe_status(
                response.status_code, words, where=where, model=model, retry_after_s=retry_after_s, quirks=quirks
            )
        case UnreachableError():
            cause = clean_line(str(error.__cause__ or "")) or "no connection"
            hint = "is the server running, and is the base URL right?"
            return RequestError(f"can't reach {where}: {cause}", hint=hint, is_retryable=True)
    return RequestError(f"the connection to {where} broke during the answer", is_retryable=True)


def _read_words(response: httpx2.Response) -> str:
    """Give the server's own words, with its error code, in whatever form they came."""
    text = response.text.strip()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = text
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(error, str):  # a page, maybe
        title = re.search(r"<title>(.*?)</title>", error, re.IGNORECASE | re.DOTALL)
        return title[1] if title else "" if "<" in error else error
    if isinstance(error, Mapping) and isinstance(error.get("message"), str):
        return " ".join(str(error[key]) for key in ("message", "code", "type", "param") if error.get(key))
    return json.dumps(error) if error else ""
