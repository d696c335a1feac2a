"""Refs: nothing is lost among several writers, all or nothing in a transaction, and git goes on with what is written."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from git_draft.errors import RefLockedError, RefMovedError
from git_draft.git.objects import Objects
from git_draft.git.refs import (
    Refs,
    RefUpdate,
    format_draft_ref,
    format_final_ref,
    format_folio_branch,
    format_upstream,
    parse_draft_ref,
    parse_folio_branch,
)
from git_draft.git.repo import Repository
from git_draft.git.tree import EMPTY_TREE
from git_draft.model import DraftName
from tests.support.gitrepo import GitRepo
from tests.support.rivals import PROCESSES, run_rivals

ABSENT = "1" * 40
COUNTER = "refs/heads/counter"
COUNT = 20


def open_refs(folder: Path) -> tuple[Refs, Objects]:
    repo = Repository.open(folder, os.environ)
    return Refs(repo), Objects(repo)


def find_locks(repo: GitRepo) -> list[Path]:
    return list((repo.path / ".git").rglob("*.lock"))


# Several writers


def count_up(folder: Path, number: int) -> int:
    refs, objects = open_refs(folder)
    losses = 0
    for step in range(COUNT):
        while True:
            tip = refs.find(COUNTER)
            new = objects.write_commit(EMPTY_TREE, [tip] if tip else [], f"{number} {step}")
            try:
                refs.commit([RefUpdate(COUNTER, tip, new)], "count")
                break
            except RefMovedError:
                losses += 1
    return losses


def test_several_writers_lose_nothing(repo: GitRepo) -> None:
    run_rivals(count_up, repo.path)
    expected = [f"{number} {step}" for number in range(PROCESSES) for step in range(COUNT)]
    assert sorted(repo.subjects(COUNTER)) == sorted(expected)
    assert find_locks(repo) == []


def take_names(folder: Path, number: int) -> list[str]:
    refs, objects = open_refs(folder)
    commit = objects.write_commit(EMPTY_TREE, [], f"{number}")
    taken = []
    for step in range(COUNT):
        with contextlib.suppress(RefMovedError):
            refs.commit([RefUpdate(f"refs/drafts/1/{step + 1}", None, commit)], "take")
            taken.append(f"1/{step + 1}")
    return taken


def test_name_is_taken_by_one_only(repo: GitRepo) -> None:
    taken = run_rivals(take_names, repo.path)
    assert Counter(name for names in taken for name in names) == {f"1/{step + 1}": 1 for step in range(COUNT)}
    for number, names in enumerate(taken):
        assert {repo.git("log", "-1", "--format=%s", f"drafts/{name}") for name in names} <= {f"{number}"}


# Locks


def test_held_lock_is_waited_for(repo: GitRepo) -> None:
    lock = repo.write(".git/refs/heads/side.lock", b"")
    refs, _ = open_refs(repo.path)
    timer = threading.Timer(0.3, lock.unlink)
    timer.start()
    started_s = time.monotonic()
    refs.commit([RefUpdate("refs/heads/side", None, repo.resolve("HEAD"))], "make")
    assert time.monotonic() - started_s >= 0.25
    timer.join()
    assert repo.resolve("side") == repo.resolve("main")


def test_lock_that_stays_is_an_error_after_some_seconds(repo: GitRepo) -> None:
    lock = repo.write(".git/refs/heads/side.lock", b"")
    refs, _ = open_refs(repo.path)
    head = repo.resolve("HEAD")
    with pytest.raises(RefLockedError, match=r"can't change refs/heads/other: .*lock") as caught:
        refs.commit([RefUpdate("refs/heads/other", None, head), RefUpdate("refs/heads/side", None, head)], "make")
    assert str(caught.value.hint).endswith(f"rm {lock}")
    assert repo.find("other") is None
    assert find_locks(repo) == [lock]


@pytest.mark.parametrize("name", ["refs/heads/bad..name", "refs/heads/main/below"])
def test_what_is_no_lock_is_not_waited_for(repo: GitRepo, name: str) -> None:
    refs, _ = open_refs(repo.path)
    started_s = time.monotonic()
    with pytest.raises(RefLockedError, match=name):
        refs.commit([RefUpdate(name, None, repo.resolve("HEAD"))], "make")
    assert time.monotonic() - started_s < 3
    assert find_locks(repo) == []


def test_refs_are_written_down_while_they_are_locked(repo: GitRepo) -> None:
    noted: list[Sequence[str]] = []

    @contextlib.contextmanager
    def journal(names: Sequence[str]) -> Iterator[None]:
        noted.append(names)
        assert repo.find("side") is None
        yield
        assert repo.find("side") is not None

    refs = Refs(Repository.open(repo.path, os.environ), journal)
    refs.commit([RefUpdate("refs/heads/side", None, repo.resolve("HEAD"))], "make")
    assert noted == [["refs/heads/side"]]


# All or nothing


@pytest.mark.parametrize(
    "name, old, new",
    [
        ("refs/heads/main", ABSENT, "HEAD"),
        ("refs/heads/main", None, "HEAD"),
        ("refs/heads/main", ABSENT, None),
        ("refs/heads/none", "HEAD", "HEAD"),
        ("refs/heads/main", ABSENT, ABSENT),
        ("refs/heads/side", None, ABSENT),
        ("HEAD", "refs/heads/other", "refs/heads/side"),
        ("HEAD", "HEAD", "refs/heads/side"),
    ],
    ids=["other", "present", "remove-other", "absent", "compare", "no-such-object", "other-branch", "not-detached"],
)
def test_transaction_does_all_or_nothing(repo: GitRepo, name: str, old: str | None, new: str | None) -> None:
    head = repo.resolve("HEAD")
    refs, _ = open_refs(repo.path)
    before = repo.list_refs(), repo.git("symbolic-ref", "HEAD")
    ids = {"HEAD": head}
    with pytest.raises(RefMovedError, match=f"^{name} "):
        refs.commit(
            [
                RefUpdate("refs/heads/first", None, head),
                RefUpdate(name, ids.get(old or "", old), ids.get(new or "", new)),
                RefUpdate("refs/tags/last", None, head),
            ],
            "try",
        )
    assert (repo.list_refs(), repo.git("symbolic-ref", "HEAD")) == before
    assert find_locks(repo) == []


def test_transaction_makes_moves_removes_and_compares(repo: GitRepo) -> None:
    old = repo.resolve("HEAD")
    new = repo.commit()
    repo.git("branch", "gone", old)
    refs, _ = open_refs(repo.path)
    refs.commit(
        [
            RefUpdate("refs/heads/main", new, new),
            RefUpdate("refs/drafts/1/1", None, new),
            RefUpdate("refs/heads/gone", old, None),
        ],
        "all",
    )
    assert repo.list_refs() == {"refs/heads/main": new, "refs/drafts/1/1": new}
    refs.commit([RefUpdate("refs/drafts/1/1", new, old)], "back")
    repo.git("pack-refs", "--all")
    refs.commit([RefUpdate("refs/drafts/1/1", old, None)], "remove a packed one")
    assert repo.list_refs() == {"refs/heads/main": new}


# HEAD and its log


def test_switch_goes_back_to_where_head_came_from(repo: GitRepo) -> None:
    head = repo.resolve("HEAD")
    repo.git("branch", "draft/1")
    repo.write("README.md", "dirty\n")
    before = repo.hash_index(), repo.hash_files()
    refs, _ = open_refs(repo.path)
    refs.commit(
        [RefUpdate("HEAD", "refs/heads/main", "refs/heads/draft/1"), RefUpdate("refs/heads/main", head, head)],
        "checkout: moving from main to draft/1",
    )
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/draft/1"
    assert (repo.hash_index(), repo.hash_files()) == before
    assert repo.git("log", "--walk-reflogs", "-1", "--format=%gd %gs %gn %ge") == (
        "HEAD@{0} checkout: moving from main to draft/1 Ada Lovelace ada@example.org"
    )
    assert repo.git("reflog", "-1", "--format=%gs", "main") == "commit (initial): first"
    repo.git("switch", "--quiet", "-")
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"
    repo.git("switch", "--quiet", "-")
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/draft/1"


def test_moving_the_branch_that_is_checked_out_is_logged_for_head_too(repo: GitRepo) -> None:
    old = repo.resolve("HEAD")
    refs, objects = open_refs(repo.path)
    new = objects.write_commit(repo.resolve("HEAD^{tree}"), [old], "next")
    refs.commit(
        [RefUpdate("HEAD", "refs/heads/main", "refs/heads/main"), RefUpdate("refs/heads/main", old, new)], "draft: sync"
    )
    assert repo.git("reflog", "-1", "--format=%H %gs", "main") == f"{new} draft: sync"
    assert repo.git("reflog", "--format=%H %gs", "HEAD").splitlines() == [
        f"{new} draft: sync",
        f"{old} commit (initial): first",
    ]


def test_log_is_written_by_the_committer(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Grace <Hopper>")
    monkeypatch.setenv("GIT_COMMITTER_EMAIL", "grace@example.org")
    refs, _ = open_refs(repo.path)
    refs.commit([RefUpdate("refs/heads/side", None, repo.resolve("HEAD"))], "draft: made")
    assert repo.git("reflog", "-1", "--format=%gn %ge", "side") == "Grace Hopper grace@example.org"


# Reading and names


def test_refs_are_found_loose_packed_and_symbolic(repo: GitRepo) -> None:
    head = repo.resolve("HEAD")
    repo.git("update-ref", "refs/drafts/1/1", head)
    repo.git("update-ref", "refs/drafts/12/3", head)
    repo.git("pack-refs", "--all")
    repo.git("update-ref", "refs/drafts/1/10", head)
    repo.git("update-ref", "refs/drafts/1/@", head)
    repo.git("update-ref", "refs/drafts/1/x", head)
    refs, _ = open_refs(repo.path)
    assert refs.find("HEAD") == "refs/heads/main"
    assert refs.find("refs/drafts/1/1") == refs.find_branch("main") == head
    assert refs.find("refs/drafts/1/2") is refs.find("no such ref") is refs.find_branch("none") is None
    assert sorted(refs.iter_drafts()) == [(DraftName(1, 1), head), (DraftName(1, 10), head), (DraftName(12, 3), head)]
    assert sorted(refs.iter_drafts([1])) == [(DraftName(1, 1), head), (DraftName(1, 10), head)]


def test_ref_names_of_any_bytes_are_listed(repo: GitRepo) -> None:
    repo.git("update-ref", "refs/heads/caf\udce9", repo.resolve("HEAD"))
    refs, _ = open_refs(repo.path)
    assert sorted(refs.iter_names("refs/heads/")) == ["refs/heads/caf\udce9", "refs/heads/main"]


def test_names_are_formatted_and_parsed() -> None:
    assert format_draft_ref(DraftName(3, 2)) == "refs/drafts/3/2"
    assert format_final_ref(3) == "refs/drafts/3/@"
    assert (format_folio_branch(3), format_upstream(3)) == ("draft/3", "draft/3+")
    assert parse_draft_ref("refs/drafts/3/2") == DraftName(3, 2)
    for ref in (
        "3/2",
        "refs/drafts/3/@",
        "refs/drafts/03/2",
        "refs/drafts/3/2/1",
        "refs/heads/3/2",
        "refs/drafts/3/\u0662",
    ):
        assert parse_draft_ref(ref) is None
    assert parse_folio_branch("draft/3") == parse_folio_branch("draft/3+") == 3
    for branch in ("draft/0", "draft/3++", "draft/x", "main", "draft/\u0663", "my/draft/3"):
        assert parse_folio_branch(branch) is None


def test_refs_below_are_those_of_git(repo: GitRepo) -> None:
    head = repo.resolve("HEAD")
    for name in ("drafts/1/1", "drafts/1/2", "drafts/10/1", "heads/draft/1", "heads/draft/1+", "tags/v1"):
        repo.git("update-ref", f"refs/{name}", head)
    repo.git("pack-refs", "--all")
    other = repo.commit({"a": "b"})
    repo.git("update-ref", "refs/drafts/1/2", other)  # loose and packed: the loose one counts
    repo.git("update-ref", "refs/drafts/2/1", other)
    repo.git("update-ref", "-d", "refs/drafts/10/1")
    repo.write(".git/refs/drafts/2/2.lock", "")
    refs, _ = open_refs(repo.path)
    listing = repo.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/drafts/", "refs/heads/draft/")
    assert [f"{name} {oid}" for name, oid in refs.iter_below("refs/drafts/", "refs/heads/draft/")] == sorted(
        listing.splitlines()
    )
    assert list(refs.iter_names("refs/drafts/1/")) == ["refs/drafts/1/1", "refs/drafts/1/2"]
    assert list(refs.iter_names("refs/drafts/2/", "refs/none/")) == ["refs/drafts/2/1"]


def test_a_ref_is_found_that_git_packs_meanwhile(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("update-ref", "refs/drafts/1/1", "HEAD")
    refs, _ = open_refs(repo.path)
    walk = os.walk

    def pack_and_walk(folder: bytes) -> Iterator[tuple[bytes, list[bytes], list[bytes]]]:
        repo.git("pack-refs", "--all")
        return walk(folder)

    monkeypatch.setattr(os, "walk", pack_and_walk)
    assert list(refs.iter_below("refs/drafts/")) == [("refs/drafts/1/1", repo.resolve("HEAD"))]


def test_broken_refs_are_left_out(repo: GitRepo) -> None:
    repo.git("update-ref", "refs/drafts/2/1", "HEAD")
    repo.write(".git/refs/drafts/1/1", "no ref at all\n")
    repo.write(".git/refs/drafts/1/2", "")
    refs, _ = open_refs(repo.path)
    assert [name for name, _ in refs.iter_below("refs/drafts/")] == ["refs/drafts/2/1"]
    assert list(refs.iter_names("refs/drafts/")) == ["refs/drafts/1/1", "refs/drafts/1/2", "refs/drafts/2/1"]
