"""Several runs from one snapshot, side by side: each lands for itself, whatever becomes of the others."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from git_draft.errors import BotError, InterruptedRunError
from git_draft.events import Event, RunEnded
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Bot, Feedback, Worktree
from tests.support.bots import Edit, RecordingFeedback, ScriptedBot, write
from tests.support.studio import Studio


@dataclass
class Choir:
    """A bot that does for each variant what another one does."""

    voices: Sequence[Bot]
    model: str | None = None
    host: str | None = None
    heard: list[str] = field(default_factory=list)

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Let the voice of this variant act."""
        self.heard.append(f"{goal.variant} begins")
        try:
            return await self.voices[goal.variant].act(goal, worktree, feedback)
        finally:
            self.heard.append(f"{goal.variant} ends")


def _sing(*parts: Sequence[Edit]) -> Choir:
    return Choir([ScriptedBot(part) for part in parts])


def _meet(mine: asyncio.Event, other: asyncio.Event, *edits: Edit) -> Bot:
    return ScriptedBot(edits, started=mine, gate=other)


def test_runs_interleave_and_each_has_its_own_files(studio: Studio) -> None:
    one, two = asyncio.Event(), asyncio.Event()  # each waits until the other has begun
    choir = Choir([_meet(one, two, write("a", "1\n"), write("b", "1\n")), _meet(two, one, write("a", "2\n"))])
    first, second = studio.draft_siblings(choir, 2)
    assert choir.heard[:2] == ["0 begins", "1 begins"]
    assert {str(draft.name) for draft in studio.list_drafts()} == {"1/1", "1/2"}
    assert first.draft
    assert second.draft
    assert first.draft.parent == second.draft.parent == studio.repo.resolve("main")
    assert studio.repo.git("ls-tree", "--name-only", first.draft.commit).split() == ["README.md", "a", "b"]
    assert studio.repo.show(second.draft.commit, "a") == "2\n"
    assert studio.tidy_up() == []


def test_draft_lands_as_soon_as_it_is_done(studio: Studio) -> None:
    seen: list[int] = []
    slow = ScriptedBot([lambda _files: seen.append(len(studio.repo.list_refs("refs/drafts/")))], delay_s=0.5)
    studio.draft_siblings(Choir([slow, ScriptedBot([write("a", "1\n")])]), 2)
    assert seen == [1]


def test_one_fails_and_one_succeeds(studio: Studio) -> None:
    choir = Choir([ScriptedBot(error=BotError("no reply")), ScriptedBot([write("a", "1\n")], delay_s=0.1)])
    first, second = studio.draft_siblings(choir, 2)
    assert (str(first.error), first.draft) == ("no reply", None)
    assert second.draft
    assert str(second.draft.name) == "1/1"
    assert studio.head() == "draft/1"


def test_a_bug_in_one_spares_the_other(studio: Studio) -> None:
    choir = Choir([ScriptedBot([write("a", "1\n")], error=ValueError("oops")), ScriptedBot([write("a", "2\n")])])
    first, second = studio.draft_siblings(choir, 2)
    assert isinstance(first.error, ValueError)
    assert [attempt.draft is not None for attempt in (first, second)] == [True, True]
    assert first.draft
    assert first.draft.record.outcome is OutcomeKind.FAILED


def test_folio_of_which_nothing_came_is_closed(studio: Studio) -> None:
    attempts = studio.draft_siblings(Choir([ScriptedBot(error=BotError("no"))] * 3), 3)
    assert [attempt.draft for attempt in attempts] == [None] * 3
    assert (studio.head(), list(studio.repo.list_refs())) == ("main", ["refs/heads/main"])


def test_same_change_twice_is_two_drafts_with_one_tree(studio: Studio) -> None:
    first, second = studio.draft_siblings(_sing([write("a", "1\n")], [write("a", "1\n")]), 2)
    assert first.draft
    assert second.draft
    assert first.tree == second.tree
    assert first.draft.commit != second.draft.commit
    assert [draft.record.outcome for draft in studio.list_drafts()] == [OutcomeKind.COMPLETE] * 2


def test_siblings_share_one_sync_commit(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    first, second = studio.draft_siblings(_sing([write("a", "1\n")], [write("a", "2\n")]), 2)
    assert first.draft
    assert second.draft
    assert first.draft.parent == second.draft.parent != studio.repo.resolve("main")


def test_events_are_each_run_s_own(studio: Studio) -> None:
    studio.draft_siblings(_sing([write("a", "1\n")], [write("b", "2\n")]), 2)
    assert [feedback.kinds for feedback in studio.siblings] == [["start", "write", "end"]] * 2
    assert studio.feedback.kinds == ["open"]
    with studio.opened() as project:
        kept = [(number, "write" in body) for _, number, body in project.store.list_events(1)]
    assert sorted(number or 0 for number, is_write in kept if is_write) == [1, 2]


def test_interrupt_stops_all_and_keeps_what_each_made(studio: Studio) -> None:
    edits = [write("a", "1\n"), lambda _files: os.kill(os.getpid(), signal.SIGINT), write("b", "never\n")]
    first, second = studio.draft_siblings(Choir([ScriptedBot(edits, delay_s=0.1), _Idle()]), 2)
    assert [attempt.outcome.kind for attempt in (first, second)] == [OutcomeKind.INTERRUPTED] * 2
    assert first.draft
    assert studio.repo.git("ls-tree", "--name-only", first.draft.commit).split() == ["README.md", "a"]
    assert isinstance(second.error, InterruptedRunError)
    assert studio.warnings == ["stopping; Ctrl-C again leaves at once"]


class _Impatient(RecordingFeedback):
    def emit(self, event: Event) -> None:
        """Send Ctrl-C when the run has ended."""
        super().emit(event)
        if isinstance(event, RunEnded):
            os.kill(os.getpid(), signal.SIGINT)


def test_interrupt_while_the_draft_lands_lets_it_land_and_ends_the_command(studio: Studio) -> None:
    studio.feedback = _Impatient()
    with pytest.raises(KeyboardInterrupt):
        studio.draft(write("a", "1\n"))
    studio.feedback = RecordingFeedback()
    assert studio.tidy_up() == []
    assert [draft.record.outcome for draft in studio.list_drafts()] == [OutcomeKind.COMPLETE]


class _Idle(ScriptedBot):
    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Do nothing for a minute."""
        await asyncio.sleep(60)
        return Outcome()


def test_one_is_stopped_by_another_process_and_the_other_goes_on(studio: Studio) -> None:
    def ask(_files: Worktree) -> None:
        with studio.opened() as project:
            project.store.ask_to_stop(project.store.list_runs_under_way()[0].id)

    other = ScriptedBot([ask, write("a", "1\n")], delay_s=0.7)
    first, second = studio.draft_siblings(Choir([_Idle(), other]), 2)
    assert first.outcome.kind is OutcomeKind.INTERRUPTED
    assert second.outcome.kind is OutcomeKind.COMPLETE
    assert studio.warnings == [f"run {first.run} is stopped by git draft stop"]
    with studio.opened() as project:
        assert [(run.id, run.is_interrupted) for run in project.store.list_open_runs()] == [(first.run, True)]
    studio.draft(write("b", "1\n"))
    with studio.opened() as project:
        assert project.store.list_open_runs() == []
