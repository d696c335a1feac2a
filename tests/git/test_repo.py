"""Opening a repository, its HEAD and identities, as git itself sees them from the same place and environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from git_draft.errors import (
    DetachedHeadError,
    GitCommandError,
    NotARepositoryError,
    OperationInProgressError,
    RepoError,
    UnbornBranchError,
    UnsupportedRepositoryError,
)
from git_draft.git.objects import Objects
from git_draft.git.program import run_git
from git_draft.git.repo import Head, Repository
from git_draft.git.tree import EMPTY_TREE
from git_draft.git.workdir import Workdir
from git_draft.model import Changes
from git_draft.signals import STOPPING
from tests.support.gitrepo import GitRepo


def open_here(folder: Path) -> Repository:
    return Repository.open(folder, os.environ)


def ask_git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, capture_output=True, check=True).stdout.decode().rstrip("\n")


def get_places(repo: Repository) -> list[Path]:
    return [path.resolve() for path in (repo.toplevel, repo.git_dir, repo.common_dir, repo.index_path)]


def ask_places(folder: Path) -> list[Path]:
    """Ask git for top, git directory, common one and index."""
    asked = ["--show-toplevel", "--absolute-git-dir", "--git-common-dir", "--git-path", "index"]
    return [(folder / line).resolve() for line in ask_git(folder, "rev-parse", *asked).split("\n")]


# Where it is


def test_repository_is_found_from_a_folder_below(repo: GitRepo) -> None:
    folder = repo.path / "caf\u00e9/sub folder"
    folder.mkdir(parents=True)
    opened = open_here(folder)
    assert get_places(opened) == ask_places(folder)
    assert opened.toplevel == repo.path
    assert opened.run("rev-parse", "--show-prefix").stdout == b"\n"  # git is run at the top
    assert opened.read_head() == Head("main", repo.resolve("HEAD"))


def test_linked_worktree_has_a_head_and_an_index_of_its_own(repo: GitRepo) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "side", "../linked")
    linked = repo.path.parent / "linked"
    opened = open_here(linked)
    assert get_places(opened) == ask_places(linked)
    assert opened.git_dir != opened.common_dir == repo.path / ".git"
    assert opened.read_head().branch == "side"
    expected = {(repo.path / ".git", "refs/heads/main"), (opened.git_dir, "refs/heads/side")}
    assert set(opened.iter_checked_out()) == expected
    (linked / "new").write_text("x")
    tree = Workdir(opened, opened.common_dir / "tmp").take_snapshot().tree
    assert repo.list_files(tree) == ["README.md", "new"]


def test_submodule_is_a_repository_of_its_own(repo: GitRepo) -> None:
    library = GitRepo.create(repo.path.parent / "library")
    library.commit({"file": "x"})
    repo.git("submodule", "--quiet", "add", str(library.path), "vendor")
    opened = open_here(repo.path / "vendor")
    assert get_places(opened) == ask_places(repo.path / "vendor")
    assert opened.read_head().commit == library.resolve("HEAD")


@pytest.mark.parametrize("is_relative", [True, False])
def test_git_dir_and_work_tree_of_the_environment(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, is_relative: bool
) -> None:
    elsewhere = repo.path.parent / "elsewhere"
    (elsewhere / "sub").mkdir(parents=True)
    (elsewhere / "file").write_text("x")
    monkeypatch.setenv("GIT_DIR", "../../repo/.git" if is_relative else str(repo.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", ".." if is_relative else str(elsewhere))
    opened = open_here(elsewhere / "sub")
    assert get_places(opened) == ask_places(elsewhere / "sub")
    tree = Workdir(opened, opened.common_dir / "tmp").take_snapshot().tree
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_WORK_TREE")
    assert repo.list_files(tree) == ["file"]


def test_git_dir_alone_makes_the_folder_the_working_directory(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = repo.path.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("GIT_DIR", "../repo/.git")
    opened = open_here(elsewhere)
    assert opened.toplevel == elsewhere
    assert opened.run("rev-parse", "--show-toplevel").stdout.decode().strip() == str(elsewhere)


@pytest.mark.parametrize("is_relative", [True, False])
def test_index_file_of_the_environment(repo: GitRepo, monkeypatch: pytest.MonkeyPatch, is_relative: bool) -> None:
    (repo.path / "sub").mkdir()
    other = repo.path / "sub/other-index"
    repo.write("staged", "x")
    repo.git("read-tree", "HEAD", env={"GIT_INDEX_FILE": str(other)})
    repo.git("add", "staged", env={"GIT_INDEX_FILE": str(other)})
    # git takes a relative one for relative to the top, wherever it is asked
    monkeypatch.setenv("GIT_INDEX_FILE", "sub/other-index" if is_relative else str(other))
    opened = open_here(repo.path / "sub")
    expected = ask_git(repo.path / "sub", "write-tree")
    assert Workdir(opened, opened.common_dir / "tmp").record_files().index_tree == expected
    assert opened.index_path == other


def test_repository_of_another_owner_is_gits_decision(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(NotARepositoryError, match="dubious ownership") as caught:
        open_here(repo.path)
    assert caught.value.hint == f"git config --global --add safe.directory {repo.path}"
    subprocess.run(["git", "config", "--global", "safe.directory", "*"], check=True)
    assert open_here(repo.path).read_head().branch == "main"


def test_partial_clone_fetches_what_it_lacks(repo: GitRepo) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{repo.path}", "../partial")
    partial = GitRepo(repo.path.parent / "partial")
    partial.git("config", "extensions.partialClone", "origin")  # older versions of git write it
    opened = open_here(partial.path)
    blob = repo.resolve("HEAD:README.md")
    objects = Objects(opened)
    assert not objects.has(blob)
    assert objects.read_blob(blob) == b"hello\n"


def test_clone_without_trees_fetches_what_it_lacks(repo: GitRepo) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    before = repo.resolve("HEAD^{tree}")
    repo.commit({"README.md": "hello\nand more\n", "a folder/a file": "1\n"})
    after = repo.resolve("HEAD^{tree}")
    whole = Objects(open_here(repo.path))
    for number, question in enumerate((Objects.count_changes, Objects.list_changed)):
        repo.git("clone", "--quiet", "--no-checkout", "--filter=tree:0", f"file://{repo.path}", f"../partial{number}")
        partial = Objects(open_here(repo.path.parent / f"partial{number}"))
        assert not partial.has(after)
        assert question(partial, before, after) == question(whole, before, after)


def test_changes_are_counted_as_git_shows_them(repo: GitRepo) -> None:
    files = {"moved": "line\n" * 20, "gone": "1\n2\n", "some.data": "1\n", "binary": "\0", "text": "1\n"}
    repo.commit({".gitattributes": "*.data -diff\n", **files})
    before = repo.resolve("HEAD^{tree}")
    repo.git("mv", "moved", "moved-to")
    repo.git("rm", "--quiet", "gone")
    repo.commit({"some.data": "2\n", "binary": "\0\0", "text": "2\n3\n"})
    objects = Objects(open_here(repo.path))
    assert objects.count_changes(before, repo.resolve("HEAD^{tree}")) == Changes(5, 2, 3)
    assert objects.count_changes(before, before) == Changes(0, 0, 0)


# What can't be opened: one line each


def _make_bare(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    return folder


def _make_sha256(folder: Path) -> Path:
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", str(folder)], check=True)
    return folder


def _make_extended(folder: Path) -> Path:
    repo = GitRepo.create(folder)
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.refStorage", "reftable")
    return folder


def _make_inner(folder: Path) -> Path:
    return GitRepo.create(folder).path / ".git/refs"


def _make_empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _make_broken(folder: Path) -> Path:
    repo = GitRepo.create(folder)
    (repo.path / ".git/config").write_text("[core\n")
    return folder


@pytest.mark.parametrize(
    "make, error, message",
    [
        (_make_bare, NotARepositoryError, "this repository is bare, it has no working directory"),
        (
            _make_sha256,
            UnsupportedRepositoryError,
            "this repository uses sha256 object ids, git-draft reads SHA-1 only",
        ),
        (_make_extended, UnsupportedRepositoryError, "reftable|extension found: refstorage$"),
        (_make_inner, NotARepositoryError, "this repository is not asked from its working directory"),
        (_make_empty, NotARepositoryError, "not in a git repository: .*/folder"),
        (_make_broken, NotARepositoryError, "bad config line 1"),
    ],
    ids=["bare", "sha256", "reftable", "inside-git-dir", "none", "broken-config"],
)
def test_what_can_not_be_opened_is_said_in_a_line(
    tmp_path: Path, make: Callable[[Path], Path], error: type[RepoError], message: str
) -> None:
    folder = make(tmp_path / "folder")
    with pytest.raises(error, match=message) as caught:
        open_here(folder)
    assert "\n" not in caught.value.message
    assert type(caught.value) is error


def test_missing_git_is_said(tmp_path: Path) -> None:
    with pytest.raises(RepoError, match="the git program is not on PATH"):
        Repository.open(tmp_path, {"PATH": str(tmp_path)})


# HEAD


def test_head_in_all_its_states(repo: GitRepo) -> None:
    head = repo.resolve("HEAD")
    repo.git("switch", "--quiet", "--create", "feature/caf\u00e9")
    opened = open_here(repo.path)
    assert opened.get_head() == ("feature/caf\u00e9", head)
    repo.git("switch", "--quiet", "--orphan", "unborn")
    assert opened.read_head() == Head("unborn", None)
    with pytest.raises(UnbornBranchError, match="branch unborn has no commit yet"):
        opened.get_head()
    repo.git("checkout", "--quiet", "--detach", "main")
    assert opened.read_head() == Head(None, head)
    with pytest.raises(DetachedHeadError, match="HEAD is detached"):
        opened.get_head()
    repo.git("branch", "kept")
    repo.git("symbolic-ref", "HEAD", "refs/heads/kept")
    repo.git("pack-refs", "--all")
    assert opened.get_head() == ("kept", head)


def _begin(repo: GitRepo, *command: str) -> None:
    repo.commit({"file": "base\n"})
    repo.git("switch", "--quiet", "--create", "side")
    for number in range(2):
        repo.commit({"file": f"side {number}\n"})
    repo.git("switch", "--quiet", "main")
    repo.commit({"file": "main\n"})
    if "am" in command:
        patch = repo.git_bytes("format-patch", "--stdout", "main...side", "--right-only")
        repo.run(*command, stdin=patch)
    else:
        repo.run(*command)


@pytest.mark.parametrize(
    "command, operation",
    [
        (["merge", "side"], "a merge"),
        (["rebase", "side"], "a rebase"),
        (["rebase", "--apply", "side"], "a rebase"),
        (["cherry-pick", "side"], "a cherry-pick"),
        (["revert", "--no-edit", "HEAD~1"], "a revert"),
        (["am"], "git am"),
        (["bisect", "start"], "a bisect"),
    ],
    ids=["merge", "rebase", "rebase-apply", "cherry-pick", "revert", "am", "bisect"],
)
def test_operation_under_way_is_named(repo: GitRepo, command: list[str], operation: str) -> None:
    open_here(repo.path).check_no_operation()
    _begin(repo, *command)
    with pytest.raises(OperationInProgressError, match=f"^{operation} is under way") as caught:
        open_here(repo.path).check_no_operation()
    assert caught.value.hint
    verb = "git bisect reset" if "bisect" in command else f"git {command[0]} --abort"
    assert verb in caught.value.hint
    repo.git(*verb.split()[1:])
    open_here(repo.path).check_no_operation()


# Identity


@pytest.mark.parametrize(
    "environ, config",
    [
        ({}, {}),
        ({"GIT_AUTHOR_NAME": "Grace", "GIT_AUTHOR_EMAIL": "g@example.org"}, {}),
        ({"GIT_COMMITTER_NAME": "Grace <x>", "GIT_COMMITTER_EMAIL": "<g@example.org>"}, {}),
        ({"GIT_AUTHOR_DATE": "1700000000 +0530", "GIT_COMMITTER_DATE": "2023-11-14T22:13:20-0800"}, {}),
        ({"GIT_AUTHOR_NAME": "J\u00f6rg"}, {"author.email": "a@example.org", "committer.name": "Robot"}),
        ({}, {"author.name": "Author", "author.email": "a@example.org", "committer.email": "c@example.org"}),
        ({"EMAIL": "env@example.org"}, {"user.name": "Local"}),
        ({"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Counted"}, {}),
        ({"GIT_CONFIG_PARAMETERS": "'user.name'='Given with -c'"}, {}),
        ({"TZ": "Asia/Kolkata"}, {"user.name": "East"}),
    ],
)
def test_commit_names_whom_git_would(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], config: dict[str, str]
) -> None:
    for key, value in config.items():
        repo.git("config", key, value)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    ours = Objects(open_here(repo.path)).write_commit(EMPTY_TREE, [], "message")
    gits = repo.git("commit-tree", "-m", "message", EMPTY_TREE)
    form = "%an|%ae|%cn|%ce" + "|%ad" * ("GIT_AUTHOR_DATE" in environ) + "|%cd" * ("GIT_COMMITTER_DATE" in environ)
    show = ["show", "--no-patch", f"--format={form}", "--date=raw"]
    assert repo.git(*show, ours) == repo.git(*show, gits)
    zones = {repo.git("show", "--no-patch", "--format=%ad %cd", "--date=format:%z", commit) for commit in (ours, gits)}
    assert len(zones) == 1
    repo.git("fsck", "--strict")


def test_identity_that_git_does_not_know_is_an_error(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "user.useConfigOnly", "true")
    subprocess.run(["git", "config", "--global", "--remove-section", "user"], check=True)
    with pytest.raises(RepoError, match="no email was given and auto-detection is disabled") as caught:
        _ = open_here(repo.path).author
    assert caught.value.hint == "git config user.name '...'; git config user.email '...'"
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "g@example.org")
    assert open_here(repo.path).author.who == b"Grace <g@example.org>"
    with pytest.raises(RepoError, match="no email was given"):
        _ = open_here(repo.path).committer


# Running git


def test_failure_names_the_command_and_what_git_said(repo: GitRepo) -> None:
    opened = open_here(repo.path)
    with pytest.raises(GitCommandError, match=r"^git rev-parse failed: Needed a single revision$") as caught:
        opened.run("-c", "x.y=z", "rev-parse", "--verify", "none")
    assert (caught.value.status, caught.value.stderr) == (128, "fatal: Needed a single revision")
    assert opened.run("rev-parse", "--verify", "none", check=False).returncode == 128


def test_shielded_git_is_out_of_the_terminals_reach(repo: GitRepo) -> None:
    opened = open_here(repo.path)
    repo.git("config", "alias.session", f"!{sys.executable} -c 'import os; print(os.getsid(0))'")
    session = str(os.getsid(0))
    assert opened.run("session").stdout.decode().strip() == session
    assert opened.run("session", shielded=True).stdout.decode().strip() != session


@pytest.mark.parametrize("number", STOPPING)
def test_git_that_a_signal_ends_is_asked_again(tmp_path: Path, number: signal.Signals) -> None:
    die = f"kill -{int(number)} $PPID"
    once = f"!if [ -e {tmp_path}/x ]; then echo answer; else touch {tmp_path}/x; {die}; fi"
    done = run_git(["-c", f"alias.ask={once}", "ask"], cwd=tmp_path, env=dict(os.environ))
    assert (done.returncode, done.stdout) == (0, b"answer\n")
    done = run_git(["-c", f"alias.ask=!{die}", "ask"], cwd=tmp_path, env=dict(os.environ))
    assert done.returncode == -number, "but not for ever"
