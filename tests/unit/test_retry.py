"""When a request is sent again, after how long, and what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from git_draft.bots.retry import (
    RequestError,
    clean_line,
    describe_redirect,
    describe_status,
    parse_retry_after,
    with_retries,
)
from tests.support.bots import RecordingFeedback
from tests.support.clock import FakeClock

WHERE = "http://localhost:1/v1"


def run(*failures: RequestError) -> tuple[str, FakeClock, RecordingFeedback]:
    """Fail as told, then succeed."""
    clock, feedback, left = FakeClock(), RecordingFeedback(), list(failures)

    async def attempt() -> str:
        if left:
            raise left.pop(0)
        return "fine"

    return asyncio.run(with_retries(attempt, clock, feedback)), clock, feedback


def failure(*, retry_after_s: float | None = None, is_retryable: bool = True) -> RequestError:
    return RequestError("it failed", is_retryable=is_retryable, retry_after_s=retry_after_s, hint="a hint")


def test_the_third_try_may_succeed_and_waits_grow() -> None:
    result, clock, feedback = run(failure(), failure())
    assert result == "fine"
    first_s, second_s = clock.slept_s
    assert 0.5 <= first_s <= 0.75
    assert 1 <= second_s <= 1.5
    assert feedback.kinds == ["retry", "retry"]


def test_three_failures_are_enough() -> None:
    with pytest.raises(RequestError, match="it failed"):
        run(failure(), failure(), failure())


def test_what_waiting_does_not_mend_is_not_tried_again() -> None:
    with pytest.raises(RequestError, match="it failed"):
        run(failure(is_retryable=False))


@pytest.mark.parametrize("asked_s", [0, 0.2, 5, 60])
def test_the_wait_that_the_server_asks_for_is_a_floor(asked_s: float) -> None:
    _, clock, _ = run(failure(retry_after_s=asked_s))
    assert asked_s + 0.5 <= clock.slept_s[0] <= asked_s + 0.75


@pytest.mark.parametrize("asked_s, said", [(61, "61 seconds"), (300, "5 minutes"), (86400, "24 hours")])
def test_a_longer_wait_ends_the_run(asked_s: float, said: str) -> None:
    with pytest.raises(RequestError, match=f"it failed; it says to come back in {said}") as caught:
        run(failure(retry_after_s=asked_s))
    assert caught.value.hint == "a hint"


@pytest.mark.parametrize(
    "headers, expected",
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Fri, 17 May 2024 12:00:30 GMT"}, 30),
        ({"retry-after": "Fri, 17 May 2024 11:00:00 -0000"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: Mapping[str, str], expected: float | None) -> None:
    assert parse_retry_after(headers, datetime(2024, 5, 17, 12, 0, tzinfo=UTC)) == expected


@pytest.mark.parametrize(
    "status, message, reason, hint, is_retryable",
    [
        (401, "Incorrect API key provided: sk-abc", f"{WHERE} refuses the API key (401)", "OPENAI_API_KEY", False),
        (402, "", f"the account at {WHERE} has no credit left (402)", "billing", False),
        (403, "not in your country", f"{WHERE} does not allow this (403): not in your country", "API key", False),
        (404, "The model `m` does not exist", f"{WHERE} has no model m (404)", "-m NAME", False),
        (404, "", f"nothing answers at {WHERE} (404)", "/v1", False),
        (400, "bad thing", f"{WHERE} answered 400: bad thing", None, False),
        (
            400,
            "This model's maximum context length is 4096",
            "the conversation is too long for the model",
            "larger",
            False,
        ),
        (500, "exceeds the available context size", "the conversation is too long for the model", "larger", False),
        (413, "", "the conversation is too long for the model", "larger", False),
        (400, "m does not support tools", "m can't call tools", "--jinja", False),
        (500, "tools param requires --jinja flag", "m can't call tools", "--jinja", False),
        (429, "slow down", f"rate limit at {WHERE} (429)", "later", True),
        (429, "You exceeded your current quota insufficient_quota", "has no credit left (429)", "billing", False),
        (408, "", f"{WHERE} answered 408", None, True),
        (409, "", f"{WHERE} answered 409", None, True),
        (500, "oops", f"{WHERE} answered 500: oops", None, True),
        (501, "", f"{WHERE} answered 501", None, False),
        (503, "", f"{WHERE} answered 503", None, True),
        (529, "", f"{WHERE} answered 529", None, True),
    ],
)
def test_a_status_is_said_in_a_clear_line(
    status: int, message: str, reason: str, hint: str | None, is_retryable: bool
) -> None:
    error = describe_status(status, message, where=WHERE, model="m")
    assert reason in error.reason
    assert "sk-abc" not in error.reason
    assert (hint or "") in (error.hint or "")
    assert error.is_retryable == is_retryable


def test_a_line_holds_no_escapes_and_is_short() -> None:
    assert clean_line("a\n\x1b[31mred\t b  c") == "a ?[31mred b c"
    assert len(clean_line("x" * 1000)) == 200


def test_a_failure_can_be_told_without_the_key_even_where_it_was_cut() -> None:
    error = RequestError("bad sk-secret", hint="not sk-secret", message="sk-secret!", status=400, retry_after_s=2)
    clean = error.without("sk-secret")
    assert (clean.reason, clean.hint, clean.message) == ("bad ***", "not ***", "***!")
    assert (clean.status, clean.retry_after_s, clean.is_retryable) == (400, 2, False)
    assert RequestError("the key is sk-secre…").without("sk-secret").reason == "the key is ***…"
    assert RequestError("keys begin with sk-").without("sk-secret").reason == "keys begin with sk-"
    assert RequestError("not abc").without("abc").reason == "not ***"
    assert RequestError("it failed").without("sk-secret").hint is None


@pytest.mark.parametrize(
    "location, target",
    [
        ("https://ada:pw@elsewhere.org/v1", "elsewhere.org"),
        ("/v2", "localhost"),
        ("http://[bad", "another place"),
        ("//\x1b[2Jx", "another place"),
    ],
)
def test_a_redirect_names_its_target(location: str, target: str) -> None:
    error = describe_redirect(location, where=WHERE, status=307)
    assert error.reason == f"{WHERE} redirects to {target} (307), where nothing is sent"
