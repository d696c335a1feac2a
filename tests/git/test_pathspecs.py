"""`--only` against git: a bot may write the files that git's own pathspecs name."""

from __future__ import annotations

import random
import re
from pathlib import Path, PurePosixPath

import pytest

from git_draft.errors import UsageError
from git_draft.git.tree import EMPTY_TREE
from git_draft.pathspecs import parse_only
from tests.support.gitrepo import GitRepo

_NAMES = ("a", "b", "src", "S", "x.py", "y.txt", "a b", "[a]", "*", "ü", "src.py")
_PLAIN = (
    *(".", "a", "a/", "b/src", "src", "src/", "./src", "../a", "..", "src//x.py", "src/./x.py", "a/../b", "*", "*.py", "src*", "s*c", "?", "[ab]"),
    *("[!a]*", "a/*", "a/*.py", "**", "**/x.py", "a/**", "src/**/x.py", "s**/x.py", "x.p[xy]", "\\*", "[[]a]", "A/", "SRC/X.PY", "*/src/*", "ü", "?.txt"),
    *("a b", "[a]", "[a]/", "*/", "src/*/", "b/", "a/b/src", "[a]/*", "src/x.py/", "a?b", "?/*"),
)  # fmt: skip
_MAGIC = (
    *("", "", "", ":/", ":(glob)", ":(icase)", ":(literal)", ":(top)", ":(top,glob)", ":(icase,glob)", ":(top,icase)", "::", ":!", ":^", ":!/"),
    *(":(exclude)", ":(exclude,glob)", ":()", ":(exclude,icase,top)", ":(literal,icase)"),
)  # fmt: skip


@pytest.fixture
def paths(repo: GitRepo) -> list[str]:
    rng = random.Random(7)  # noqa: S311  # test data
    found = {"/".join(rng.choice(_NAMES) for _ in range(depth)) for depth in (1, 2, 2, 3, 3, 4) for _ in range(30)}
    paths = sorted(path for path in found if not any(other.startswith(f"{path}/") for other in found))
    for path in paths:
        repo.write(path, "x")
    repo.git("add", "-A")
    return repo.git("ls-files", "-z").rstrip("\0").split("\0")


@pytest.mark.parametrize("seed", range(3))
def test_git_and_only_mean_the_same_files(repo: GitRepo, paths: list[str], seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # test data
    folders = sorted({str(PurePosixPath(path).parent) for path in paths})
    compared = 0
    for _ in range(150):
        folder = rng.choice([".", ".", *folders])
        texts = [rng.choice(_MAGIC) + rng.choice(_PLAIN) for _ in range(rng.randint(1, 3))]
        try:
            only = parse_only(texts, PurePosixPath(folder), repo.path)
        except UsageError:
            continue
        # not ls-files, which cuts to a common folder first, and wrongly so where magic of two kinds meets
        listed = repo.run("-C", folder, "diff-index", "--cached", "--name-only", "-z", EMPTY_TREE, "--", *texts)
        if listed.returncode:
            continue
        assert only is not None
        compared += 1
        ours = [path for path in paths if only.allows(PurePosixPath(path))]
        assert ours == listed.stdout.decode().rstrip("\0").split("\0") or (not ours and not listed.stdout), (
            folder,
            texts,
        )
    assert compared > 100


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "is empty"),
        (":", "needs its magic"),
        (":(attr:x)a", "'attr:x' is not understood"),
        (":(prefix:3)a", "'prefix:3' is not understood"),
        (":(glob,literal)a", "exclude each other"),
        (":(glob", "not closed"),
        (":%a", "'%' is not understood"),
        ("../../x", "outside of the repository"),
        ("/etc", "outside of the repository"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=re.escape(reason)):
        parse_only([text], PurePosixPath("src"), Path("/repo"))


def test_an_absolute_path_within_the_repository_is_fine() -> None:
    only = parse_only(["/repo/lib"], PurePosixPath("src"), Path("/repo"))
    assert only is not None
    assert only.allows(PurePosixPath("lib/new.py"))
    assert not only.allows(PurePosixPath("src/lib/new.py"))
    assert parse_only([], PurePosixPath(), Path("/repo")) is None
