"""Turns with a model: each within all limits, with what they use summed, and every way in which a run can end.

What is said in a turn is the business of `loop.py` (tools) and `rounds.py` (edits as text), which both are given a
`Turns`; so a run that changes from the one to the other keeps its limits and its sums. No HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from importlib.resources import files
from typing import NoReturn

from git_draft.bots.quirks import ALL_QUIRKS, Quirks
from git_draft.bots.replies import ChatModel, Message, Reply
from git_draft.bots.retry import Fault, RequestError
from git_draft.bots.room import Room
from git_draft.bots.spending import Spending
from git_draft.errors import BotError
from git_draft.events import ModelAsked, ModelReplied, Warned
from git_draft.framing import frame_text
from git_draft.frozen import frozen
from git_draft.model import Goal, Outcome, OutcomeKind, Usage, sum_usages
from git_draft.protocols import Clock, Feedback, Worktree
from git_draft.toolbox import ToolSchema


@frozen
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


class Ended(Exception):  # noqa: N818  # no error: it takes the outcome out of nested steps
    """End a run from within its steps.

    Args:
        kind: how it ended.
        detail: which limit or failure, in a short line.
    """

    def __init__(self, kind: OutcomeKind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


@frozen
class Ending:
    """How the turns ended; `detail` is for limits and failures."""

    kind: OutcomeKind
    detail: str | None = None


class Turns:
    """The turns of one run.

    Args:
        model: who answers.
        feedback: told of each turn.
        clock: for the limit of time, which begins now.
        limits: where the run ends in any case.
        room: the model's context.
        spending: what the turns cost, and its limit; None where nobody wants to know.
        quirks: the rows of the table that are handled.
    """

    def __init__(
        self,
        model: ChatModel,
        feedback: Feedback,
        clock: Clock,
        limits: Limits,
        *,
        room: Room | None = None,
        spending: Spending | None = None,
        quirks: Quirks = ALL_QUIRKS,
    ) -> None:
        self._model = model
        self._feedback = feedback
        self._clock = clock
        self._spending = spending
        self._deadline_s = clock.monotonic_s() + limits.walltime_s
        self._usages: list[Usage] = []
        self._tokens_out = 0
        self._count = 0
        self.limits = limits
        self.room = room or Room()
        self.quirks = quirks
        self.answer: str | None = None
        """The last words of the model, without its thoughts."""
        self.has_calls = False

    async def ask(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Get the next reply within all limits.

        Raises:
            Ended: where a limit is reached, or the model refuses to answer.
            RequestError: where there is no reply.
            BotError: where even the first request would pass the limit of cost.
        """
        self._check_limits()
        if self._spending and (excess := self._spending.find_excess(messages, tools)):
            raise Ended(OutcomeKind.LIMIT, excess)
        self._feedback.emit(ModelAsked(turn=self._count + 1))
        try:
            async with asyncio.timeout(self._deadline_s - self._clock.monotonic_s()):
                reply = await self._model.reply(messages, tools)
        except TimeoutError:
            self._end_late()
        self._count += 1
        if self._spending:
            reply = self._spending.charge(messages, tools, reply)
        self._usages.append(reply.usage)
        self._tokens_out += reply.usage.tokens_out or 0
        self.answer = reply.text or self.answer
        self.has_calls = self.has_calls or bool(reply.calls)
        self._feedback.emit(
            ModelReplied(
                turn=self._count,
                text=reply.text,
                calls=len(reply.calls),
                tokens_in=reply.usage.tokens_in,
                tokens_out=reply.usage.tokens_out,
                tokens_cached=reply.usage.tokens_cached,
                cost_usd=reply.usage.cost_usd,
            )
        )
        if warning := self.room.note_reply(messages, tools, reply.usage):
            self._feedback.emit(Warned(message=warning))
        if reply.refusal:
            raise Ended(OutcomeKind.FAILED, f"the model gave no answer: {reply.refusal}")
        return reply

    def allow(self, seconds: float) -> None:
        """Put off the limit of time, by what the user took for an answer."""
        self._deadline_s += seconds

    async def take(self, work: Awaitable[None]) -> Ending:
        """Do the work of a run, and find out how it ended; a cancellation ends it too.

        Raises:
            BotError: where the model never gave a reply, or nothing that could be kept.
        """
        try:
            await work
        except Ended as end:
            if end.kind is OutcomeKind.FAILED and not self.answer and not self.has_calls:
                raise BotError(end.detail) from None
            return Ending(end.kind, end.detail)
        except RequestError as error:
            if not self._count:
                raise BotError(error.reason, hint=error.hint) from error
            return Ending(OutcomeKind.LIMIT if error.fault is Fault.ENDLESS else OutcomeKind.FAILED, error.reason)
        except asyncio.CancelledError:
            return Ending(OutcomeKind.INTERRUPTED)
        return Ending(OutcomeKind.COMPLETE)

    def report(
        self, ending: Ending, *, title: str | None = None, summary: str | None = None, question: str | None = None
    ) -> Outcome:
        """Sum a run up."""
        return Outcome(
            ending.kind,
            title=title or None,
            summary=summary,
            question=question,
            detail=ending.detail,
            usage=sum_usages(self._usages),
            turns=self._count,
        )

    def _check_limits(self) -> None:
        if self._count >= self.limits.turns:
            raise Ended(OutcomeKind.LIMIT, f"{self.limits.turns} turns")
        if self._tokens_out >= self.limits.tokens_out:
            raise Ended(OutcomeKind.LIMIT, f"{self.limits.tokens_out} output tokens")
        if self._clock.monotonic_s() >= self._deadline_s:
            self._end_late()

    def _end_late(self) -> NoReturn:
        limit = f"{self.limits.walltime_s:g} s"
        if not self._count:
            raise BotError(f"no answer from the model within {limit}")
        raise Ended(OutcomeKind.LIMIT, f"{limit} of time")


def read_prompt(name: str) -> str:
    """Read a system prompt, a file in ``prompts/``."""
    return files("git_draft").joinpath("prompts", name).read_text("utf-8").strip()


def build_messages(system: str, goal: Goal, worktree: Worktree, context: str = "") -> list[Message]:
    """Build the start of a conversation: the same bytes for the same goal and tree, so that servers can cache them.

    Args:
        system: the system prompt; the repository's own guidance is added.
        goal: what is asked.
        worktree: for that guidance.
        context: what the model is shown of the files, put before the prompt.
    """
    guidance = worktree.read_guidance()
    if guidance:
        system += f"\n\nThe repository's own guidance, from its file AGENTS.md:\n\n{frame_text('guidance', guidance)}"
    return [{"role": "system", "content": system}, {"role": "user", "content": context + format_request(goal)}]


def format_request(goal: Goal) -> str:
    """Write what is asked, with the prompts that the files hold the answer to put in front."""
    if not goal.earlier_prompts:
        return goal.prompt
    earlier = "\n\n".join(f"<earlier>\n{text.strip()}\n</earlier>" for text in goal.earlier_prompts)
    return f"The files hold the answer to these earlier requests, oldest first:\n\n{earlier}\n\nNow:\n\n{goal.prompt}"
