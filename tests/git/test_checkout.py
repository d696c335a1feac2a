"""Trees in folders of their own: what programs find there, and what is read back."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_draft.errors import GitCommandError, RepoError
from git_draft.folders import private_folder, remove_abandoned_folders
from git_draft.git.checkout import Checkout, Checkouts
from git_draft.git.repo import Repository
from git_draft.git.tree import EMPTY_TREE
from tests.support.gitrepo import GitRepo


@contextlib.contextmanager
def checked_out(repo: GitRepo, parent: Path, tree: str | None = None) -> Iterator[Checkout]:
    opened = Repository.open(repo.path, os.environ)
    temp = repo.path / ".git/git-draft/tmp"
    with Checkouts(opened, parent, temp).checked_out(tree or repo.resolve("HEAD^{tree}")) as checkout:
        yield checkout
    assert list(temp.iterdir()) == []


def git(folder: Path, *args: str) -> str:
    """Run git as a program in the folder would, without what the tests set for git."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *args], cwd=folder, env=env, capture_output=True, check=True, text=True)
    assert done.stderr == ""
    return done.stdout


def test_folder_is_private_and_goes_with_the_block(repo: GitRepo, tmp_path: Path) -> None:
    with checked_out(repo, tmp_path / "out") as checkout:
        assert checkout.folder.name == "repo"
        assert checkout.folder.parent.parent == tmp_path / "out"
        assert checkout.folder.parent.stat().st_mode & 0o777 == 0o700
        assert (checkout.folder / "README.md").read_text() == "hello\n"
    assert list((tmp_path / "out").iterdir()) == []


def test_folder_is_a_repository_of_its_own(repo: GitRepo, tmp_path: Path) -> None:
    repo.git("remote", "add", "origin", "https://example.org/x")
    repo.write(".git/hooks/post-commit", "#!/bin/sh\ntouch hooked\n", mode=0o755)
    repo.git("tag", "v1")
    refs, head = repo.list_refs(), (repo.path / ".git/HEAD").read_bytes()
    other = repo.git("hash-object", "-w", "--stdin", stdin=b"withheld")
    with checked_out(repo, tmp_path / "out") as checkout:
        folder = checkout.folder
        assert git(folder, "status", "--porcelain", "--branch") == "## draft\n"
        assert git(folder, "log", "--format=%an %ae %D") == "Ada Lovelace ada@example.org HEAD -> draft\n"
        assert git(folder, "rev-parse", "HEAD^{tree}").strip() == repo.resolve("HEAD^{tree}")
        assert (git(folder, "remote"), git(folder, "worktree", "list").count("\n")) == ("", 1)
        assert not (folder / ".git/objects/info/alternates").exists()
        objects = git(folder, "cat-file", "--batch-all-objects", "--batch-check")
        assert other not in objects
        assert objects.count("\n") == 3  # a commit, a tree, a blob
        git(folder, "commit", "--quiet", "--allow-empty", "--message", "more")
        git(folder, "gc", "--quiet", "--prune=now")
        assert not (folder / "hooked").exists()
    assert (repo.list_refs(), (repo.path / ".git/HEAD").read_bytes()) == (refs, head)


