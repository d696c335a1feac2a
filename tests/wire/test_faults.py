"""The openai bot against llmock in a process of its own, which breaks answers and judges what its client makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from git_draft.errors import BotError
from git_draft.model import OutcomeKind
from tests.wire.conftest import Bench, FaultyServer


class RealClock:
    """The time as it is: llmock measures how long its client waits."""

    def now(self) -> datetime:
        """Give the present moment."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Give the seconds of the event loop."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def make_bench(faulty: FaultyServer) -> Bench:
    return Bench(f"{faulty.url}/v1", {"first_byte_timeout_s": 0.5, "idle_timeout_s": 0.5}, clock=RealClock())


def call(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "reply", "tool_calls": [{"name": name, "arguments": arguments}]}


EDIT = call("edit_file", {"path": "a.txt", "old": "one", "new": "1"})
FINISH = call("finish", {"title": "Count in digits"})


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"type": "fail", "status": 429, "retry_after": 0.3, "times": 2}, id="rate limit"),
        pytest.param({"type": "fail", "status": 500, "times": 2}, id="500"),
        pytest.param({"type": "fail", "status": 503, "times": 1}, id="503"),
        pytest.param({"type": "stream_fault", "kind": "truncate", "after_chunks": 3}, id="truncate"),
        pytest.param({"type": "stream_fault", "kind": "malformed", "after_chunks": 3}, id="corrupt"),
        pytest.param({"type": "stream_fault", "kind": "disconnect", "after_chunks": 3}, id="disconnect"),
        pytest.param({"type": "stream_fault", "kind": "stall", "after_chunks": 2, "stall_seconds": 5}, id="stall"),
        pytest.param({"type": "slow_first_token", "seconds": 5}, id="slow first token"),
    ],
)
def test_a_fault_is_overcome_as_llmock_thinks_right(faulty: FaultyServer, fault: Mapping[str, Any]) -> None:
    is_answered = fault["type"] != "fail"  # a broken answer takes a scripted reply with it
    faulty.script(fault, *([EDIT] if is_answered else []), EDIT, FINISH)
    bench = make_bench(faulty)
    outcome = bench.act()
    assert bench.worktree.files == {"a.txt": "1\ntwo\n"}
    assert outcome.kind is OutcomeKind.COMPLETE
    assert "retry" in bench.feedback.kinds
    verdict = faulty.request("GET", "verdict")
    assert verdict["findings"] == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_is_the_clients_fault_is_not_sent_again(faulty: FaultyServer, status: int) -> None:
    faulty.script({"type": "fail", "status": status, "times": None})
    with pytest.raises(BotError, match=str(status)):
        make_bench(faulty).act()
    assert faulty.request("GET", "verdict")["findings"] == []


def test_an_outage_ends_in_a_clear_error(faulty: FaultyServer) -> None:
    faulty.script({"type": "fail", "status": 503, "times": None})
    with pytest.raises(BotError, match="answered 503"):
        make_bench(faulty).act()
    assert faulty.request("GET", "verdict")["findings"] == []


@pytest.mark.parametrize("kind", ["malformed_arguments", "unknown_tool"])
def test_a_broken_call_goes_back_to_the_model(faulty: FaultyServer, kind: str) -> None:
    faulty.script({"type": "tool_fault", "kind": kind, "times": 1}, EDIT, EDIT, FINISH)
    bench = make_bench(faulty)
    assert bench.act().title == "Count in digits"
    assert "tool-error" in bench.feedback.kinds
    assert bench.worktree.files == {"a.txt": "1\ntwo\n"}
