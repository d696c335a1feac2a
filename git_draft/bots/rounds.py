"""Rounds with a model that writes its edits as text: show it files, apply what it writes, tell it what did not fit.

For models without tool calls, which are most small and local ones. How edits are written and found in an answer is
`blocks.py`'s, how they are applied `patching.py`'s, what the model is shown `context.py`'s; turns and limits are
`turns.py`'s. What fits stays; what does not goes back to the model with the reason, three rounds at most.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from git_draft.bots import example
from git_draft.bots.blocks import parse_answer
from git_draft.bots.checks import find_syntax_fault
from git_draft.bots.doubts import Change, Doubt, find_doubts, find_untouched, gather
from git_draft.bots.edits import Edit, Renaming, WholeFile
from git_draft.bots.focus import add_called, cut_excerpt, find_focus, list_code_names
from git_draft.bots.patching import apply_answer
from git_draft.bots.quirks import Quirk
from git_draft.bots.replies import Message, Reply
from git_draft.bots.retry import Fault, RequestError
from git_draft.bots.second_choice import find_second_choices
from git_draft.bots.staging import Staging
from git_draft.bots.turns import Ended, Ending, Turns, build_messages, read_prompt
from git_draft.bots.wording import Form, format_context, format_example, format_problems, format_system
from git_draft.context import Context, ContextFile, build_context, estimate_tokens
from git_draft.errors import ToolError
from git_draft.events import ToolFailed, Warned
from git_draft.frozen import frozen
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Feedback, Worktree

MAX_ROUNDS = 3
"""So many answers of the model, the first one included."""

MAX_SECOND_CHOICES = 3
"""So often an answer that only repeats a file is begun differently."""


@frozen
class Manner:
    """How a model is asked for edits as text.

    Args:
        form: what it is asked to write.
        context_tokens: how much of the files it is shown, in tokens.
        is_guided: whether it is a small one that needs more than to be asked: it is shown only the files that the
            request means, and an example; an answer that only repeats files is begun again, which takes a server
            that goes on with a given beginning; and it is asked for what it left out.
    """

    form: Form
    context_tokens: int
    is_guided: bool = False


@frozen
class _Attempt:
    """An answer whose edits were tried.

    Args:
        staging: the files as they would be.
        warned: what was refused once, with what this answer adds.
        text: what it says besides its edits.
        refusals: why edits were not done.
        sound: the paths that it changes without breaking them.
        made: the paths of new files.
        is_repetition: whether it only repeats files as they are.
    """

    staging: Staging
    warned: set[str]
    text: str = ""
    refusals: tuple[str, ...] = ()
    sound: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    is_repetition: bool = False


async def run_rounds(
    turns: Turns, goal: Goal, worktree: Worktree, feedback: Feedback, manner: Manner, *, first: Reply | None = None
) -> Outcome:
    """Work on a goal until all edits of an answer fit, an answer has none, or the rounds are over.

    Args:
        turns: the turns of this run.
        goal: what is asked.
        worktree: what the edits are applied to.
        feedback: told what happens.
        manner: how the model is asked.
        first: an answer that is there already, taken for the first one.

    Raises:
        BotError: where the model never gave a reply.
    """
    run = _Run(turns, goal, worktree, feedback, manner)
    return run.report(await turns.take(run.work(first)))


class _Run:
    """The state of one run."""

    def __init__(self, turns: Turns, goal: Goal, worktree: Worktree, feedback: Feedback, manner: Manner) -> None:
        self._turns = turns
        self._goal = goal
        self._worktree = worktree
        self._feedback = feedback
        self._manner = manner
        self._warned: set[str] = set()
        self._asked = "\n".join([*goal.earlier_prompts, goal.prompt])
        self._texts: dict[str, str] = {}
        self._shown: set[str] = set()
        self._befores: dict[str, str | None] = {}
        self._follow_up: tuple[str, ...] | None = None
        self._summary: str | None = None
        self._opened = (Context((), (), 0), goal)
        self._opening_size = 0

    async def work(self, first: Reply | None) -> None:
        """Take rounds until nothing is left to be said to the model."""
        context = self._choose_context()
        meant = self._asked
        if self._manner.is_guided and first is None:
            context, meant = await self._focus(context)
        messages = self._open(context, self._goal)
        doubt: Doubt | None = None
        was_cut = is_open = False
        for _ in range(MAX_ROUNDS):
            reply, messages = await self._ask(messages) if first is None else (first, messages)
            attempt = self._try(
                reply, frozenset() if first else self._shown
            )  # nobody knows what the first one has seen
            first = None
            if attempt.is_repetition and doubt is None:  # later it says that nothing was forgotten
                attempt = await self._choose_again(messages, reply, attempt, list_code_names(meant, context.files))
            refusals, has_changed = self._keep(attempt)
            if reply.is_cut and was_cut:
                raise Ended(OutcomeKind.LIMIT, "the model's answer was cut off at its length limit twice")
            was_cut = reply.is_cut
            if refusals:
                is_open = is_open or doubt is None
                self._report_problems(refusals)
                messages = [*messages, reply.message, {"role": "user", "content": format_problems(refusals)}]
                continue
            is_open = is_open and not has_changed
            if doubt is not None or (doubt := self._find_doubt(context)) is None:
                break
            self._report_problems([doubt.notice])
            self._follow_up = doubt.paths if self._manner.is_guided else None
            context = self._read_context(doubt.paths, f"{meant}\n{doubt.request}")
            messages = self._open(context, replace(self._goal, prompt=doubt.request))
        else:
            if doubt is None:  # else the request itself was answered
                raise Ended(OutcomeKind.LIMIT, f"{MAX_ROUNDS} answers, and some edits did not fit")
        for left in find_doubts(self._list_changes(), self._worktree):
            self._feedback.emit(Warned(message=left.notice))
        if is_open and self._befores:  # half a change is not to be merged unseen
            raise Ended(OutcomeKind.LIMIT, "some edits did not fit, and the model did not write them again")

    async def _ask(self, messages: list[Message]) -> tuple[Reply, list[Message]]:
        """Get the next answer; a conversation that is too long is begun again with half of the files, once.

        Gives with it the messages that it answers.
        """
        try:
            return await self._turns.ask(messages, ()), messages
        except RequestError as error:
            context, goal = self._opened
            half = replace(context, files=context.files[: max(1, len(context.files) // 2)], others=())
            if error.fault is not Fault.CONTEXT or Quirk.CONTEXT_FULL not in self._turns.quirks or half == context:
                raise
            self._turns.room.note_overflow(error)
        left_out = ", ".join(file.path for file in context.files[len(half.files) :]) or "names of other files"
        self._feedback.emit(Warned(message=f"too long for the model, so it is not shown {left_out}"))
        problems = [message for message in messages[self._opening_size :] if message["role"] == "user"][-1:]
        shorter = [*self._open(half, goal), *problems]
        return await self._turns.ask(shorter, ()), shorter

    def _choose_context(self) -> Context:
        """Choose what the model is shown; of a file that is named and too long what is meant of it."""
        told = [self._asked, self._worktree.read_guidance() or ""]
        budget = max(0, self._manner.context_tokens - sum(map(estimate_tokens, told)))
        context = build_context(self._asked, self._worktree, budget)
        self._texts = {file.path: file.text for file in context.files}
        for file in context.too_long:
            excerpt = cut_excerpt(file, self._asked)
            if estimate_tokens(excerpt.text) > budget:
                hint = f"-o context_tokens={estimate_tokens(file.text) + self._manner.context_tokens}"
                self._feedback.emit(Warned(message=f"{file.path} is too long to be shown to the model ({hint} would)"))
                continue
            budget -= estimate_tokens(excerpt.text)
            self._texts[file.path] = file.text
            context = replace(context, files=(*context.files, excerpt))
        return context

    async def _focus(self, context: Context) -> tuple[Context, str]:
        """Leave out what is not to be changed; where the request does not tell what is, ask the model first.

        Gives with it the words that tell what is meant.
        """
        meant, files = self._asked, context.files
        near = find_focus(meant, files)
        focus = tuple(file for file in files if file.named or file in near)
        if not focus and len(files) > 1:
            plan = await self._turns.ask(self._ask_for_plan(context), ())
            meant = plan.text
            focus = add_called(find_focus(meant, files), meant, files)
        if not focus:
            return context, meant
        return Context(tuple(cut_excerpt(file, meant) for file in focus), (), 0), meant

    def _ask_for_plan(self, context: Context) -> list[Message]:
        """Ask for words: asked for code, a small model copies what it was shown; asked for words it finds the place."""
        request = build_messages("", self._goal, self._worktree, format_context(context))[-1]["content"]
        return [
            {"role": "system", "content": read_prompt("plan-system.md")},
            {"role": "user", "content": f"{request}\n\n{read_prompt('plan.md')}"},
        ]

    def _open(self, context: Context, goal: Goal) -> list[Message]:
        """Begin a conversation; only the files that it shows whole may be written whole."""
        self._shown = {file.path for file in context.files if file.text == self._texts.get(file.path)}
        told = format_system(self._manner.form, context, self._asked)
        system, *rest = build_messages(told, goal, self._worktree, format_context(context))
        opening = [system, *(format_example() if self._manner.is_guided else ()), *rest]
        self._opened, self._opening_size = (context, goal), len(opening)
        return opening

    async def _choose_again(
        self, messages: Sequence[Message], reply: Reply, attempt: _Attempt, names: frozenset[str]
    ) -> _Attempt:
        """Begin an answer that only repeats a file with the second choice where the model was least sure."""
        if not self._manner.is_guided:
            return attempt
        for start in find_second_choices(reply.tokens, names)[:MAX_SECOND_CHOICES]:
            rest = await self._turns.ask([*messages, {"role": "assistant", "content": start}], ())
            other = self._try(replace(rest, text=start + str(rest.message["content"])), self._shown)
            if not other.is_repetition and not other.refusals:
                return other
        return attempt

    def _find_doubt(self, context: Context) -> Doubt | None:
        """Find what the changes so far may have forgotten, all in one."""
        changes = self._list_changes()
        doubts = list(find_doubts(changes, self._worktree))
        if not doubts and self._manner.is_guided:
            untouched = find_untouched(self._goal.prompt, changes, context.files)
            doubts = [untouched] if untouched else []
        return gather(doubts) if doubts else None

    def _list_changes(self) -> list[Change]:
        return [Change(path, before, self._find_text(path) or "") for path, before in self._befores.items()]

    def _read_context(self, paths: Sequence[str], meant: str) -> Context:
        """Show some files as they are now."""
        texts = {path: text for path in paths if (text := self._find_text(path)) is not None}
        self._texts |= texts
        files = (ContextFile(path, text, named=True) for path, text in texts.items())
        return Context(tuple(cut_excerpt(file, meant) for file in files), (), 0)

    def _report_problems(self, problems: Sequence[str]) -> None:
        for problem in problems:
            self._feedback.emit(ToolFailed(tool="edit", reason=problem.partition("\n")[0]))

    def report(self, ending: Ending) -> Outcome:
        """Sum the run up; what the model said besides its edits is the summary."""
        return self._turns.report(ending, summary=self._summary)

    def _try(self, reply: Reply, shown: Collection[str]) -> _Attempt:
        """Do the edits of an answer where nothing is lost yet; those that break a file are taken back."""
        staging, warned = Staging(self._worktree), set(self._warned)
        if not reply.text:
            return _Attempt(staging, warned, refusals=("Your answer was empty.",))
        answer = parse_answer(reply.text, self._worktree.list_tracked())
        answer = replace(answer, edits=tuple(edit for edit in answer.edits if self._is_wanted(edit)))
        applied = apply_answer(answer, staging, prompt=self._goal.prompt, warned=warned, shown=shown)
        faults = {path: fault for path in applied.changed if (fault := _find_fault(path, staging))}
        for path in faults:
            staging.take_back(path)
        return _Attempt(
            staging,
            warned,
            text=answer.text.strip(),
            refusals=(*answer.problems, *applied.refusals, *faults.values()),
            sound=tuple(path for path in applied.changed if path not in faults),
            made=tuple(path for path in applied.made if path not in faults),
            is_repetition=bool(applied.repeated) and not applied.changed,
        )

    def _keep(self, attempt: _Attempt) -> tuple[tuple[str, ...], bool]:
        """Do for good what was tried; give why edits were not done, and whether any was."""
        refused = attempt.staging.commit()
        self._warned = attempt.warned
        self._summary = attempt.text or self._summary
        self._shown |= set(attempt.made) - refused.keys()
        changed = [path for path in attempt.sound if path not in refused]
        for path in changed:
            self._befores.setdefault(path, attempt.staging.find_before(path))
            self._texts[path] = self._find_text(path) or ""
        return (*attempt.refusals, *refused.values()), bool(changed)

    def _is_wanted(self, edit: Edit) -> bool:
        """Tell whether an edit may be meant: no new file that copies the example, no file that a follow-up does not show.

        What the request names and a small model does not see, it makes up.
        """
        if self._follow_up is not None:
            names = {PurePosixPath(shown).name for shown in self._follow_up}
            return all(PurePosixPath(each).name in names for each in _list_paths(edit))
        if not self._manner.is_guided or not isinstance(edit, WholeFile):
            return True
        is_known = edit.path in self._asked or self._find_text(edit.path) is not None
        return is_known or not example.is_copy(edit.path, edit.contents)

    def _find_text(self, path: str) -> str | None:
        try:
            return self._worktree.read_file(path)
        except ToolError:
            return None


def _find_fault(path: str, staging: Staging) -> str | None:
    """Tell what is wrong with a file that was sound, or is new, and that edits broke."""
    if not staging.exists(path):
        return None
    fault = find_syntax_fault(path, staging.find_before(path), staging.read_file(path))
    return f"With your change {path} is broken, so the file was left as it was. {fault}" if fault else None


def _list_paths(edit: Edit) -> tuple[str, ...]:
    return (edit.src_path, edit.dst_path) if isinstance(edit, Renaming) else (edit.path,)
