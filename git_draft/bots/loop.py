"""The one turn loop: ask the model, do its calls, until it is done or a limit is reached.

Every built-in bot that talks to a model runs this. It knows a `ChatModel`, the tools and the protocols of a run, and
no HTTP. What was done before a failure, a limit or an interruption stays in the worktree; the `Outcome` says which it
was.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import NoReturn

from git_draft.bots.replies import ChatModel, Message, Reply, ToolCall
from git_draft.bots.retry import RequestError
from git_draft.errors import BotError
from git_draft.events import ModelAsked, ModelReplied
from git_draft.model import Goal, Outcome, OutcomeKind, Usage
from git_draft.protocols import Clock, Feedback, Worktree
from git_draft.toolbox import TOOLS, Toolbox

_EMPTY_REMINDER = "Your answer was empty. Go on with a tool call; call finish when all is done."
_CUT_REMINDER = "Your answer was cut off at its length limit. Go on in smaller steps, with tool calls."


@dataclass(frozen=True, slots=True)
class Limits:
    """Where a run ends in any case.

    Args:
        turns: replies of the model.
        identical_calls: the same call with the same arguments one after the other.
        walltime_s: time since the start, without that in which the user was asked.
        tokens_out: tokens generated, as far as the server reports them.
    """

    turns: int = 40
    identical_calls: int = 3
    walltime_s: float = 900
    tokens_out: int = 200_000


class _Ended(Exception):  # noqa: N818  # no error: it takes the outcome out of nested steps
    def __init__(self, kind: OutcomeKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


async def run_loop(
    model: ChatModel, goal: Goal, worktree: Worktree, feedback: Feedback, *, clock: Clock, limits: Limits
) -> Outcome:
    """Work on a goal until the model finishes, answers without calls, or a limit is reached.

    A cancellation ends the run too: the outcome is INTERRUPTED then.

    Raises:
        BotError: where the model never gave a reply.
    """
    return await _Run(model, worktree, feedback, clock, limits).run(goal)


def build_messages(goal: Goal, worktree: Worktree) -> list[Message]:
    """Build the start of a conversation: the same bytes for the same goal and tree, so that servers can cache them."""
    system = files("git_draft").joinpath("prompts", "system.md").read_text("utf-8").strip()
    guidance = worktree.read_guidance()
    if guidance:
        system += f"\n\nThe repository's own guidance, from its file AGENTS.md:\n\n<guidance>\n{guidance}\n</guidance>"
    prompt = goal.prompt
    if goal.earlier_prompts:
        earlier = "\n\n".join(f"<earlier>\n{text.strip()}\n</earlier>" for text in goal.earlier_prompts)
        prompt = f"The files hold the answer to these earlier requests, oldest first:\n\n{earlier}\n\nNow:\n\n{prompt}"
    return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]


class _Run:
    """The state of one run."""

    def __init__(self, model: ChatModel, worktree: Worktree, feedback: Feedback, clock: Clock, limits: Limits) -> None:
        self._model = model
        self._worktree = worktree
        self._feedback = feedback
        self._clock = clock
        self._limits = limits
        self._toolbox = Toolbox(worktree, feedback)
        self._deadline_s = clock.monotonic_s() + limits.walltime_s
        self._usage = Usage()
        self._turns = 0
        self._answer: str | None = None
        self._last_call: tuple[str, str] | None = None
        self._repeats = 0

    async def run(self, goal: Goal) -> Outcome:
        try:
            messages = build_messages(goal, self._worktree)
            await self._take_turns(messages)
        except _Ended as end:
            if end.kind is OutcomeKind.FAILED and not self._answer and not self._last_call:
                raise BotError(end.detail) from None  # nothing that could be kept
            return self._report(end.kind, end.detail)
        except RequestError as error:
            if not self._turns:
                raise BotError(error.reason, hint=error.hint) from error
            return self._report(OutcomeKind.FAILED, error.reason)
        except asyncio.CancelledError:
            return self._report(OutcomeKind.INTERRUPTED)
        return self._report(OutcomeKind.QUESTION if self._toolbox.open_question else OutcomeKind.COMPLETE)

    def _report(self, kind: OutcomeKind, detail: str | None = None) -> Outcome:
        finish = self._toolbox.finish
        return Outcome(
            kind,
            title=(finish.title or None) if finish else None,
            summary=finish.summary if finish else self._answer,
            question=self._toolbox.open_question,
            detail=detail,
            usage=self._usage,
            turns=self._turns,
        )

    async def _take_turns(self, messages: list[Message]) -> None:
        """Take turns until the model is done."""
        is_reminded = False
        while True:
            reply = await self._ask(messages)
            messages.append(reply.message)
            if reply.refusal:
                raise _Ended(OutcomeKind.FAILED, f"the model gave no answer: {reply.refusal}")
            if reply.calls:
                is_reminded = False
                for call in reply.calls:
                    messages.append({"role": "tool", "tool_call_id": call.id, "content": await self._do(call)})
                    if self._toolbox.finish:
                        return
            elif reply.text and not reply.is_cut:
                return
            elif is_reminded:
                what = "was cut off at its length limit" if reply.is_cut else "was empty"
                raise _Ended(
                    OutcomeKind.LIMIT if reply.is_cut else OutcomeKind.FAILED, f"the model's answer {what} twice"
                )
            else:
                is_reminded = True
                messages.append({"role": "user", "content": _CUT_REMINDER if reply.is_cut else _EMPTY_REMINDER})

    async def _ask(self, messages: Sequence[Message]) -> Reply:
        """Get the next reply within all limits."""
        self._check_limits()
        self._feedback.emit(ModelAsked(turn=self._turns + 1))
        try:
            async with asyncio.timeout(self._deadline_s - self._clock.monotonic_s()):
                reply = await self._model.reply(messages, TOOLS)
        except TimeoutError:
            self._end_late()
        self._turns += 1
        self._usage += reply.usage
        self._answer = reply.text or self._answer
        self._feedback.emit(
            ModelReplied(
                turn=self._turns,
                text=reply.text,
                calls=len(reply.calls),
                tokens_in=reply.usage.tokens_in,
                tokens_out=reply.usage.tokens_out,
            )
        )
        return reply

    def _check_limits(self) -> None:
        if self._turns >= self._limits.turns:
            raise _Ended(OutcomeKind.LIMIT, f"{self._limits.turns} turns")
        if (self._usage.tokens_out or 0) >= self._limits.tokens_out:
            raise _Ended(OutcomeKind.LIMIT, f"{self._limits.tokens_out} output tokens")
        if self._clock.monotonic_s() >= self._deadline_s:
            self._end_late()

    def _end_late(self) -> NoReturn:
        limit = f"{self._limits.walltime_s:g} s"
        if not self._turns:
            raise BotError(f"no answer from the model within {limit}")
        raise _Ended(OutcomeKind.LIMIT, f"{limit} of time")

    async def _do(self, call: ToolCall) -> str:
        """Do a call; give what the model is told."""
        if call.arguments is None:
            self._count_repeats(call.name, call.problem or "")
            return self._toolbox.refuse(call.name, call.problem or "the arguments can't be read")
        self._count_repeats(call.name, json.dumps(call.arguments, sort_keys=True))
        started_s = self._clock.monotonic_s()
        result = await self._toolbox.call(call.name, call.arguments)
        if call.name == "ask_user":  # the user may take any time to answer
            self._deadline_s += self._clock.monotonic_s() - started_s
        return result

    def _count_repeats(self, name: str, arguments: str) -> None:
        self._repeats = self._repeats + 1 if (name, arguments) == self._last_call else 1
        self._last_call = (name, arguments)
        if self._repeats >= self._limits.identical_calls:
            raise _Ended(OutcomeKind.LIMIT, f"the same call {self._repeats} times: {name}")
