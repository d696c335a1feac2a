"""Drafts from one snapshot: a bot works, once or several times side by side, and each run that made something lands.

One draft is the case of one run. A run that fails or is stopped does not touch the others, and each lands as soon as it
is done. Opening and closing the folio around this is `drafter.py`'s, the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from git_draft import __version__
from git_draft.bots.registry import ChosenBot
from git_draft.errors import FolioError, GitDraftError, InterruptedRunError, RepoError
from git_draft.events import FolioOpened, RunStarted, Warned
from git_draft.frozen import frozen
from git_draft.git.snapshots import Snapshot
from git_draft.landing import enter_draft, land_draft, list_runnable
from git_draft.merging import format_paths
from git_draft.model import Changes, Draft, DraftName, Folio, Goal, Outcome, OutcomeKind, Record
from git_draft.opening import open_worktree, read_rules
from git_draft.pathspecs import Only
from git_draft.project import Project
from git_draft.protocols import Clock, Feedback, Running
from git_draft.records import PROMPT_MARK, Records
from git_draft.running import BotRun, Ending, RecordingFeedback, run_bot
from git_draft.secrets import looks_secret
from git_draft.signals import put_off
from git_draft.withholding import Withholding
from git_draft.worktree import TreeWorktree

_SUMMARY_CHARACTERS = 4000
"""How much of what a model says at the end is recorded."""

OpenSibling = Callable[[int, int], Feedback]
"""Gives the feedback of one of several runs: which, from 1, and of how many."""


@frozen
class Order:
    """What is asked of a bot.

    Args:
        prompt: the whole prompt.
        bot: who is asked.
        on: the draft to go on from.
        only: where the bot may write; None for everywhere.
        count: how many times the same is asked, side by side.
        template: the name of the template that the prompt was made of.
    """

    prompt: str
    bot: ChosenBot
    on: Draft | None = None
    only: Only | None = None
    count: int = 1
    template: str | None = None


@frozen
class Attempt:
    """What became of one run.

    Args:
        run: its number in the index.
        outcome: how the run ended.
        tree: the id of the tree that the bot left.
        draft: the draft that was made, if any.
        error: why there is none; or, beside a draft, a bug of the bot.
        runnable: the files of the change that run code, or tell a program what to run.
    """

    run: int
    outcome: Outcome
    tree: str
    draft: Draft | None = None
    error: BaseException | None = None
    runnable: tuple[PurePosixPath, ...] = ()


class Drafting:
    """Makes drafts from one snapshot.

    Args:
        project: the open repository.
        feedback: for what concerns all runs, and for the only one.
        clock: the time.
        folio: where the drafts go.
        snapshot: the user's state.
        order: what is asked.
    """

    def __init__(
        self, project: Project, feedback: Feedback, clock: Clock, folio: Folio, snapshot: Snapshot, order: Order
    ) -> None:
        self._project, self._feedback, self._clock = project, feedback, clock
        self._folio, self._snapshot, self._order = folio, snapshot, order
        on = order.on
        self._base = on.commit if on else snapshot.head
        self._tree = project.objects.read_commit(on.commit).tree if on else snapshot.tree
        self._started = clock.now()
        self._attempts: dict[int, Attempt] = {}

    def make_drafts(self, open_sibling: OpenSibling, *, is_new: bool) -> tuple[Attempt, ...]:
        """Let the bot work, and give what became of each run, in the order of their numbers.

        Args:
            open_sibling: for the feedback of each, where there are several.
            is_new: whether the folio was opened for this.
        """
        runs = self._begin_runs()
        try:
            if is_new:
                first = RecordingFeedback(self._feedback, self._project.store, runs[0], self._clock)
                first.emit(FolioOpened(folio=self._folio.number, origin=self._folio.origin or ""))
            self._warn_of_snapshot()
            rules = read_rules(self._project, self._snapshot)
            prepared = [self._prepare(variant, run, rules, open_sibling) for variant, run in enumerate(runs)]
            run_bot(self._order.bot.bot, prepared, self._feedback, self._project.store)
        finally:
            for run in runs:
                if run not in self._attempts:
                    self._project.store.end_run(run, outcome=OutcomeKind.FAILED, ended=self._clock.now())
        return tuple(self._attempts[run] for run in runs)

    # Before

    def _begin_runs(self) -> list[int]:
        store, order = self._project.store, self._order
        runs: list[int] = []
        with store.transaction():
            for _ in range(order.count):
                run = store.begin_run(
                    folio=self._folio.number,
                    prompt=order.prompt,
                    bot=order.bot.name,
                    base=self._base,
                    tree=self._tree,
                    started=self._started,
                    first=runs[0] if runs else None,
                )
                runs.append(run)
        return runs

    def _warn_of_snapshot(self) -> None:
        snapshot = self._snapshot
        if snapshot.left_out:
            self._warn(f"left out of the draft, too large or a nested repository: {format_paths(snapshot.left_out)}")
        secrets = [path for path in snapshot.untracked if looks_secret(path)]
        if secrets and self._are_new(secrets):
            self._warn(
                f"the snapshot holds files that look like secrets: {format_paths(secrets)}"
                " (no model sees them; git ignore them to keep them out of commits)"
            )

    def _are_new(self, paths: list[PurePosixPath]) -> bool:
        """Tell whether a path was not in the state that the folio's last draft started from."""
        drafts = Records(self._project).list_drafts([self._folio.number])
        if not drafts:
            return True
        before = self._project.objects.edit_tree(self._project.objects.read_commit(drafts[-1].parent).tree)
        return any(before.find(path) is None for path in paths)

    def _warn(self, message: str) -> None:
        self._feedback.emit(Warned(message=message))

    def _prepare(self, variant: int, run: int, rules: Withholding, open_sibling: OpenSibling) -> BotRun:
        order = self._order
        shown = self._feedback if order.count == 1 else open_sibling(variant + 1, order.count)
        feedback = RecordingFeedback(shown, self._project.store, run, self._clock)
        feedback.emit(_describe_start(order.bot, order.only))
        worktree = open_worktree(self._project, self._snapshot, self._tree, feedback, rules=rules, only=order.only)
        goal = Goal(order.prompt, list_prompts(self._project, order.on), variant)
        return BotRun(goal, worktree, feedback, lambda ending: self._finish(run, worktree, ending))

    # After

    def _finish(self, run: int, worktree: TreeWorktree, ending: Ending) -> None:
        tree = worktree.write_tree()
        draft: Draft | None = None
        error: BaseException | None = None
        kind = ending.outcome.kind
        with put_off():  # half landed is worse than landed late
            try:
                if _is_worth_recording(ending, changed=tree != self._tree):
                    draft = self._land(tree, ending.outcome)
                    error = None if isinstance(ending.error, GitDraftError) else ending.error
                else:
                    error = _explain_nothing(ending)
            except GitDraftError as failure:
                lost = f"{failure.message}; what the bot made is in no commit"
                error = RepoError(lost, hint=f"git diff {self._tree} {tree}")
                error.__cause__ = failure
                kind = OutcomeKind.FAILED
            number = draft.name.number if draft else None
            with self._saying_why(draft):
                self._project.store.end_run(run, outcome=kind, ended=self._clock.now(), number=number)
        runnable = list_runnable(self._project, self._tree, tree) if draft else ()
        self._attempts[run] = Attempt(run, ending.outcome, tree, draft, error, runnable)

    def _land(self, tree: str, outcome: Outcome) -> Draft:
        changes = self._project.objects.count_changes(self._tree, tree)
        record = self._make_record(outcome, changes)
        draft = land_draft(
            self._project, self._snapshot, self._order.on, tree, self._order.prompt, outcome.title, record
        )
        with self._saying_why(draft):
            enter_draft(self._project, draft)
        return draft

    @contextmanager
    def _saying_why(self, draft: Draft | None) -> Iterator[None]:
        """Warn of what fails when a draft is made already: it is there, and the next command sees to the rest."""
        try:
            yield
        except GitDraftError as error:
            if draft is None:
                raise
            self._warn(f"draft {draft.name} is made, but {error.message}; the next command sees to it")

    def _make_record(self, outcome: Outcome, changes: Changes) -> Record:
        is_idle = outcome.kind is OutcomeKind.COMPLETE and changes.files == 0
        return Record(
            draft=DraftName(self._folio.number, 1),
            origin=self._folio.origin,
            bot=self._order.bot.name,
            model=self._order.bot.bot.model,
            template=self._order.template,
            base=self._base,
            outcome=OutcomeKind.NO_CHANGE if is_idle else outcome.kind,
            question=outcome.question,
            detail=outcome.detail,
            summary=_cut(outcome.summary),
            started=self._started,
            walltime=self._clock.now() - self._started,
            turns=outcome.turns,
            usage=outcome.usage,
            changes=changes,
            recorded_by=f"git-draft {__version__}",
        )


