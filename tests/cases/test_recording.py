"""A draft: its commit, its parent and its note."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from git_draft.errors import (
    OperationInProgressError,
)
from git_draft.model import Goal, MergeStrategy, Outcome, Usage
from git_draft.protocols import Worktree
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


# What is under way elsewhere


def test_draft_needs_no_lock_on_the_index(studio: Studio) -> None:
    (studio.repo.path / ".git/index.lock").touch()
    studio.repo.write("README.md", "mine\n")
    assert studio.draft(write("a", "a\n")).draft.parent != studio.repo.resolve("main")


def test_conflicts_in_the_index_are_named(studio: Studio) -> None:
    """They may be there without an operation under way, after git stash pop for example."""
    repo = studio.repo
    repo.write("README.md", "stashed\n")
    repo.git("stash")
    repo.commit({"README.md": "committed\n"})
    assert repo.run("stash", "pop").returncode == 1
    refs = repo.list_refs()
    with pytest.raises(OperationInProgressError, match=r"the index holds conflicts: README\.md"):
        studio.draft(write("a", "a\n"))
    assert repo.list_refs() == refs


def test_going_on_from_a_draft_of_another_folio(studio: Studio) -> None:
    studio.repo.write("README.md", "mine\n")
    studio.draft(write("a", "1\n"), prompt="one")
    studio.quit()
    studio.repo.git("commit", "--quiet", "-am", "mine")
    assert str(studio.draft(write("b", "2\n"), prompt="two", on="1/1").draft.name) == "2/1"
    assert studio.repo.resolve("drafts/2/1^") == studio.repo.resolve("drafts/1/1")
    studio.repo.write("README.md", "newer\n")
    studio.merge(strategy=MergeStrategy.THEIRS)
    studio.quit()
    assert studio.repo.status() == ["M  README.md", "A  a", "A  b"]
    assert studio.repo.read("README.md") == "newer\n"


def test_only_guidance_that_git_tracks_reaches_a_model(studio: Studio) -> None:
    seen: list[str | None] = []
    studio.repo.write("AGENTS.md", "Be kind.\n")
    studio.draft(lambda files: seen.append(files.read_guidance()))
    studio.repo.git("add", "AGENTS.md")
    studio.draft(lambda files: seen.append(files.read_guidance()))
    assert seen[0] is None
    assert "Be kind." in str(seen[1])
