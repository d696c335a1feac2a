"""What to do when a request fails: what it means, whether to send it again, how long to wait.

Failures are described here in short clear lines by status and body; turning exceptions into statuses and bodies is
`endpoint.py`'s business, the caller. The server's words are cut to a line
and cleaned of control characters, since they end on a terminal.
"""

from __future__ import annotations

import enum
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from git_draft.bots.overflow import is_overflow
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.events import RequestRetried
from git_draft.protocols import Clock, Feedback

T = TypeVar("T")

TRIES = 3
MAX_LINE_CHARS = 200
MAX_WAIT_S = 60
"""A server that wants a longer wait is taken at its word: the run stops and says when to come back."""

_TELLING_CHARS = 8
"""Fewer characters of a key say no more than what kind of key it is."""
_RETRYABLE = frozenset({408, 409, 425, 429})
_SPENT = re.compile(
    r"insufficient_quota|insufficient.{0,12}(?:credit|balance|fund)|billing|payment required", re.IGNORECASE
)

_STATUSES = {
    "rate_limit_exceeded": 429,
    "invalid_api_key": 401,
    "model_not_found": 404,
    "not_found_error": 404,
    "context_length_exceeded": 400,
    "invalid_request_error": 400,
}
"""What error objects say in words where there is no HTTP status."""
_NO_TOOLS = re.compile(
    r"not support (?:tool|function)|requires? --jinja|tool.?call.?parser|auto.?tool.?choice"
    r"|\btools?\b[^.]{0,40}\b(?:not (?:supported|allowed|permitted|available)|unsupported|unrecognized|unknown)"
    r"|(?:unrecognized|unknown|unsupported|extra|unexpected)[^.]{0,60}\btools\b",
    re.IGNORECASE,
)


class Fault(enum.StrEnum):
    """What a refusal is about, where there is more to do than to say so."""

    TOOLS = "tools"
    """The server refuses tools; the same request without them may do."""
    CONTEXT = "context"
    """The conversation is too long; a shorter one may do."""
    ENDLESS = "endless"
    """The model did not stop generating."""


