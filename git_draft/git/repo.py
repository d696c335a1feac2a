"""A repository as git itself sees it: where its parts are, what HEAD names, git's settings, running git.

Everything that depends on the environment (paths, configuration, identity) is asked of git once; objects and refs are
then libgit2's business (`objects.py`, `refs.py`). Called by everything in `git/`, by folios, drafter and cli.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

import pygit2

from git_draft.errors import (
    DetachedHeadError,
    GitCommandError,
    NotARepositoryError,
    OperationInProgressError,
    RepoError,
    UnbornBranchError,
    UnsupportedRepositoryError,
)
from git_draft.frozen import frozen
from git_draft.git.config import GitConfig
from git_draft.git.housekeeping import Housekeeping
from git_draft.git.locks import advise_on_locks, find_locks, retry_while_locked
from git_draft.git.program import first_line, run_git, start_git
from git_draft.git.syncing import open_database

BRANCHES = "refs/heads/"

_ELSEWHERE = (
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
)  # libgit2 does not look there

_OPERATIONS = (  # the order matters: a rebase also leaves CHERRY_PICK_HEAD behind
    ("rebase-merge", "a rebase", "git rebase --continue, or git rebase --abort"),
    ("rebase-apply/applying", "git am", "git am --continue, or git am --abort"),
    ("rebase-apply", "a rebase", "git rebase --continue, or git rebase --abort"),
    ("MERGE_HEAD", "a merge", "git commit, or git merge --abort"),
    ("CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"),
    ("REVERT_HEAD", "a revert", "git revert --continue, or git revert --abort"),
    ("sequencer", "a cherry-pick or revert", "git cherry-pick --continue, or git cherry-pick --abort"),
    ("BISECT_LOG", "a bisect", "git bisect reset"),
)


@frozen
class Head:
    """What HEAD names.

    Args:
        branch: the short name of the branch, None where HEAD is detached.
        commit: the id of the commit, None on an unborn branch.
    """

    branch: str | None
    commit: str | None


@frozen
class Identity:
    """Who is named in a commit, as git would name them.

    Args:
        who: ``Name <email>``.
        when_s: seconds since the epoch where GIT_*_DATE fixes it, else None: the present moment.
        zone: the offset, ``+0100``.
    """

    who: bytes
    when_s: int | None
    zone: bytes


class Repository:
    """An open repository with a working directory.

    Args:
        toplevel: the top of the working directory.
        git_dir: the git directory of this worktree; a linked worktree has its own.
        common_dir: the git directory that all worktrees share.
        index_path: the index file in use.
        config: git's settings.
        env: the environment that git is run with.
        is_shielded: keep the terminal's Ctrl-C from every git that is run here.
        deadline_s: when every git that is run here has to be done, by the monotonic clock; None for never.
    """

    def __init__(
        self,
        *,
        toplevel: Path,
        git_dir: Path,
        common_dir: Path,
        index_path: Path,
        config: GitConfig,
        env: dict[str, str],
        is_shielded: bool = False,
        deadline_s: float | None = None,
    ) -> None:
        self.toplevel = toplevel
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.index_path = index_path
        self.config = config
        self.env = env
        self._is_shielded = is_shielded
        self._deadline_s = deadline_s
        self.housekeeping = Housekeeping(common_dir, config)

    @classmethod
    def open(cls, folder: Path, environ: Mapping[str, str]) -> Repository:
        """Find the repository that git would use in a folder.

        Raises:
            NotARepositoryError: where there is none, or one without a working directory.
            UnsupportedRepositoryError: where libgit2 can't read its format.
        """
        env = dict(environ)
        for name in _ELSEWHERE:
            if env.get(name):
                raise UnsupportedRepositoryError(
                    f"{name} is set, and git-draft knows the repository's own folders only",
                    hint=f"env -u {name} git draft …",
                )
        with start_git(["config", "-z", "--list"], cwd=folder, env=env) as listing:  # beside the other one
            asked = run_git(
                ["rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-object-format"]
                + ["--path-format=absolute", "--git-dir", "--git-common-dir", "--git-path", "index", "--show-toplevel"],
                cwd=folder,
                env=env,
            )
            config = GitConfig.parse(listing.communicate()[0])
        answers = os.fsdecode(asked.stdout).split("\n")[:-1]
        if len(answers) < 6:
            raise _describe_open_failure(os.fsdecode(asked.stderr), folder)
        if answers[2] != "sha1":
            raise UnsupportedRepositoryError(
                f"this repository uses {answers[2]} object ids, git-draft reads SHA-1 only"
            )
        if len(answers) != 7:
            what = (
                "bare, it has no working directory" if answers[0] == "true" else "not asked from its working directory"
            )
            raise NotARepositoryError(f"this repository is {what}", hint="cd to a working directory of it")
        git_dir, common_dir, index_path, toplevel = (Path(answer) for answer in answers[3:])
        if "GIT_DIR" in env or "GIT_WORK_TREE" in env:  # may be relative to the folder, and git runs at the top
            env |= {"GIT_DIR": str(git_dir), "GIT_WORK_TREE": str(toplevel)}
        if "GIT_INDEX_FILE" in env:
            env["GIT_INDEX_FILE"] = str(index_path)
        storage = config.get("extensions.refStorage")
        if storage not in (None, "files"):
            raise UnsupportedRepositoryError(
                f"this repository keeps its refs as {storage}, git-draft reads plain refs only"
            )
        return cls(
            toplevel=toplevel, git_dir=git_dir, common_dir=common_dir, index_path=index_path, config=config, env=env
        )

    @cached_property
    def odb(self) -> pygit2.Repository:
        """The repository as libgit2 sees it; not to be shared by threads."""
        settings = pygit2.settings  # a new one would read the certificates of TLS again, for 5 ms
        settings.owner_validation = False  # git has decided on safe.directory already, also for `git -c`
        settings.set_extensions(["partialclone"])
        try:
            return open_database(str(self.git_dir), self.config)
        except pygit2.GitError as error:
            raise UnsupportedRepositoryError(f"libgit2 can't open this repository: {error}") from error

    # Running git

    def run(
        self,
        *args: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        check: bool = True,
        shielded: bool = False,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git at the top of the working directory and take what it prints.

        Args:
            args: the words after ``git``.
            stdin: what it reads.
            env: added to the environment.
            check: whether a status other than 0 raises.
            shielded: keep the terminal's Ctrl-C from it; for steps that must not stop half way.

        Raises:
            GitCommandError: with what git said.
            TimeIsUpError: where it was not done at the deadline.
        """
        is_shielded = shielded or self._is_shielded
        env = {**self.env, **(env or {})}
        timeout_s = None if self._deadline_s is None else self._deadline_s - time.monotonic()
        done = run_git(list(args), cwd=self.toplevel, env=env, stdin=stdin, shielded=is_shielded, timeout_s=timeout_s)
        if check and done.returncode:
            said = os.fsdecode(done.stderr).strip()
            verb = next((arg for arg in args if not arg.startswith("-") and "=" not in arg), args[0])
            is_killed = done.returncode < 0
            why = "it was killed" if is_killed else first_line(said) or f"exit status {done.returncode}"
            raise GitCommandError(
                f"git {verb} failed: {why}",
                hint=self.advise_on_locks() if is_killed and not self._is_shielded else None,  # else the folder goes
                status=done.returncode,
                stderr=said,
            )
        return done

    def for_trials(self, objects: Path, deadline_s: float) -> Repository:
        """Give the same repository, with a git that leaves no object in it.

        Args:
            objects: a folder of its own for what git writes.
            deadline_s: when git has to be done, by the monotonic clock.

        Source: git(1) on the two variables; a path with a colon in it is quoted as in C.
        """
        known = str(self.common_dir / "objects").replace("\\", r"\\").replace('"', r"\"")
        env = {**self.env, "GIT_OBJECT_DIRECTORY": str(objects), "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{known}"'}
        return Repository(
            toplevel=self.toplevel,
            git_dir=self.git_dir,
            common_dir=self.common_dir,
            index_path=self.index_path,
            config=self.config,
            env=env,
            deadline_s=deadline_s,
        )

    def advise_on_locks(self) -> str | None:
        """Say how to remove the locks that git holds now, or that a killed one left behind; None where there are none."""
        return advise_on_locks({*find_locks(self.git_dir), *find_locks(self.common_dir)})

    def list_tracked(self, folder: str) -> list[str]:
        """Give the paths that the index has below a folder, both from the top."""
        listing = self.run("ls-files", "-z", "--cached", "--", folder, env={"GIT_LITERAL_PATHSPECS": "1"}).stdout
        return os.fsdecode(listing).split("\0")[:-1]

    def run_in_terminal(self, *args: str, env: Mapping[str, str] | None = None) -> int:
        """Run git on the user's own terminal, with its pager and colours; give its exit status."""
        environ = {**self.env, **(env or {})}
        return subprocess.run(["git", *args], cwd=self.toplevel, env=environ, check=False).returncode

    def read_date(self, text: str) -> datetime:
        """Read a date as git's own ``--since`` does; what git can't read is taken for now.

        Source: git-rev-parse(1), which turns ``--since`` into seconds since the epoch.
        """
        said = self.run("rev-parse", f"--since={text}").stdout.decode()
        return datetime.fromtimestamp(int(said.partition("=")[2])).astimezone()

    # HEAD and what is under way

    def read_head(self) -> Head:
        """Read HEAD.

        Raises:
            RepoError: where it names a branch whose commit is missing.
        """
        head = self.odb.lookup_reference("HEAD")
        target = head.raw_target
        if isinstance(target, pygit2.Oid):
            return Head(None, str(target))
        name = os.fsdecode(target)
        branch = name.removeprefix(BRANCHES)
        try:
            reference = self.odb.lookup_reference(name)
        except KeyError:
            return Head(branch, None)
        try:
            return Head(branch, str(reference.peel(pygit2.Commit).id))
        except (KeyError, pygit2.GitError) as error:
            raise RepoError(f"branch {branch} names a commit that is not there", hint="git fsck") from error

    def get_head(self) -> tuple[str, str]:
        """Give the branch that is checked out, by its short name, and its commit.

        Raises:
            UnbornBranchError: where it has no commit yet.
            DetachedHeadError: where HEAD names no branch.
        """
        head = self.read_head()
        if head.commit is None:
            raise UnbornBranchError(
                f"branch {head.branch} has no commit yet", hint="git commit --allow-empty -m 'Initial commit'"
            )
        if head.branch is None:
            raise DetachedHeadError("HEAD is detached, a folio starts from a branch", hint="git switch -c <branch>")
        return head.branch, head.commit

    def check_no_operation(self, *, but_merge: bool = False) -> None:
        """See to it that no merge, rebase or the like is under way; a merge may be, where `but_merge` says so.

        Raises:
            OperationInProgressError: naming it.
        """
        for name, operation, hint in _OPERATIONS:
            if (self.git_dir / name).exists() and not (but_merge and name == "MERGE_HEAD"):
                raise OperationInProgressError(f"{operation} is under way in this repository", hint=hint)

    def find_merging(self) -> str | None:
        """Find the commit that a merge under way merges, its first one; empty where git was killed before it wrote that."""
        try:
            return (self.git_dir / "MERGE_HEAD").read_text().split("\n")[0]
        except OSError:
            return None

    def iter_checked_out(self) -> Iterator[tuple[Path, str]]:
        """Give (git directory, full ref name) for every worktree whose HEAD names a branch."""
        folders = [self.common_dir]
        with contextlib.suppress(FileNotFoundError):
            folders += sorted((self.common_dir / "worktrees").iterdir())
        for folder in folders:
            with contextlib.suppress(OSError):
                text = (folder / "HEAD").read_bytes()
                if text.startswith(b"ref:"):
                    yield folder, os.fsdecode(text[4:].strip())

    # Settings and identity

    @cached_property
    def author(self) -> Identity:
        """Who writes, by GIT_AUTHOR_* and the configuration."""
        return self._ask_identity("AUTHOR")

    @cached_property
    def committer(self) -> Identity:
        """Who commits, by GIT_COMMITTER_* and the configuration."""
        is_author = self._list_identity_settings("AUTHOR") == self._list_identity_settings("COMMITTER")
        return self.author if is_author else self._ask_identity("COMMITTER")

    def _list_identity_settings(self, role: str) -> list[str | None]:
        given = [self.env.get(f"GIT_{role}_{part}") for part in ("NAME", "EMAIL", "DATE")]
        return [*given, self.config.get(f"{role}.name"), self.config.get(f"{role}.email")]

    def _ask_identity(self, role: str) -> Identity:
        asked = self.run("var", f"GIT_{role}_IDENT", check=False, shielded=True)  # killed it would know nobody
        match = re.fullmatch(rb"(.*>) (\d+) ([+-]\d{4})\n", asked.stdout, re.DOTALL)
        if match is None:
            said = [line for line in os.fsdecode(asked.stderr).splitlines() if line.startswith("fatal:")]
            why = said[-1].removeprefix("fatal: ") if said else f"git does not know the {role.lower()}"
            raise RepoError(why, hint="git config user.name '...'; git config user.email '...'")
        is_fixed = bool(self.env.get(f"GIT_{role}_DATE"))
        return Identity(match[1], int(match[2]) if is_fixed else None, match[3])

    def set_config(self, values: Mapping[str, str]) -> None:
        """Write settings to the configuration file that all worktrees share.

        Raises:
            RefLockedError: where another program holds its lock for some seconds, or it can't be written.
        """
        config = pygit2.Config(str(self.common_dir / "config"))
        for key, value in values.items():
            retry_while_locked(partial(config.__setitem__, key, value), "git's configuration")

    def remove_config_section(self, section: str) -> None:
        """Remove a section with all its settings; one that is not there is fine."""
        self.run("config", "--file", str(self.common_dir / "config"), "--remove-section", section, check=False)


def _describe_open_failure(said: str, folder: Path) -> RepoError:
    if "not a git repository" in said:
        return NotARepositoryError(f"not in a git repository: {folder}", hint="git init")
    if "safe.directory" in said:
        advice = [line.strip() for line in said.splitlines() if line.strip().startswith("git config")]
        return NotARepositoryError(first_line(said), hint=advice[0] if advice else None)
    if "extension" in said:
        named = " ".join(said.removeprefix("fatal: ").split())  # on a line of its own
        return UnsupportedRepositoryError(f"git can't read this repository: {named}")
    return NotARepositoryError(first_line(said) or f"git does not know where the repository of {folder} is")
