"""The whole loop in odd repositories, with real git as the oracle: draft, merge, undo, quit, undo.

The table of cases, with what is expected in each, is `tests/support/oddities.py`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from git_draft.errors import GitDraftError, UnsupportedRepositoryError
from git_draft.model import Changes, MergeStrategy
from git_draft.project import Project
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.odd_repositories import make_scratch
from tests.support.oddities import ODDITIES, QUICK, REFUSED, Oddity, Refusal
from tests.support.skips import require_program
from tests.support.studio import Studio

BOT_LINES = "".join(f"{number}\n" for number in [*range(1, 9), "bot"])


def _read_files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Read all files; by descriptors of folders, since a path may be too long for the system."""
    files: dict[str, tuple[int, bytes]] = {}
    for parent, folders, names, here in os.fwalk(folder):
        if Path(parent) == folder:
            folders[:] = [name for name in folders if name != ".git"]
        for name in [*names, *folders]:
            mode = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
            path = os.path.relpath(f"{parent}/{name}", folder)
            if stat.S_ISLNK(mode):
                files[path] = mode, os.fsencode(os.readlink(name, dir_fd=here))
            elif name in names and name != ".git":
                with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=here), "rb") as file:
                    files[path] = mode, file.read()
    return files


@dataclass(frozen=True)
class State:
    """What a user sees: files with modes, status, index, branch."""

    files: dict[str, tuple[int, bytes]]
    status: str
    index: str
    branch: str

    @classmethod
    def read(cls, repo: GitRepo) -> State:
        """Look at a repository."""
        asked = ("-c", "color.ui=false", "status", "--porcelain=v2", "--untracked-files=all", "-z")
        status = repo.git("--no-optional-locks", *asked)
        listing = repo.git("ls-files", "--stage", "-t", "-z")
        return cls(_read_files(repo.path), status, listing, repo.git("symbolic-ref", "HEAD"))


