"""How a run goes on and how it ends, with a scripted model and no server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

import pytest

from git_draft.bots.loop import TextNeededError, run_loop
from git_draft.bots.replies import ChatModel, Message, Reply
from git_draft.bots.retry import Fault, RequestError
from git_draft.bots.turns import Limits, Turns, build_messages
from git_draft.errors import BotError
from git_draft.model import Goal, Outcome, OutcomeKind, Usage
from git_draft.toolbox import ToolSchema
from tests.support.bots import RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.models import DictWorktree, ScriptedModel, reply

WRITE = reply(
    "on it", ("write_file", {"path": "a", "contents": "1"}), usage={"prompt_tokens": 10, "completion_tokens": 4}
)
FINISH = reply(
    "",
    ("finish", {"title": "Add a", "summary": "It holds 1."}),
    usage={"prompt_tokens": 20, "completion_tokens": 4},
)
FAILURE = RequestError("server down", hint="start it")


async def start(
    model: ChatModel,
    *,
    limits: Limits | None = None,
    clock: FakeClock | None = None,
    worktree: DictWorktree | None = None,
    feedback: RecordingFeedback | None = None,
    is_text_edit: Callable[[str], bool] | None = None,
) -> Outcome:
    clock, feedback = clock or FakeClock(), feedback or RecordingFeedback()
    turns = Turns(model, feedback, clock, limits or Limits())
    worktree = worktree or DictWorktree()
    return await run_loop(turns, Goal("add a"), worktree, feedback, clock=clock, is_text_edit=is_text_edit)


def run(
    model: ChatModel,
    *,
    limits: Limits | None = None,
    clock: FakeClock | None = None,
    worktree: DictWorktree | None = None,
    feedback: RecordingFeedback | None = None,
) -> Outcome:
    return asyncio.run(start(model, limits=limits, clock=clock, worktree=worktree, feedback=feedback))


def test_a_run_ends_with_finish() -> None:
    model, worktree, feedback = ScriptedModel(WRITE, FINISH), DictWorktree(), RecordingFeedback()
    assert run(model, worktree=worktree, feedback=feedback) == Outcome(
        OutcomeKind.COMPLETE, title="Add a", summary="It holds 1.", usage=Usage(30, 8), turns=2
    )
    assert worktree.files == {"a": "1"}
    assert feedback.kinds == ["ask", "reply", "ask", "reply"]


def test_a_run_ends_with_an_answer_without_calls() -> None:
    assert run(ScriptedModel(WRITE, reply("all done"))) == Outcome(summary="all done", usage=Usage(), turns=2)


def test_the_conversation_only_grows_and_starts_the_same() -> None:
    model = ScriptedModel(WRITE, reply("", ("read_file", {"path": "a"}), ("read_file", {"path": "b"})), FINISH)
    run(model)
    first, second, third = model.seen
    assert json.dumps(second).startswith(json.dumps(first)[:-1])
    assert json.dumps(third).startswith(json.dumps(second)[:-1])
    assert third[4:] == [
        {"role": "assistant", "content": None, "tool_calls": third[4]["tool_calls"]},
        {"role": "tool", "tool_call_id": "c0", "content": "<file>\n1\n</file>"},
        {"role": "tool", "tool_call_id": "c1", "content": "error: there is no file b"},
    ]


def test_calls_after_finish_are_not_done() -> None:
    worktree = DictWorktree()
    run(
        ScriptedModel(reply("", ("finish", {"title": "x"}), ("write_file", {"path": "a", "contents": ""}))),
        worktree=worktree,
    )
    assert worktree.files == {}


def test_failed_calls_never_end_a_run() -> None:
    bad = reply(
        "", ("nonsense", {}), ("write_file", '{"path": "a", "contents": "x'), ("read_file", {}), ("read_file", "[]")
    )
    feedback = RecordingFeedback()
    assert run(ScriptedModel(bad, FINISH), feedback=feedback).kind is OutcomeKind.COMPLETE
    assert feedback.kinds.count("tool-error") == 4


def look(turn: int) -> Reply:
    return reply(f"turn {turn}", ("read_file", {"path": str(turn)}), usage={"completion_tokens": 100})


@pytest.mark.parametrize(
    "limits, detail, turns",
    [
        (Limits(turns=5), "5 turns", 5),
        (Limits(tokens_out=250), "250 output tokens", 3),
        (Limits(walltime_s=7), "7 s of time", 2),
    ],
)
def test_limits_end_a_run(limits: Limits, detail: str, turns: int) -> None:
    outcome = run(ScriptedModel(*map(look, range(60))), limits=limits, clock=FakeClock(step_s=1.2))
    assert (outcome.kind, outcome.detail, outcome.turns) == (OutcomeKind.LIMIT, detail, turns)
    assert outcome.summary == f"turn {turns - 1}"


def test_limits_are_on_by_default() -> None:
    assert run(ScriptedModel(*map(look, range(60)))).detail == "40 turns"
    assert Limits() == Limits(turns=40, identical_calls=3, walltime_s=900, tokens_out=200_000)


@pytest.mark.parametrize(
    "calls",
    [[("search", {"pattern": "x"})] * 3, [("search", '{"pattern": "x"}'), ("search", '{ "pattern" : "x" }')] * 2],
)
def test_the_same_call_again_and_again_ends_a_run(calls: Sequence[tuple[str, dict[str, str] | str]]) -> None:
    outcome = run(ScriptedModel(reply("", *calls[:2]), reply("", *calls[2:]), FINISH))
    assert (outcome.kind, outcome.detail) == (OutcomeKind.LIMIT, "the same call 3 times: search")


def test_the_same_call_with_another_between_is_fine() -> None:
    a, b = ("search", {"pattern": "a"}), ("search", {"pattern": "b"})
    assert run(ScriptedModel(reply("", a, a, b, a, a, b), FINISH)).kind is OutcomeKind.COMPLETE


def test_an_empty_answer_is_asked_for_once_more() -> None:
    model = ScriptedModel(WRITE, reply(""), FINISH)
    assert run(model).kind is OutcomeKind.COMPLETE
    assert "empty" in model.seen[2][-1]["content"]
    outcome = run(ScriptedModel(WRITE, reply("")))
    assert (outcome.kind, outcome.detail) == (OutcomeKind.FAILED, "the model's answer was empty twice")
    with pytest.raises(BotError, match="was empty twice"):
        run(ScriptedModel(reply("<think>hm</think>")))


def test_a_call_makes_up_for_an_empty_answer() -> None:
    assert run(ScriptedModel(reply(""), WRITE, reply(""), FINISH)).kind is OutcomeKind.COMPLETE


def test_an_answer_that_was_cut_off_is_gone_on_with_once() -> None:
    model = ScriptedModel(reply("I will", reason="length"), FINISH)
    assert run(model).kind is OutcomeKind.COMPLETE
    assert "cut off" in model.seen[1][-1]["content"]
    outcome = run(ScriptedModel(reply("I will", reason="length")))
    assert (outcome.kind, outcome.detail) == (
        OutcomeKind.LIMIT,
        "the model's answer was cut off at its length limit twice",
    )


def test_a_refusal_ends_a_run_and_keeps_what_was_done() -> None:
    outcome = run(ScriptedModel(WRITE, reply("", refusal="not that")))
    assert (outcome.kind, outcome.detail) == (OutcomeKind.FAILED, "the model gave no answer: not that")
    with pytest.raises(BotError, match="not that"):
        run(ScriptedModel(reply("", refusal="not that")))


def test_a_failure_before_any_reply_is_an_error_and_later_an_outcome() -> None:
    with pytest.raises(BotError, match="server down") as caught:
        run(ScriptedModel(FAILURE))
    assert caught.value.hint == "start it"
    outcome = run(ScriptedModel(WRITE, FAILURE))
    assert (outcome.kind, outcome.detail) == (OutcomeKind.FAILED, "server down")
    assert (outcome.usage, outcome.turns) == (Usage(10, 4), 1)


def test_a_question_nobody_answers_stays_open() -> None:
    model = ScriptedModel(reply("", ("ask_user", {"question": "which?"})), WRITE, FINISH)
    outcome = run(model)
    assert (outcome.kind, outcome.question, outcome.title) == (OutcomeKind.QUESTION, "which?", "Add a")


class SlowUser(RecordingFeedback):
    """Takes ten minutes to answer."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    async def ask(self, question: str) -> str | None:
        await self._clock.sleep(600)
        return "blue"


