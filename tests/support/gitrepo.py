"""A small builder of real repositories, run by the real git; nothing about git-draft.

Used by all tests that need a repository, through the `repo` fixture of `tests/conftest.py` or by `GitRepo.create`.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Self


class GitRepo:
    """A repository with a working directory.

    Args:
        path: the top of its working directory.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty repository on branch main, its folder included."""
        path.mkdir(parents=True, exist_ok=True)
        repo = cls(path)
        repo.git("init", "--quiet", "--initial-branch=main")
        return repo

    # Running git

    def run(
        self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git at the top, whatever its exit status is."""
        return subprocess.run(
            ["git", *args],
            cwd=self.path,
            env={**os.environ, **(env or {})},
            input=b"" if stdin is None else stdin,
            capture_output=True,
            check=False,
        )

    def git_bytes(self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> bytes:
        """Run git at the top and give what it prints; a status other than 0 fails the test with what git said."""
        done = self.run(*args, stdin=stdin, env=env)
        assert done.returncode == 0, (
            f"git {' '.join(args)}: {done.returncode}\n{os.fsdecode(done.stdout + done.stderr)}"
        )
        return done.stdout

    def git(self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        """Do as `git_bytes` does; give text, without the final newline."""
        return os.fsdecode(self.git_bytes(*args, stdin=stdin, env=env)).removesuffix("\n")

    # Files

    def write(self, path: str, contents: str | bytes, *, mode: int | None = None) -> Path:
        """Put a file into the working directory; folders are made as needed."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        if mode is not None:
            file.chmod(mode)
        return file

    def read(self, path: str) -> str:
        """Read a file of the working directory, line endings as they are."""
        return (self.path / path).read_bytes().decode()

    def commit(self, files: Mapping[str, str | bytes | None] | None = None, *, message: str = "change") -> str:
        """Write files (None removes one), commit exactly these on top of what is staged, and give the commit's id."""
        for path, contents in (files or {}).items():
            if contents is None:
                self.git("rm", "--quiet", "--force", "--", path)
            else:
                self.write(path, contents)
                self.git("add", "--force", "--", path)
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.resolve("HEAD")

    # Looking

    def resolve(self, name: str) -> str:
        """Give the id of what a name stands for."""
        return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", name)

    def find(self, name: str) -> str | None:
        """Find the id of what a name stands for."""
        done = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def show(self, name: str, path: str) -> str:
        """Read a file of a commit or tree, line endings as they are."""
        return self.git_bytes("cat-file", "blob", f"{name}:{path}").decode()

    def list_refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Give each ref below a prefix with its object id."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def list_files(self, name: str = "HEAD") -> list[str]:
        """Give the paths in a commit or tree, in git's order."""
        return [path for path in self.git("ls-tree", "-r", "-z", "--name-only", name).split("\0") if path]

    def subjects(self, *revisions: str) -> list[str]:
        """Give the subjects that git log prints."""
        return self.git("log", "--format=%s", *revisions).splitlines()

    def status(self) -> list[str]:
        """Give the lines of git status, untracked files one by one, the index left as it is."""
        options = ["--porcelain", "--untracked-files=all"]
        return self.git("--no-optional-locks", "status", *options).splitlines()

    def hash_index(self) -> str:
        """Hash the bytes of the index file."""
        index = self.path / self.git("rev-parse", "--git-path", "index")
        return hashlib.sha256(index.read_bytes()).hexdigest() if index.exists() else ""

    def hash_files(self) -> dict[str, str]:
        """Hash every file of the working directory with its kind and mode, ignored ones too; not what is in .git."""
        hashes = {}
        for file in sorted(self.path.rglob("*")):
            path = file.relative_to(self.path)
            if path.parts[0] == ".git" or (file.is_dir() and not file.is_symlink()):
                continue
            contents = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
            hashes[str(path)] = f"{file.lstat().st_mode:o} {hashlib.sha256(contents).hexdigest()}"
        return hashes
