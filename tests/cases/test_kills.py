"""Commands killed at every point: nothing of the user's is lost, and the next command goes on as if nothing had been."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from git_draft.errors import GitCommandError, NoDraftError, OperationInProgressError
from git_draft.model import MergeStrategy
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.kills import run_and_kill
from tests.support.studio import Studio


def _make_dirty(repo: GitRepo) -> None:
    repo.commit({"both": "1\n", "staged": "1\n", "f": "1\n2\n3\n4\n5\n", ".gitignore": "*.o\n"})
    repo.write("both", "2\n")
    repo.git("add", "both")
    repo.write("both", "3\n")
    repo.write("staged", "2\n")
    repo.git("add", "staged")
    repo.write("untracked", "1\n")
    repo.write("ignored.o", "1\n")


def _draft(studio: Studio) -> None:
    studio.draft(write("f", "1\n2\n3\n4\nbot\n"), write("new", "bot\n"))


def _merge(studio: Studio) -> None:
    studio.merge(strategy=MergeStrategy.THEIRS)


def _iter_kills(template: Studio, folder: Path, command: Callable[[Studio], object]) -> Iterator[Studio]:
    """Give a copy of a repository for each point at which a command can be killed there, after it was."""
    for points in itertools.count(1):
        studio = Studio(GitRepo(folder / f"killed{points}"))
        shutil.copytree(template.repo.path, studio.repo.path, symlinks=True)
        if not run_and_kill(partial(command, studio), points):
            assert points > 10
            return
        yield studio


def _check_sound(studio: Studio) -> None:
    """See that git finds nothing wrong and that nothing of ours lies about."""
    git_dir = studio.repo.path / ".git"
    assert studio.repo.run("fsck", "--strict").returncode == 0
    locks = [file.name for file in git_dir.rglob("*.lock")]
    assert [name for name in locks if name != "git-draft.lock"] == []
    assert list((git_dir / "git-draft/tmp").iterdir()) == []
    with studio.opened() as project:
        assert project.store.list_runs_under_way() == []
        assert project.store.list_locks() == []


def _see(studio: Studio, *, with_drafts: bool = True) -> dict[str, object]:
    """Give what must be the same however the command came to its end, times and so ids aside."""
    repo = studio.repo
    return {
        "head": studio.head(),
        "files": repo.hash_files(),
        "status": repo.status(),
        "staged": repo.git("ls-files", "--stage"),
        "branches": list(repo.list_refs("refs/heads/")),
        "trees": [repo.resolve(f"{ref}^{{tree}}") for ref in repo.list_refs("refs/heads/")],
        "config": (repo.path / ".git/config").read_text(),
        "drafts": [(str(draft.name), draft.title) for draft in studio.list_drafts()] if with_drafts else [],
    }


def test_killed_draft(studio: Studio, tmp_path: Path) -> None:
    repo = studio.repo
    _make_dirty(repo)
    index, files = repo.hash_index(), repo.hash_files()
    whole = Studio(GitRepo(tmp_path / "whole"))
    shutil.copytree(repo.path, whole.repo.path)
    _draft(whole)
    landed = 0
    for killed in _iter_kills(studio, tmp_path, _draft):
        assert (killed.repo.hash_index(), killed.repo.hash_files()) == (index, files)
        said = killed.tidy_up()
        made = killed.list_drafts()
        if made:
            landed += 1
            assert killed.repo.resolve("draft/1+") == made[0].commit
            assert said in ([], ["a run in folio 1 was killed when it had made draft 1/1"])
        else:
            assert (
                said in ([], ["removed folio 1, which was opened and never used"]) or "its prompt was: do it" in said[0]
            )
            _draft(killed)
        _check_sound(killed)
        (draft,) = killed.list_drafts()
        folio = draft.name.folio
        assert killed.repo.resolve(f"drafts/{folio}/1^{{tree}}") == whole.repo.resolve("drafts/1/1^{tree}")
        assert killed.repo.git("notes", "--ref=drafts", "show", draft.commit).startswith(f"draft {folio}/1\n")
        if folio == 1:
            assert _see(killed) == _see(whole)
        assert (killed.repo.hash_index(), killed.repo.hash_files()) == (index, files)
    assert landed > 2


def test_killed_merge(studio: Studio, tmp_path: Path) -> None:
    repo = studio.repo
    _make_dirty(repo)
    _draft(studio)
    repo.write("f", "mine\n2\n3\n4\n5\n")
    before = repo.hash_files()
    state = studio.repo.git("stash", "create")
    whole = Studio(GitRepo(tmp_path / "whole"))
    shutil.copytree(repo.path, whole.repo.path)
    _merge(whole)
    after = _see(whole)
    for killed in _iter_kills(studio, tmp_path, _merge):
        files = killed.repo.hash_files()
        assert files in (before, after["files"])
        if files != before:
            assert killed.repo.git("diff", f"{state}:f", "drafts-undo/1/1:f") == ""
        killed.tidy_up()
        try:
            _merge(killed)
        except NoDraftError:
            assert files == after["files"]
        assert _see(killed) == after
        assert killed.repo.resolve("draft/1+") == killed.repo.resolve("HEAD")
        assert killed.graph("HEAD")[0] == whole.graph("HEAD")[0]
        _check_sound(killed)
        killed.quit()
        assert "?? untracked" in killed.repo.status()


def test_killed_quit(studio: Studio, tmp_path: Path) -> None:
    repo = studio.repo
    _make_dirty(repo)
    _draft(studio)
    _merge(studio)
    repo.write("late", "mine\n")
    files = repo.hash_files()
    whole = Studio(GitRepo(tmp_path / "whole"))
    shutil.copytree(repo.path, whole.repo.path)
    whole.quit()
    after = _see(whole)
    finished = 0
    for killed in _iter_kills(studio, tmp_path, Studio.quit):
        assert killed.repo.hash_files() == files
        said = killed.tidy_up()
        finished += "finished quitting folio 1" in said
        if killed.head() != "main":
            killed.quit()
        assert _see(killed) == after
        assert killed.repo.resolve("drafts/1/@^{tree}") == whole.repo.resolve("drafts/1/@^{tree}")
        _check_sound(killed)
    assert finished > 2


def _quit(studio: Studio) -> None:
    _merge(studio)
    studio.repo.write("late", "mine\n")
    studio.quit()


@pytest.mark.parametrize(
    "operation, redo",
    [
        pytest.param(_merge, False, marks=pytest.mark.deep),
        pytest.param(_quit, False, marks=pytest.mark.deep),
        pytest.param(_merge, True, marks=pytest.mark.deep),
        pytest.param(_quit, True, marks=pytest.mark.deep),
    ],
)
def test_killed_undo(studio: Studio, tmp_path: Path, operation: Callable[[Studio], None], redo: bool) -> None:
    repo = studio.repo
    _make_dirty(repo)
    _draft(studio)
    repo.write("f", "mine\n2\n3\n4\n5\n")
    operation(studio)
    if redo:
        studio.undo()
    before = _see(studio)
    whole = Studio(GitRepo(tmp_path / "whole"))
    shutil.copytree(repo.path, whole.repo.path)
    whole.undo()
    after = _see(whole)
    told = 0
    for killed in _iter_kills(studio, tmp_path, Studio.undo):
        assert killed.repo.hash_files() in (before["files"], after["files"])
        told += any("was killed" in line for line in killed.tidy_up())
        if _see(killed) != after:
            killed.undo()
        assert _see(killed) == after
        _check_sound(killed)
        killed.undo()
        assert _see(killed) == before
    assert told > 5


@pytest.mark.deep
@pytest.mark.parametrize("operation", [_merge, Studio.quit])
def test_undo_after_a_kill(studio: Studio, tmp_path: Path, operation: Callable[[Studio], None]) -> None:
    _make_dirty(studio.repo)
    _draft(studio)
    studio.repo.write("f", "mine\n2\n3\n4\n5\n")
    before = _see(studio)
    told = 0
    for killed in _iter_kills(studio, tmp_path, operation):
        told += any("git draft undo takes back what it did" in line for line in killed.tidy_up())
        if _see(killed) != before:
            killed.undo()
        assert _see(killed) == before
        _check_sound(killed)
    assert told > 5


def test_git_killed_inside_a_merge_loses_nothing(studio: Studio) -> None:
    """The worst place: git's own lock stays, files are half written; all old bytes are in commits."""
    repo = studio.repo
    names = [f"f{number}" for number in range(6)]
    repo.commit({".gitattributes": "f3 filter=deadly\n", **dict.fromkeys(names, "1\n")})
    studio.draft(*(write(name, "bot\n") for name in names))
    repo.write("mine", "precious\n")
    repo.git("config", "filter.deadly.smudge", "kill -9 $PPID")
    repo.write("README.md", "precious\n")
    with pytest.raises(GitCommandError):
        studio.merge()
    for holder in ("HEAD", "drafts-undo/1/1"):
        assert [repo.show(holder, name) for name in ("mine", "README.md", "f5")] == ["precious\n", "precious\n", "1\n"]
    repo.git("config", "--unset", "filter.deadly.smudge")
    copy = Studio(GitRepo(repo.path.with_name("copy")))
    shutil.copytree(repo.path, copy.repo.path)
    (copy.repo.path / ".git/index.lock").unlink()
    copy.undo()  # half written files and all
    assert [copy.repo.read(name) for name in ("mine", "README.md", *names)] == ["precious\n"] * 2 + ["1\n"] * 6
    assert copy.repo.status() == [" M README.md", "?? mine"]
    with pytest.raises(OperationInProgressError, match="writing the index") as caught:
        studio.merge()
    assert caught.value.hint == f"if no git command is running: rm {repo.path / '.git/index.lock'}"
    (repo.path / ".git/index.lock").unlink()
    repo.git("restore", ".")  # HEAD is the commit of the user's state
    assert studio.merge(strategy=MergeStrategy.THEIRS).result.is_clean
    assert [repo.read(name) for name in ("mine", "README.md", *names)] == ["precious\n"] * 2 + ["bot\n"] * 6
    assert repo.run("fsck", "--strict").returncode == 0
