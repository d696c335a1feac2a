"""A part of a draft made a draft of its own: some of its paths, or hunks; merged as any other."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from git_draft.errors import FolioError, GitCommandError
from git_draft.model import Draft, MergeStrategy
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

PROGRAM = Path(__file__).resolve().parents[2] / "bin/git-draft"
LINES = [f"{number}\n" for number in range(40)]


@pytest.fixture
def studio(repo: GitRepo) -> Studio:
    repo.commit({"f": "".join(LINES), "gone": "x\n", "sub/a": "1\n"})
    repo.write("f", "mine\n" + "".join(LINES))  # not committed: in the sync commit, not in the draft
    studio = Studio(repo)
    changed = ["mine\n", *LINES[:3], "three\n", *LINES[4:30], "thirty\n", *LINES[31:]]
    studio.draft(
        write("f", "".join(changed)),
        lambda worktree: worktree.delete_file("gone"),
        write("sub/a", "2\n"),
        write("new", "new\n"),
    )
    return studio


def pick(studio: Studio, *paths: str, folder: str = ".") -> Draft:
    with studio.command() as drafter:
        whole = drafter.get_draft("1/1")
        return drafter.pick(whole, paths, studio.repo.path / folder, by_hunks=False).draft


def pick_hunks(studio: Studio, answers: str, *paths: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "pick", "-p", "1/1", "--", *paths],
        cwd=studio.repo.path,
        input=answers,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )


def changes(repo: GitRepo, draft: str) -> list[str]:
    return repo.git("diff", "--name-status", f"drafts/{draft}^", f"drafts/{draft}").replace("\t", " ").splitlines()


def test_paths_become_a_draft_with_the_same_parent(studio: Studio) -> None:
    repo = studio.repo
    before = repo.hash_files(), (repo.path / ".git/index").read_bytes()
    part = pick(studio, "gone", "sub")
    assert (str(part.name), part.record.part_of, part.title) == ("1/2", "1/1", "do it")
    assert changes(repo, "1/2") == ["D gone", "M sub/a"]
    assert repo.resolve("drafts/1/2^") == repo.resolve("drafts/1/1^")
    assert repo.git("notes", "--ref=drafts", "show", "drafts/1/2").count("Part-of: 1/1") == 1
    assert (repo.hash_files(), (repo.path / ".git/index").read_bytes()) == before
    assert repo.resolve("refs/heads/draft/1+") == repo.resolve("drafts/1/2")


def test_pathspecs_are_gits_and_start_from_the_current_folder(studio: Studio) -> None:
    pick(studio, "a", folder="sub")
    assert changes(studio.repo, "1/2") == ["M sub/a"]
    pick(studio, ":(top,glob)*", ":(top,exclude)f", folder="sub")
    assert changes(studio.repo, "1/3") == ["D gone", "A new"]


def test_part_and_then_whole_are_merged(studio: Studio) -> None:
    repo = studio.repo
    pick(studio, "new")
    merged = studio.merge(strategy=MergeStrategy.DEFAULT)
    assert str(merged.draft.name) == "1/2"
    assert repo.read("new") == "new\n"
    assert repo.read("f").startswith("mine\n0\n1\n2\n3\n")
    with studio.command() as drafter:
        drafter.merge(drafter.get_draft("1/1"), MergeStrategy.DEFAULT)
    assert repo.read("f") == "".join(["mine\n", *LINES[:3], "three\n", *LINES[4:30], "thirty\n", *LINES[31:]])
    assert not (repo.path / "gone").exists()


@pytest.mark.parametrize(
    "paths, fault",
    [
        (("README.md",), "draft 1/1 changes nothing in these paths"),
        (("f", "gone", "sub", "new"), "that is all of draft 1/1"),
    ],
)
def test_what_is_no_part_is_refused(studio: Studio, paths: tuple[str, ...], fault: str) -> None:
    with pytest.raises(FolioError, match=fault):
        pick(studio, *paths)


def test_path_that_git_does_not_know_is_named(studio: Studio) -> None:
    with pytest.raises(GitCommandError, match="pathspec 'nowhere' did not match any file"):
        pick(studio, "nowhere")
    assert list(studio.repo.list_refs("refs/drafts/")) == ["refs/drafts/1/1"]


def test_hunks_are_chosen_as_git_does(studio: Studio) -> None:
    repo = studio.repo
    index = (repo.path / ".git/index").read_bytes()
    done = pick_hunks(studio, "n\ny\n", "f")
    assert (done.returncode, "draft 1/2: do it (1 file +1 -1)" in done.stdout) == (0, True), done.stderr
    assert "Apply this hunk to index" in done.stdout
    assert "thirty" in repo.show("drafts/1/2", "f")
    assert "three" not in repo.show("drafts/1/2", "f")
    assert repo.show("drafts/1/2", "f").startswith("mine\n")
    assert (repo.path / ".git/index").read_bytes() == index


def test_no_hunk_chosen_makes_no_draft(studio: Studio) -> None:
    done = pick_hunks(studio, "q\n")
    assert (done.returncode, done.stderr) == (1, "error: nothing was picked, no draft was made\n")
    assert list(studio.repo.list_refs("refs/drafts/")) == ["refs/drafts/1/1"]


def test_part_of_a_draft_that_was_left_is_made_too(studio: Studio) -> None:
    studio.quit()
    assert str(pick(studio, "new").name) == "1/2"
    assert changes(studio.repo, "1/2") == ["A new"]
