"""Odd repositories: functions that make one odd, in all the ways that `oddities.py` lists. Nothing here runs git-draft."""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

from tests.support.gitrepo import GitRepo

Build = Callable[[GitRepo], object]
"""Makes a repository odd; what it gives is where the work is done, if it is a `GitRepo`."""


# Contents


def convert_lines(setting: str, attributes: str = "") -> Build:
    """Have files with both line ends, under a setting or under attributes."""

    def build(repo: GitRepo) -> None:
        repo.commit({".gitattributes": attributes, "crlf.txt": b"one\r\ntwo\r\n", "lf.txt": b"one\ntwo\n"})
        if setting:
            repo.git("config", "core.autocrlf", setting)
        repo.write("crlf.txt", b"one\r\ntwo\r\nthree\r\n")
        repo.write("new.txt", b"a\r\nb\r\n")
        repo.write("mixed.txt", b"a\r\nb\n")

    return build


def encode(repo: GitRepo) -> None:
    """Have a file in UTF-16 on disk."""
    repo.commit({".gitattributes": "*.utf16 text working-tree-encoding=UTF-16LE\n"})
    repo.commit({"a.utf16": "eins\nzwei\n".encode("utf-16-le")})
    repo.write("a.utf16", "eins\ndrei\n".encode("utf-16-le"))


def filter_contents(repo: GitRepo) -> None:
    """Have files that a driver cleans and smudges."""
    repo.git("config", "filter.rot.clean", "tr a-z n-za-m")
    repo.git("config", "filter.rot.smudge", "tr a-z n-za-m")
    repo.commit({".gitattributes": "*.rot filter=rot\n", "a.rot": "secret\n"})
    repo.write("a.rot", "more secret\n")
    repo.write("new.rot", "untracked\n")


def store_large(repo: GitRepo) -> None:
    """Have files that git-lfs stores."""
    repo.git("lfs", "install", "--local", "--skip-repo")
    repo.git("lfs", "track", "*.bin")
    repo.commit({".gitattributes": (repo.path / ".gitattributes").read_text(), "a.bin": b"\0large\n" * 100})
    repo.write("a.bin", b"\0larger\n" * 100)
    repo.write("b.bin", b"\0new\n" * 100)


def expand(repo: GitRepo) -> None:
    """Have a file whose $Id$ git expands."""
    repo.commit({".gitattributes": "id.txt ident\n", "id.txt": "$Id$\none\n"})
    (repo.path / "id.txt").unlink()
    repo.git("checkout", "id.txt")
    repo.write("id.txt", repo.read("id.txt") + "two\n")


# Kinds of files


def link(repo: GitRepo) -> None:
    """Have symbolic links: dangling, to a folder, in a circle, out of the repository."""
    repo.write("folder/file", "1\n")
    for name, target in (("dangling", "no/where"), ("to-folder", "folder"), ("loop", "loop"), ("up", "../..")):
        (repo.path / name).symlink_to(target)
    repo.git("add", "-A")
    repo.git("commit", "-qm", "links")
    (repo.path / "dangling").unlink()
    (repo.path / "dangling").symlink_to("else/where")
    (repo.path / "new-link").symlink_to("/etc/passwd")


def make_executable(repo: GitRepo) -> None:
    """Have files made executable."""
    repo.commit({"run": "#!/bin/sh\n", "tool": "#!/bin/sh\n"})
    (repo.path / "run").chmod(0o755)
    repo.write("new-tool", "#!/bin/sh\n", mode=0o755)


def ignore_modes(repo: GitRepo) -> None:
    """Have the same where modes don't count."""
    repo.git("config", "core.fileMode", "false")
    make_executable(repo)


def swap_kinds(repo: GitRepo) -> None:
    """Have a file where a folder was, a folder where a file was, and a link."""
    repo.commit({"file": "1\n", "folder/inside": "1\n", "link": "1\n"})
    (repo.path / "file").unlink()
    repo.write("file/inside", "2\n")
    shutil.rmtree(repo.path / "folder")
    repo.write("folder", "2\n")
    (repo.path / "link").unlink()
    (repo.path / "link").symlink_to("f.txt")


# Names

_NAMES = (
    "caf\udce9",
    "new\nline",
    'quo"te',
    "ta\tb",
    "back\\slash",
    "-dash",
    "--",
    ":colon",
    ":(top)magic",
    "[a]*?",
    " space ",
    "dir with space/-n",
)


