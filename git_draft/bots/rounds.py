"""Rounds with a model that writes its edits as text: show it files, apply what it writes, tell it what did not fit.

For models without tool calls, which are most small and local ones. How edits are written and found in an answer is
`blocks.py`'s, how they are applied `patching.py`'s, what the model is shown `context.py`'s; turns and limits are
`turns.py`'s. What fits stays; what does not goes back to the model with the reason, three rounds at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Literal

from git_draft.bots import example
from git_draft.bots.blocks import Answer, Edit, Renaming, WholeFile, format_edits, parse_answer
from git_draft.bots.checks import find_syntax_fault
from git_draft.bots.doubts import Change, Doubt, find_doubts, find_untouched, gather
from git_draft.bots.focus import add_called, cut_excerpt, find_focus, list_code_names
from git_draft.bots.patching import apply_answer
from git_draft.bots.replies import Message, Reply
from git_draft.bots.second_choice import find_second_choices
from git_draft.bots.turns import Ended, Ending, Turns, build_messages, read_prompt
from git_draft.context import Context, ContextFile, build_context
from git_draft.errors import ToolError
from git_draft.events import ToolFailed, Warned
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Feedback, Worktree

MAX_ROUNDS = 3
"""So many answers of the model, the first one included."""

MAX_SECOND_CHOICES = 3
"""So often an answer that only repeats a file is begun differently."""

Form = Literal["blocks", "whole"]
"""What the model is asked to write: search/replace blocks, or whole files; both are understood in any case."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model is asked for edits as text.

    Args:
        form: what it is asked to write; for whole files it is shown those that the request means, and an example.
        context_tokens: how much of the files it is shown, in tokens.
        goes_on: whether its server goes on with an answer whose beginning it is given.
    """

    form: Form
    context_tokens: int
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to be said about an answer.

    Args:
        refusals: why edits were not done.
        is_repetition: whether it only repeats files as they are.
    """

    refusals: tuple[str, ...] = ()
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

    async def work(self, first: Reply | None) -> None:
        """Take rounds until nothing is left to be said to the model."""
        context = build_context(self._asked, self._worktree, self._manner.context_tokens)
        self._texts = {file.path: file.text for file in context.files}
        meant = self._asked
        if self._manner.form == "whole" and first is None:
            context, meant = await self._focus(context)
        messages = self._open(context, self._goal)
        doubt: Doubt | None = None
        was_cut = False
        for _ in range(MAX_ROUNDS):
            reply = first or await self._turns.ask(messages, ())
            first = None
            found = self._apply(reply)
            if reply.is_cut and was_cut:
                raise Ended(OutcomeKind.LIMIT, "the model's answer was cut off at its length limit twice")
            was_cut = reply.is_cut
            if found.is_repetition and doubt is None:  # later it says that nothing was forgotten
                found = await self._choose_again(messages, reply, found, list_code_names(meant, context.files))
            if found.refusals:
                self._report_problems(found.refusals)
                messages = [*messages, reply.message, {"role": "user", "content": _format_problems(found.refusals)}]
                continue
            if doubt is not None or (doubt := self._find_doubt(context)) is None:
                break
            self._report_problems([doubt.notice])
            self._follow_up = doubt.paths
            context = self._read_context(doubt.paths, f"{meant}\n{doubt.request}")
            messages = self._open(context, replace(self._goal, prompt=doubt.request))
        else:
            if doubt is None:  # else the request itself was answered
                raise Ended(OutcomeKind.LIMIT, f"{MAX_ROUNDS} answers, and some edits did not fit")
        for left in find_doubts(self._list_changes(), self._worktree):
            self._feedback.emit(Warned(message=left.notice))

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
        system, *rest = build_messages(
            format_system(self._manner.form, context), goal, self._worktree, format_context(context)
        )
        return [system, *(_format_example() if self._manner.form == "whole" else ()), *rest]

    async def _choose_again(
        self, messages: Sequence[Message], reply: Reply, found: _Found, names: frozenset[str]
    ) -> _Found:
        """Begin an answer that only repeats a file with the second choice where the model was least sure."""
        if not self._manner.goes_on:
            return found
        for start in find_second_choices(reply.tokens, names)[:MAX_SECOND_CHOICES]:
            rest = await self._turns.ask([*messages, {"role": "assistant", "content": start}], ())
            other = self._apply(replace(rest, text=start + str(rest.message["content"])))
            if not other.is_repetition and not other.refusals:
                return other
        return found

    def _find_doubt(self, context: Context) -> Doubt | None:
        """Find what the changes so far may have forgotten, all in one."""
        changes = self._list_changes()
        doubts = list(find_doubts(changes, self._worktree))
        if not doubts and self._manner.form == "whole":
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

    def _apply(self, reply: Reply) -> _Found:
        """Do the edits of an answer; give what there is to be said about them."""
        if not reply.text:
            return _Found(("Your answer was empty.",))
        answer = parse_answer(reply.text, [str(path) for path in self._worktree.list_tracked()])
        self._summary = answer.text.strip() or self._summary
        answer = replace(answer, edits=tuple(edit for edit in answer.edits if self._is_wanted(edit)))
        before = self._read_targets(answer)
        applied = apply_answer(answer, self._worktree, prompt=self._goal.prompt, warned=self._warned, shown=self._shown)
        faults = self._look_over(applied.changed, before)
        is_repetition = bool(applied.repeated) and not applied.changed
        return _Found((*answer.problems, *applied.refusals, *faults), is_repetition)

    def _is_wanted(self, edit: Edit) -> bool:
        """Tell whether an edit may be meant: none of a file of the example, nor of one that a follow-up does not show.

        What the request names and a small model does not see, it makes up.
        """
        path = edit.path if isinstance(edit, WholeFile) else ""
        if self._follow_up is not None:
            names = {PurePosixPath(shown).name for shown in self._follow_up}
            return all(PurePosixPath(each).name in names for each in _list_paths(edit))
        is_example = self._manner.form == "whole" and path in example.PATHS and path not in self._asked
        return not is_example or self._find_text(path) is not None

    def _read_targets(self, answer: Answer) -> dict[str, str]:
        """Give the texts of the files that an answer may change, by their new path too: those it names, and namesakes."""
        names = {PurePosixPath(path).name for edit in answer.edits for path in _list_paths(edit)}
        paths = (str(path) for path in self._worktree.list_tracked() if path.name in names)
        found = {path: text for path in paths if (text := self._texts.get(path) or self._find_text(path)) is not None}
        moved = [edit for edit in answer.edits if isinstance(edit, Renaming) and edit.src_path in found]
        return found | {edit.dst_path: found[edit.src_path] for edit in moved}  # what a broken one goes back to

    def _look_over(self, changed: Sequence[str], before: Mapping[str, str]) -> list[str]:
        """Take back edits that broke a file, and tell why; note what the others changed."""
        faults: list[str] = []
        for path in changed:
            after = self._find_text(path) or ""
            fault = find_syntax_fault(path, before.get(path), after)
            if fault is None:
                self._befores.setdefault(path, before.get(path))
                self._texts[path] = after
                continue
            self._take_back(path, before.get(path))
            faults.append(f"With your change {path} is broken, so the file was left as it was. {fault}")
        return faults

    def _take_back(self, path: str, before: str | None) -> None:
        if before is None:
            self._worktree.delete_file(path)
        else:
            self._worktree.write_file(path, before)

    def _find_text(self, path: str) -> str | None:
        try:
            return self._worktree.read_file(path)
        except ToolError:
            return None


