"""The use cases, to be read from top to bottom: make a draft, merge one, leave the folio.

Decides what happens in which order; how is in the rooms below. No SQL, no libgit2, no printing. Called by the cli.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path, PurePosixPath

from git_draft.doctor import Doctor, Health
from git_draft.drafting import Attempt, Drafting, OpenSibling, Order, list_prompts
from git_draft.dropping import Doomed, Dropping
from git_draft.errors import (
    AttentionError,
    FolioError,
    InterruptedRunError,
    OperationInProgressError,
    RefMovedError,
    UsageError,
)
from git_draft.events import FolioClosed, Warned
from git_draft.explaining import Explained, explain_run
from git_draft.folios import check_can_open, close_empty_folio, find_active, get_active, open_folio
from git_draft.frozen import frozen
from git_draft.git.workdir import Snapshot
from git_draft.history import Undo, end_stopped_merge, get_last_save, undo_operation
from git_draft.landing import list_runnable
from git_draft.merging import Merge, format_paths, get_newest_unmerged, merge_draft
from git_draft.model import Draft, Folio, Goal, MergeStrategy, Outcome, OutcomeKind
from git_draft.opening import open_worktree, read_rules
from git_draft.picking import pick_part
from git_draft.project import Project
from git_draft.protocols import Clock, Feedback, Preparing, Worktree
from git_draft.quitting import Quit, check_can_quit, check_own_commits, quit_folio
from git_draft.records import Records
from git_draft.signals import put_off
from git_draft.sweeping import sweep

_OPEN_ATTEMPTS = 5


@frozen
class DraftResult:
    """A draft that was made.

    Args:
        draft: the draft.
        outcome: what the bot reported.
        runnable: the changed files that run code, or tell a program what to run.
    """

    draft: Draft
    outcome: Outcome
    runnable: tuple[PurePosixPath, ...] = ()


class Drafter:
    """The use cases on one repository.

    Args:
        project: the open repository.
        feedback: where progress, warnings and questions go.
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

    # A draft

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

    def draft(self, order: Order) -> DraftResult:
        """Make a draft: take a snapshot, let the bot work on it, record what it made.

        Args:
            order: what is asked, once.

        Raises:
            UsageError: where the prompt is empty.
            BotError: where the bot gave no answer at all; a folio that was opened for it is closed again.
            InterruptedRunError: where the user stopped it before anything was changed.
        """
        (attempt,) = self.draft_siblings(order, lambda _number, _count: self._feedback)
        if attempt.error is not None:
            raise attempt.error
        assert attempt.draft is not None  # noqa: S101  # else there is an error
        return DraftResult(attempt.draft, attempt.outcome, attempt.runnable)

    def draft_siblings(self, order: Order, open_sibling: OpenSibling) -> tuple[Attempt, ...]:
        """Make several drafts from one snapshot, side by side; give what became of each, none raises for the others.

        Args:
            order: what is asked, and how many times.
            open_sibling: for the feedback of each.

        Raises:
            UsageError: where the prompt is empty.
        """
        if not order.prompt.strip():
            raise UsageError("the prompt is empty", hint='git draft "<what to change>"')
        active = self.check_can_draft()
        bot = order.bot.bot
        with bot.prepared(self._feedback) if isinstance(bot, Preparing) else nullcontext():
            folio, snapshot = self._open(active)
            try:
                drafting = Drafting(self._project, self._feedback, self._clock, folio, snapshot, order)
                return drafting.make_drafts(open_sibling, is_new=active is None)
            finally:  # however it ended: a folio that has nothing yet is closed again
                if active is None and close_empty_folio(self._project, folio, snapshot.head):
                    self._feedback.emit(FolioClosed(folio=folio.number, origin=folio.origin or ""))

    def explain(self, order: Order) -> Explained:
        """Tell what a draft would send, and send nothing.

        Raises:
            UsageError: where the prompt is empty.
            BotError: where the bot can't tell.
        """
        if not order.prompt.strip():
            raise UsageError("the prompt is empty", hint='git draft "<what to change>"')
        on = order.on
        tree = self._project.objects.read_commit(on.commit).tree if on else None
        goal = Goal(order.prompt, list_prompts(self._project, on))
        return explain_run(self._project, self._feedback, order.bot.bot, goal, tree, order.only)

    def open_view(self, on: Draft | None) -> Worktree:
        """Open the files as a draft would find them, to be looked at.

        Args:
            on: the draft to go on from; None for the user's state.
        """
        project = self._project
        snapshot = project.workdir.take_snapshot()
        tree = project.objects.read_commit(on.commit).tree if on else snapshot.tree
        return open_worktree(project, snapshot, tree, self._feedback, rules=read_rules(project, snapshot))

    def _open(self, folio: Folio | None) -> tuple[Folio, Snapshot]:
        for _attempt in range(_OPEN_ATTEMPTS):
            snapshot = self._project.workdir.take_snapshot()
            if folio is not None:
                return folio, snapshot
            try:
                return open_folio(self._project, snapshot), snapshot
            except RefMovedError:  # another draft opened a folio just now: join it
                folio = find_active(self._project)
        raise FolioError("HEAD keeps moving, no folio was opened", hint="run it again")

    def _warn(self, message: str) -> None:
        self._feedback.emit(Warned(message=message))

    def pick(self, draft: Draft, paths: Sequence[str], folder: Path, *, by_hunks: bool) -> DraftResult:
        """Make a smaller draft, of some of its paths or of hunks that the user chooses.

        Args:
            draft: the whole.
            paths: pathspecs; none for all paths.
            folder: the current folder.
            by_hunks: whether git asks for each hunk.

        Raises:
            FolioError: where that is nothing, or all of it.
            GitCommandError: where git knows no such path.
            AbortError: where the user chose nothing.
        """
        part = pick_part(self._project, draft, paths, folder, self._clock.now(), by_hunks=by_hunks)
        trees = [self._project.objects.read_commit(commit).tree for commit in (part.parent, part.commit)]
        return DraftResult(part, Outcome(), list_runnable(self._project, *trees))

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


def raise_for_attention(result: DraftResult | None, merge: Merge | None) -> None:
    """Turn what the user must act on into the exit code that says so.

    Raises:
        AttentionError: for conflicts, a pending question, or a limit that was reached.
    """
    if merge is not None and not merge.result.is_clean:
        if not merge.result.conflicts:
            raise AttentionError(
                f"merging {merge.draft.name} had conflicts, which git rerere resolved",
                hint="look at them, then git commit",
            )
        raise AttentionError(
            f"merging {merge.draft.name} left conflicts in {format_paths(merge.result.conflicts)}",
            hint="resolve them and git commit, or git merge --abort",
        )
    if result is None:
        return
    name, record = result.draft.name, result.draft.record
    if record.outcome is OutcomeKind.QUESTION:
        raise AttentionError(
            f"draft {name} has an open question: {record.question}", hint=f'git draft --on {name} "<answer>"'
        )
    if record.outcome is OutcomeKind.LIMIT:
        raise AttentionError(f"draft {name} stopped at a limit: {record.detail}", hint=f'git draft --on {name} "go on"')
    if record.outcome is OutcomeKind.INTERRUPTED:
        raise InterruptedRunError(f"interrupted; what was made is draft {name}", hint=f'git draft --on {name} "go on"')
    if record.outcome is OutcomeKind.FAILED:
        raise FolioError(
            f"the run failed, what was made is draft {name}: {record.detail}", hint=f"git draft show {name}"
        )
