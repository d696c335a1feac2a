"""What plug-ins implement (`Bot`, `Preparing`, `Checkable`, `Running`) and what they are given (`Worktree`, `Feedback` …).

Only protocols live here. The implementations: `worktree.py` (Worktree, Exporting), `exporting.py` (Exported), `cli/terminal.py` (Feedback), `clock.py`
(SystemClock), `store.py` (Memory), `bots/` (Bot).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:  # events cost a pydantic import, which `list` can't afford
    from git_draft.events import Event
    from git_draft.model import Explanation, Finding, Goal, Outcome

MAX_HITS = 1000
"""After so many lines a search of the worktree stops."""


class Clock(Protocol):
    """Tells the time and waits."""

    def now(self) -> datetime:
        """Give the present moment, aware."""
        ...

    def monotonic_s(self) -> float:
        """Give seconds since an arbitrary start, never going back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Feedback(Protocol):
    """Takes what happens during a run to the user and to the record."""

    def emit(self, event: Event) -> None:
        """Take note of an event."""
        ...

    async def ask(self, question: str) -> str | None:
        """Put a question to the user; give None where nobody can answer now."""
        ...


class Memory(Protocol):
    """Remembers, from one run to the next, what was learned of an endpoint."""

    def recall(self, endpoint: str, model: str, key: str) -> str | None:
        """Give what was learned, None where nothing was.

        Args:
            endpoint: the base URL, without user and password.
            model: the model's name.
            key: what it is about, ``edits`` for example.
        """
        ...

    def learn(self, endpoint: str, model: str, key: str, value: str) -> None:
        """Remember something in place of what was learned before."""
        ...

    def forget(self, endpoint: str, model: str | None = None) -> None:
        """Forget all that was learned of an endpoint, or of one model there."""
        ...


class Worktree(Protocol):
    """The files that a bot sees and edits: a git tree in memory, never the user's working directory.

    Paths are relative to the top of the repository, with slashes. Every method raises `ToolError` with a reason that a
    model can act on: a path that is not allowed or not there, a file that is withheld, binary, or too large. A line that
    may hold a secret is nowhere seen: a mark such as ``[withheld: aws-access-key]`` stands for it.
    """

    def list_files(self, glob: str | None = None) -> Sequence[str]:
        """Give the paths of all files that may be read, sorted; `glob` as in .gitignore patterns (``**`` spans)."""
        ...

    def read_file(self, path: str) -> str:
        """Give a text file's contents, line endings as they are, without a byte order mark."""
        ...

    def read_guidance(self) -> str | None:
        """Give the repository's own guidance for models, its tracked AGENTS.md up to 8 KiB; None where it has none."""
        ...

    def search(self, pattern: str, glob: str | None = None) -> Sequence[tuple[PurePosixPath, int, str]]:
        """Find the first `MAX_HITS` lines that match a regular expression, as path, line number from 1, and line."""
        ...

    def list_tracked(self) -> Sequence[str]:
        """Give the paths of the files that git tracks and that may be read, sorted; what is text is not looked at."""
        ...

    def rank_files(self, words: Collection[str]) -> Sequence[PurePosixPath]:
        """Give the tracked text files that hold some of the words, in path or contents, a thousand at most, the best first.

        Case and endings do not matter, and a word finds the parts of names: ``count`` finds ``word_counts`` and ``wordCount``.
        Left out are files far less relevant than the first, those made by programs, lock files for example, and very large ones.
        """
        ...

    def find_definitions(self, names: Collection[str]) -> Mapping[str, Sequence[PurePosixPath]]:
        """Give for each name that tracked files define (functions, classes, constants) those files, sorted.

        Names are matched as they are written; those that nothing defines are left out.
        """
        ...

    def write_file(self, path: str, contents: str) -> None:
        """Make or replace a file; mode, byte order mark and encoding of a file that exists stay.

        Lines that are withheld stay too: their marks must be in the new contents as they are in the old ones.
        """
        ...

    def check_rewritable(self, path: str) -> None:
        """See that a model may write all of a file anew; for contents that don't come from an edit of the old ones."""
        ...

    def delete_file(self, path: str) -> None:
        """Remove a file; refused for one with lines that are withheld."""
        ...

    def rename_file(self, src_path: str, dst_path: str) -> None:
        """Move a file as it is, bytes and mode; the destination must not exist."""
        ...


class Exported(Protocol):
    """The files of a worktree in a folder of their own, for a program."""

    @property
    def folder(self) -> Path:
        """The top of the files: a git repository with one commit, which has nothing to do with the user's."""
        ...

    def take_in(self, unwanted: Sequence[str] = ()) -> bool:
        """Take the files as they are in the folder now into the worktree; tell whether that changed anything.

        Ignored files stay out. What may not be taken stays as it was, and is named in a warning.

        Args:
            unwanted: patterns as in .gitignore, for new files that stay out as well.

        Raises:
            GitDraftError: where the files can't be read.
        """
        ...


@runtime_checkable
class Exporting(Protocol):
    """A worktree whose files can be put into a folder, as git puts them there; the one that git-draft gives is."""

    def exported(self) -> AbstractContextManager[Exported]:
        """Put the files that a bot may see into a new folder, which is gone when the context ends.

        Raises:
            GitDraftError: where they can't be written.
        """
        ...


@runtime_checkable
class Bot(Protocol):
    """Turns a goal and a worktree into changes."""

    @property
    def model(self) -> str | None:
        """The name of the model for the record, None where there is none."""
        ...

    @property
    def host(self) -> str | None:
        """The remote host that prompts and files go to, None where nothing leaves this machine."""
        ...

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Work on the goal until it is done.

        With ``-n`` it is called several times before the first one ends, on one event loop, each time with a worktree
        and a feedback of its own, and with another `Goal.variant`: what is of one run must not be kept in the bot.

        A cancelled `act` must leave the worktree in a state worth keeping; it may return an INTERRUPTED outcome with
        what it used so far, or let the cancellation pass.

        Raises:
            BotError: where there was no reply at all; nothing is recorded then, unless something was changed.
        """
        ...


@runtime_checkable
class Preparing(Protocol):
    """A bot that has something to get ready which takes time, and which is got ready while the snapshot is taken."""

    def prepared(self, feedback: Feedback) -> AbstractContextManager[None]:
        """Begin to get ready, and give back at once; when the context ends nothing of it is left.

        `Bot.act` is called within, and waits for what it needs. It is entered before the snapshot is taken and left
        when the run is over, however it ended.
        """
        ...


@runtime_checkable
class Checkable(Protocol):
    """A bot that can find out what its model and server do, without a goal."""

    async def check(self, feedback: Feedback) -> Sequence[Finding]:
        """Find out, by a tiny request or two, and remember it."""
        ...

    def forget(self) -> None:
        """Forget what was found out."""
        ...


@runtime_checkable
class Explaining(Protocol):
    """A bot that can tell what it would send."""

    async def explain(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Explanation:
        """Tell what the first request of `act` would be; nothing is sent, started or changed."""
        ...


@runtime_checkable
class Running(Protocol):
    """A bot that is a program."""

    @property
    def program(self) -> str:
        """What is run, for the user to read: a short line without secrets."""
        ...
