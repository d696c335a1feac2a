"""What is synced to the disk: what git would sync with the same settings, seen by strace."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.support.gitrepo import GitRepo
from tests.support.tracing import Tracer

_WRITE = """
import os
from pathlib import Path
from git_draft.git.objects import Objects
from git_draft.git.refs import RefUpdate, Refs
from git_draft.git.repo import Repository
repo = Repository.open(Path.cwd(), os.environ)
oid = Objects(repo).write_commit(Objects(repo).write_tree({}), [], "of ours")
Refs(repo).commit([RefUpdate("refs/heads/ours", None, oid)], "of ours")
"""


def _list_synced(lines: list[str]) -> set[str]:
    files = (match[1] for line in lines if (match := re.search(r"fsync\(\d+<.*/\.git/(.*)>\)", line)))
    kinds = {file.partition("/")[0] for file in files}
    return kinds - {"logs"}  # libgit2 syncs those with the refs, which git does not


@pytest.mark.parametrize(
    "setting, expected",
    [
        ("fsync=", set()),
        ("fsync=committed", {"objects", "refs"}),
        ("fsync=reference", {"refs"}),
        ("fsync=loose-object", {"objects"}),
        *(
            pytest.param(*case, marks=pytest.mark.deep)
            for case in (
                ("fsync=all", {"objects", "refs"}),
                ("fsync=added, -index", {"objects", "refs"}),
                ("fsync=objects,-loose-object", {"objects"}),
                ("fsync=none", set[str]()),
                ("fsync=none,reference", {"refs"}),
                ("fsync=-reference", set[str]()),
                ("fsync=index,pack", set[str]()),
            )
        ),
    ],
)
def test_as_git_does(repo: GitRepo, tmp_path: Path, setting: str, expected: set[str]) -> None:
    repo.git("config", *f"core.{setting}".split("=", 1))
    tracer = Tracer(tmp_path)
    calls = ("fsync", "fdatasync")
    ours = tracer.trace([sys.executable, "-c", _WRITE], repo.path, calls)
    tree = repo.git("rev-parse", "HEAD^{tree}")
    theirs = tracer.trace(["git", "commit-tree", tree, "-m", "of git"], repo.path, calls)
    theirs += tracer.trace(["git", "update-ref", "refs/heads/theirs", "HEAD"], repo.path, calls)
    assert _list_synced(ours) == _list_synced(theirs) == expected


def test_old_setting(repo: GitRepo, tmp_path: Path) -> None:
    repo.git("config", "core.fsyncObjectFiles", "true")
    ours = Tracer(tmp_path).trace([sys.executable, "-c", _WRITE], repo.path, ("fsync", "fdatasync"))
    assert "objects" in _list_synced(ours)


@pytest.mark.deep
def test_a_whole_draft_is_synced(repo: GitRepo, tmp_path: Path) -> None:
    repo.git("config", "core.fsync", "committed")
    words = ("--bot", "command", "-o", "command=echo bot > new", "-o", "shell=true", "do it")
    lines = Tracer(tmp_path).trace([sys.executable, "-m", "git_draft", *words], repo.path, ("fsync", "fdatasync"))
    synced = {match[1] for line in lines if (match := re.search(r"fsync\(\d+<.*/\.git/(refs/.*)\.lock>\)", line))}
    assert {"refs/drafts/1/1", "refs/notes/drafts", "refs/heads/draft/1", "refs/heads/draft/1+"} <= synced
