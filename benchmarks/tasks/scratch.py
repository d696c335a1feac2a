"""A scratch repository for one answer: made from a task's files, read as trees and diffs.

Called by `answers.py`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_IDENTITY = {"NAME": "Ada Lovelace", "EMAIL": "ada@example.org"}
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_PREFIX"}


class Scratch:
    """A repository with one commit.

    Args:
        folder: the top of its working directory.
        env: the environment for every program that works in it: the user's, and an identity.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = env

    @classmethod
    def create(cls, folder: Path, files: Path) -> Scratch:
        """Make it from files, in a folder that does not exist yet."""
        env = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
        env |= {f"GIT_{who}_{name}": value for who in ("AUTHOR", "COMMITTER") for name, value in _IDENTITY.items()}
        shutil.copytree(files, folder)
        scratch = cls(folder, env)
        scratch.git("init", "--quiet", "--initial-branch=main", "--template=")
        scratch.git("add", "--all", "--force")
        scratch.git("-c", "commit.gpgSign=false", "commit", "--quiet", "--no-verify", "--message=Begin")
        return scratch

    def git(self, *args: str, env: Mapping[str, str] | None = None) -> str:
        """Run git and give what it prints; a failure is one of the harness."""
        done = subprocess.run(
            ["git", *args], cwd=self.folder, env={**self.env, **(env or {})}, capture_output=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"git {args[0]}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "replace")

    def export(self, commit: str, folder: Path) -> None:
        """Write the files of a commit into a new folder."""
        folder.mkdir()
        index = {"GIT_INDEX_FILE": str(folder.with_name(f"{folder.name}.index"))}
        self.git("read-tree", commit, env=index)
        self.git("checkout-index", "--all", f"--prefix={folder}/", env=index)

    def diff(self, commit: str) -> str:
        """Give what a commit changes."""
        return self.git("diff", "--no-ext-diff", "--no-color", f"{commit}^", commit)
