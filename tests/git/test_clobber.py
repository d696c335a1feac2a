"""An ignored file in the way of a merge: refused by name, and nothing touched, in whatever shape."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from git_draft.drafter import Drafter
from git_draft.errors import ClobberError
from git_draft.model import MergeStrategy
from git_draft.project import Project
from tests.support.bots import RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.dirt import Contents, put
from tests.support.gitrepo import GitRepo
from tests.support.merges import SYMLINK, File, MergeCase, Tree, import_cases, write_files

BASE: Tree = {
    ".gitignore": File(b"*.ig\nig/\nout\nnew/x\nnew/b\n*~HEAD\n*~drafts_1_1\n"),
    "a": File(b"a\n"),
    "src/a": File(b"1\n2\n3\n"),
    "src/b": File(b"4\n5\n6\n"),
    "docs/a": File(b"a file with some lines\nof its own\n"),
}


@dataclass(frozen=True)
class Shape:
    """What is in the way of what.

    Args:
        theirs: what the draft changes; None removes.
        on_disk: ignored files.
        named: what the refusal names, None where the merge is fine.
        ours: what the user changed.
        strategy: how to merge.
    """

    theirs: dict[str, File | None]
    on_disk: dict[str, Contents]
    named: str | None
    ours: dict[str, File | None] = field(default_factory=dict)
    strategy: MergeStrategy = MergeStrategy.DEFAULT


X = File(b"from the draft\n")
SHAPES = {
    "file-over-file": Shape({"x.ig": X}, {"x.ig": b"mine"}, "x.ig"),
    "same-contents": Shape({"x.ig": X}, {"x.ig": X.contents}, "x.ig"),
    "file-over-folder": Shape({"out": X}, {"out/deep/file": b"mine", "out/other": b"mine"}, "out/other, out/deep/file"),
    "file-over-folder-with-a-link": Shape({"out": X}, {"out/link": "../src"}, "out/link"),
    "folder-over-file": Shape({"out/x": X}, {"out": b"mine"}, "out"),
    "deep-folder-over-file": Shape({"out/x/y/z": X}, {"out": b"mine"}, "out"),
    "file-in-ignored-folder": Shape({"ig/x": X}, {"ig/x": b"mine"}, "ig/x"),
    "file-beside-ignored": Shape({"ig/x": X}, {"ig/y": b"mine"}, None),
    "file-over-link": Shape({"x.ig": X}, {"x.ig": "nowhere"}, "x.ig"),
    "file-over-link-to-folder": Shape({"out": X}, {"out": "src"}, "out"),
    "file-through-link": Shape({"out/x": X}, {"out": "src"}, "out"),
    "link-over-file": Shape({"x.ig": File(b"a", SYMLINK)}, {"x.ig": b"mine"}, "x.ig"),
    "link-over-folder": Shape({"out": File(b"a", SYMLINK)}, {"out/x": b"mine"}, "out/x"),
    "file-turns-link": Shape({"a": File(b"src/a", SYMLINK)}, {"x.ig": b"mine"}, None),
    "recorded-folder-with-ignored-file-turns-file": Shape(
        {"src": X, "src/a": None, "src/b": None}, {"src/x.ig": b"mine"}, "src/x.ig"
    ),
    "recorded-file-turns-folder": Shape({"a": None, "a/b": X}, {"x.ig": b"mine"}, None),
    "rename-onto": Shape({"src/a": None, "x.ig": BASE["src/a"]}, {"x.ig": b"mine"}, "x.ig"),
    "changed-only": Shape({"a": X}, {"x.ig": b"mine"}, None),
    "removed-beside": Shape({"src/a": None, "src/b": None}, {"src/x.ig": b"mine"}, None),
    "folder-renamed-by-the-user": Shape(
        {"docs/x": X},
        {"new/x": b"mine"},
        "new/x",
        ours={"docs/a": None, "new/a": BASE["docs/a"]},
        strategy=MergeStrategy.OURS,
    ),
    "draft-renamed-the-folder": Shape(
        {"docs/a": None, "new/a": BASE["docs/a"]}, {"new/b": b"mine"}, "new/b", ours={"docs/b": X}
    ),
    "side-of-a-conflict-is-ours": Shape(
        {"src/a": None, "src/a/b": X}, {"src/a~HEAD": b"mine"}, "src/a~HEAD", ours={"src/a": File(b"changed\n")}
    ),
    "side-of-a-conflict-is-the-draft's": Shape(
        {"src/a": File(b"changed\n")},
        {"src/a~drafts_1_1": b"mine"},
        "src/a~drafts_1_1",
        ours={"src/a": None, "src/a/b": X},
    ),
    "old-files-of-the-user-are-recorded": Shape(
        {"y": X}, {}, None, ours={"y": File(b"untracked\n")}, strategy=MergeStrategy.OURS
    ),
}


def change(tree: Tree, changes: dict[str, File | None]) -> Tree:
    return {path: file for path, file in {**tree, **changes}.items() if file is not None}


def start(folder: Path, shape: Shape) -> GitRepo:
    """Make a repository with folio 1 checked out, draft 1/1, and what is in the way."""
    repo = GitRepo.create(folder)
    ours = change(BASE, shape.ours)
    import_cases(repo, [MergeCase(BASE, ours, change(BASE, shape.theirs))])
    repo.git("config", "merge.directoryRenames", "true")
    repo.git("checkout", "--quiet", "draft/1")
    repo.git("rm", "--quiet", "-r", ".")
    write_files(repo.path, ours)
    for path, contents in shape.on_disk.items():
        put(repo.path / path, contents)
        assert repo.run("check-ignore", "--quiet", path).returncode == 0, f"{path} is to be ignored"
    return repo


def open_drafter(repo: GitRepo) -> Drafter:
    return Drafter(Project.open(repo.path, os.environ), RecordingFeedback(), FakeClock())


@pytest.mark.parametrize("shape", [pytest.param(shape, id=name) for name, shape in SHAPES.items()])
def test_ignored_file_in_the_way_is_refused_and_untouched(tmp_path: Path, shape: Shape) -> None:
    repo = start(tmp_path / "repo", shape)
    before = repo.hash_files(), repo.hash_index(), repo.list_refs()
    drafter = open_drafter(repo)
    if shape.named is None:
        drafter.merge(None, shape.strategy)
        after = repo.hash_files()
        assert {path: after.get(path) for path in shape.on_disk} == {path: before[0][path] for path in shape.on_disk}
        return
    with pytest.raises(ClobberError) as caught:
        drafter.merge(None, shape.strategy)
    assert caught.value.message == f"merging 1/1 would overwrite files that git does not record: {shape.named}"
    assert caught.value.hint == "move them away, or git add -f them"
    assert (repo.hash_files(), repo.hash_index(), repo.list_refs()) == before


def test_file_in_the_place_of_a_submodule_is_refused(repo: GitRepo) -> None:
    GitRepo.create(repo.path / "vendor").commit({"file": "mine"})
    repo.git("switch", "--quiet", "--create", "draft/1")
    repo.git("config", "branch.draft/1.draftOrigin", "main")
    repo.git("-c", "advice.addEmbeddedRepo=false", "add", "vendor")
    repo.commit()
    scratch = {"GIT_INDEX_FILE": str(repo.path / ".git/scratch-index")}
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{repo.resolve('HEAD:README.md')},vendor", env=scratch)
    draft = repo.git("commit-tree", "-p", "HEAD", "-m", "draft! prompt: x", repo.git("write-tree", env=scratch))
    repo.git("update-ref", "refs/drafts/1/1", draft)
    before = repo.hash_files(), repo.hash_index()
    with pytest.raises(ClobberError, match="vendor/file"):
        open_drafter(repo).merge(None, MergeStrategy.DEFAULT)
    assert (repo.hash_files(), repo.hash_index()) == before
