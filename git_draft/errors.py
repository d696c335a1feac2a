"""Every exception of git-draft, with the exit code that it leads to.

Errors that a user may meet derive from `GitDraftError`; `cli/failures.py` prints them as ``error: …`` and
``hint: …``. `ToolError` has a root of its own: it goes back to the model as the result of its call and never
reaches the user. Nothing else lives here; every package may import it.
"""

from __future__ import annotations

from collections.abc import Sequence


class GitDraftError(Exception):
    """Report an expected failure.

    Args:
        message: lower case, names the thing that is wrong, no final full stop.
        hint: a command to paste or a short advice, printed on a line of its own.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(GitDraftError):
    """Report a command line that can't be understood."""

    exit_code = 2


class ConfigError(GitDraftError):
    """Report a setting that is missing or wrong."""


class TemplateError(GitDraftError):
    """Report a template of a prompt that is wrong."""


class StoreError(GitDraftError):
    """Report a state database that can't be used."""


class BotError(GitDraftError):
    """Report a bot that gave no answer at all; no draft is recorded for it."""


class PullError(GitDraftError):
    """Report a model's weights that can't be had."""


class AttentionError(GitDraftError):
    """Report that the draft exists and that the user must act, conflicts for example."""

    exit_code = 3


class AbortError(GitDraftError):
    """Report that the user called the command off before anything was done."""


class InterruptedRunError(GitDraftError):
    """Report a run that was ended by the user; what it made is recorded."""

    exit_code = 130


class FolioError(GitDraftError):
    """Report a folio that is not in the state that the command needs."""


class NoDraftError(FolioError):
    """Report a draft, or a folio, that does not exist."""


class OwnCommitsError(FolioError):
    """Report commits of the user's own that quitting would leave behind.

    Args:
        commits: one ``<short id> <subject>`` for each commit, oldest first.
    """

    def __init__(self, message: str, *, hint: str | None = None, commits: Sequence[str] = ()) -> None:
        super().__init__(message, hint=hint)
        self.commits = tuple(commits)


class RepoError(GitDraftError):
    """Report a repository that can't be worked with as it is."""


class NotARepositoryError(RepoError):
    """Report a folder that git does not take for (part of) a repository with a working directory."""


class UnsupportedRepositoryError(RepoError):
    """Report a repository format that libgit2 can't read, SHA-256 or reftable for example."""


class UnbornBranchError(RepoError):
    """Report a branch without a commit."""


class DetachedHeadError(RepoError):
    """Report a HEAD that names no branch."""


class OperationInProgressError(RepoError):
    """Report a merge, rebase or other git operation that has to be ended first."""


class RefMovedError(RepoError):
    """Report a ref that is not, or no longer, at the value it was expected to have."""


class RefLockedError(RepoError):
    """Report a lock that another process did not give up in time."""


class ClobberError(RepoError):
    """Report files on disk that no ref holds and that a merge would overwrite."""


class TimeIsUpError(RepoError):
    """Report a git program that was given so much time and took more; what it was for is done without."""


class GitCommandError(RepoError):
    """Report a git program that failed.

    Args:
        message: what was tried.
        status: the exit status of git.
        stderr: what git said.
    """

    def __init__(self, message: str, *, hint: str | None = None, status: int = 1, stderr: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.stderr = stderr


class ToolError(Exception):
    """Tell a model why its call did nothing; never shown to the user as an error."""