def name_oddly(repo: GitRepo) -> None:
    """Have names that are hard to quote, or are not UTF-8."""
    for name in _NAMES:
        repo.write(name, "1\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "names")
    for name in _NAMES:
        repo.write(name, "2\n")
        repo.write(f"{name}.new", "1\n")


def normalise(repo: GitRepo) -> None:
    """Have names that differ in their Unicode form alone."""
    for form in ("NFC", "NFD"):
        repo.write(unicodedata.normalize(form, "é") + ".txt", f"{form}\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "forms")
    repo.write(unicodedata.normalize("NFD", "é") + ".txt", "changed\n")
    repo.write(unicodedata.normalize("NFD", "ü") + ".txt", "new\n")


def lengthen(repo: GitRepo) -> None:
    """Have a path of nearly the length that the system takes."""
    here = os.open(repo.path, os.O_RDONLY)  # the whole path is longer than the system takes at once
    length = 4095 - 60 - len(str(repo.path))
    parts = [f"{number:02}" + "x" * 198 for number in range(length // 201)]
    try:
        for part in parts:
            os.mkdir(part, dir_fd=here)
            inner = os.open(part, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
        file = os.open("deep.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here)
        os.write(file, b"1\n")
        os.close(file)
    finally:
        os.close(here)


def rename_case(repo: GitRepo) -> None:
    """Have renames that change upper and lower case alone."""
    repo.commit({"Name.txt": "1\n", "other.TXT": "1\n"})
    repo.git("mv", "Name.txt", "name.txt")
    (repo.path / "other.TXT").rename(repo.path / "OTHER.txt")


# The index


def stage_partly(repo: GitRepo) -> None:
    """Have files staged, and changed or removed since."""
    repo.commit({"both": "1\n", "gone": "1\n", "back": "1\n"})
    repo.write("both", "2\n")
    repo.git("add", "both")
    repo.write("both", "3\n")
    repo.git("rm", "-q", "gone")
    repo.git("rm", "-q", "--cached", "back")
    repo.write("new", "1\n")
    repo.git("add", "new")
    repo.write("new", "2\n")
    repo.write("staged-then-gone", "1\n")
    repo.git("add", "staged-then-gone")
    (repo.path / "staged-then-gone").unlink()


def intend(repo: GitRepo) -> None:
    """Have files that are only meant to be added."""
    repo.write("meant", "1\n")
    repo.write("caf\udce9 meant", "1\n")
    repo.git("add", "--intent-to-add", ".")


def mark(*flags: str) -> Build:
    """Have a changed file that git is told to overlook."""

    def build(repo: GitRepo) -> None:
        repo.commit({"marked": "1\n", "other": "1\n"})
        repo.git("update-index", *flags, "marked")
        repo.write("marked", "overlooked\n")
        repo.write("other", "2\n")

    return build


def sparse(*options: str) -> Build:
    """Have a sparse checkout."""

    def build(repo: GitRepo) -> None:
        repo.commit({"in/a": "1\n", "out/b": "1\n", "out/deep/c": "1\n"})
        repo.git("sparse-checkout", "set", *options, *(["/*", "!/out/"] if "--no-cone" in options else ["in"]))
        repo.write("in/a", "2\n")

    return build


def configure(*settings: tuple[str, str], then: tuple[str, ...] = ()) -> Build:
    """Have settings, and a command after them."""

    def build(repo: GitRepo) -> None:
        repo.commit({"dir/a": "1\n", "dir/b": "1\n"})
        for key, value in settings:
            repo.git("config", key, value)
        if then:
            repo.git(*then)
        repo.git("status")
        repo.write("dir/a", "2\n")
        repo.write("dir/new", "1\n")
        repo.git("add", "dir/a")

    return build


def watch(repo: GitRepo) -> None:
    """Have a hook that tells git which files changed: all."""
    hook = repo.write(".git/watch", "#!/bin/sh\nprintf 'token\\0/\\0'\n", mode=0o755)
    configure(("core.fsmonitor", str(hook)), then=("update-index", "--fsmonitor"))(repo)


def make_scratch(folder: Path) -> GitRepo:
    """Make the repository that each case begins with: ``f.txt`` with nine lines."""
    repo = GitRepo.create(folder / "repo")
    repo.commit({"f.txt": "".join(f"{number}\n" for number in range(1, 10)), "README.md": "hello\n"})
    return repo
