"""Runs of a bot, one or several at the same time: their events to the user and to the index, stopping, how they ended.

The first Ctrl-C stops all of them and keeps what there is; the second leaves at once (the next command then lists them
as interrupted). `git draft stop` ends one of them as the first Ctrl-C would. Nothing here touches git. Called by drafting.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from git_draft.errors import GitDraftError, StoreError
from git_draft.events import Event, QuestionAsked, RunEnded, Warned, format_event
from git_draft.frozen import frozen
from git_draft.log import run_named
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Bot, Clock, Feedback, Worktree
from git_draft.signals import handled
from git_draft.store import Store

INTERRUPTED_STATUS = 130

_ONE_STOP_S = 0.5
"""Within this time a second signal is the first one: the terminal sends Ctrl-C to `git` too, which passes it on."""

_STOP_POLL_S = 0.5
"""How often the index is asked whether a run is to be stopped; one question takes some ten microseconds."""


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
        self._is_kept = True

    def emit(self, event: Event) -> None:
        """Keep an event, unless it is for the eyes of now only, and hand it on."""
        self.keep(event)
        self._inner.emit(event)

    def keep(self, event: Event) -> None:
        """Keep an event that the user is told of otherwise; where the index can't be written, none of the rest."""
        if event.is_kept and self._is_kept:
            try:
                self._store.add_event(self.run, self._clock.now(), format_event(event))
            except StoreError as error:  # what a bot makes is worth more than what is told of it
                self._is_kept = False
                self._inner.emit(Warned(message=f"the events of this run are not kept: {error.message}"))

    async def ask(self, question: str) -> str | None:
        """Ask the user; a question that nobody answers stays open."""
        answer = await self._inner.ask(question)
        if answer is None:
            self.open_question = question
        self.emit(QuestionAsked(question=question, answer=answer))
        return answer


@frozen
class Ending:
    """How a run ended.

    Args:
        outcome: what the bot reported, or what became of it.
        error: what it raised: a `BotError`, or a bug.
    """

    outcome: Outcome
    error: BaseException | None = None


@dataclass(slots=True)
class BotRun:
    """A run that is about to begin.

    Args:
        goal: what the bot is asked.
        worktree: the files that it works on, its own.
        feedback: where its events go; knows the run's number.
        finish: called once with how it ended, while others may still be at work.
    """

    goal: Goal
    worktree: Worktree
    feedback: RecordingFeedback
    finish: Callable[[Ending], None]
    is_stopped: bool = field(default=False, init=False)
    _task: asyncio.Task[Outcome] | None = field(default=None, init=False)

    @property
    def is_at_work(self) -> bool:
        """Whether the bot has not ended."""
        return self._task is None or not self._task.done()

    def stop(self) -> None:
        """Ask the bot to end; what it made is kept."""
        self.is_stopped = True
        if self._task is not None:
            self._task.cancel()

    async def work(self, bot: Bot) -> None:
        """Let the bot work until it is done, fails, or is stopped, and finish."""
        with run_named(self.feedback.run):
            self._task = asyncio.ensure_future(bot.act(self.goal, self.worktree, self.feedback))
            if self.is_stopped:  # before it began
                self._task.cancel()
            await asyncio.wait([self._task])
            ending = self._find_ending(self._task)
            self.feedback.emit(RunEnded(outcome=ending.outcome.kind, detail=ending.outcome.detail))
            self.finish(ending)

    def _find_ending(self, task: asyncio.Task[Outcome]) -> Ending:
        if task.cancelled():
            return Ending(Outcome(OutcomeKind.INTERRUPTED))
        error = task.exception()
        if error is not None:
            is_expected = isinstance(error, GitDraftError)
            detail = str(error) if is_expected else f"the bot raised {type(error).__name__}: {error}"
            return Ending(Outcome(OutcomeKind.FAILED, detail=detail), error)
        outcome = task.result()
        if self.is_stopped and outcome.kind is OutcomeKind.COMPLETE:  # it did not see the cancellation
            return Ending(replace(outcome, kind=OutcomeKind.INTERRUPTED))
        question = outcome.question or self.feedback.open_question
        if question and outcome.kind is OutcomeKind.COMPLETE:
            outcome = replace(outcome, kind=OutcomeKind.QUESTION, question=question)
        return Ending(outcome)


def run_bot(bot: Bot, runs: Sequence[BotRun], feedback: Feedback, store: Store) -> None:
    """Let a bot work on several runs at the same time, or on one, until each has ended; one never ends another.

    Args:
        bot: its `act` is awaited once for each run.
        runs: none has begun.
        feedback: for what concerns all of them.
        store: where `git draft stop` asks for the end of one.
    """
    asyncio.run(_run_all(bot, runs, feedback, store))


async def _run_all(bot: Bot, runs: Sequence[BotRun], feedback: Feedback, store: Store) -> None:
    with _stoppable(runs, feedback):
        watch = asyncio.ensure_future(_watch_for_stops(runs, feedback, store))
        results = await asyncio.gather(*(run.work(bot) for run in runs), return_exceptions=True)
        watch.cancel()
    for result in results:
        if result is not None:  # a bug of ours, told when the others have ended
            raise result


async def _watch_for_stops(runs: Sequence[BotRun], feedback: Feedback, store: Store) -> None:
    while True:  # in real time, whatever the clock of the runs is: who asks is another process
        asked: set[int] = set()
        with contextlib.suppress(StoreError):  # busy for long: next time
            asked = store.list_runs_to_stop()
        for run in runs:
            if run.feedback.run in asked and run.is_at_work and not run.is_stopped:
                _say_stop([run], feedback, f"run {run.feedback.run} is stopped by git draft stop")
                run.stop()
        await asyncio.sleep(_STOP_POLL_S)


def _say_stop(runs: Sequence[BotRun], feedback: Feedback, message: str) -> None:
    for run in runs:
        run.feedback.keep(Warned(message=message))
    feedback.emit(Warned(message=message))


@contextlib.contextmanager
def _stoppable(runs: Sequence[BotRun], feedback: Feedback) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    asked_s: float | None = None
    late: list[int] = []

    def stop(stopped: Sequence[BotRun]) -> None:
        _say_stop(stopped, feedback, "stopping; Ctrl-C again leaves at once")
        for run in stopped:
            run.stop()

    def handle(number: int, _frame: object) -> None:
        nonlocal asked_s
        if asked_s is None:
            asked_s = time.monotonic()
            stopped = [run for run in runs if run.is_at_work]
            for run in stopped:  # now: it may be done before the loop gets to it
                run.is_stopped = True
            if stopped:
                loop.call_soon_threadsafe(stop, stopped)
            else:  # all is made already: what would come after it must not
                late.append(number)
        elif time.monotonic() - asked_s > _ONE_STOP_S:
            os._exit(INTERRUPTED_STATUS)

    with handled(handle):
        yield
    if late:
        signal.raise_signal(late[0])
