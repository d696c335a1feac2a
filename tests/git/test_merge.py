"""Merging a draft against `git merge -X` itself, on the same two commits: a hundred random cases for each strategy.

Every run of the tests goes through the first of them, the deep ones through all.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pygit2
import pytest

from git_draft.drafter import Drafter
from git_draft.errors import GitCommandError
from git_draft.merging import MERGE_MESSAGE
from git_draft.model import DraftName, MergeStrategy
from git_draft.project import Project
from git_draft.records import Records
from tests.support.bots import RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.gitrepo import GitRepo
from tests.support.merges import MergeCase, Tree, clear_folder, import_cases, make_case, read_files, write_files

CASES = 100
FIRST = 15


@dataclass(frozen=True)
class Merged:
    """What a merge leaves behind.

    Args:
        status: the exit of git merge.
        index: the lines of ls-files, stages included.
        files: of the working directory, with modes and hashes.
        merge_head: MERGE_HEAD, and the message beside it.
        parents: of the commit, where there is one: their trees, and its own.
        trees: its tree and those of its parents.
    """

    status: int
    index: bytes
    files: Tree
    merge_head: tuple[bytes, ...]
    trees: tuple[str, ...]

    @classmethod
    def read(cls, repo: GitRepo, status: int) -> Merged:
        """Look at a repository after a merge."""
        files = [repo.path / ".git" / name for name in ("MERGE_HEAD", "MERGE_MSG")]
        return cls(
            status,
            repo.git_bytes("ls-files", "--stage", "-z"),
            read_files(repo.path),
            tuple(file.read_bytes() for file in files if file.exists()),
            _read_trees(repo) if status == 0 else (),
        )

    @property
    def conflicts(self) -> list[PurePosixPath]:
        """The paths that are unmerged."""
        lines = [line.decode().partition("\t") for line in self.index.split(b"\0") if line]
        return [PurePosixPath(path) for path in sorted({path for entry, _, path in lines if entry[-1] != "0"})]


def _read_trees(repo: GitRepo) -> tuple[str, ...]:
    head = pygit2.Repository(repo.path).head.peel(pygit2.Commit)
    return tuple(str(commit.tree_id) for commit in (head, *head.parents))


class Arena:
    """Two repositories with the same cases: git-draft merges in one, git in the other."""

    def __init__(self, folder: Path, strategy: MergeStrategy, count: int) -> None:
        self.strategy = strategy
        self.cases = [make_case(strategy, seed) for seed in range(count)]
        self.mine = GitRepo.create(folder / "mine")
        self.gits = GitRepo.create(folder / "gits")
        import_cases(self.mine, self.cases)
        (self.gits.path / ".git/objects/info/alternates").write_text(f"{self.mine.path}/.git/objects\n")
        if strategy is MergeStrategy.FIND_RENAMES:
            for repo in (self.mine, self.gits):  # git looks for renames anyway; only its old engine can be told not to
                repo.git("config", "merge.renames", "false")
                repo.git("config", "pull.twohead", "recursive")
        shutil.copy(self.mine.path / ".git/packed-refs", self.gits.path / ".git/packed-refs")
        self.refs = self.mine.list_refs()
        self.project = Project.open(self.mine.path, os.environ)
        self.drafter = Drafter(self.project, RecordingFeedback(), FakeClock())

    def _start(self, repo: GitRepo, head: str) -> None:
        clear_folder(repo.path)
        for name in ("index", "index.lock"):  # git leaves its lock where it crashes
            (repo.path / ".git" / name).unlink(missing_ok=True)
        (repo.path / ".git/HEAD").write_text(head + "\n")
        repo.git("reset", "--quiet", "--hard")

    def merge_by_git(self, number: int, strategy: MergeStrategy) -> Merged:
        """Merge with git, on the user's state as a commit."""
        self._start(self.gits, self.refs[f"refs/cases/{number}/ours"])
        options = [] if strategy is MergeStrategy.DEFAULT else ["-X", strategy]
        done = self.gits.run("merge", "--no-ff", *options, "-m", MERGE_MESSAGE, f"drafts/{number}/1")
        return Merged.read(self.gits, done.returncode)

    def merge_by_us(self, number: int, case: MergeCase) -> Merged:
        """Merge the draft, with the user's state as uncommitted changes."""
        self._start(self.mine, f"ref: refs/heads/draft/{number}")
        clear_folder(self.mine.path)
        write_files(self.mine.path, case.ours)
        draft = Records(self.project).find_draft(DraftName(number, 1))
        try:
            merge = self.drafter.merge(draft, self.strategy)
        except GitCommandError as error:
            return Merged.read(self.mine, error.status)
        merged = Merged.read(self.mine, 0 if merge.result.is_clean else 1)
        assert list(merge.result.conflicts) == merged.conflicts
        return merged

    def predict(self, number: int) -> set[str]:
        """Give the paths that our last merge was expected to put on disk."""
        head = self.project.objects.read_commit(self.project.repo.get_head()[1])
        draft = self.refs[f"refs/drafts/{number}/1"]
        target = head.parents[0] if draft in head.parents else head.oid
        tree, _ = self.project.workdir.predict_merge(target, f"drafts/{number}/1", self.strategy)
        return {str(path) for path, _ in self.project.objects.edit_tree(tree).iter_files()}


@pytest.mark.parametrize("count", [FIRST, pytest.param(CASES, marks=pytest.mark.deep)])
@pytest.mark.parametrize("strategy", MergeStrategy)
def test_strategy_merges_as_git_does(tmp_path: Path, strategy: MergeStrategy, count: int) -> None:
    arena = Arena(tmp_path, strategy, count)
    counts = Counter({"another tree than default": 0, "conflicts under default": 0, "renames, CRLF, modes": 0})
    for number, case in enumerate(arena.cases, 1):
        expected = arena.merge_by_git(number, strategy)
        assert arena.merge_by_us(number, case) == expected, f"case {number - 1}"
        if strategy is not MergeStrategy.FIND_RENAMES:  # the old engine names some conflicts otherwise
            assert arena.predict(number) == set(expected.files), f"case {number - 1}"
        default = (
            arena.merge_by_git(number, MergeStrategy.DEFAULT) if strategy is not MergeStrategy.DEFAULT else expected
        )
        counts["another tree than default"] += expected.files != default.files
        counts["conflicts under default"] += default.status == 1
        counts["renames, CRLF, modes"] += case.is_rich
    if strategy is MergeStrategy.DEFAULT:
        del counts["another tree than default"]
    assert {name: found for name, found in counts.items() if found < count // 5} == {}
