"""What is recorded for each way in which a run can end."""

from __future__ import annotations

import asyncio
import re

import pytest

from git_draft.drafter import raise_for_attention
from git_draft.errors import (
    AttentionError,
    BotError,
    FolioError,
    GitDraftError,
    InterruptedRunError,
)
from git_draft.events import FileWritten, FolioOpened, QuestionAsked, RunEnded, RunStarted
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Feedback, Worktree
from tests.support.bots import ScriptedBot, write
from tests.support.studio import Studio


def test_events_are_kept_and_handed_on(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    kinds = [type(event) for event in studio.feedback.events]
    assert kinds == [FolioOpened, RunStarted, FileWritten, RunEnded]
    with studio.opened() as project:
        stored = [body for _, number, body in project.store.list_events(1) if number == 1]
    assert [re.findall('"kind":"([a-z-]+)"', body) for body in stored] == [["open"], ["start"], ["write"], ["end"]]


def test_prompt_is_in_the_index_before_the_bot_acts(studio: Studio) -> None:
    seen: list[tuple[str, str, str]] = []

    def look(_files: Worktree) -> None:
        with studio.opened() as project:
            seen.extend((run.prompt, run.bot, run.base) for run in project.store.list_runs_under_way())

    studio.draft(look, prompt="the whole\nprompt")
    assert seen == [("the whole\nprompt", "scripted", studio.repo.resolve("main"))]
    with studio.opened() as project:
        assert project.store.list_runs_under_way() == []


def test_run_without_reply_closes_the_folio_that_was_opened_for_it(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    config, refs = (studio.repo.path / ".git/config").read_bytes(), studio.repo.list_refs()
    index, files = studio.repo.hash_index(), studio.repo.hash_files()
    with pytest.raises(BotError, match="no such server"):
        studio.draft(bot=ScriptedBot(error=BotError("no such server")))
    assert studio.head() == "main"
    assert (studio.repo.list_refs(), (studio.repo.path / ".git/config").read_bytes()) == (refs, config)
    assert (studio.repo.hash_index(), studio.repo.hash_files()) == (index, files)
    assert not (studio.repo.path / ".git/logs/refs/heads/draft/1").exists()


def test_run_without_reply_leaves_an_older_folio(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    refs = studio.repo.list_refs()
    with pytest.raises(BotError):
        studio.draft(bot=ScriptedBot(error=BotError("no such server")))
    assert (studio.head(), studio.repo.list_refs()) == ("draft/1", refs)


def test_run_without_reply_leaves_the_folio_that_another_run_works_in(studio: Studio) -> None:
    """The one that opened it fails while the second one, which joined it, is at work."""
    names: list[str] = []

    class Failing(ScriptedBot):
        async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
            with studio.opened() as project:
                run = project.store.begin_run(
                    folio=1, prompt="other", bot="b", base="", tree="", started=studio.clock.now()
                )
            names.append(str(run))
            raise BotError("no such server")

    with pytest.raises(BotError):
        studio.draft(bot=Failing())
    assert names
    assert studio.head() == "draft/1"


@pytest.mark.parametrize(
    "outcome, kind, error",
    [
        (Outcome(OutcomeKind.COMPLETE), OutcomeKind.COMPLETE, None),
        (Outcome(OutcomeKind.LIMIT, detail="30 turns"), OutcomeKind.LIMIT, AttentionError),
        (Outcome(OutcomeKind.QUESTION, question="which?"), OutcomeKind.QUESTION, AttentionError),
        (Outcome(OutcomeKind.FAILED, detail="garbage"), OutcomeKind.FAILED, FolioError),
        (Outcome(OutcomeKind.INTERRUPTED), OutcomeKind.INTERRUPTED, InterruptedRunError),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_changes_are_recorded_however_the_run_ended(
    studio: Studio, outcome: Outcome, kind: OutcomeKind, error: type[GitDraftError] | None
) -> None:
    result = studio.draft(bot=ScriptedBot([write("a", "a\n")], outcome))
    assert result.draft.record.outcome is kind
    assert studio.repo.show("drafts/1/1", "a") == "a\n"
    if error:
        with pytest.raises(error, match="1/1" if kind is not OutcomeKind.FAILED else "garbage") as caught:
            raise_for_attention(result, None)
        assert type(caught.value) is error
        assert caught.value.exit_code == {AttentionError: 3, FolioError: 1, InterruptedRunError: 130}[error]
    else:
        raise_for_attention(result, None)


@pytest.mark.parametrize(
    "outcome, kind",
    [
        (Outcome(OutcomeKind.COMPLETE), OutcomeKind.NO_CHANGE),
        (Outcome(OutcomeKind.LIMIT, detail="30 turns"), OutcomeKind.LIMIT),
        (Outcome(OutcomeKind.QUESTION, question="which?"), OutcomeKind.QUESTION),
    ],
)
def test_no_change_is_recorded_where_the_bot_had_something_to_say(
    studio: Studio, outcome: Outcome, kind: OutcomeKind
) -> None:
    draft = studio.draft(bot=ScriptedBot([], outcome)).draft
    assert (draft.record.outcome, draft.has_changes) == (kind, False)
    assert studio.repo.resolve("drafts/1/1^{tree}") == studio.repo.resolve("main^{tree}")


@pytest.mark.parametrize(
    "outcome, error",
    [
        (Outcome(OutcomeKind.FAILED, detail="garbage"), FolioError),
        (Outcome(OutcomeKind.INTERRUPTED), InterruptedRunError),
    ],
)
def test_nothing_is_recorded_of_a_run_that_failed_before_it_changed_anything(
    studio: Studio, outcome: Outcome, error: type[GitDraftError]
) -> None:
    with pytest.raises(error):
        studio.draft(bot=ScriptedBot([], outcome))
    assert (studio.head(), list(studio.repo.list_refs())) == ("main", ["refs/heads/main"])
    with studio.opened() as project:
        assert project.store.list_runs_under_way() == []


def test_bug_of_a_bot_is_raised_and_its_changes_are_kept(studio: Studio) -> None:
    with pytest.raises(ZeroDivisionError):
        studio.draft(bot=ScriptedBot([write("a", "a\n")], error=ZeroDivisionError("oh")))
    (draft,) = studio.list_drafts()
    assert draft.record.outcome is OutcomeKind.FAILED
    assert draft.record.detail == "the bot raised ZeroDivisionError: oh"


def test_question_is_answered_or_stays_open(studio: Studio) -> None:
    studio.feedback.answers.append("blue")
    bot = ScriptedBot([write("a", "a\n")], question="which colour?")
    assert studio.draft(bot=bot).draft.record.outcome is OutcomeKind.COMPLETE
    assert bot.answers == ["blue"]
    record = studio.draft(bot=bot).draft.record
    assert (record.outcome, record.question) == (OutcomeKind.QUESTION, "which colour?")
    asked = [(event.question, event.answer) for event in studio.feedback.events if isinstance(event, QuestionAsked)]
    assert asked == [("which colour?", "blue"), ("which colour?", None)]


def test_bot_that_goes_on_without_an_answer_leaves_the_question_open(studio: Studio) -> None:
    class Asking(ScriptedBot):
        async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
            await feedback.ask("which?")
            await asyncio.sleep(0)
            worktree.write_file("a", "a\n")
            return Outcome()

    record = studio.draft(bot=Asking()).draft.record
    assert (record.outcome, record.question) == (OutcomeKind.QUESTION, "which?")
