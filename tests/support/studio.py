"""A repository with git-draft at work on it: the use cases, each in a command of its own, with a scripted bot.

Used by the tests in `tests/cases`, as the fixture `studio` and by `Studio(repo)`. Every call opens the repository anew,
as a command would, so that nothing is carried over but what is on disk.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from git_draft.bots.registry import ChosenBot
from git_draft.drafter import Drafter, DraftResult
from git_draft.drafting import Attempt, Order
from git_draft.dropping import Doomed
from git_draft.events import Warned
from git_draft.history import Undo
from git_draft.merging import Merge
from git_draft.model import Draft, Folio, MergeStrategy
from git_draft.opening import get_only
from git_draft.project import Project
from git_draft.protocols import Bot
from git_draft.quitting import Quit
from git_draft.records import Records
from tests.support.bots import Edit, RecordingFeedback, ScriptedBot
from tests.support.clock import FakeClock
from tests.support.gitrepo import GitRepo


@dataclass
class Studio:
    """Runs git-draft on a repository.

    Args:
        repo: the repository.
        folder: where the commands are run, None for the top.
    """

    repo: GitRepo
    folder: Path | None = None
    feedback: RecordingFeedback = field(default_factory=RecordingFeedback)
    clock: FakeClock = field(default_factory=FakeClock)
    siblings: list[RecordingFeedback] = field(default_factory=list)

    # Commands

    @contextlib.contextmanager
    def opened(self) -> Iterator[Project]:
        """Open the repository for as long as it lasts."""
        project = Project.open(self.folder or self.repo.path, os.environ)
        try:
            yield project
        finally:
            project.store.close()

    @contextlib.contextmanager
    def command(self) -> Iterator[Drafter]:
        """Begin a command as the cli does."""
        with self.opened() as project:
            drafter = Drafter(project, self.feedback, self.clock)
            drafter.tidy_up()
            yield drafter

    def draft(
        self,
        *edits: Edit,
        prompt: str = "do it",
        on: str | None = None,
        bot: Bot | None = None,
        only: Sequence[str] = (),
    ) -> DraftResult:
        """Make a draft with a bot that does the edits, or with the bot given."""
        with self.opened() as project:
            limits = get_only(project, only, self.folder or self.repo.path)
        with self.command() as drafter:
            earlier = drafter.get_draft(on) if on else None
            return drafter.draft(Order(prompt, ChosenBot("scripted", bot or ScriptedBot(edits)), earlier, limits))

    def draft_siblings(self, bot: Bot, count: int, *, prompt: str = "do it") -> tuple[Attempt, ...]:
        """Make several drafts with one bot; each has a feedback of its own in `siblings`."""
        self.siblings = [RecordingFeedback() for _ in range(count)]
        with self.command() as drafter:
            order = Order(prompt, ChosenBot("scripted", bot), count=count)
            return drafter.draft_siblings(order, lambda number, _count: self.siblings[number - 1])

    def merge(self, name: str | None = None, strategy: MergeStrategy = MergeStrategy.DEFAULT) -> Merge:
        """Merge a draft, the newest unmerged one where none is named."""
        with self.command() as drafter:
            return drafter.merge(drafter.get_draft(name) if name else None, strategy)

    def quit(self, *, force: bool = False) -> Quit:
        """Leave the folio."""
        with self.command() as drafter:
            return drafter.quit(lambda _commits: force)

    def undo(self) -> Undo:
        """Take back the last merge, quit or undo."""
        with self.command() as drafter:
            return drafter.undo()

    def drop(self, name: str | None = None, *, folio: int | None = None, older_than: datetime | None = None) -> Doomed:
        """Remove a draft, a folio, what is older, or all."""
        with self.command() as drafter:
            doomed = drafter.plan_drop(
                draft=drafter.get_draft(name) if name else None, folio=folio, older_than=older_than
            )
            drafter.drop(doomed)
            return doomed

    def tidy_up(self) -> list[str]:
        """Run a command that does nothing but look; give what it said about killed ones."""
        before = len(self.warnings)
        with self.command():
            return self.warnings[before:]

    # Looking

    @property
    def warnings(self) -> list[str]:
        """What all commands so far have warned of."""
        return [event.message for event in self.feedback.events if isinstance(event, Warned)]

    def list_drafts(self) -> list[Draft]:
        """Give all drafts."""
        with self.command(), self.opened() as project:
            return Records(project).list_drafts()

    def list_folios(self) -> list[Folio]:
        """Give all folios."""
        with self.command(), self.opened() as project:
            return Records(project).list_folios()

    def graph(self, *revisions: str) -> list[str]:
        """Give the commits of revisions, newest first: subject, then the subjects of the parents.

        With no revisions those of HEAD and of all drafts, less what the first commit of the history says.
        """
        asked = ["log", "--topo-order", "--format=%H%x09%P%x09%s", *(revisions or ("HEAD", "--glob=refs/drafts"))]
        rows = [line.split("\t") for line in self.repo.git(*asked).splitlines()]
        subjects = {oid: subject for oid, _, subject in rows}
        return [
            f"{subject} < {', '.join(subjects.get(parent, '?') for parent in parents.split())}".removesuffix(" < ")
            for _, parents, subject in rows
        ]

    def head(self) -> str:
        """Give the branch that HEAD names."""
        return self.repo.git("symbolic-ref", "--short", "HEAD")

    def settings(self) -> list[str]:
        """Give the folios' part of the repository's configuration file."""
        text = (self.repo.path / ".git/config").read_text()
        return [line.strip() for line in text.split("[core]")[1].splitlines() if "draft" in line]
