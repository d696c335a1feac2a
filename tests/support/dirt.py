"""Random states of a repository, as hypothesis draws them: what is committed, staged, and on disk.

`states` draws, `DirtyState.build` makes one with the real git. Used by `tests/git/test_snapshot.py`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from tests.support.gitrepo import GitRepo

Contents = bytes | str | None
"""Bytes for a file, text for where a symlink points, None for nothing there."""

NAMES = (
    *(
        "a",
        "b.txt",
        "keep.o",
        "x.o",
        "dir",
        "dir/a",
        "dir/x.o",
        "dir/sub/a",
        "dir/sub/keep.o",
        "build/out",
        "build/keep.o",
    ),
    *("sp ace", "caf\udce9", "new\nline", 'quo"te', "-dash", ":colon", "gl*b", "[a]", "back\\slash", "\u00e9t\u00e9"),
)
_IGNORE_FILES = (".gitignore", "dir/.gitignore", "dir/sub/.gitignore")
_PATTERNS = (
    "*.o",
    "!keep.o",
    "build/",
    "build/*",
    "!build/keep.o",
    "/a",
    "dir/*",
    "!dir/sub",
    "*",
    "!*/",
    "!*.txt",
    "sub/a",
)
_TEXTS = (
    b"",
    b"one\n",
    b"one\ntwo\n",
    b"one\r\ntwo\r\n",
    b"one\r\ntwo\n",
    b"no newline",
    b"\0\r\nbinary\n",
    b"UPPER\n",
)
_ATTRIBUTES = (
    "*.txt text\n",
    "* text=auto\n",
    "b.txt eol=crlf\n",
    "a filter=lower\ndir/** filter=lower\n",
    "*.o -text\n",
)
_STAGING = (
    *(("add", "-A", "--"), ("add", "-f", "--"), ("add", "-N", "--"), ("rm", "-r", "-q", "--cached", "--")),
    *(("update-index", "--chmod=+x", "--"), ("reset", "-q", "--")),
)


@dataclass(frozen=True, slots=True)
class DirtyState:
    """How a repository came to be as it is.

    Args:
        config: git's settings.
        committed: what the one commit holds, .gitignore and .gitattributes included; ignored files too.
        steps: edits of files, and commands of git that are given a path, in order.
    """

    config: Mapping[str, str]
    committed: Mapping[str, Contents]
    steps: tuple[tuple[str, Contents | tuple[str, ...], bool], ...]

    def build(self, folder: Path) -> GitRepo:
        """Make the repository."""
        repo = GitRepo.create(folder)
        with (folder / ".git/config").open("a") as config:
            config.write('[filter "lower"]\n\tclean = tr A-Z a-z\n\tsmudge = tr a-z A-Z\n')
            config.writelines(f"[core]\n\t{key} = {value}\n" for key, value in self.config.items())
        for path, contents in self.committed.items():
            put(folder / path, contents)
        repo.git("add", "--all", "--force")
        repo.git("commit", "--quiet", "--allow-empty", "--message", "first")
        for path, what, is_executable in self.steps:
            if isinstance(what, tuple):
                repo.run("--literal-pathspecs", *what, path)  # it may well refuse
            else:
                put(folder / path, what, is_executable=is_executable)
        return repo


def put(place: Path, contents: Contents, *, is_executable: bool = False) -> None:
    """Put something at a place, a file or folder in the way notwithstanding."""
    for parent in place.parents:
        if (parent / ".git").exists():
            break
        if parent.is_symlink() or parent.is_file():
            parent.unlink()
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    if contents is None:
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(contents, str):
        place.symlink_to(contents)
    else:
        place.write_bytes(contents)
        place.chmod(0o755 if is_executable else 0o644)


def states() -> st.SearchStrategy[DirtyState]:
    """Draw a state."""
    names = st.sampled_from(NAMES)
    ignoring = st.lists(st.sampled_from(_PATTERNS), max_size=4).map(lambda lines: "\n".join([*lines, ""]).encode())
    texts = st.sampled_from(_TEXTS)
    contents = texts | st.sampled_from(["a", "no/where"]) | st.none()
    edits = st.tuples(names, contents, st.booleans())
    ignores = st.tuples(st.sampled_from(_IGNORE_FILES), ignoring, st.just(False))
    commands = st.tuples(names, st.sampled_from(_STAGING), st.just(False))
    committed = st.builds(
        lambda files, ignored, attributes: _without_clashes(
            {**files, **ignored, ".gitattributes": attributes.encode()}
        ),
        st.dictionaries(names, texts, max_size=8),
        st.dictionaries(st.sampled_from(_IGNORE_FILES), ignoring, max_size=2),
        st.just("") | st.sampled_from(_ATTRIBUTES),
    )
    return st.builds(
        DirtyState,
        st.fixed_dictionaries({}, optional={"autocrlf": st.sampled_from(["true", "input"])}),
        committed,
        st.lists(edits | edits | commands | ignores, max_size=8).map(tuple),
    )


def _without_clashes(files: dict[str, bytes]) -> dict[str, Contents]:
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    return {path: contents for path, contents in files.items() if path not in folders}
