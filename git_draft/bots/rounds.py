"""Rounds with a model that writes its edits as text: show it files, apply what it writes, tell it what did not fit.

For models without tool calls, which are most small and local ones. How edits are written and found in an answer is
`blocks.py`'s, how they are applied `patching.py`'s, what the model is shown `context.py`'s; turns and limits are
`turns.py`'s. What fits stays; what does not goes back to the model with the reason, three rounds at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from git_draft.bots.blocks import Answer, Edit, Renaming, WholeFile, format_edits, parse_answer
from git_draft.bots.checks import find_lost_names, find_syntax_fault, list_definitions
from git_draft.bots.patching import apply_answer
from git_draft.bots.replies import Message, Reply
from git_draft.bots.turns import Ended, Ending, Turns, build_messages, read_prompt
from git_draft.context import Context, build_context
from git_draft.errors import ToolError
from git_draft.events import ToolFailed, Warned
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Feedback, Worktree

MAX_ROUNDS = 3
"""So many answers of the model, the first one included."""

_CODE_NAME = re.compile(r"`(\w+)(?:\(\))?`")

Form = Literal["blocks", "whole"]
"""What the model is asked to write: search/replace blocks, or whole files; both are understood in any case."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model is asked for edits as text.

    Args:
        form: what it is asked to write.
        context_tokens: how much of the files it is shown, in tokens.
    """

    form: Form
    context_tokens: int


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is to be said about an answer.

    Args:
        refusals: why edits were not done.
        doubts: what may be wrong about those that were.
        is_repetition: whether it only repeats files as they are.
    """

    refusals: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
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
    run = _Run(turns, worktree, feedback, manner)
    return run.report(await turns.take(run.work(goal, first)))


