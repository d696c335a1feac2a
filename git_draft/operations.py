"""The use cases that need no bot, to be read from top to bottom: merge a draft, leave the folio, undo, remove, repair.

Decides what happens in which order; how is in the rooms below. No SQL, no libgit2, no printing, and nothing of what runs
bots, which takes time to load. Called by the cli; the drafter goes on from here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from git_draft.doctor import Doctor, Health
from git_draft.draftignore import NAME
from git_draft.dropping import Doomed, Dropping
from git_draft.errors import AttentionError, OperationInProgressError, UsageError
from git_draft.folios import check_can_open, find_active, get_active
from git_draft.history import Undo, end_stopped_merge, get_last_save, undo_operation
from git_draft.merging import Merge, format_paths, get_newest_unmerged, merge_draft
from git_draft.model import Draft, Folio, MergeStrategy
from git_draft.project import Project
from git_draft.protocols import Clock, Feedback
from git_draft.quitting import Quit, check_can_quit, check_own_commits, quit_folio
from git_draft.records import Records
from git_draft.signals import put_off
from git_draft.sweeping import sweep


class Operations:
    """The use cases on one repository that need no bot.

    Args:
        project: the open repository.
        feedback: where warnings and questions go.
        clock: the time.
    """

    def __init__(self, project: Project, feedback: Feedback, clock: Clock) -> None:
        self._project = project
        self._feedback = feedback
        self._clock = clock
        self._records = Records(project)

    def tidy_up(self) -> None:
        """Finish or sweep what a killed command began, and say so."""
        for line in sweep(self._project, self._clock.now()):
            self._warn(line)

    def _warn(self, message: str) -> None:
        from git_draft.events import Warned  # pydantic takes a while to load, and mostly there is nothing to warn of

        self._feedback.emit(Warned(message=message))

    # Before a draft

    def check_can_draft(self) -> Folio | None:
        """See to it that a draft can be made here, before the prompt is asked for; give the active folio.

        Raises:
            UnbornBranchError: where the branch has no commit.
            DetachedHeadError: where HEAD names no branch.
            OperationInProgressError: where another git operation is under way.
            FolioError: where no folio can be opened.
        """
        project = self._project
        try:
            project.repo.check_no_operation()
        except OperationInProgressError:
            with project.locked_worktree():  # a merge of ours, at this moment: it is waited for
                project.repo.check_no_operation()
        project.repo.get_head()
        folio = find_active(project)
        if folio is None:
            check_can_open(project)
        _ = project.repo.author, project.repo.committer  # a name that is missing must not cost a run
        return folio

    def snapshot_begun(self) -> AbstractContextManager[None]:
        """Let git look at the files for the next draft while something else is done.

        Raises:
            UnbornBranchError: where the branch has no commit.
            DetachedHeadError: where HEAD names no branch.
        """
        return self._project.workdir.snapshot_begun(name=NAME)

    # Merging and leaving

    def merge(self, draft: Draft | None, strategy: MergeStrategy) -> Merge:
        """Merge a draft of the active folio, its newest unmerged one where none is named.

        Raises:
            FolioError: where no folio is active here, or the draft can't be merged.
            ClobberError: where a file that no ref holds would be overwritten.
            RepoError: where git refuses.
        """
        with self._project.locked_worktree():
            folio = get_active(self._project)
            self._project.repo.check_no_operation()
            merge = merge_draft(
                self._project, folio, draft or get_newest_unmerged(self._project, folio.number), strategy
            )
        if merge.left_out:
            self._warn(f"not recorded, too large or a nested repository: {format_paths(merge.left_out)}")
        return merge

    def quit(self, confirm: Callable[[tuple[str, ...]], bool]) -> Quit:
        """Leave the active folio.

        Args:
            confirm: asked, with their list, where commits of the user's own would be left behind.

        Raises:
            FolioError: where no folio is active here, or it can't be left.
            OwnCommitsError: where `confirm` says no.
        """
        with self._project.locked_worktree():
            folio = get_active(self._project)
            origin = check_can_quit(self._project, folio)
            check_own_commits(self._project, folio, origin, confirm)
            left = quit_folio(self._project, folio)
        if left.left_out:
            self._warn(f"not recorded, too large or a nested repository: {format_paths(left.left_out)}")
        return left

    def undo(self) -> Undo:
        """Take back the last merge, quit or undo here.

        Raises:
            FolioError: where there is none, or something changed since.
            ClobberError: where a file that no ref holds would be overwritten.
        """
        with self._project.locked_worktree():
            self._project.repo.check_no_operation(but_merge=True)
            last = get_last_save(self._project)
            end_stopped_merge(self._project, last)
            undo = undo_operation(self._project, last)
        if undo.left_out:
            self._warn(f"not recorded, too large or a nested repository: {format_paths(undo.left_out)}")
        return undo

    # Removing

    def plan_drop(
        self, *, draft: Draft | None = None, folio: int | None = None, older_than: datetime | None = None
    ) -> Doomed:
        """Find what would be removed: a draft, a folio, what is older than a moment, or all where nothing is named.

        Raises:
            FolioError: where what is named is in use, or not there.
        """
        dropping = Dropping(self._project)
        if draft is not None:
            return dropping.plan_draft(draft)
        if folio is not None:
            return dropping.plan_folio(folio)
        return dropping.plan_all() if older_than is None else dropping.plan_older(older_than)

    def drop(self, doomed: Doomed) -> None:
        """Remove what was found.

        Raises:
            RefMovedError: where something has changed since.
        """
        with self._project.locked_worktree(), put_off():
            Dropping(self._project).drop(doomed)

    def examine(self, *, repair: bool = False) -> tuple[Health, Health]:
        """Find where refs, notes, configuration and index disagree; give what was found, and what is left after repair.

        Raises:
            StoreError: where the index can't be written.
        """
        doctor = Doctor(self._project)
        found = doctor.examine()
        if not repair:
            return found, found
        doctor.repair(found)
        return found, Doctor(self._project).examine()

    # Looking around

    def find_active(self) -> Folio | None:
        """Find the folio that is checked out here."""
        return self._records.find_active()

    def list_drafts(self, folio: int) -> list[Draft]:
        """Give the drafts of a folio by number."""
        return self._records.list_drafts([folio])

    def get_draft(self, text: str) -> Draft:
        """Give the draft that the user means.

        Raises:
            NoDraftError: where there is none.
            UsageError: where the name is empty, an unset variable of a script for example.
        """
        if not text.strip():
            raise UsageError("the name of the draft is empty", hint="git draft list")
        active = self.find_active()
        return self._records.get_draft(text, active.number if active else None)


def raise_for_merge(merge: Merge) -> None:
    """Turn what a merge leaves to the user into the exit code that says so.

    Raises:
        AttentionError: for conflicts.
    """
    if merge.result.is_clean:
        return
    if not merge.result.conflicts:
        raise AttentionError(
            f"merging {merge.draft.name} had conflicts, which git rerere resolved",
            hint="look at them, then git commit",
        )
    raise AttentionError(
        f"merging {merge.draft.name} left conflicts in {format_paths(merge.result.conflicts)}",
        hint="resolve them and git commit, or git merge --abort",
    )