def test_what_is_there_is_read_back(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit({"old": "old\n", "run": "run\n", ".gitignore": "*.log\n"})
    odd = os.fsdecode(b"\xff\xfe")
    with checked_out(repo, tmp_path / "out") as checkout:
        folder = checkout.folder
        (folder / "old").unlink()
        (folder / "run").chmod(0o755)
        (folder / "a.log").write_text("ignored\n")
        (folder / odd).write_text("odd\n")
        (folder / "link").symlink_to("run")
        git(folder, "add", "--all", "--force")
        git(folder, "commit", "--quiet", "--message", "mine")
        tree, left_out = checkout.record()
    assert left_out == {}
    assert repo.list_files(tree) == [".gitignore", "README.md", "link", "run", odd]
    modes = [line.split()[0] for line in repo.git("ls-tree", "-r", tree).splitlines()]
    assert modes == ["100644", "100644", "120000", "100755", "100644"]


@pytest.mark.parametrize(
    "spoiled", ["rm -rf .git", "rm -rf .git; git init -q; git add .", "git config core.fsmonitor /x"]
)
def test_repository_in_the_folder_does_not_matter(repo: GitRepo, tmp_path: Path, spoiled: str) -> None:
    with checked_out(repo, tmp_path / "out") as checkout:
        subprocess.run(["sh", "-c", f"{spoiled}; echo new > new"], cwd=checkout.folder, check=True)
        tree, _ = checkout.record()
    assert repo.list_files(tree) == ["README.md", "new"]


def test_nested_repository_is_left_out(repo: GitRepo, tmp_path: Path) -> None:
    with checked_out(repo, tmp_path / "out") as checkout:
        GitRepo.create(checkout.folder / "nested").commit({"a": "a\n"})
        tree, left_out = checkout.record()
    assert (repo.list_files(tree), [str(path) for path in left_out]) == (["README.md"], ["nested"])


def test_filters_and_line_endings_apply_both_ways(repo: GitRepo, tmp_path: Path) -> None:
    repo.git("config", "filter.rot.clean", "tr a-y b-z")
    repo.git("config", "filter.rot.smudge", "tr b-z a-y")
    repo.git("config", "core.autocrlf", "true")
    repo.write(".git/info/attributes", "*.info filter=rot\n")
    repo.write(".gitattributes", "*.rot filter=rot -text\n*.wide working-tree-encoding=UTF-16LE\n")
    files = {
        "a.rot": b"abc\n",
        "a.info": b"abc\r\n",
        "a.txt": b"one\r\ntwo\r\n",
        "a.wide": "wide\r\n".encode("utf-16-le"),
    }
    for path, contents in files.items():
        repo.write(path, contents)
    repo.git("add", ".")
    repo.commit()
    assert repo.show("HEAD", "a.rot") == "bcd\n"
    with checked_out(repo, tmp_path / "out") as checkout:
        assert {path: (checkout.folder / path).read_bytes() for path in files} == files
        assert git(checkout.folder, "status", "--porcelain") == ""
        assert checkout.record()[0] == repo.resolve("HEAD^{tree}")
        for path, contents in files.items():
            (checkout.folder / path).write_bytes(contents + contents)
        tree, _ = checkout.record()
    assert [repo.show(tree, path) for path in files] == [
        "bcd\nbcd\n",
        "bcd\nbcd\n",
        "one\ntwo\none\ntwo\n",
        "wide\nwide\n",
    ]


def test_file_that_git_would_write_otherwise_stays_as_it_is(repo: GitRepo, tmp_path: Path) -> None:
    """CRLF in the repository where it should be LF: read anew, it would be another blob."""
    blob = repo.git("hash-object", "-w", "--stdin", "--no-filters", stdin=b"a\r\n")
    repo.commit({".gitattributes": "* text\n"})
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},a")
    repo.git("commit", "--quiet", "--message", "CRLF")
    with checked_out(repo, tmp_path / "out") as checkout:
        assert (checkout.folder / "a").read_bytes() == b"a\r\n"
        (checkout.folder / "b").write_text("b\n")
        tree, _ = checkout.record()
    assert repo.git("diff", "--name-only", checkout.untouched, tree) == "b"


def test_sparse_checkout_of_the_user_is_not_the_programs(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit({"in/a": "a\n", "out/b": "b\n"})
    repo.git("sparse-checkout", "set", "in")
    with checked_out(repo, tmp_path / "out") as checkout:
        assert (checkout.folder / "out/b").exists()
        assert checkout.record()[0] == repo.resolve("HEAD^{tree}")


def test_tree_without_files_and_submodules(repo: GitRepo, tmp_path: Path) -> None:
    with checked_out(repo, tmp_path / "out", EMPTY_TREE) as checkout:
        assert checkout.record()[0] == EMPTY_TREE
    head = repo.resolve("HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},module")
    repo.commit()
    with checked_out(repo, tmp_path / "out") as checkout:
        assert git(checkout.folder, "status", "--porcelain") == ""
        assert checkout.record()[0] == repo.resolve("HEAD^{tree}")


def test_filter_that_fails_is_said(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit({".gitattributes": "*.md filter=no\n"})
    repo.git("config", "filter.no.smudge", "false")
    repo.git("config", "filter.no.required", "true")
    with pytest.raises(GitCommandError, match="smudge filter no failed"), checked_out(repo, tmp_path / "out"):
        pass
    assert list((tmp_path / "out").iterdir()) == []


def test_folder_that_can_not_be_made_is_said(repo: GitRepo, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(RepoError, match="can't make a folder in"), checked_out(repo, tmp_path / "out"):
        pass


def test_only_abandoned_folders_are_removed(tmp_path: Path) -> None:
    (tmp_path / "abandoned/sub").mkdir(parents=True)
    with private_folder(tmp_path) as mine:
        remove_abandoned_folders(tmp_path)
        assert list(tmp_path.iterdir()) == [mine]
    remove_abandoned_folders(tmp_path / "nowhere")


def test_folder_without_rights_is_removed(tmp_path: Path) -> None:
    with private_folder(tmp_path) as mine:
        (mine / "a/b").mkdir(parents=True)
        (mine / "a/b/file").write_text("x")
        (mine / "a/b").chmod(0o500)
        (mine / "a").chmod(0)
    assert list(tmp_path.iterdir()) == []