class RequestError(Exception):
    """A request that got no usable answer.

    Args:
        reason: a short line, lower case.
        hint: what to do about it.
        status: the HTTP status, None where there was none.
        message: the server's own words, for finding out what it did not like.
        is_retryable: whether the same request may do better later.
        retry_after_s: how long the server wants us to wait.
        fault: what it is about, where more can be done than to say so.
    """

    def __init__(
        self,
        reason: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        message: str = "",
        is_retryable: bool = False,
        retry_after_s: float | None = None,
        fault: Fault | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.status = status
        self.message = message
        self.is_retryable = is_retryable
        self.retry_after_s = retry_after_s
        self.fault = fault

    def without(self, secret: str) -> RequestError:
        """Give the same failure with no trace of a secret in its texts."""
        return RequestError(
            _hide(secret, self.reason),
            hint=self.hint and _hide(secret, self.hint),
            status=self.status,
            message=_hide(secret, self.message),
            is_retryable=self.is_retryable,
            retry_after_s=self.retry_after_s,
            fault=self.fault,
        )


def _hide(secret: str, text: str) -> str:
    """Take out a secret, and its beginnings too: texts are cut."""
    for length in range(len(secret), min(len(secret), _TELLING_CHARS) - 1, -1):
        text = text.replace(secret[:length], "***")
    return text


async def with_retries(
    attempt: Callable[[], Awaitable[T]], clock: Clock, feedback: Feedback, *, quirks: Quirks = ALL_QUIRKS
) -> T:
    """Send a request up to three times, waiting longer each time and at least as long as the server asks.

    Raises:
        RequestError: the last failure, or the first that waiting can't mend.
    """
    for number in range(1, TRIES + 1):
        try:
            return await attempt()
        except RequestError as error:
            is_handled = error.status != 429 or Quirk.RATE_LIMIT in quirks
            if not error.is_retryable or not is_handled or number == TRIES:
                raise
            asked_s = error.retry_after_s or 0
            if asked_s > MAX_WAIT_S:
                raise RequestError(
                    f"{error.reason}; it says to come back in {_format_wait(asked_s)}",
                    hint=error.hint,
                    status=error.status,
                ) from error
            wait_s = max(asked_s, 0) + 2 ** (number - 2) * random.uniform(1, 1.5)  # noqa: S311  # jitter is no secret
            feedback.emit(RequestRetried(reason=error.reason, wait_s=round(wait_s, 3)))
            await clock.sleep(wait_s)
    raise AssertionError  # the last try returns or raises


def _format_wait(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.0f} hours"


def parse_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how long the server wants us to wait, in seconds: a number, milliseconds, or a date.

    Args:
        headers: names in lower case, or a mapping that does not mind.
        now: aware; a date is taken relative to it.
    """
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1)):
        value = (headers.get(name) or "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", value, re.ASCII):
            return float(value) * unit_s
    try:
        date = parsedate_to_datetime(headers.get("retry-after") or "")
    except ValueError:
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())


def clean_line(text: str) -> str:
    """Make one short line of a server's words, without control characters."""
    line = " ".join("".join(c if c.isprintable() or c.isspace() else "?" for c in text).split())
    return line if len(line) <= MAX_LINE_CHARS else line[: MAX_LINE_CHARS - 1] + "…"


def describe_error_object(error: object) -> RequestError:
    """Describe an error that came where an answer was expected, with HTTP status 200."""
    fields = error if isinstance(error, Mapping) else {"message": str(error)}
    code, kind = fields.get("code"), fields.get("type")
    status = code if isinstance(code, int) and 400 <= code < 600 else _STATUSES.get(str(code), _STATUSES.get(str(kind)))
    words = [str(word) for word in (fields.get("message") or dict(fields), code, kind) if word]
    return describe_status(status or 500, " ".join(words), where="the server")


def describe_status(
    status: int,
    message: str,
    *,
    where: str,
    model: str | None = None,
    retry_after_s: float | None = None,
    quirks: Quirks = ALL_QUIRKS,
) -> RequestError:
    """Describe a failed request by its HTTP status.

    Args:
        status: 400 or more.
        message: the server's own words, with its error code; may be empty.
        where: the base URL, or words for the server.
        model: the model that was asked for.
        retry_after_s: how long the server wants us to wait.
        quirks: the rows of the table that are handled.
    """
    said = f": {clean_line(message)}" if message.strip() else ""
    reason, hint, fault = f"{where} answered {status}{said}", None, None
    is_retryable = status in _RETRYABLE or (status >= 500 and status != 501)
    if (_SPENT.search(message) or status == 402) and Quirk.NO_CREDIT in quirks:
        reason, is_retryable = f"the account at {where} has no credit left ({status})", False
        hint = "look at plan and billing at the provider, or use another bot"
    elif status == 401:
        reason, hint = f"{where} refuses the API key (401)", "check OPENAI_API_KEY, or api_key of this bot"
    elif status == 403:
        reason, hint = f"{where} does not allow this (403){said}", "check what the API key may do"
    elif _NO_TOOLS.search(message):
        reason, is_retryable = f"{model or 'the model'} can't call tools at {where}{said}", False
        fault = Fault.TOOLS
        hint = "-o edits=blocks does without; or start the server with tool calls on (llama.cpp: --jinja)"
    elif is_overflow(status, message):
        reason, hint = f"the conversation is too long for the model{said}", "use a model with a larger context"
        is_retryable, fault = False, Fault.CONTEXT
    elif status == 404 and "model" in message.lower():
        reason, hint = f"{where} has no model {model or ''}".rstrip() + " (404)", "choose one with -m NAME"
    elif status == 404:
        reason, hint = f"nothing answers at {where} (404)", "is the base URL right? it often ends in /v1"
    elif status == 429:
        reason, hint = f"rate limit at {where} (429)", "try again later, or use another bot"
    return RequestError(
        reason,
        hint=hint,
        status=status,
        message=message,
        is_retryable=is_retryable,
        retry_after_s=retry_after_s,
        fault=fault,
    )


def describe_redirect(location: str, *, where: str, status: int) -> RequestError:
    """Describe an answer that sends us elsewhere; prompts and files go only where the user wants them.

    Args:
        location: the header's value.
        where: the base URL.
        status: the HTTP status, a 3xx.
    """
    try:
        target = urlsplit(urljoin(where, location)).hostname
    except ValueError:
        target = None
    host = clean_line(target or "another place")
    return RequestError(
        f"{where} redirects to {host} ({status}), where nothing is sent",
        hint="if that is the right server, set it as the base URL",
        status=status,
    )
