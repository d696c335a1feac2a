"""A bot that has something to get ready: when it begins, and that it always ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from git_draft.errors import BotError, FolioError, UsageError
from git_draft.model import Goal, Outcome
from git_draft.protocols import Feedback, Worktree
from tests.support.bots import RecordingFeedback, ScriptedBot, write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio


class _Slow(ScriptedBot):
    """Keeps a diary of its life; `refs` are those that there were when it began."""

    def __init__(self, repo: GitRepo, error: Exception | None = None) -> None:
        super().__init__([write("a", "a\n")])
        self._repo = repo
        self._error = error
        self.diary: list[str] = []
        self.branches: list[str] = []

    @contextlib.contextmanager
    def prepared(self, feedback: Feedback) -> Iterator[None]:
        """Begin, and end."""
        assert isinstance(feedback, RecordingFeedback)
        self.branches = list(self._repo.list_refs("refs/heads/"))
        self.diary.append("begins")
        try:
            yield
        finally:
            self.diary.append("ends")

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Work."""
        self.diary.append("acts")
        if self._error:
            raise self._error
        return await super().act(goal, worktree, feedback)


def test_it_begins_before_the_folio_and_ends_with_the_run(studio: Studio) -> None:
    bot = _Slow(studio.repo)
    studio.draft(bot=bot)
    assert (bot.diary, bot.branches) == (["begins", "acts", "ends"], ["refs/heads/main"])
    assert studio.repo.show("drafts/1/1", "a") == "a\n"


@pytest.mark.parametrize("error", [BotError("no reply"), ZeroDivisionError()])
def test_it_ends_where_the_run_fails(studio: Studio, error: Exception) -> None:
    bot = _Slow(studio.repo, error)
    with pytest.raises(type(error)):
        studio.draft(bot=bot)
    assert bot.diary == ["begins", "acts", "ends"]
    assert studio.head() == "main"


def test_nothing_begins_for_what_can_not_be_drafted(studio: Studio) -> None:
    bot = _Slow(studio.repo)
    with pytest.raises(UsageError):
        studio.draft(bot=bot, prompt=" ")
    studio.repo.git("checkout", "-q", "-b", "draft/7")
    with pytest.raises(FolioError):
        studio.draft(bot=bot)
    assert bot.diary == []