def test_the_time_that_the_user_takes_does_not_count() -> None:
    clock = FakeClock()
    model = ScriptedModel(reply("", ("ask_user", {"question": "which?"})), FINISH)
    outcome = run(model, clock=clock, feedback=SlowUser(clock), limits=Limits(walltime_s=500))
    assert outcome.kind is OutcomeKind.COMPLETE


class HangingModel(ScriptedModel):
    """Gives its replies, then none."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__(*replies)
        self.is_hanging = asyncio.Event()

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        if len(self.seen) == len(self._replies):
            self.is_hanging.set()
            await asyncio.Event().wait()
        return await super().reply(messages, tools)


def test_a_reply_that_never_ends_is_ended_by_the_time_limit() -> None:
    outcome = run(HangingModel(WRITE), limits=Limits(walltime_s=0.05))
    assert (outcome.kind, outcome.detail) == (OutcomeKind.LIMIT, "0.05 s of time")
    with pytest.raises(BotError, match=r"no answer from the model within 0\.05 s"):
        run(HangingModel(), limits=Limits(walltime_s=0.05))


def test_a_cancelled_run_reports_what_it_used() -> None:
    worktree = DictWorktree()

    async def cancel_soon() -> Outcome:
        model = HangingModel(WRITE)
        task = asyncio.create_task(start(model, worktree=worktree))
        await model.is_hanging.wait()
        task.cancel()
        return await task

    outcome = asyncio.run(cancel_soon())
    assert (outcome.kind, outcome.usage, outcome.turns) == (OutcomeKind.INTERRUPTED, Usage(10, 4), 1)
    assert worktree.files == {"a": "1"}


def test_the_repositorys_guidance_is_part_of_the_system_prompt() -> None:
    plain = build_messages("Rules.", Goal("x"), DictWorktree())
    guided = build_messages("Rules.", Goal("x"), DictWorktree({"AGENTS.md": "Use tabs."}))
    assert guided[0]["content"].startswith(plain[0]["content"])
    assert guided[0]["content"].endswith("from its file AGENTS.md:\n\n<guidance>\nUse tabs.\n</guidance>")
    assert [message["role"] for message in guided] == ["system", "user"]
    assert plain[1]["content"] == "x"


def test_earlier_prompts_are_told() -> None:
    content = build_messages("Rules.", Goal("now this", ("first", "second")), DictWorktree())[1]["content"]
    assert content.index("first") < content.index("second") < content.index("now this")


def test_a_model_that_writes_its_edits_as_text_is_told_apart_by_its_first_answer() -> None:
    def is_edit(text: str) -> bool:
        return text.startswith("edit")

    with pytest.raises(TextNeededError) as raised:
        asyncio.run(start(ScriptedModel(reply("edit a")), is_text_edit=is_edit))
    assert raised.value.reply is not None
    assert raised.value.reply.text == "edit a"
    for model in (ScriptedModel(reply("words")), ScriptedModel(WRITE, reply("edit a"))):
        assert asyncio.run(start(model, is_text_edit=is_edit)).kind is OutcomeKind.COMPLETE
    assert run(ScriptedModel(reply("edit a"))).summary == "edit a"


def test_a_server_that_refuses_tools_is_told_apart_where_text_will_do() -> None:
    refusal = RequestError("m can't call tools", fault=Fault.TOOLS)
    with pytest.raises(TextNeededError):
        asyncio.run(start(ScriptedModel(refusal), is_text_edit=bool))
    with pytest.raises(BotError, match="can't call tools"):
        run(ScriptedModel(refusal))
    with pytest.raises(BotError, match="server down"):
        asyncio.run(start(ScriptedModel(FAILURE), is_text_edit=bool))