class _Run:
    """The state of one run."""

    def __init__(self, turns: Turns, worktree: Worktree, feedback: Feedback, manner: Manner) -> None:
        self._turns = turns
        self._worktree = worktree
        self._feedback = feedback
        self._manner = manner
        self._warned: set[str] = set()
        self._texts: dict[str, str] = {}
        self._summary: str | None = None

    async def work(self, goal: Goal, first: Reply | None) -> None:
        """Take rounds until nothing is left to be said to the model."""
        asked = "\n".join([*goal.earlier_prompts, goal.prompt])
        context = build_context(asked, self._worktree, self._manner.context_tokens)
        self._texts = {file.path: file.text for file in context.files}
        system = format_system(self._manner.form, context)
        messages = build_messages(system, goal, self._worktree, format_context(context))
        was_cut = False
        for number in range(1, MAX_ROUNDS + 1):
            reply = first or await self._turns.ask(messages, ())
            first = None
            found = self._apply(reply, goal)
            if reply.is_cut and was_cut:
                raise Ended(OutcomeKind.LIMIT, "the model's answer was cut off at its length limit twice")
            was_cut = reply.is_cut
            if number == 1 and found.is_repetition and self._texts:
                messages = await self._plan(messages[-1]["content"])
                continue
            if not found.refusals and (not found.doubts or number > 1):
                break
            for problem in (*found.refusals, *found.doubts):
                self._feedback.emit(ToolFailed(tool="edit", reason=problem.partition("\n")[0]))
            messages = [*messages, reply.message, {"role": "user", "content": _format_problems(found)}]
        else:
            raise Ended(OutcomeKind.LIMIT, f"{MAX_ROUNDS} answers, and some edits did not fit")
        for doubt in found.doubts:
            self._feedback.emit(Warned(message=doubt))

    async def _plan(self, request: str) -> list[Message]:
        """Have the model say what to do before it does it; give the conversation in which it is to do it.

        A small model tends to copy what it was shown. Asked for words it finds the place; then it is asked for that
        place alone, in a new conversation, since it would copy its copy too.
        """
        messages: list[Message] = [
            {"role": "system", "content": read_prompt("plan-system.md")},
            {"role": "user", "content": f"{request}\n\n{read_prompt('plan.md')}"},
        ]
        plan = await self._turns.ask(messages, ())
        path = next((path for path in self._texts if PurePosixPath(path).name in plan.text), next(iter(self._texts)))
        names = [name for name in _CODE_NAME.findall(plan.text) if name in self._texts[path]]
        what = f"the function {names[0]}" if names else "each function that has to change"
        carry_out = read_prompt("carry-out.md").replace("{what}", what).replace("{path}", path)
        return [*messages, plan.message, {"role": "user", "content": carry_out}]

    def report(self, ending: Ending) -> Outcome:
        """Sum the run up; what the model said besides its edits is the summary."""
        return self._turns.report(ending, summary=self._summary)

    def _apply(self, reply: Reply, goal: Goal) -> _Found:
        """Do the edits of an answer; give what there is to be said about them."""
        if not reply.text:
            return _Found(("Your answer was empty.",))
        answer = parse_answer(reply.text, [str(path) for path in self._worktree.list_tracked()])
        self._summary = answer.text.strip() or self._summary
        before = self._read_targets(answer)
        applied = apply_answer(
            answer, self._worktree, prompt=goal.prompt, warned=self._warned, shown=self._texts.keys()
        )
        faults, doubts = self._look_over(applied.changed, before)
        refusals = (*answer.problems, *applied.refusals, *faults)
        return _Found(refusals, tuple(doubts), is_repetition=bool(applied.repeated) and not applied.changed)

    def _read_targets(self, answer: Answer) -> dict[str, str]:
        """Give the texts of the files that an answer may change, by their new path too: those it names, and namesakes."""
        names = {PurePosixPath(path).name for edit in answer.edits for path in _list_paths(edit)}
        paths = (str(path) for path in self._worktree.list_tracked() if path.name in names)
        found = {path: text for path in paths if (text := self._texts.get(path) or self._find_text(path)) is not None}
        moved = [edit for edit in answer.edits if isinstance(edit, Renaming) and edit.src_path in found]
        return found | {edit.dst_path: found[edit.src_path] for edit in moved}  # what a broken one goes back to

    def _look_over(self, changed: Sequence[str], before: Mapping[str, str]) -> tuple[list[str], list[str]]:
        """Take back edits that broke a file; give these faults, and doubts about the edits that stay."""
        faults: list[str] = []
        sound: dict[str, str] = {}
        for path in changed:
            after = self._find_text(path) or ""
            fault = find_syntax_fault(path, before.get(path), after)
            if fault is None:
                sound[path] = after
                continue
            self._take_back(path, before.get(path))
            faults.append(f"With your change {path} is broken, so the file was left as it was. {fault}")
        self._texts |= sound
        doubts = [line for path, after in sound.items() for line in self._find_doubts(path, before.get(path), after)]
        return faults, doubts

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

    def _find_doubts(self, path: str, before: str | None, after: str) -> list[str]:
        """Find what may have been forgotten: names that a file lost, or that it uses and does not know."""
        lost = [self._describe_lost(name, path) for name in find_lost_names(path, before, after)]
        gone = sorted(list_definitions(path, before or "") - list_definitions(path, after))
        uses = (self._find_use(name, path) for name in gone if name not in self._worktree.find_definitions([name]))
        return lost + list(filter(None, uses))

    def _describe_lost(self, name: str, path: str) -> str:
        homes = [str(home) for home in self._worktree.find_definitions([name]).get(name, ()) if str(home) != path]
        if len(homes) != 1:
            return f"{path} uses {name}, which it does not define or import."
        return f"{path} uses {name} of {homes[0]} and does not import it. Write {path} again, with the import."

    def _find_use(self, name: str, path: str) -> str | None:
        for other, number, line in self._worktree.search(rf"\b{name}\b", "*.py"):
            if str(other) != path:
                return f"{path} does not define {name} any more, but {other} uses it in line {number}: {line.strip()}"
        return None


def format_system(form: Form, context: Context) -> str:
    """Write the system prompt; its example names a real file, since models copy what an example shows."""
    paths = [file.path for file in context.files if file.text.strip()]
    shown = [path for path in paths if not PurePosixPath(path).name.startswith((".", "__init__."))]
    example = next(iter(shown or paths), "path/of/the/file")
    return read_prompt(f"{form}.md").replace("{example}", example)


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


def _format_problems(found: _Found) -> str:
    parts = ["Not all of your answer could be used:", *found.refusals] if found.refusals else []
    parts += ["Something seems to be forgotten:", *found.doubts] if found.doubts else []
    return "\n\n".join(
        [*parts, "All else has been taken. Answer again with what is missing, in the same form as before."]
    )
