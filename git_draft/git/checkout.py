"""A git tree put into a folder of its own, for programs that know files and git but not us, and what became of it.

The files are written and read by git with the user's filters, line endings and encodings, as in `workdir.py`, on an index
that nobody else knows. The folder is a repository as well, one that shares nothing with the user's: it has the objects
of this tree and one commit, no remotes, no hooks. Whatever a program does to it, only the files are read back. Which
files a program may see, and which changes are taken, is not decided here but in `worktree.py` and `exporting.py`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import pygit2

from git_draft.errors import GitCommandError, RepoError
from git_draft.folders import private_folder
from git_draft.git.program import first_line
from git_draft.git.repo import Repository
from git_draft.git.tree import EMPTY_TREE
from git_draft.git.workdir import Workdir

BRANCH = "draft"
"""What is checked out in the folder."""

_OURS = {  # for the user's git, whatever the user has set, while it works in the folder
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.safecrlf": "false",  # it would refuse to read back what is there
    "core.sparseCheckout": "false",  # those are the user's files, a bot sees all
    "core.splitIndex": "false",
    "core.untrackedCache": "false",
    "index.sparse": "false",
    "submodule.recurse": "false",
}
_THEIRS = {  # for the repository in the folder; its program also has the user's global settings
    "commit.gpgSign": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
    "maintenance.auto": "false",
    "tag.gpgSign": "false",
}
_SHARED = ("autocrlf", "eol", "fileMode", "symlinks", "ignoreCase", "precomposeUnicode", "bigFileThreshold")
"""What the user may have set for the repository alone, and what files look like depends on."""
_INVALID_PATH = re.compile("^Ignoring path (.*)$", re.MULTILINE)


class Checkout:
    """A tree in a folder, given by `Checkouts.checked_out`.

    Args:
        folder: the top of the files.
        untouched: the id of the tree that git reads from the files as it wrote them.
        workdir: the user's repository with this folder as its working directory.
    """

    def __init__(self, folder: Path, untouched: str, workdir: Workdir) -> None:
        self.folder = folder
        self.untouched = untouched
        self._workdir = workdir

    def record(self) -> tuple[str, Mapping[PurePosixPath, str]]:
        """Record the files as they are now; give the id of the tree, and what is left out of it, with the reason.

        Raises:
            GitCommandError: where git can't read a file.
        """
        refused: dict[PurePosixPath, str] = {}
        while True:
            try:
                snapshot = self._workdir.record_files()
            except GitCommandError as error:  # a link named .gitmodules: nothing is recorded while there is one
                found = _INVALID_PATH.search(error.stderr)
                if found is None or not (self.folder / found[1]).is_symlink():
                    raise
                (self.folder / found[1]).unlink()
                refused[PurePosixPath(found[1])] = "git takes no such link"
            else:
                return snapshot.tree, dict.fromkeys(snapshot.left_out, "too large, or a nested repository") | refused


class Checkouts:
    """Puts trees of a repository into folders.

    Args:
        repo: the user's repository.
        parent: where the folders are made; outside of any repository.
        temp_dir: where indexes are made.
    """

    def __init__(self, repo: Repository, parent: Path, temp_dir: Path) -> None:
        self._repo = repo
        self._parent = parent
        self._temp_dir = temp_dir

    @contextlib.contextmanager
    def checked_out(self, tree: str) -> Iterator[Checkout]:
        """Put a tree into a folder, which goes with the block.

        Raises:
            RepoError: where it can't be written.
            GitCommandError: where git fails, a filter for example.
        """
        import tempfile  # it takes time to load, which looking around need not

        self._temp_dir.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            try:
                private = stack.enter_context(private_folder(self._parent))
                folder = private / (self._repo.toplevel.name or "files")  # programs show it, or name things after it
                folder.mkdir()
            except OSError as error:
                raise RepoError(f"can't make a folder in {self._parent}: {error.strerror}") from error
            prefix = f"{os.getpid()}-"  # by which what a killed process left is found
            index = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=self._temp_dir, prefix=prefix)), "index")
            outer = self._take_for_working_directory(folder, index)
            outer.run("read-tree", "--reset", "-u", tree)
            _make_repository(outer, folder, tree)
            workdir = Workdir(outer, self._temp_dir)
            # not always the tree: git may write other bytes than it reads, CRLF that should be LF for example
            untouched = workdir.record_files().tree
            yield Checkout(folder, untouched, workdir)

    def _take_for_working_directory(self, folder: Path, index: Path) -> Repository:
        repo = self._repo
        env = {
            **_set_config(repo.env, _OURS),
            "GIT_DIR": str(repo.git_dir),
            "GIT_WORK_TREE": str(folder),
            "GIT_INDEX_FILE": str(index),
            "GIT_NO_REPLACE_OBJECTS": "1",  # as for bots that read the tree
        }
        return Repository(
            toplevel=folder,
            git_dir=repo.git_dir,
            common_dir=repo.common_dir,
            index_path=index,
            config=repo.config,
            env=env,
            is_shielded=True,  # half of it would be of no use, and reading back must not be lost
        )


def _set_config(env: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Add settings to an environment, as git reads them there."""
    count = int(env.get("GIT_CONFIG_COUNT") or 0)
    added = {"GIT_CONFIG_COUNT": str(count + len(settings))}
    for number, (key, value) in enumerate(settings.items(), count):
        added |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return {**env, **added}


