"""The context of a model: its size, what a conversation takes of it, and a loop that stays within it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from git_draft.bots.capability import Capabilities
from git_draft.bots.loop import run_loop
from git_draft.bots.replies import Reply
from git_draft.bots.retry import Fault, RequestError
from git_draft.bots.room import Room
from git_draft.bots.turns import Limits, Turns
from git_draft.errors import BotError
from git_draft.model import Goal, Outcome, OutcomeKind, Usage
from tests.support.bots import Notebook, RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.models import DictWorktree, ScriptedModel, reply

LONG = "".join(f"{number} is a line of a long file\n" for number in range(400))
FINISH = reply("", ("finish", {"title": "Done"}))
FULL = RequestError("too long", status=400, message="maximum context length is 6000 tokens", fault=Fault.CONTEXT)
VAGUE = RequestError("too long", status=413, fault=Fault.CONTEXT)


def know(given: Mapping[str, str] | None = None) -> Capabilities:
    return Capabilities(Notebook(), "http://here/v1", "m", given or {})


def read(start: int, **more: Any) -> Reply:
    return reply("", ("read_file", {"path": "long.txt", "start_line": start}), **more)


def run(model: ScriptedModel, room: Room, feedback: RecordingFeedback | None = None) -> Outcome:
    feedback = feedback or RecordingFeedback()
    turns = Turns(model, feedback, FakeClock(), Limits(), room=room)
    worktree = DictWorktree({"long.txt": LONG})
    return asyncio.run(run_loop(turns, Goal("x"), worktree, feedback, clock=FakeClock()))


def list_results(model: ScriptedModel, request: int) -> list[str]:
    return [message["content"] for message in model.seen[request] if message["role"] == "tool"]


def test_options_outrank_what_was_learned() -> None:
    known = know({"context": "5000", "refused": "temperature"})
    known.learn_context(4000)
    known.learn_refused(["stream_options"])
    assert known.context_tokens == 5000
    assert known.refused == {"temperature", "stream_options"}
    known.forget()
    assert know().context_tokens is None
    assert known.refused == {"temperature"}


def test_what_a_server_reports_corrects_the_estimate() -> None:
    room = Room()
    messages = [{"role": "user", "content": "x" * 35_000}]
    before = room.estimate(messages)
    assert room.note_reply(messages, (), Usage(tokens_in=8000)) is None
    assert room.estimate(messages) == pytest.approx(8000, rel=0.01)
    assert before == pytest.approx(10_000, rel=0.05)


@pytest.mark.parametrize("size, budget, chars", [(None, None, 40_000), (4096, 3072, 2000), (131_072, 126_976, 40_000)])
def test_room_is_kept_for_the_answer(size: int | None, budget: int | None, chars: int) -> None:
    room = Room(know({"context": str(size)} if size else {}))
    assert (room.budget_tokens, room.result_chars) == (budget, chars)


def test_a_prompt_that_was_cut_is_said_once() -> None:
    room = Room(known := know())
    messages = [{"role": "user", "content": "x" * 70_000}]
    warning = room.note_reply(messages, (), Usage(tokens_in=4095))
    assert warning is not None
    assert "read only 4,095 of about" in warning
    assert known.context_tokens is None  # what is cut need not end where the context does
    assert room.note_reply(messages, (), Usage(tokens_in=4095)) is None


def test_a_loop_makes_room_before_the_context_is_full() -> None:
    model, feedback = ScriptedModel(read(1), read(2), read(3), read(4), FINISH), RecordingFeedback()
    room = Room(know({"context": "4500"}))
    outcome = run(model, room, feedback)
    assert outcome.title == "Done"
    last = list_results(model, -1)
    assert [text.startswith("[left out to save room") for text in last] == [True, True, True, False]
    assert feedback.kinds.count("warning") == 1
    assert all(room.estimate(seen) <= 4500 for seen in model.seen)


def test_a_server_that_leaves_out_what_it_had_in_its_cache_has_cut_nothing() -> None:
    messages = [{"role": "user", "content": "x" * 70_000}]
    assert Room(know()).note_reply(messages, (), Usage(tokens_in=120)) is None


@pytest.mark.parametrize("error", [FULL, VAGUE])
def test_a_loop_that_is_told_so_shrinks_and_goes_on(error: RequestError) -> None:
    model = ScriptedModel(read(1), read(2), error, FINISH)
    room = Room(known := know())
    assert run(model, room).title == "Done"
    assert list_results(model, -1)[0].startswith("[left out to save room")
    assert known.context_tokens == (6000 if error is FULL else None)


def test_it_shrinks_once_for_a_reply() -> None:
    model = ScriptedModel(read(1), read(2), VAGUE, VAGUE, FINISH)
    outcome = run(model, Room(know()))
    assert (outcome.kind, outcome.detail) == (OutcomeKind.FAILED, "too long")
    assert len(model.seen) == 4


def test_a_prompt_that_is_too_long_by_itself_is_an_error() -> None:
    with pytest.raises(BotError, match="too long"):
        run(ScriptedModel(VAGUE), Room(know()))


def test_each_request_begins_with_the_one_before_unless_it_had_to_shrink() -> None:
    model = ScriptedModel(read(1), read(2), read(3), FINISH)
    run(model, Room(know()))
    sent = [json.dumps(messages)[:-1] for messages in model.seen]
    assert len(sent) == 4
    assert all(later.startswith(earlier) for earlier, later in pairwise(sent))
