"""The one loop for models that call tools: ask, do the calls, until the model is done or a limit is reached.

It knows the turns of a run (`turns.py`), the tools and the protocols, and no HTTP. What was done before a failure, a
limit or an interruption stays in the worktree; the `Outcome` says which it was. Models that write their edits as text
are `rounds.py`'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from git_draft.bots.replies import Message, Reply, ToolCall
from git_draft.bots.retry import RequestError
from git_draft.bots.turns import Ended, Ending, Turns, build_messages, read_prompt
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Clock, Feedback, Worktree
from git_draft.toolbox import TOOLS, Toolbox

_EMPTY_REMINDER = "Your answer was empty. Go on with a tool call; call finish when all is done."
_CUT_REMINDER = "Your answer was cut off at its length limit. Go on in smaller steps, with tool calls."


class TextNeededError(Exception):
    """Tell that a model does not call tools: its server refused them, or it wrote its edits as text.

    Args:
        reply: what it wrote, where it did.
    """

    def __init__(self, reply: Reply | None = None) -> None:
        super().__init__("edits as text")
        self.reply = reply


async def run_loop(
    turns: Turns,
    goal: Goal,
    worktree: Worktree,
    feedback: Feedback,
    *,
    clock: Clock,
    is_text_edit: Callable[[str], bool] | None = None,
) -> Outcome:
    """Work on a goal until the model finishes, answers without calls, or a limit is reached.

    A cancellation ends the run too: the outcome is INTERRUPTED then.

    Args:
        turns: the turns of this run.
        goal: what is asked.
        worktree: what the tools act on.
        feedback: told what happens, asked the model's questions.
        clock: for the time that the user takes to answer.
        is_text_edit: tells of a first answer without calls whether it holds edits as text; None where nobody wants to
            know, and a model that can't call tools is a failure.

    Raises:
        BotError: where the model never gave a reply.
        TextNeededError: where the model can't call tools, or wrote edits as text.
    """
    run = _Run(turns, worktree, feedback, clock, is_text_edit)
    return run.report(await turns.take(run.work(goal)))


class _Run:
    """The state of one run."""

    def __init__(
        self,
        turns: Turns,
        worktree: Worktree,
        feedback: Feedback,
        clock: Clock,
        is_text_edit: Callable[[str], bool] | None,
    ) -> None:
        self._turns = turns
        self._worktree = worktree
        self._clock = clock
        self._is_text_edit = is_text_edit
        self._toolbox = Toolbox(worktree, feedback)
        self._last_call: tuple[str, str] | None = None
        self._repeats = 0

    async def work(self, goal: Goal) -> None:
        """Take turns until the model is done."""
        messages = build_messages(read_prompt("system.md"), goal, self._worktree)
        is_reminded = False
        reply = await self._ask_first(messages)
        while True:
            messages.append(reply.message)
            if reply.calls:
                is_reminded = False
                if await self._do_all(reply, messages):
                    return
            elif reply.text and not reply.is_cut:
                return
            elif is_reminded:
                what = "was cut off at its length limit" if reply.is_cut else "was empty"
                kind = OutcomeKind.LIMIT if reply.is_cut else OutcomeKind.FAILED
                raise Ended(kind, f"the model's answer {what} twice")
            else:
                is_reminded = True
                messages.append({"role": "user", "content": _CUT_REMINDER if reply.is_cut else _EMPTY_REMINDER})
            reply = await self._turns.ask(messages, TOOLS)

    async def _ask_first(self, messages: list[Message]) -> Reply:
        """Get the first reply, which shows whether the model calls tools at all."""
        try:
            reply = await self._turns.ask(messages, TOOLS)
        except RequestError as error:
            if self._is_text_edit and error.is_about_tools:
                raise TextNeededError from error
            raise
        if self._is_text_edit and not reply.calls and self._is_text_edit(reply.text):
            raise TextNeededError(reply)
        return reply

    def report(self, ending: Ending) -> Outcome:
        """Sum the run up."""
        finish, question = self._toolbox.finish, self._toolbox.open_question
        if question and ending.kind is OutcomeKind.COMPLETE:
            ending = Ending(OutcomeKind.QUESTION)
        title, summary = (finish.title, finish.summary) if finish else (None, self._turns.answer)
        return self._turns.report(ending, title=title, summary=summary, question=question)

    async def _do_all(self, reply: Reply, messages: list[Message]) -> bool:
        """Do the calls of a reply; tell whether the model is done."""
        for call in reply.calls:
            messages.append({"role": "tool", "tool_call_id": call.id, "content": await self._do(call)})
            if self._toolbox.finish:
                return True
        return False

    async def _do(self, call: ToolCall) -> str:
        """Do a call; give what the model is told."""
        if call.arguments is None:
            self._count_repeats(call.name, call.problem or "")
            return self._toolbox.refuse(call.name, call.problem or "the arguments can't be read")
        self._count_repeats(call.name, json.dumps(call.arguments, sort_keys=True))
        started_s = self._clock.monotonic_s()
        result = await self._toolbox.call(call.name, call.arguments)
        if call.name == "ask_user":  # the user may take any time to answer
            self._turns.allow(self._clock.monotonic_s() - started_s)
        return result

    def _count_repeats(self, name: str, arguments: str) -> None:
        self._repeats = self._repeats + 1 if (name, arguments) == self._last_call else 1
        self._last_call = (name, arguments)
        if self._repeats >= self._turns.limits.identical_calls:
            raise Ended(OutcomeKind.LIMIT, f"the same call {self._repeats} times: {name}")
