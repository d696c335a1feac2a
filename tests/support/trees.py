"""A worktree over a real tree, without a working directory: for tests of what a bot sees."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from git_draft.git.objects import Objects
from git_draft.git.repo import Repository
from git_draft.git.tree import MODE_EXECUTABLE, MODE_SUBMODULE, MODE_SYMLINK, TreeEntry
from git_draft.worktree import TreeWorktree
from tests.support.bots import RecordingFeedback
from tests.support.gitrepo import GitRepo

FILES: Mapping[str, bytes] = {
    "README": b"hello\nworld\n",
    "src/app.py": b"import os\nprint('hi')\n",
    "src/deep/util.py": b"x = 1\n",
    "src/deep/util.ts": b"let x\n",
    "logo.png": b"\x89PNG\r\n\x1a\n\0\0",
    ".env": b"KEY=1\n",
}


class Bench:
    """A worktree over a new repository, and what it told.

    Besides the files there are always a link, a submodule ``lib`` and a script ``run.sh``.

    Args:
        folder: where the repository is made.
        files: paths and contents.
    """

    def __init__(self, folder: Path, files: Mapping[str, bytes] = FILES) -> None:
        GitRepo.create(folder)
        self.folder = folder
        self.objects = Objects(Repository.open(folder, dict(os.environ)))
        editor = self.objects.edit_tree(self.objects.write_tree({}))
        for path, contents in files.items():
            editor.write(PurePosixPath(path), contents)
        blob = self.objects.write_blob(b"../outside")
        editor.put(PurePosixPath("link"), TreeEntry(MODE_SYMLINK, blob))
        editor.put(PurePosixPath("lib"), TreeEntry(MODE_SUBMODULE, "1" * 40))
        editor.write(PurePosixPath("run.sh"), b"#!/bin/sh\n", mode=MODE_EXECUTABLE)
        self.base = editor.write_tree()
        self.feedback = RecordingFeedback()
        self.files = TreeWorktree(self.objects, self.base, self.feedback)

    def bytes_of(self, path: str) -> bytes:
        """Give what a file would be committed as."""
        editor = self.objects.edit_tree(self.files.write_tree())
        entry = editor.find(PurePosixPath(path))
        assert entry is not None, f"no file {path}"
        return editor.read(entry)
