"""The use cases that make drafts, to be read from top to bottom; what is done with them is in `operations.py`.

Decides what happens in which order; how is in the rooms below. No SQL, no libgit2, no printing. Called by the cli.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path, PurePosixPath

from git_draft.drafting import Attempt, Drafting, OpenSibling, Order, list_prompts
from git_draft.errors import (
    AttentionError,
    FolioError,
    InterruptedRunError,
    RefMovedError,
    UsageError,
)
from git_draft.events import FolioClosed
from git_draft.explaining import Explained, explain_run
from git_draft.folios import close_empty_folio, find_active, open_folio
from git_draft.frozen import frozen
from git_draft.git.snapshots import Snapshot
from git_draft.landing import list_runnable
from git_draft.merging import Merge
from git_draft.model import Draft, Folio, Goal, Outcome, OutcomeKind
from git_draft.opening import open_worktree, read_rules, take_snapshot
from git_draft.operations import Operations, raise_for_merge
from git_draft.picking import pick_part
from git_draft.protocols import Preparing, Worktree

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


class Drafter(Operations):
    """The use cases on one repository, those too that need a bot; arguments as `Operations`."""

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
        snapshot = take_snapshot(project)
        tree = project.objects.read_commit(on.commit).tree if on else snapshot.tree
        return open_worktree(project, snapshot, tree, self._feedback, rules=read_rules(project, snapshot))

    def _open(self, folio: Folio | None) -> tuple[Folio, Snapshot]:
        for _attempt in range(_OPEN_ATTEMPTS):
            snapshot = take_snapshot(self._project)
            if folio is not None:
                return folio, snapshot
            try:
                return open_folio(self._project, snapshot), snapshot
            except RefMovedError:  # another draft opened a folio just now: join it
                folio = find_active(self._project)
        raise FolioError("HEAD keeps moving, no folio was opened", hint="run it again")

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


def raise_for_attention(result: DraftResult | None, merge: Merge | None) -> None:
    """Turn what the user must act on into the exit code that says so.

    Raises:
        AttentionError: for conflicts, a pending question, or a limit that was reached.
    """
    if merge is not None:
        raise_for_merge(merge)
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
