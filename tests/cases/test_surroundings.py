"""What is around a repository: other users, permissions, full disks, locks of other programs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from git_draft.errors import GitDraftError, OperationInProgressError
from git_draft.model import MergeStrategy
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.nobody import fill_disk, give_away, open_folder, run_as_nobody, small_disk
from tests.support.studio import Studio


def _prepare(folder: Path) -> Studio:
    """Make a repository with a draft, by which everything is imported, too."""
    repo = GitRepo.create(folder / "repo")
    repo.commit({"README.md": "hello\n", "f": "1\n"})
    studio = Studio(repo)
    studio.draft(write("a", "1\n"))
    return studio


def _draft(studio: Studio) -> str:
    return str(studio.draft(write("b", "1\n")).draft.name)


@pytest.fixture
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let root run git in a repository of another user."""
    for key, value in {"COUNT": "1", "KEY_0": "safe.directory", "VALUE_0": "*"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{key}", value)


@pytest.mark.usefixtures("_trusting")
def test_read_only_repository() -> None:
    with open_folder() as folder:
        studio = _prepare(folder)
        give_away(folder)
        for parent, _, names in os.walk(studio.repo.path):
            for path in (Path(parent), *(Path(parent, name) for name in names)):
                path.chmod(path.stat().st_mode & ~0o222)
        before = studio.repo.hash_files(), studio.repo.list_refs()
        said = run_as_nobody(folder / "home", lambda: _draft(studio))
        assert (
            said == f"StoreError: can't write to {studio.repo.path}/.git/git-draft: is it another user's, or read-only?"
        )
        assert (studio.repo.hash_files(), studio.repo.list_refs()) == before


@pytest.mark.usefixtures("_trusting")
def test_unreadable_file() -> None:
    with open_folder() as folder:
        studio = _prepare(folder)
        studio.repo.write("f", "secret of another user\n").chmod(0o000)
        give_away(folder)
        said = run_as_nobody(folder / "home", lambda: _draft(studio))
        assert said == 'GitCommandError: git update-index failed: open("f"): Permission denied'
        assert "refs/drafts/1/2" not in studio.repo.list_refs()
        (studio.repo.path / "f").chmod(0o644)
        assert run_as_nobody(folder / "home", lambda: _draft(studio)) == "1/2"


def test_repository_of_another_user() -> None:
    with open_folder() as folder:
        studio = _prepare(folder)
        said = run_as_nobody(folder / "home", lambda: _draft(studio))
        if os.geteuid() == 0:
            assert said.startswith("NotARepositoryError: detected dubious ownership in repository at ")
            settings = f"[safe]\n\tdirectory = {studio.repo.path}\n"
            with (folder / "home/.gitconfig").open("a") as config:
                config.write(settings)
            again = run_as_nobody(folder / "home", lambda: _draft(studio))
            assert again.startswith("StoreError: can't write to ")


def _deep(*sizes_kib: int) -> list[ParameterSet]:
    return [pytest.param(size_kib, marks=pytest.mark.deep) for size_kib in sizes_kib]


@pytest.mark.parametrize("free_kib", [0, 16, 32, *_deep(4, 8, 20, 24, 28, 48, 64, 128)])
def test_full_disk(tmp_path: Path, free_kib: int) -> None:
    with small_disk(tmp_path / "disk", 4096) as disk:
        studio = _prepare(disk)
        studio.repo.write("f", "mine\n")
        studio.repo.write("new", "x" * 3000)
        files, status = studio.repo.hash_files(), studio.repo.status()
        filler = fill_disk(disk, free_kib=free_kib)
        try:
            made = _draft(studio)
        except GitDraftError:
            made = ""
        assert studio.repo.hash_files() == files
        filler.unlink()
        assert studio.repo.status() == status
        drafts = [str(draft.name) for draft in studio.list_drafts()]
        assert made in ("", *drafts)
        assert _draft(studio) == f"1/{len(drafts) + 1}"
        assert studio.repo.run("fsck", "--strict").returncode == 0


@pytest.mark.parametrize("command", [lambda studio: studio.merge(strategy=MergeStrategy.THEIRS), Studio.quit])
@pytest.mark.parametrize("free_kib", [16, 32, *_deep(0, 4, 8, 20, 24, 28, 40, 48, 56, 64, 128)])
def test_full_disk_keeps_the_users_bytes(tmp_path: Path, command: Callable[[Studio], object], free_kib: int) -> None:
    with small_disk(tmp_path / "disk", 4096) as disk:
        studio = _prepare(disk)
        studio.repo.write("f", "mine\n")
        studio.repo.write("new", "x" * 3000)
        studio.draft(write("f", "bot\n"), write("long", "bot\n" * 1000))
        filler = fill_disk(disk, free_kib=free_kib)
        with contextlib.suppress(GitDraftError):  # nothing else, which would be a bug
            command(studio)
        filler.unlink()
        lock = studio.repo.path / ".git/index.lock"  # git's own, where it was cut short
        lock.unlink(missing_ok=True)
        held = [*studio.repo.list_refs(), "HEAD"]
        kept = {studio.repo.git("cat-file", "blob", f"{ref}:f") for ref in held if studio.repo.find(f"{ref}:f")}
        assert "mine" in {*kept, studio.repo.read("f").strip()}
        assert (studio.repo.path / "new").read_text() == "x" * 3000
        assert studio.repo.run("fsck", "--strict").returncode == 0


def test_held_index_lock(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.merge()
    lock = studio.repo.write(".git/index.lock", "")
    assert _draft(studio) == "1/2"  # a draft does not write to the index
    before = studio.repo.hash_files(), studio.repo.list_refs(), studio.repo.hash_index()
    for command in (Studio.merge, Studio.quit, Studio.undo):
        with pytest.raises(OperationInProgressError, match="another git command is writing the index") as caught:
            command(studio)
        assert caught.value.hint == f"if no git command is running: rm {lock}"
    assert (studio.repo.hash_files(), studio.repo.list_refs(), studio.repo.hash_index()) == before
