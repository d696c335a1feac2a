"""The use cases, to be read from top to bottom: make a draft, merge one, leave the folio.

Decides what happens in which order; how is in the rooms below. No SQL, no libgit2, no printing. Called by the cli.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from git_draft import __version__
from git_draft.bots.registry import ChosenBot
from git_draft.errors import (
    AttentionError,
    FolioError,
    GitDraftError,
    InterruptedRunError,
    RefMovedError,
    RepoError,
    UsageError,
)
from git_draft.events import FolioClosed, FolioOpened, RunStarted, Warned
from git_draft.folios import check_can_open, close_empty_folio, find_active, get_active, open_folio
from git_draft.git.workdir import Snapshot
from git_draft.landing import land_draft
from git_draft.merging import Merge, format_paths, get_newest_unmerged, merge_draft
from git_draft.model import Changes, Draft, DraftName, Folio, Goal, MergeStrategy, Outcome, OutcomeKind, Record
from git_draft.opening import open_worktree
from git_draft.pathspecs import Only
from git_draft.project import Project
from git_draft.protocols import Clock, Feedback, Preparing, Running
from git_draft.quitting import Quit, check_can_quit, check_own_commits, quit_folio
from git_draft.records import PROMPT_MARK, Records
from git_draft.running import Ending, RecordingFeedback, run_bot
from git_draft.secrets import looks_secret
from git_draft.signals import put_off
from git_draft.sweeping import sweep

_OPEN_ATTEMPTS = 5
_SUMMARY_CHARACTERS = 4000
"""How much of what a model says at the end is recorded."""


@dataclass(frozen=True, slots=True)
class DraftResult:
    """A draft that was made.

    Args:
        draft: the draft.
        outcome: what the bot reported.
    """

    draft: Draft
    outcome: Outcome


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
        project.repo.check_no_operation()
        project.repo.get_head()
        folio = find_active(project)
        if folio is None:
            check_can_open(project)
        _ = project.repo.author, project.repo.committer  # a name that is missing must not cost a run
        return folio

    def draft(self, prompt: str, bot: ChosenBot, on: Draft | None = None, *, only: Only | None = None) -> DraftResult:
        """Make a draft: take a snapshot, let the bot work on it, record what it made.

        Args:
            prompt: what is asked.
            bot: who is asked.
            on: the draft to go on from.
            only: where the bot may write; None for everywhere.

        Raises:
            UsageError: where the prompt is empty.
            BotError: where the bot gave no answer at all; a folio that was opened for it is closed again.
            InterruptedRunError: where the user stopped it before anything was changed.
        """
        if not prompt.strip():
            raise UsageError("the prompt is empty", hint='git draft "<what to change>"')
        folio = self.check_can_draft()
        with self._prepared(bot):
            return self._draft(folio, prompt, bot, on, only)

    def _prepared(self, bot: ChosenBot) -> AbstractContextManager[None]:
        return bot.bot.prepared(self._feedback) if isinstance(bot.bot, Preparing) else nullcontext()

    def _draft(
        self, folio: Folio | None, prompt: str, bot: ChosenBot, on: Draft | None, only: Only | None
    ) -> DraftResult:
        is_new = folio is None
        folio, snapshot = self._open(folio)
        try:
            return self._run(folio, snapshot, prompt, bot, on, only, is_new=is_new)
        except BaseException:  # whatever it is: a folio that has nothing yet is closed again
            if is_new and close_empty_folio(self._project, folio, snapshot.head):
                self._feedback.emit(FolioClosed(folio=folio.number, origin=folio.origin or ""))
            raise

    def _run(
        self,
        folio: Folio,
        snapshot: Snapshot,
        prompt: str,
        bot: ChosenBot,
        on: Draft | None,
        only: Only | None,
        *,
        is_new: bool,
    ) -> DraftResult:
        objects, store = self._project.objects, self._project.store
        base, tree = (on.commit, objects.read_commit(on.commit).tree) if on else (snapshot.head, snapshot.tree)
        started = self._clock.now()
        run = store.begin_run(folio=folio.number, prompt=prompt, bot=bot.name, base=base, tree=tree, started=started)
        ending: Ending | None = None
        number: int | None = None
        try:
            feedback = RecordingFeedback(self._feedback, store, run, self._clock)
            if is_new:
                feedback.emit(FolioOpened(folio=folio.number, origin=folio.origin or ""))
            self._warn_of(snapshot, folio)
            feedback.emit(_describe_start(bot, only))
            worktree = open_worktree(self._project, snapshot, tree, feedback, only)
            ending = run_bot(bot.bot, Goal(prompt, self._list_prompts(on)), worktree, feedback)
            result_tree = worktree.write_tree()
            if not self._is_worth_recording(ending, changed=result_tree != tree):
                raise self._explain_nothing(ending)
            changes = objects.count_changes(tree, result_tree)
            record = self._make_record(folio, bot, base, ending.outcome, started, changes)
            try:
                with put_off():
                    draft = land_draft(self._project, snapshot, on, result_tree, prompt, ending.outcome.title, record)
            except GitDraftError as error:
                lost = f"{error.message}; what the bot made is in no commit"
                raise RepoError(lost, hint=f"git diff {tree} {result_tree}") from error
            number = draft.name.number
        finally:
            kind = OutcomeKind.FAILED if ending is None else ending.outcome.kind
            store.end_run(run, outcome=kind, ended=self._clock.now(), number=number)
        self._raise_bug(ending)
        return DraftResult(draft, ending.outcome)

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

    def _warn_of(self, snapshot: Snapshot, folio: Folio) -> None:
        if snapshot.left_out:
            self._warn(f"left out of the draft, too large or a nested repository: {format_paths(snapshot.left_out)}")
        secrets = [path for path in snapshot.untracked if looks_secret(path)]
        if secrets and self._are_new(secrets, folio):
            self._warn(
                f"the snapshot holds files that look like secrets: {format_paths(secrets)}"
                " (no model sees them; git ignore them to keep them out of commits)"
            )

    def _are_new(self, paths: list[PurePosixPath], folio: Folio) -> bool:
        """Tell whether a path was not in the state that the folio's last draft started from."""
        drafts = self._records.list_drafts(folio.number)
        if not drafts:
            return True
        before = self._project.objects.edit_tree(self._project.objects.read_commit(drafts[-1].parent).tree)
        return any(before.find(path) is None for path in paths)

    def _warn(self, message: str) -> None:
        self._feedback.emit(Warned(message=message))

    def _list_prompts(self, on: Draft | None) -> tuple[str, ...]:
        """Give the prompts of a draft and of those that it goes on from, oldest first."""
        if on is None:
            return ()
        prompts = [on.prompt]
        commit = self._project.objects.read_commit(on.parent)
        while commit.message.startswith(PROMPT_MARK) and commit.parents:
            prompts.append(commit.message.partition("\n\n")[2].removesuffix("\n"))
            commit = self._project.objects.read_commit(commit.parents[0])
        return tuple(reversed(prompts))

    @staticmethod
    def _is_worth_recording(ending: Ending, *, changed: bool) -> bool:
        return changed or ending.outcome.kind not in (OutcomeKind.FAILED, OutcomeKind.INTERRUPTED)

    def _make_record(
        self, folio: Folio, bot: ChosenBot, base: str, outcome: Outcome, started: datetime, changes: Changes
    ) -> Record:
        is_idle = outcome.kind is OutcomeKind.COMPLETE and changes.files == 0
        return Record(
            draft=DraftName(folio.number, 1),
            origin=folio.origin,
            bot=bot.name,
            model=bot.bot.model,
            base=base,
            outcome=OutcomeKind.NO_CHANGE if is_idle else outcome.kind,
            question=outcome.question,
            detail=outcome.detail,
            summary=_cut(outcome.summary),
            started=started,
            walltime=self._clock.now() - started,
            turns=outcome.turns,
            usage=outcome.usage,
            changes=changes,
            recorded_by=f"git-draft {__version__}",
        )

    @staticmethod
    def _raise_bug(ending: Ending) -> None:
        if ending.error is not None and not isinstance(ending.error, GitDraftError):
            raise ending.error

    def _explain_nothing(self, ending: Ending) -> BaseException:
        if ending.error is not None:
            return ending.error
        if ending.outcome.kind is OutcomeKind.INTERRUPTED:
            return InterruptedRunError("interrupted before anything was changed, no draft was made")
        return FolioError(f"the run failed before anything was changed: {ending.outcome.detail}")

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

    # Looking around

    def find_active(self) -> Folio | None:
        """Find the folio that is checked out here."""
        return self._records.find_active()

    def list_drafts(self, folio: int) -> list[Draft]:
        """Give the drafts of a folio by number."""
        return self._records.list_drafts(folio)

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


def _describe_start(bot: ChosenBot, only: Only | None) -> RunStarted:
    program = bot.bot.program if isinstance(bot.bot, Running) else None
    where = only.texts if only else ()
    return RunStarted(
        bot=bot.name, model=bot.bot.model, host=bot.bot.host, reason=bot.reason, program=program, only=where
    )


def _cut(summary: str | None) -> str | None:
    return summary if summary is None or len(summary) <= _SUMMARY_CHARACTERS else summary[:_SUMMARY_CHARACTERS] + "…"


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
