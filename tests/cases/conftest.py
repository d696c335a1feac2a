"""Gives each use case a repository with git-draft at work on it."""

from __future__ import annotations

import pytest

from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio


@pytest.fixture
def studio(repo: GitRepo) -> Studio:
    """Give a studio on the repository of `repo`."""
    return Studio(repo)
