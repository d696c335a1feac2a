"""What happens in the worst moment: a draft lands, the user commits or saves a file, just before a step is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from git_draft.bots.registry import ChosenBot
from git_draft.drafter import Drafter
from git_draft.drafting import Order
from git_draft.errors import RepoError
from git_draft.git.refs import Refs, RefUpdate
from git_draft.git.snapshots import Snapshot
from git_draft.git.workdir import Workdir
from git_draft.model import MergeStrategy
from git_draft.project import Project
from tests.support.bots import ScriptedBot, write
from tests.support.studio import Studio


class _RivalledRefs(Refs):
    """Lets something happen once, just before the first transaction on a ref."""

    def __init__(self, project: Project, ref: str, rival: Callable[[], object], *, removing: bool = False) -> None:
        super().__init__(project.repo, project.store.noted_locks)
        self._ref, self._rival, self._removing = ref, rival, removing
        self.happened = False

    def commit(self, updates: Sequence[RefUpdate], message: str) -> None:
        is_meant = any(each.name == self._ref and (each.new is None) == self._removing for each in updates)
        if is_meant and not self.happened:
            self.happened = True
            self._rival()
        super().commit(updates, message)


class _RivalledWorkdir(Workdir):
    """Lets something happen just before the index is made to hold a snapshot, so many times."""

    def __init__(self, project: Project, rival: Callable[[], object], times: int) -> None:
        super().__init__(project.repo, project.state_dir / "tmp")
        self._rival, self._times = rival, times

    def stage(self, snapshot: Snapshot) -> bool:
        if self._times:
            self._times -= 1
            self._rival()
        return super().stage(snapshot)


BOT = ChosenBot("scripted", ScriptedBot([write("a", "a\n")]))


def test_number_is_taken_meanwhile(studio: Studio) -> None:
    head = studio.repo.resolve("HEAD")
    with studio.opened() as project:
        refs = _RivalledRefs(project, "refs/drafts/1/1", lambda: studio.repo.git("update-ref", "refs/drafts/1/1", head))
        draft = Drafter(replace(project, refs=refs), studio.feedback, studio.clock).draft(Order("do it", BOT)).draft
        assert refs.happened
    assert str(draft.name) == "1/2"
    assert studio.repo.resolve("drafts/1/1") == head
    assert studio.repo.git("notes", "--ref=drafts", "show", draft.commit).splitlines()[:3] == [
        "draft 1/2",
        "",
        "Draft: 1/2",
    ]
    assert studio.repo.resolve("draft/1+") == draft.commit


def test_another_draft_opens_a_folio_meanwhile(studio: Studio) -> None:
    with studio.opened() as project:
        refs = _RivalledRefs(project, "HEAD", lambda: studio.draft(write("b", "b\n")))
        result = Drafter(replace(project, refs=refs), studio.feedback, studio.clock).draft(Order("do it", BOT))
    assert (str(result.draft.name), result.draft.record.origin) == ("2/2", "main")
    assert list(studio.repo.list_refs("refs/heads/")) == [
        "refs/heads/draft/2",
        "refs/heads/draft/2+",
        "refs/heads/main",
    ]
    assert "draft/1" not in (studio.repo.path / ".git/config").read_text()


def test_user_commits_while_a_folio_is_opened(studio: Studio) -> None:
    with studio.opened() as project:
        refs = _RivalledRefs(project, "HEAD", lambda: studio.repo.commit({"mine": "1\n"}, message="mine"))
        draft = Drafter(replace(project, refs=refs), studio.feedback, studio.clock).draft(Order("do it", BOT)).draft
    assert draft.parent == studio.repo.resolve("main") == studio.repo.resolve("HEAD")
    assert studio.repo.git("log", "-1", "--format=%s", draft.parent) == "mine"


def test_user_saves_a_file_while_a_draft_is_merged(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("a", "a\n"))
    with studio.opened() as project:
        workdir = _RivalledWorkdir(project, lambda: repo.write("README.md", "just saved\n"), 1)
        Drafter(replace(project, workdir=workdir), studio.feedback, studio.clock).merge(None, MergeStrategy.THEIRS)
    assert (repo.read("README.md"), repo.show("HEAD^1", "README.md")) == ("just saved\n", "just saved\n")
    assert repo.status() == []


@pytest.mark.parametrize("command", ["merge", "quit"])
def test_files_that_never_stand_still_are_given_up_on(studio: Studio, command: str) -> None:
    repo = studio.repo
    studio.draft(write("a", "a\n"))
    refs = repo.list_refs("refs/heads/")
    saved = iter(range(10))
    with studio.opened() as project:
        workdir = _RivalledWorkdir(project, lambda: repo.write("README.md", f"{next(saved)}\n"), 10)
        drafter = Drafter(replace(project, workdir=workdir), studio.feedback, studio.clock)
        with pytest.raises(RepoError, match="the files keep changing"):
            _ = drafter.merge(None, MergeStrategy.THEIRS) if command == "merge" else drafter.quit(lambda _: False)
    assert next(saved) == 3
    assert (repo.list_refs("refs/heads/"), studio.head(), repo.read("README.md")) == (refs, "draft/1", "2\n")


def test_user_commits_while_a_draft_is_merged(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("a", "a\n"))
    with studio.opened() as project:
        refs = _RivalledRefs(project, "HEAD", lambda: repo.commit(message="mine"))
        Drafter(replace(project, refs=refs), studio.feedback, studio.clock).merge(None, MergeStrategy.DEFAULT)
    assert studio.graph("HEAD")[0].startswith("draft! merge < ")
    assert "mine" in repo.subjects("HEAD^1")


def test_user_commits_while_the_folio_is_left(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("a", "a\n"))
    with studio.opened() as project:
        refs = _RivalledRefs(project, "HEAD", lambda: repo.commit({"mine": "1\n"}, message="mine"))
        Drafter(replace(project, refs=refs), studio.feedback, studio.clock).quit(lambda _commits: True)
    assert "mine" in repo.subjects("drafts/1/@")
    assert (studio.head(), repo.status()) == ("main", ["A  mine"])


def test_draft_lands_while_the_folio_is_removed(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("a", "a\n"))
    with studio.opened() as project:
        rival = lambda: repo.git("update-ref", "refs/heads/draft/1+", "main")  # noqa: E731  # as landing would
        refs = _RivalledRefs(project, "refs/heads/draft/1", rival, removing=True)
        Drafter(replace(project, refs=refs), studio.feedback, studio.clock).quit(lambda _commits: False)
        assert refs.happened
    assert list(repo.list_refs("refs/heads/")) == ["refs/heads/main"]


def test_folio_is_swept_while_it_is_left(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    with studio.opened() as project:
        refs = _RivalledRefs(project, "refs/heads/draft/1", studio.tidy_up, removing=True)
        Drafter(replace(project, refs=refs), studio.feedback, studio.clock).quit(lambda _commits: False)
    assert list(studio.repo.list_refs("refs/heads/")) == ["refs/heads/main"]
    assert "draft/1" not in (studio.repo.path / ".git/config").read_text()
