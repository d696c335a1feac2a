"""What a run leaves behind: draft, note and parent, for each way in which a run can end."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

import pytest

from git_draft.drafter import raise_for_attention
from git_draft.errors import (
    AttentionError,
    BotError,
    FolioError,
    GitDraftError,
    InterruptedRunError,
)
from git_draft.events import FileWritten, QuestionAsked, RunEnded, RunStarted
from git_draft.model import Goal, Outcome, OutcomeKind, Usage
from git_draft.protocols import Feedback, Worktree
from tests.support.bots import ScriptedBot, write
from tests.support.studio import Studio

LARGE = "x" * 2000


# The drawings of the contract


def test_clean_start_has_no_sync_commit(studio: Studio) -> None:
    studio.draft(write("README.md", "bot\n"))
    assert studio.graph() == ["draft! prompt: do it < first", "first"]
    assert studio.repo.git("diff", "--name-only", "draft/1", "drafts/1/1") == "README.md"
    assert studio.repo.resolve("draft/1") == studio.repo.resolve("main")


def test_uncommitted_changes_become_a_sync_commit(studio: Studio) -> None:
    repo = studio.repo
    repo.write("README.md", "mine\n")
    repo.write("untracked", "mine\n")
    studio.draft(write("new", "bot\n"))
    assert studio.graph() == ["draft! prompt: do it < draft! sync(prompt)", "draft! sync(prompt) < first", "first"]
    assert repo.git("diff", "--name-status", "drafts/1/1^", "drafts/1/1") == "A\tnew"
    copy = {"GIT_INDEX_FILE": str(repo.path / ".git/copy")}
    repo.git("read-tree", "HEAD", env=copy)
    repo.git("add", "-A", env=copy)
    assert repo.resolve("drafts/1/1^^{tree}") == repo.git("write-tree", env=copy)
    assert [repo.resolve("draft/1"), repo.resolve("main")] == [repo.resolve("drafts/1/1~2")] * 2


def test_second_try_on_the_same_state_reuses_the_sync_commit(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "1\n"), prompt="one")
    studio.draft(write("a", "2\n"), prompt="two")
    assert sorted(studio.graph()) == sorted(
        [
            "draft! prompt: two < draft! sync(prompt)",
            "draft! prompt: one < draft! sync(prompt)",
            "draft! sync(prompt) < first",
            "first",
        ]
    )
    assert studio.repo.resolve("drafts/1/1^") == studio.repo.resolve("drafts/1/2^")
    assert studio.repo.resolve("draft/1+") == studio.repo.resolve("drafts/1/2")


def test_sync_commit_is_reused_when_the_index_was_lost(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "1\n"))
    (studio.repo.path / ".git/git-draft/state.sqlite3").unlink()
    studio.draft(write("a", "2\n"))
    assert studio.repo.resolve("drafts/1/1^") == studio.repo.resolve("drafts/1/2^")


def test_another_state_makes_another_sync_commit(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "1\n"))
    studio.repo.write("README.md", "mine too\n")
    studio.draft(write("a", "2\n"))
    assert studio.repo.show("drafts/1/2", "README.md") == "mine too\n"
    assert studio.repo.resolve("drafts/1/1~2") == studio.repo.resolve("drafts/1/2~2") == studio.repo.resolve("main")
    assert studio.repo.resolve("drafts/1/1^") != studio.repo.resolve("drafts/1/2^")


def test_state_back_at_head_needs_no_sync_commit(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "1\n"))
    studio.merge()
    studio.draft(write("a", "2\n"))
    assert studio.repo.resolve("drafts/1/2^") == studio.repo.resolve("HEAD")


def test_draft_stands_on_the_commit_of_its_snapshot(studio: Studio) -> None:
    """A commit that the user makes while the bot works is no parent."""
    start = studio.repo.resolve("HEAD")

    def commit(_files: Worktree) -> None:
        studio.repo.commit({"later": "mine\n"}, message="mine")

    studio.draft(write("a", "1\n"), commit)
    assert studio.repo.resolve("drafts/1/1^") == start


# The commit


@pytest.mark.parametrize(
    "prompt, title, message",
    [
        ("fix it", None, "draft! prompt: fix it\n\nfix it\n"),
        ("fix it\n\nnow\n", "Fix the bug", "draft! prompt: Fix the bug\n\nfix it\n\nnow\n"),
        ("one " * 20, None, "draft! prompt: " + "one " * 12 + "one…\n\n" + "one " * 20 + "\n"),
        ("# not a comment\n  indented", "two\nlines", "draft! prompt: two lines\n\n# not a comment\n  indented\n"),
    ],
)
def test_message_is_title_and_whole_prompt(studio: Studio, prompt: str, title: str | None, message: str) -> None:
    result = studio.draft(prompt=prompt, bot=ScriptedBot([write("a", "a\n")], Outcome(title=title)))
    assert studio.repo.git_bytes("log", "-1", "--format=%B", "drafts/1/1").decode() == message + "\n"
    assert result.draft.prompt == prompt.removesuffix("\n")
    assert len(result.draft.title) <= 55


def test_author_and_committer_are_gits_own(studio: Studio) -> None:
    studio.repo.git("config", "author.name", "Grace")
    studio.draft(write("a", "a\n"))
    shown = studio.repo.git("log", "-1", "--format=%an <%ae>, %cn <%ce>", "drafts/1/1")
    assert shown == "Grace <ada@example.org>, Ada Lovelace <ada@example.org>"


def test_note_is_a_record_that_git_reads(studio: Studio) -> None:
    studio.clock = type(studio.clock)(datetime(2024, 5, 17, 12, 0, tzinfo=UTC), step_s=1)
    outcome = Outcome(summary="did it", turns=3, usage=Usage(100, 20, 0))
    bot = ScriptedBot([write("README.md", "bot\n")], outcome, model="small")
    studio.draft(bot=bot, prompt="x")
    note = studio.repo.git("notes", "--ref=drafts", "show", "drafts/1/1")
    trailers = studio.repo.git("interpret-trailers", "--parse", stdin=note.encode()).splitlines()
    assert note.splitlines()[:2] == ["draft 1/1", ""]
    assert trailers[:-1] == [
        "Draft: 1/1",
        "Origin: main",
        "Bot: scripted",
        "Model: small",
        f"Base: {studio.repo.resolve('main')}",
        "Outcome: complete",
        "Summary: did it",
        *[line for line in trailers if line.startswith(("Started: 2024-05-17T12:00:", "Walltime: "))],
        "Turns: 3",
        "Tokens: 100 in, 20 out, 0 cached",
        "Files: 1 changed, +1 -1",
    ]
    assert re.fullmatch(r"Recorded-by: git-draft \S+", trailers[-1])
    assert "did it" in studio.repo.git("log", "--notes=drafts", "--glob=refs/drafts")


def test_unknown_usage_is_left_out_of_the_note(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    note = studio.repo.git("notes", "--ref=drafts", "show", "drafts/1/1")
    assert not re.search("^(Tokens|Cost|Turns|Model|Question)", note, re.MULTILINE)


def test_equal_drafts_are_two_commits_with_a_note_each(studio: Studio) -> None:
    for _ in range(3):
        studio.draft(write("a", "a\n"))
    drafts = studio.list_drafts()
    assert len({draft.commit for draft in drafts}) == 3
    assert [str(draft.record.draft) for draft in drafts] == ["1/1", "1/2", "1/3"]


# On a draft


def test_going_on_from_a_draft(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "1\n"), prompt="one")
    studio.draft(write("b", "2\n"), prompt="two", on="1/1")
    studio.repo.write("README.md", "changed since\n")
    bot = ScriptedBot([write("c", "3\n")])
    result = studio.draft(bot=bot, prompt="three", on="@")
    assert studio.graph("drafts/1/3") == [
        "draft! prompt: three < draft! prompt: two",
        "draft! prompt: two < draft! prompt: one",
        "draft! prompt: one < draft! sync(prompt)",
        "draft! sync(prompt) < first",
        "first",
    ]
    assert bot.goals == [Goal("three", ("one", "two"))]
    assert studio.repo.list_files("drafts/1/3") == ["README.md", "a", "b", "c"]
    assert studio.repo.show("drafts/1/3", "README.md") == "mine\n"
    assert result.draft.record.base == studio.repo.resolve("drafts/1/2")


# Endings


def test_events_are_kept_and_handed_on(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    kinds = [type(event) for event in studio.feedback.events]
    assert kinds == [RunStarted, FileWritten, RunEnded]
    with studio.opened() as project:
        stored = [body for _, number, body in project.store.list_events(1) if number == 1]
    assert [re.findall('"kind":"([a-z-]+)"', body) for body in stored] == [["start"], ["write"], ["end"]]


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


# What is left out of the snapshot, and what it warns of


def test_large_files_and_nested_repositories_are_left_out_and_named(studio: Studio) -> None:
    repo = studio.repo
    repo.git("config", "draft.maxUntrackedSize", "1k")
    repo.write("large file", LARGE)
    repo.write("small", "x")
    repo.git("init", "--quiet", "nested")
    repo.git("-C", "nested", "commit", "--quiet", "--allow-empty", "-m", "x")
    studio.draft(write("a", "a\n"))
    assert repo.list_files("drafts/1/1^") == ["README.md", "small"]
    assert [line for line in studio.warnings if "large file" in line and "nested" in line]


def test_untracked_secret_is_said_once_for_a_snapshot(studio: Studio) -> None:
    studio.repo.write(".env", "KEY=1\n")
    studio.repo.write("id_rsa", "KEY=1\n")
    studio.draft(write("a", "a\n"))
    (said,) = studio.warnings
    assert ".env, id_rsa" in said