def _add_all(repo: GitRepo, folder: Path, left_out: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """Give the tree of `git add -A` on a copy of the index, and the environment that has it."""
    index = repo.path / repo.git("rev-parse", "--git-path", "index")
    shutil.copy2(index, folder / "index")  # with its time, by which git knows which entries may be stale
    env = {"GIT_INDEX_FILE": str(folder / "index")}
    excluded = [f":(exclude){path}" for path in left_out]
    repo.git("-c", "core.splitIndex=false", "add", "-A", *(["--", ".", *excluded] if excluded else []), env=env)
    return repo.git("write-tree", env=env), env


def _merge_by_git(repo: GitRepo, folder: Path, tree: str, draft: str) -> str:
    """Give the tree that git makes of the user's state and a draft, in a working directory of its own."""
    mine = repo.git("commit-tree", tree, "-p", f"{draft}^", "-m", "mine")
    repo.git("-c", "core.hooksPath=/dev/null", "worktree", "add", "-q", "--detach", "--no-checkout", str(folder), mine)
    judge = GitRepo(folder)
    settings = ["-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "merge.verifySignatures=false"]
    settings += ["-c", "merge.ff=true", "-c", "core.sparseCheckout=false"]
    judge.git(*settings, "reset", "-q", "--hard")
    judge.git(*settings, "merge", "-q", "--no-ff", "--no-squash", "-X", "theirs", "-m", "judge", draft)
    merged = judge.resolve("HEAD^{tree}")
    repo.git("worktree", "remove", "--force", str(folder))
    return merged


@dataclass
class OddStudio(Studio):
    """Runs git-draft in an environment of its own, which real git, the oracle, is not to see."""

    environ: Mapping[str, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def opened(self) -> Iterator[Project]:
        """Open the repository for as long as it lasts."""
        before = dict(os.environ)
        os.environ.update(self.environ)
        try:
            with super().opened() as project:
                yield project
        finally:
            os.environ.clear()
            os.environ.update(before)


def _build(case: Oddity | Refusal, repo: GitRepo) -> GitRepo:
    made = case.build(repo)
    return made if isinstance(made, GitRepo) else repo


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.deep) for name in ODDITIES]
)
def test_whole_loop(name: str, tmp_path: Path) -> None:
    case = ODDITIES[name]
    if case.program:
        require_program(case.program, package=case.program)
    repo = make_scratch(tmp_path)
    repo = _build(case, repo)
    if case.line_end != "\n":
        repo.write("f.txt", repo.read("f.txt").replace("\n", case.line_end))
    studio = OddStudio(repo, environ={key: value.format(repo=repo.path) for key, value in case.environ.items()})

    # a draft: files, index and status as they were, the state below it git's own, the diff the bot's alone
    before = replace(State.read(repo), branch=""), repo.hash_index()
    tree, _ = _add_all(repo, tmp_path, case.left_out)
    draft = studio.draft(write("f.txt", BOT_LINES), write("added/by-bot.txt", "bot\n")).draft
    assert (replace(State.read(repo), branch=""), repo.hash_index()) == before
    assert repo.resolve(f"{draft.commit}^^{{tree}}") == tree
    changed = repo.git("diff-tree", "-r", "--name-status", "--no-renames", draft.parent, draft.commit)
    assert draft.record.changes == Changes(files=2, added=2, removed=1)
    assert changed.splitlines() == ["A\tadded/by-bot.txt", "M\tf.txt"]

    # a merge: the user's lines and the bot's, as git merges them
    repo.write("f.txt", f"mine{repo.read('f.txt')[1:]}")
    if case.later:
        case.later(repo)
    tree, _ = _add_all(repo, tmp_path, case.left_out)
    expected = _merge_by_git(repo, tmp_path / "judge", tree, draft.commit)
    unmerged = State.read(repo)
    assert studio.merge(strategy=MergeStrategy.THEIRS).result.is_clean
    assert repo.resolve("HEAD^{tree}") == expected
    assert repo.read("f.txt").splitlines() == ["mine", *"2345678", "bot"]
    merged = State.read(repo)
    touched = {path for path, _ in set(merged.files.items()) ^ set(unmerged.files.items())}
    assert touched - {"added/by-bot.txt"} == {"f.txt"}  # the other is outside of some sparse checkouts

    # undo, and once more
    studio.undo()
    assert State.read(repo) == unmerged
    studio.undo()
    assert State.read(repo) == merged

    # quit: every file stays; undo brings the folio back
    studio.quit()
    left = State.read(repo)
    assert left.files == merged.files
    assert left.branch != merged.branch
    studio.undo()
    assert State.read(repo) == merged
    studio.undo()
    assert State.read(repo) == left

    said = [line for line in studio.warnings if "not recorded, too large or a nested repository" in line]
    assert all(path in line for path in case.left_out for line in said)
    assert bool(said) == bool(case.left_out)
    assert not list(repo.path.glob(".git/**/ran"))  # a hook or a program that git would not have run either
    assert repo.run("fsck", "--strict").returncode == 0


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, tmp_path: Path) -> None:
    case = REFUSED[name]
    repo = make_scratch(tmp_path)
    repo = _build(case, repo)
    before = _ask_status(repo), _read_files(repo.path)
    with pytest.raises(case.kind) as caught:
        Studio(repo).draft(write("f.txt", BOT_LINES))
    assert isinstance(caught.value, GitDraftError)
    assert caught.value.message == case.line
    assert before == (_ask_status(repo), _read_files(repo.path))


@pytest.mark.parametrize("name", ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR"])
def test_folders_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    repo = make_scratch(tmp_path)
    studio = OddStudio(repo, environ={name: f"{repo.path}/.git/elsewhere"})
    with pytest.raises(UnsupportedRepositoryError, match=f"{name} is set, and git-draft knows") as caught:
        studio.draft(write("f.txt", BOT_LINES))
    assert caught.value.hint == f"env -u {name} git draft …"
    assert list(repo.list_refs()) == ["refs/heads/main"]


def _ask_status(repo: GitRepo) -> tuple[int, bytes]:
    done = repo.run("status", "--porcelain=v2")
    return done.returncode, done.stdout
