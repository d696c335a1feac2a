"""One execution of a bot: its events to the user and to the index, Ctrl-C, and how it ended.

The first Ctrl-C stops the bot and keeps what there is; the second leaves at once (the next command then lists the run
as interrupted). Nothing here touches git. Called by the drafter.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from git_draft.errors import GitDraftError
from git_draft.events import Event, QuestionAsked, RunEnded, Warned, format_event
from git_draft.log import run_named
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Bot, Clock, Feedback, Worktree
from git_draft.signals import STOPPING
from git_draft.store import Store

INTERRUPTED_STATUS = 130

_ONE_STOP_S = 0.5
"""Within this time a second signal is the first one: the terminal sends Ctrl-C to `git` too, which passes it on."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present moment in the local time zone."""
        return datetime.now(UTC).astimezone()

    def monotonic_s(self) -> float:
        """Give seconds since an arbitrary start."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class RecordingFeedback:
    """Hands events on, and keeps them in the index.

    Args:
        inner: where they go.
        store: the index.
        run: the run's number there.
        clock: for their times.
    """

    def __init__(self, inner: Feedback, store: Store, run: int, clock: Clock) -> None:
        self._inner, self._store, self.run, self._clock = inner, store, run, clock
        self.open_question: str | None = None

    def emit(self, event: Event) -> None:
        """Keep an event, unless it is for the eyes of now only, and hand it on."""
        if event.is_kept:
            self._store.add_event(self.run, self._clock.now(), format_event(event))
        self._inner.emit(event)

    async def ask(self, question: str) -> str | None:
        """Ask the user; a question that nobody answers stays open."""
        answer = await self._inner.ask(question)
        if answer is None:
            self.open_question = question
        self.emit(QuestionAsked(question=question, answer=answer))
        return answer


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended.

    Args:
        outcome: what the bot reported, or what became of it.
        error: what it raised: a `BotError`, or a bug.
    """

    outcome: Outcome
    error: BaseException | None = None


def run_bot(bot: Bot, goal: Goal, worktree: Worktree, feedback: RecordingFeedback) -> Ending:
    """Let a bot work until it is done, fails, or the user stops it."""
    with run_named(feedback.run):
        ending = asyncio.run(_run(bot, goal, worktree, feedback))
    outcome = ending.outcome
    feedback.emit(RunEnded(outcome=outcome.kind, detail=outcome.detail))
    return ending


async def _run(bot: Bot, goal: Goal, worktree: Worktree, feedback: RecordingFeedback) -> Ending:
    task = asyncio.ensure_future(bot.act(goal, worktree, feedback))
    with _stoppable(task, feedback) as stop:
        await asyncio.wait([task])
    if task.cancelled():
        return Ending(Outcome(OutcomeKind.INTERRUPTED))
    error = task.exception()
    if error is not None:
        detail = str(error) if isinstance(error, GitDraftError) else f"the bot raised {type(error).__name__}: {error}"
        return Ending(Outcome(OutcomeKind.FAILED, detail=detail), error)
    outcome = task.result()
    if stop.is_asked and outcome.kind is OutcomeKind.COMPLETE:  # it did not see the cancellation
        return Ending(replace(outcome, kind=OutcomeKind.INTERRUPTED))
    question = outcome.question or feedback.open_question
    if question and outcome.kind is OutcomeKind.COMPLETE:
        outcome = replace(outcome, kind=OutcomeKind.QUESTION, question=question)
    return Ending(outcome)


@dataclass(slots=True)
class _Stop:
    asked_s: float | None = None

    @property
    def is_asked(self) -> bool:
        return self.asked_s is not None


@contextlib.contextmanager
def _stoppable(task: asyncio.Future[Outcome], feedback: Feedback) -> Iterator[_Stop]:
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in STOPPING}
    handled = [number for number, handler in before.items() if handler is not signal.SIG_IGN]  # nohup, a script's `&`
    asked = _Stop()

    def stop() -> None:
        feedback.emit(Warned(message="stopping; Ctrl-C again leaves at once"))
        task.cancel()

    def handle(_number: int, _frame: object) -> None:
        if asked.asked_s is None:
            asked.asked_s = time.monotonic()
            loop.call_soon_threadsafe(stop)
        elif time.monotonic() - asked.asked_s > _ONE_STOP_S:
            os._exit(INTERRUPTED_STATUS)

    for number in handled:
        signal.signal(number, handle)
    try:
        yield asked
    finally:
        for number in handled:
            signal.signal(number, before[number])
