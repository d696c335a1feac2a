"""Bots and a feedback without a model, for every test that is not about models."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from git_draft.events import Event
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Feedback, Worktree

Edit = Callable[[Worktree], object]
"""What a scripted bot does to its worktree, ``lambda files: files.write_file("a", "b")`` for example."""


@dataclass
class RecordingFeedback:
    """Implements `git_draft.protocols.Feedback`: keeps events, answers from a list.

    Args:
        answers: what the user answers, in order; after the last one nobody can answer.
    """

    answers: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Keep the event."""
        self.events.append(event)

    async def ask(self, question: str) -> str | None:
        """Give the next answer."""
        self.questions.append(question)
        return self.answers.pop(0) if self.answers else None

    @property
    def kinds(self) -> list[str]:
        """The kinds of the events, in order."""
        return [event.kind for event in self.events]


@dataclass
class ScriptedBot:
    """A `git_draft.protocols.Bot` that does the edits it is given.

    Args:
        edits: done in order, each in a step of its own.
        outcome: what it reports; None for complete.
        question: asked of the user before the edits; unanswered, the outcome becomes QUESTION.
        delay_s: waited in real time before each edit.
        error: raised after the edits instead of an outcome.
        started: set when `act` has begun, `gate` is waited for before the edits: for tests of runs at the same time.
    """

    edits: Sequence[Edit] = ()
    outcome: Outcome | None = None
    question: str | None = None
    delay_s: float = 0
    error: BaseException | None = None
    model: str | None = None
    host: str | None = None
    started: asyncio.Event | None = None
    gate: asyncio.Event | None = None
    goals: list[Goal] = field(default_factory=list)
    answers: list[str | None] = field(default_factory=list)

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Do the edits and report the outcome."""
        self.goals.append(goal)
        if self.started:
            self.started.set()
        if self.gate:
            await self.gate.wait()
        outcome = self.outcome or Outcome()
        if self.question is not None:
            answer = await feedback.ask(self.question)
            self.answers.append(answer)
            if answer is None:
                outcome = Outcome(OutcomeKind.QUESTION, title=outcome.title, question=self.question)
        for edit in self.edits:
            await asyncio.sleep(self.delay_s)
            edit(worktree)
        if self.error is not None:
            raise self.error
        return outcome


def write(path: str, contents: str) -> Edit:
    """Make an edit that writes a file."""
    return lambda worktree: worktree.write_file(path, contents)


class Notebook:
    """Implements `git_draft.protocols.Memory` for one test."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, str, str], str] = {}

    def recall(self, endpoint: str, model: str, key: str) -> str | None:
        """Give what was learned."""
        return self.pages.get((endpoint, model, key))

    def learn(self, endpoint: str, model: str, key: str, value: str) -> None:
        """Remember something."""
        self.pages[endpoint, model, key] = value

    def forget(self, endpoint: str, model: str | None = None) -> None:
        """Forget what was learned of an endpoint, or of a model there."""
        self.pages = {
            page: value for page, value in self.pages.items() if page[0] != endpoint or model not in (None, page[1])
        }


def make_idle_bot(options: Mapping[str, object], **given: object) -> ScriptedBot:
    """Make a bot that does nothing and can't tell what it would send, as a factory of the configuration."""
    return ScriptedBot()