def _make_repository(outer: Repository, folder: Path, tree: str) -> None:
    """Make the folder a repository with one commit of these files, whose status is clean."""
    git_dir = folder / ".git"
    inner = Repository(
        toplevel=folder,
        git_dir=git_dir,
        common_dir=git_dir,
        index_path=git_dir / "index",
        config=outer.config,
        env={name: value for name, value in outer.env.items() if not name.startswith("GIT_")},
        is_shielded=True,
    )
    inner.run("init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={BRANCH}")
    _write_settings(outer, git_dir)
    if tree != EMPTY_TREE:  # which every repository has
        _copy_objects(outer, inner, tree)
    commit = inner.run("commit-tree", tree, "-m", "The files as they were handed over").stdout.decode().strip()
    inner.run("update-ref", f"refs/heads/{BRANCH}", commit)
    shutil.copy2(outer.index_path, inner.index_path)


def _write_settings(outer: Repository, git_dir: Path) -> None:
    name, _, email = os.fsdecode(outer.author.who).removesuffix(">").rpartition(" <")
    settings = {**_THEIRS, "user.name": name, "user.email": email}
    shared = [f"core.{key}" for key in (*_SHARED, "excludesFile", "attributesFile")]
    shared += [
        f"filter.{driver}.{key}"
        for key in ("clean", "smudge", "process", "required")
        for driver, _ in outer.config.iter_subsections("filter", key)
    ]
    settings |= {key: value for key in shared if (value := outer.config.get(key)) is not None}
    config = pygit2.Config(str(git_dir / "config"))
    for key, value in settings.items():
        with contextlib.suppress(UnicodeEncodeError):  # libgit2 takes text only
            config[key] = value
    (git_dir / "info").mkdir(exist_ok=True)
    for file in ("attributes", "exclude"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(outer.common_dir / "info" / file, git_dir / "info" / file)


def _copy_objects(outer: Repository, inner: Repository, tree: str) -> None:
    """Copy what a tree needs. By alternates, a program could read all objects, those of withheld files among them."""
    import tempfile

    pack = ["git", "-c", "pack.packSizeLimit=0", "pack-objects", "--quiet", "--revs", "--stdout", "--window=0"]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [*pack, "--delta-base-offset"],
            env=outer.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,  # Ctrl-C is for us
        ) as packing,
    ):
        assert packing.stdin is not None  # noqa: S101  # it has a pipe
        packing.stdin.write(f"{tree}\n".encode())
        packing.stdin.close()
        done = subprocess.run(
            ["git", "index-pack", "--stdin"],
            cwd=inner.toplevel,
            env=inner.env,
            stdin=packing.stdout,
            capture_output=True,
            check=False,
            start_new_session=True,
        )
        if packing.wait() or done.returncode:
            errors.seek(0)
            said = os.fsdecode(errors.read() or done.stderr)
            raise GitCommandError(f"git can't copy the files' objects: {first_line(said)}", stderr=said)
