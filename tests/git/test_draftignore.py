"""`.draftignore` against git: the same files are withheld as git would ignore by files of that name."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from git_draft.draftignore import NAME, DraftIgnore
from git_draft.wildmatch import NOTHING, compile_wildcards
from tests.support.gitrepo import GitRepo

_FOLDERS = ("a", "b", "build", "keep", "x.py")
_NAMES = (*_FOLDERS, "y.txt", ".env", "a b", "Ab", "!x", "]", "[z", "a-", "ü", "é.py")
_LINES = (
    *("a", "b/", "/a", "build/", "build/*", "build/**", "**/keep", "a/**/x.py", "*", "!*/", "!*.py", "*.txt", "!keep", "!build/keep"),
    *("/*", "!/a", "!/a/", "a/b", "a/*/", "?", "[ab]", "[!a]", "a b", "a\\ b", "\\#x", "#c", "", "!", "/", "**", "a/**/", "**/", "!**/"),
    *("x.*", "*.p[xy]", "a/b/", "!a/b/x.py", "Ab", "**/a/**", "a ", "!a/**", "[[:upper:]]*", "[a-", "a[", "[]a]", "[^a-k]*", "\\!x", "foo\\"),
    *("a\\b", "*\r", "x**", "**x", "***/keep", "a/***", "?/", "\\a", "*.*", "[a-ck]*", "[z-a]", "[!z-a]", "build/keep ", "a\\  ", "??", "[\\]]"),
    *("[a-[:alpha:]]", "[[:nope:]]", "ü", "[à-ü]*", "AB", "a\\*b"),
)  # fmt: skip


def _make_paths(rng: random.Random) -> list[str]:
    paths = {
        "/".join([*(rng.choice(_FOLDERS) for _ in range(depth)), rng.choice(_NAMES)])
        for depth in (0, 1, 1, 2, 2, 3)
        for _ in range(20)
    }
    return sorted(path for path in paths if not any(other.startswith(f"{path}/") for other in paths))


def _ask_git(repo: GitRepo) -> set[str]:
    return set(repo.git("ls-files", "-z", "-c", "-i", f"--exclude-per-directory={NAME}").split("\0")) - {""}


def _ask_us(texts: Mapping[PurePosixPath, bytes], paths: list[str], *, ignores_case: bool = False) -> set[str]:
    ignore = DraftIgnore(texts, ignores_case=ignores_case)
    return {path for path in paths if ignore.find_source(PurePosixPath(path))}


@pytest.mark.parametrize("ignores_case", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_what_git_would_ignore_is_withheld(repo: GitRepo, seed: int, ignores_case: bool) -> None:
    rng = random.Random(seed)  # noqa: S311  # test data
    repo.git("config", "core.ignoreCase", str(ignores_case).lower())
    paths = _make_paths(rng)
    for path in paths:
        repo.write(path, "x")
    repo.git("add", "-A", "--force")
    paths = sorted({*paths, "README.md"})
    folders = sorted({str(PurePosixPath(path).parent) for path in paths} - {"."})
    for _ in range(40):
        texts = {
            PurePosixPath(folder): "".join(f"{rng.choice(_LINES)}\n" for _ in range(rng.randint(1, 4))).encode()
            for folder in rng.sample([".", *folders], 3)
        }
        for folder, text in texts.items():
            repo.write(str(folder / NAME), text)
        assert _ask_us(texts, paths, ignores_case=ignores_case) == _ask_git(repo), texts
        for folder in texts:
            (repo.path / folder / NAME).unlink()


def test_the_file_that_decided_is_named() -> None:
    ignore = DraftIgnore(
        {PurePosixPath(): b"\xef\xbb\xbf*.key\r\nold/\n", PurePosixPath("src/x"): b"/deep.*\n!shown.key\n"}
    )
    said = {
        path: ignore.find_source(PurePosixPath(path))
        for path in ("a.key", "old/a", "src/x/deep.py", "src/x/shown.key", "b")
    }
    assert said == {"a.key": NAME, "old/a": NAME, "src/x/deep.py": f"src/x/{NAME}", "src/x/shown.key": None, "b": None}


def test_a_pattern_that_git_can_not_read_matches_nothing() -> None:
    for pattern in (b"a\\", b"[a", b"[[:nope:]]"):
        assert compile_wildcards(pattern) is NOTHING
