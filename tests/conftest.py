"""Makes every test hermetic, and gives each a repository if it asks for one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support.environment import sealed_environment
from tests.support.gitrepo import GitRepo
from tests.support.sockets import guard_sockets

pytest_plugins = ["pytester", "tests.support.skips"]

hypothesis.settings.register_profile("default", deadline=None)  # git processes take the time they take
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)


def pytest_configure() -> None:
    """Close the network before the first test module is imported."""
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")
    guard_sockets()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's `make test &`, which children would inherit
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _sealed_session() -> Iterator[None]:
    """Seal the environment also for fixtures that outlive a test."""
    with sealed_environment():
        yield


@pytest.fixture(autouse=True)
def home(_sealed_session: None) -> Iterator[Path]:
    """Seal the environment for one test; give its home folder, which is new."""
    with sealed_environment() as home:
        yield home


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    """Make a repository with one commit: README.md, which says ``hello``."""
    repo = GitRepo.create(tmp_path / "repo")
    repo.commit({"README.md": "hello\n"}, message="first")
    return repo