def format_system(form: Form, context: Context) -> str:
    """Write the system prompt; where it holds an example, that names a real file, since models copy what it shows."""
    paths = [file.path for file in context.files if file.text.strip()]
    shown = [path for path in paths if not PurePosixPath(path).name.startswith((".", "__init__."))]
    return read_prompt(f"{form}.md").replace("{example}", next(iter(shown or paths), "path/of/the/file"))


def format_context(context: Context) -> str:
    """Write what a model is shown of the files, in the form in which it is to answer."""
    parts = [format_edits([WholeFile(file.path, file.text)]).strip() for file in context.files]
    if parts:
        parts.insert(0, "Files of the repository:")
    if context.others:
        more = [f"(and {context.left_out} more)"] if context.left_out else []
        parts.append("\n".join(["Other files, which you have not been shown:", *context.others, *more]))
    return "\n\n".join([*parts, "The request:\n\n"])


def _list_paths(edit: Edit) -> tuple[str, ...]:
    return (edit.src_path, edit.dst_path) if isinstance(edit, Renaming) else (edit.path,)


def _format_example() -> list[Message]:
    """Write the example as an earlier turn, in the form of the real ones."""
    return [
        {"role": "user", "content": format_context(example.CONTEXT) + example.REQUEST},
        {"role": "assistant", "content": format_edits(example.ANSWER).strip()},
    ]


def _format_problems(problems: Sequence[str]) -> str:
    return "\n\n".join(
        [
            "Not all of your answer could be used:",
            *problems,
            "All else has been taken. Answer again with what is missing, in the same form as before.",
        ]
    )