def list_prompts(project: Project, on: Draft | None) -> tuple[str, ...]:
    """Give the prompts of the draft to go on from and of those that it goes on from, oldest first."""
    if on is None:
        return ()
    prompts = [on.prompt]
    commit = project.objects.read_commit(on.parent)
    while commit.message.startswith(PROMPT_MARK) and commit.parents:
        prompts.append(commit.message.partition("\n\n")[2].removesuffix("\n"))
        commit = project.objects.read_commit(commit.parents[0])
    return tuple(reversed(prompts))


def _describe_start(bot: ChosenBot, only: Only | None) -> RunStarted:
    program = bot.bot.program if isinstance(bot.bot, Running) else None
    where = only.texts if only else ()
    return RunStarted(
        bot=bot.name, model=bot.bot.model, host=bot.bot.host, reason=bot.reason, program=program, only=where
    )


def _is_worth_recording(ending: Ending, *, changed: bool) -> bool:
    return changed or ending.outcome.kind not in (OutcomeKind.FAILED, OutcomeKind.INTERRUPTED)


def _explain_nothing(ending: Ending) -> BaseException:
    if ending.error is not None:
        return ending.error
    if ending.outcome.kind is OutcomeKind.INTERRUPTED:
        return InterruptedRunError("interrupted before anything was changed, no draft was made")
    return FolioError(f"the run failed before anything was changed: {ending.outcome.detail}")


def _cut(summary: str | None) -> str | None:
    return summary if summary is None or len(summary) <= _SUMMARY_CHARACTERS else summary[:_SUMMARY_CHARACTERS] + "…"
