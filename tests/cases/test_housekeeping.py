"""git gc between the moment in which a commit is written and the one in which a ref leads to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pygit2
import pytest
from pygit2.enums import ObjectType

from git_draft.bots.registry import ChosenBot
from git_draft.drafter import Drafter
from git_draft.drafting import Order
from git_draft.errors import RepoError
from git_draft.git.housekeeping import Housekeeping
from git_draft.git.objects import Objects
from git_draft.git.refs import Refs, RefUpdate
from git_draft.git.tree import MODE_FILE, TreeEntry
from git_draft.project import Project
from tests.support.bots import ScriptedBot, write
from tests.support.studio import Studio


class _PrunedRefs(Refs):
    """Lets git clear away what no ref leads to, just before the first transaction on a ref."""

    def __init__(self, project: Project, ref: str, studio: Studio) -> None:
        super().__init__(project.repo, project.store.noted_locks)
        self._ref, self._studio, self._happened = ref, studio, False

    def _commit_once(self, updates: Sequence[RefUpdate], message: str) -> None:
        is_meant = not self._happened and any(each.name == self._ref for each in updates)
        if is_meant:
            self._happened = True
            self._studio.repo.git("gc", "--prune=now", "--quiet")
        super()._commit_once(updates, message)


BOT = ChosenBot("scripted", ScriptedBot([write("a", "a\n")]))


def _draft_pruned(studio: Studio, ref: str) -> str:
    with studio.opened() as project:
        refs = _PrunedRefs(project, ref, studio)
        notes = type(project.notes)(project.objects, refs)
        return str(
            Drafter(replace(project, refs=refs, notes=notes), studio.feedback, studio.clock)
            .draft(Order("do it", BOT))
            .draft.name
        )


@pytest.mark.parametrize("ref", ["refs/drafts/1/2", "refs/notes/drafts"])
def test_what_we_wrote_is_written_again(studio: Studio, ref: str) -> None:
    studio.draft(write("first", "1\n"))
    assert _draft_pruned(studio, ref) == "1/2"
    assert studio.repo.run("rev-list", "--objects", "--all", "--quiet").returncode == 0
    assert studio.repo.show("drafts/1/2", "a") == "a\n"
    assert studio.repo.git("notes", "--ref=drafts", "show", "drafts/1/2").startswith("draft 1/2\n")


def test_what_git_wrote_is_gone_and_the_draft_refused(studio: Studio) -> None:
    """The user's file is where it was; only its blob in the snapshot was git's to clear away."""
    studio.draft(write("first", "1\n"))
    studio.repo.write("untracked", "mine\n")
    before = studio.repo.hash_files()
    with pytest.raises(
        RepoError, match=r"git cleared away objects as they were written: .*; what the bot made is in no commit"
    ):
        _draft_pruned(studio, "refs/drafts/1/2")
    assert "refs/drafts/1/2" not in studio.repo.list_refs()
    assert studio.repo.run("rev-list", "--objects", "--all", "--quiet").returncode == 0
    assert studio.repo.hash_files() == before
    assert str(studio.draft(write("a", "1\n")).draft.name) == "1/2"


QUESTIONS: dict[str, Callable[[Objects, str, str], object]] = {
    "is_ancestor": Objects.is_ancestor,
    "iter_own": lambda objects, first, second: [each.oid for each in objects.iter_own(second, [first])],
    "read_time": lambda objects, _, second: objects.read_time(second),
    "read_commit": lambda objects, _, second: objects.read_commit(second),
    "count_changes": lambda objects, first, second: objects.count_changes(*_read_trees(objects, first, second)),
    "list_changed": lambda objects, first, second: objects.list_changed(*_read_trees(objects, first, second)),
    "measure_blob": lambda objects, _, second: [
        objects.measure_blob(entry.oid) for entry in objects.read_tree(objects.read_commit(second).tree).values()
    ],
}


def _read_trees(objects: Objects, first: str, second: str) -> tuple[str, str]:
    return objects.read_commit(first).tree, objects.read_commit(second).tree


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_asked_of_objects_that_are_gone_is_answered(studio: Studio, name: str) -> None:
    """None of them has a ref yet: those of a run that goes on while the user clears away."""
    with studio.opened() as project:
        objects = project.objects
        commits: list[str] = []
        for turn in range(2):
            blob = TreeEntry(MODE_FILE, objects.write_blob(b"line\n" * turn))
            commits.append(objects.write_commit(objects.write_tree({b"file": blob}), commits, "ours"))
        before = QUESTIONS[name](objects, *commits)
        studio.repo.git("gc", "--prune=now", "--quiet")
        assert studio.repo.run("cat-file", "-e", commits[0]).returncode != 0
        assert QUESTIONS[name](objects, *commits) == before


def test_what_is_asked_of_an_object_that_never_was_is_refused(studio: Studio) -> None:
    with studio.opened() as project, pytest.raises(RepoError, match="git rev-list failed: bad object 1111"):
        project.objects.is_ancestor("1" * 40, studio.repo.resolve("HEAD"))


@pytest.mark.parametrize("again", [False, True])
def test_a_folder_that_git_removes_meanwhile_is_made_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    """What else is wrong is said at once."""

    class Odb:
        calls = 0

        def write(self, kind: ObjectType, data: bytes) -> str:
            self.calls += 1
            if self.calls == 1:
                raise pygit2.GitError("failed to rename lockfile to 'x': No such file or directory")
            if not again:
                raise pygit2.GitError("no room")
            return "1" * 40

    odb = Odb()
    monkeypatch.setattr(Housekeeping, "_loose", odb)
    with studio.opened() as project:
        if again:
            assert project.objects.write_blob(b"") == "1" * 40
        else:
            with pytest.raises(RepoError, match="can't write to the object database: no room"):
                project.objects.write_blob(b"")
    assert odb.calls == 2


@pytest.fixture
def repacking(studio: Studio) -> Iterator[Studio]:
    """Begin a `git repack -a -d` while a pack has what no ref leads to; end it when the test has done its part.

    The files in that pack are the user's of now, and what a bot writes, and what a merge of the two makes.
    """
    repo = studio.repo
    repo.write("both", "1\n2\n3\n4\n5\n")
    repo.commit({"both": "1\n2\n3\n4\n5\n"})
    start = repo.resolve("HEAD")
    for state in ({"both": MERGED, "by-bot": "bot\n"}, {"both": MINE, "folder/mine": "mine\n"}, {"both": THEIRS}):
        repo.commit({**state})
        repo.git("repack", "-a", "-d", "-q")
    repo.git("reset", "--quiet", "--hard", start)
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("update-ref", "-d", "ORIG_HEAD")
    folder = repo.path / ".git/objects/pack"
    old = list(folder.iterdir())
    repo.git("repack", "-a", "-q")
    assert len(list(folder.glob("*.pack"))) == 2
    repo.write("both", MINE)
    repo.write("folder/mine", "mine\n")
    yield studio
    for file in old:
        file.unlink()
    assert repo.git("rev-list", "--objects", "--all", "--quiet") == ""
    assert repo.run("fsck", "--strict", "--connectivity-only").returncode == 0


MINE, THEIRS, MERGED = "mine\n2\n3\n4\n5\n", "1\n2\n3\n4\ntheirs\n", "mine\n2\n3\n4\ntheirs\n"


def test_draft_of_what_a_pack_has_that_goes_away(repacking: Studio) -> None:
    repacking.draft(write("by-bot", "bot\n"))


def test_merge_of_what_a_pack_has_that_goes_away(repacking: Studio) -> None:
    repacking.repo.git("checkout", "--quiet", "both")
    repacking.draft(write("both", THEIRS))
    repacking.repo.write("both", MINE)
    repacking.merge()
    assert repacking.repo.read("both") == MERGED


def test_undo_of_what_a_pack_has_that_goes_away(repacking: Studio) -> None:
    repacking.draft(write("by-bot", "bot\n"))
    repacking.quit()
    repacking.undo()
    assert repacking.repo.read("folder/mine") == "mine\n"
