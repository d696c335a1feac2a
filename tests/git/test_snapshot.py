"""Snapshots against git itself: the tree of `git add -A && git write-tree`, and nothing touched on the way."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings

from git_draft.errors import (
    DetachedHeadError,
    GitCommandError,
    OperationInProgressError,
    RepoError,
    UnbornBranchError,
)
from git_draft.git.objects import Objects
from git_draft.git.repo import Repository
from git_draft.git.snapshots import Snapshot
from git_draft.git.workdir import Workdir
from tests.support.dirt import DirtyState, states
from tests.support.gitrepo import GitRepo


def open_workdir(repo: GitRepo) -> Workdir:
    return Workdir(Repository.open(repo.path, os.environ), repo.path / ".git/git-draft/tmp")


def take_snapshot(repo: GitRepo) -> Snapshot:
    """Take one, and see to it that only objects are new."""
    before = repo.hash_files(), repo.hash_index(), _read_git_dir(repo)
    snapshot = open_workdir(repo).take_snapshot()
    assert (repo.hash_files(), repo.hash_index(), _read_git_dir(repo)) == before
    return snapshot


def _read_git_dir(repo: GitRepo) -> dict[str, bytes]:
    files = {path.relative_to(repo.path): path for path in (repo.path / ".git").rglob("*") if path.is_file()}
    return {str(name): path.read_bytes() for name, path in files.items() if name.parts[1] != "objects"}


def add_all_in_a_copy(repo: GitRepo) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = GitRepo(Path(folder, "copy"))
        shutil.copytree(repo.path, copy.path, symlinks=True)
        copy.git("add", "--all")
        return copy.git("write-tree")


@settings(max_examples=80)
@given(states())
def test_snapshot_is_what_git_would_commit(state: DirtyState) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = state.build(Path(folder))
        snapshot = take_snapshot(repo)
        assert snapshot.tree == add_all_in_a_copy(repo)
        assert (snapshot.branch, snapshot.head) == ("main", repo.resolve("HEAD"))
        listing = repo.git("ls-files", "--others", "--exclude-standard", "-z")
        assert {str(path) for path in snapshot.untracked} == {path for path in listing.split("\0") if path}
        assert snapshot.left_out == ()


ODD_NAMES = [
    "big",
    "a b",
    ":(top)big",
    "*",
    "[b]ig",
    "-big",
    "caf\udce9",
    "two\nlines",
    'q"uote',
    "back\\slash",
    "sub/big",
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_large_untracked_files_are_left_out_and_named(repo: GitRepo, name: str) -> None:
    repo.git("config", "draft.maxUntrackedSize", "1k")
    repo.commit({"tracked": b"."})
    repo.write("tracked", b"x" * 2000)
    repo.write("just-small-enough", b"x" * 1024)
    repo.write("b", b"small")
    repo.write("sub/small", b"small")
    expected = add_all_in_a_copy(repo)
    repo.write(name, b"x" * 1025)
    snapshot = take_snapshot(repo)
    assert snapshot.left_out == (PurePosixPath(name),)
    assert snapshot.tree == expected


@pytest.mark.parametrize(
    "settings_of_git", [{"GIT_LITERAL_PATHSPECS": "1"}, {"GIT_ICASE_PATHSPECS": "1"}, {"GIT_GLOB_PATHSPECS": "1"}]
)
def test_large_files_are_left_out_whatever_pathspecs_mean(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, settings_of_git: dict[str, str]
) -> None:
    repo.git("config", "draft.maxUntrackedSize", "1k")
    repo.write("small", b"")
    repo.write("big", b"")
    expected = add_all_in_a_copy(repo)
    repo.write("BIG", b"x" * 1025)
    for name, value in settings_of_git.items():
        monkeypatch.setenv(name, value)
    assert take_snapshot(repo).tree == expected


def test_ignored_large_file_is_not_named(repo: GitRepo) -> None:
    repo.git("config", "draft.maxUntrackedSize", "1k")
    repo.write(".gitignore", "big\n")
    repo.write("big", b"x" * 2000)
    assert take_snapshot(repo).left_out == ()


@pytest.mark.parametrize("has_commit", [True, False])
def test_nested_repository_is_left_out_and_named(repo: GitRepo, has_commit: bool) -> None:
    repo.write("beside", "it")
    expected = add_all_in_a_copy(repo)
    nested = GitRepo.create(repo.path / "vendor/lib")
    nested.write("file", "x")
    if has_commit:
        nested.commit({"file": "y"})
    snapshot = take_snapshot(repo)
    assert snapshot.left_out == (PurePosixPath("vendor/lib"),)
    assert snapshot.tree == expected


def test_folder_that_became_a_link_is_recorded_as_one(repo: GitRepo) -> None:
    repo.commit({"folder/a": "1", "folder/b": "2", "other/a": "3"})
    shutil.rmtree(repo.path / "folder")
    (repo.path / "folder").symlink_to("other")
    snapshot = take_snapshot(repo)
    assert snapshot.tree == add_all_in_a_copy(repo)
    assert set(snapshot.removed) == {PurePosixPath("folder/a"), PurePosixPath("folder/b")}


def test_untracked_file_outside_of_a_sparse_checkout_is_recorded(repo: GitRepo) -> None:
    repo.commit({"in/file": "x", "out/file": "x"})
    repo.git("sparse-checkout", "set", "in")
    repo.write("out/mine", "a line of the user's")
    assert repo.list_files(take_snapshot(repo).tree) == ["README.md", "in/file", "out/file", "out/mine"]


def test_snapshot_finds_the_files_of_a_name(repo: GitRepo) -> None:
    repo.commit({"rules": "", "a/b/rules": "", "a/norules": "", "gone/rules": ""})
    repo.write("new/rules", "")
    (repo.path / "gone/rules").unlink()
    assert open_workdir(repo).take_snapshot().named is None
    found = open_workdir(repo).take_snapshot(name="rules").named or ()
    assert set(map(str, found)) == {"rules", "a/b/rules", "new/rules"}


def _wait(workdir: Workdir) -> None:
    """Wait until git has looked."""
    assert workdir._snapshots._early is not None
    workdir._snapshots._early[2].result()


def test_snapshot_that_was_begun_is_the_state_of_then(repo: GitRepo) -> None:
    repo.write("a", "before")
    workdir = open_workdir(repo)
    with workdir.snapshot_begun():
        _wait(workdir)
        repo.write("a", "after")
        assert [repo.show(workdir.take_snapshot().tree, "a") for _ in range(2)] == ["before", "after"]
    assert repo.show(workdir.take_snapshot().tree, "a") == "after"


def test_snapshot_that_was_begun_on_another_commit_is_taken_anew(repo: GitRepo) -> None:
    workdir = open_workdir(repo)
    with workdir.snapshot_begun():
        _wait(workdir)
        head = repo.commit({"a": "committed"})
        snapshot = workdir.take_snapshot()
    assert (snapshot.head, repo.show(snapshot.tree, "a")) == (head, "committed")


def test_failure_of_a_snapshot_that_was_begun_is_said_where_it_is_taken(repo: GitRepo) -> None:
    _refuse_file(repo)
    workdir = open_workdir(repo)
    with workdir.snapshot_begun(), pytest.raises(GitCommandError, match="clean filter 'broken' failed"):
        workdir.take_snapshot()
    with workdir.snapshot_begun():  # nobody asked, so nobody wants to know
        pass
    assert list((repo.path / ".git/git-draft/tmp").iterdir()) == []


def test_recorded_submodule_follows_its_own_head(repo: GitRepo) -> None:
    library = GitRepo.create(repo.path.parent / "library")
    library.commit({"file": "x"})
    repo.git("submodule", "--quiet", "add", str(library.path), "vendor")
    repo.commit()
    head = GitRepo(repo.path / "vendor").commit({"file": "y"})
    snapshot = take_snapshot(repo)
    assert snapshot.left_out == ()
    assert repo.git("rev-parse", f"{snapshot.tree}:vendor") == head


def test_conflicted_index_is_refused_by_name(repo: GitRepo) -> None:
    repo.commit({"file": "base\n", "other": "base\n"})
    repo.git("switch", "--quiet", "--create", "side")
    repo.commit({"file": "side\n"})
    repo.git("switch", "--quiet", "main")
    repo.commit({"file": "main\n"})
    assert repo.run("merge", "side").returncode == 1
    before = repo.hash_index()
    workdir = open_workdir(repo)
    with pytest.raises(OperationInProgressError, match=r"the index holds conflicts: file$"):
        workdir.take_snapshot()
    assert repo.show(workdir.record_files(with_conflicts=True).tree, "file") == repo.read("file")
    assert repo.hash_index() == before


def test_unborn_branch_is_refused(tmp_path: Path) -> None:
    repo = GitRepo.create(tmp_path / "new")
    repo.write("file", "x")
    with pytest.raises(UnbornBranchError, match="branch main has no commit yet"):
        open_workdir(repo).take_snapshot()


def test_detached_head_is_refused(repo: GitRepo) -> None:
    repo.git("checkout", "--quiet", "--detach")
    with pytest.raises(DetachedHeadError, match="HEAD is detached"):
        open_workdir(repo).take_snapshot()


def _refuse_file(repo: GitRepo) -> None:
    """Let a filter fail for a new file."""
    repo.git("config", "filter.broken.clean", "false")
    repo.git("config", "filter.broken.required", "true")
    repo.write(".gitattributes", "file filter=broken\n")
    repo.write("file", "x")


def test_failing_filter_is_named(repo: GitRepo) -> None:
    _refuse_file(repo)
    with pytest.raises(GitCommandError, match=r"git update-index failed: .*clean filter 'broken' failed"):
        open_workdir(repo).take_snapshot()


def _let_filter_run(repo: GitRepo, command: str) -> None:
    """Let git run a command in the middle of `git add`."""
    repo.git("branch", "other")
    repo.git("config", "filter.meddle.clean", f"{command}; cat")
    repo.write(".git/info/attributes", "file filter=meddle\n")
    repo.write("file", "x")


def test_snapshot_is_taken_again_when_head_moves_meanwhile(repo: GitRepo) -> None:
    _let_filter_run(repo, "git symbolic-ref HEAD refs/heads/other")
    snapshot = open_workdir(repo).take_snapshot()
    assert snapshot.branch == "other"


def test_head_that_keeps_moving_is_an_error(repo: GitRepo) -> None:
    _let_filter_run(repo, 'git update-ref HEAD "$(git commit-tree -m x -p HEAD HEAD^{tree})"')
    with pytest.raises(RepoError, match="HEAD keeps moving"):
        open_workdir(repo).take_snapshot()


def test_sparse_checkout_keeps_what_is_not_on_disk(repo: GitRepo) -> None:
    repo.commit({"in/file": "x", "out/file": "x"})
    repo.git("sparse-checkout", "set", "in")
    assert not (repo.path / "out").exists()
    repo.write("in/file", "y")
    snapshot = take_snapshot(repo)
    assert repo.list_files(snapshot.tree) == ["README.md", "in/file", "out/file"]


@pytest.mark.parametrize("setting", ["core.splitIndex", "core.untrackedCache", "core.fsmonitor=false", "index.sparse"])
def test_index_in_any_format(repo: GitRepo, setting: str) -> None:
    key, _, value = setting.partition("=")
    repo.git("config", key, value or "true")
    repo.git("update-index", "--split-index" if key == "core.splitIndex" else "--refresh")
    repo.commit({"a": "1", "dir/b": "2"})
    repo.write("a", "3")
    repo.write("new", "4")
    assert take_snapshot(repo).tree == add_all_in_a_copy(repo)


def test_index_that_is_missing_is_an_empty_one(repo: GitRepo) -> None:
    (repo.path / ".git/index").unlink()
    assert take_snapshot(repo).tree == repo.resolve("HEAD^{tree}")
    assert not (repo.path / ".git/index").exists()


def test_file_changed_at_the_moment_of_its_staging_is_seen(repo: GitRepo) -> None:
    # same size, same time: git looks at the contents if the index is as young, and so must its copy be
    repo.git("config", "core.trustctime", "false")
    moment_s = 1_700_000_000
    file = repo.write("README.md", "early\n")
    os.utime(file, (moment_s, moment_s))
    repo.git("add", "README.md")
    os.utime(repo.path / ".git/index", (moment_s, moment_s))
    repo.write("README.md", "later\n")
    os.utime(file, (moment_s, moment_s))
    assert repo.show(take_snapshot(repo).tree, "README.md") == "later\n"


def test_copies_of_the_index_do_not_stay(repo: GitRepo) -> None:
    take_snapshot(repo)
    assert list((repo.path / ".git/git-draft/tmp").iterdir()) == []


def test_index_tree_is_what_is_staged(repo: GitRepo) -> None:
    repo.write("README.md", "staged\n")
    repo.git("add", "README.md")
    repo.write("README.md", "later\n")
    before = repo.hash_index()
    tree = open_workdir(repo).take_snapshot().index_tree
    assert repo.hash_index() == before
    assert repo.show(tree, "README.md") == "staged\n"


def test_lock_of_the_index_is_named(repo: GitRepo) -> None:
    workdir = open_workdir(repo)
    workdir.check_index_lock()
    lock = repo.write(".git/index.lock", b"")
    with pytest.raises(OperationInProgressError, match="another git command is writing the index") as caught:
        workdir.check_index_lock()
    assert caught.value.hint == f"if no git command is running: rm {lock}"


def test_staging_gives_the_snapshot_and_tells_of_later_changes(repo: GitRepo) -> None:
    repo.git("config", "draft.maxUntrackedSize", "1k")
    repo.write("README.md", "now\n")
    repo.write("new", "x")
    repo.write("big", b"x" * 2000)
    workdir = open_workdir(repo)
    snapshot = workdir.take_snapshot()
    assert workdir.stage(snapshot)
    assert repo.git("write-tree") == snapshot.tree
    assert repo.status() == ["M  README.md", "A  new", "?? big"]
    workdir.unstage_untracked(snapshot.untracked)
    assert repo.status() == ["M  README.md", "?? big", "?? new"]
    repo.write("README.md", "later\n")
    assert not workdir.stage(snapshot)


def test_ignored_file_becomes_no_object(repo: GitRepo) -> None:
    repo.write(".gitignore", "secret\n")
    secret = repo.write("secret", "never an object")
    take_snapshot(repo)
    oid = repo.git("hash-object", str(secret))
    assert not Objects(Repository.open(repo.path, os.environ)).has(oid)
