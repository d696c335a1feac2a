"""Random sequences of faults, through the whole product: no confirmed edit is lost, nothing hangs, no key is written."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from git_draft.bots.openai import make_bot
from git_draft.drafter import raise_for_attention
from git_draft.errors import AttentionError, GitDraftError
from git_draft.folders import find_state_folder
from git_draft.log import opened_log
from tests.support.bots import Notebook
from tests.support.clock import FakeClock
from tests.support.faults import FAULTS, FaultyModel
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

KEY = "sk-q7VbX0never-to-be-written-2Zt9"
SECONDS = 60.0
"""A run without a hang takes well under one; the limits within it are fractions of a second."""

sequences = st.lists(st.sampled_from(sorted(FAULTS)), max_size=7)


def make_repo(path: Path) -> GitRepo:
    """Make a repository with uncommitted work."""
    repo = GitRepo.create(path)
    repo.commit({"README.md": "hello\n"})
    repo.write("mine.txt", "uncommitted\n")
    return repo


def run(faults: list[str], files: int, folder: Path) -> tuple[Studio, FaultyModel, GitDraftError | None]:
    """Make a draft against a server with faults; give what came of it. The user's files stay as they are."""
    studio = Studio(make_repo(folder / "repo"))
    before = studio.repo.hash_index(), studio.repo.hash_files()
    model = FaultyModel(faults, files, KEY)
    options = {"model": "m", "base_url": "http://example.com/v1", "api_key": KEY, "max_turns": 12, "max_walltime_s": 10}
    bot = make_bot(
        options | {"first_byte_timeout_s": 0.2, "idle_timeout_s": 0.2},
        env={},
        clock=FakeClock(),
        memory=Notebook(),
        transport=httpx2.MockTransport(model.answer),
    )
    error: GitDraftError | None = None
    with opened_log(os.environ, "DEBUG"):
        try:
            raise_for_attention(studio.draft(bot=bot), None)
        except GitDraftError as caught:
            error = caught
    assert (studio.repo.hash_index(), studio.repo.hash_files()) == before
    return studio, model, error


def check(studio: Studio, model: FaultyModel, error: GitDraftError | None) -> None:
    """See that nothing was lost or leaked, and that the end is a clear one."""
    repo = studio.repo
    drafts = studio.list_drafts()
    assert model.requests
    assert len(drafts) <= 1
    for number in model.confirmed:
        assert drafts, f"file {number} was confirmed, and there is no draft: {error}"
        assert repo.show("drafts/1/1", f"f{number}.txt") == model.format_contents(number)
    if error is None:
        assert drafts
    else:
        assert isinstance(error, AttentionError) or error.exit_code == 1
        assert error.message.isprintable()
        assert KEY[:8] not in f"{error.message} {error.hint}"
    assert KEY.encode() not in repo.git_bytes("cat-file", "--batch-all-objects", "--batch")
    for folder in (repo.path, find_state_folder(os.environ)):
        for path in folder.rglob("*"):
            assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
    assert [event for event in studio.feedback.events if KEY in event.describe()] == []


@pytest.mark.deep
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(sequences, st.integers(1, 4))
def test_random_sequences_lose_nothing_and_end_clearly(faults: list[str], files: int) -> None:
    check_sequence(faults, files)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(sequences, st.integers(1, 4))
def test_some_random_sequences_lose_nothing_and_end_clearly(faults: list[str], files: int) -> None:
    check_sequence(faults, files)


def check_sequence(faults: list[str], files: int) -> None:
    """Run a sequence in a repository of its own."""
    before = list_children()
    with tempfile.TemporaryDirectory() as folder:
        started_s = time.monotonic()
        check(*run(faults, files, Path(folder)))
        assert time.monotonic() - started_s < SECONDS
        assert list_children() == before  # a server of another test may be among them


def list_children() -> list[str]:
    """Give the processes that this one has left running."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    return children.read_text().split() if children.exists() else []


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_alone(fault: str, tmp_path: Path) -> None:
    """A fault that may pass costs nothing; after the others the draft has what there was."""
    studio, model, error = run(["none", fault], 3, tmp_path)
    check(studio, model, error)
    drafts = studio.list_drafts()
    assert len(drafts) == 1
    assert model.confirmed
    assert studio.repo.show("drafts/1/1", "f0.txt") == model.format_contents(0)
    if fault in OVERCOME:
        assert error is None
        assert model.confirmed == {0, 1, 2}
    else:
        assert error is not None or fault == "key in the text"  # which ends a run


OVERCOME = set(FAULTS) - {
    *("rate limit, wait long", "400", "key refused", "context full", "page", "filter", "endless", "key in the text"),
}
"""What a run goes on after."""
