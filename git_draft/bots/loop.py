"""The one loop for models that call tools: ask, do the calls, until the model is done or a limit is reached.

It knows the turns of a run (`turns.py`), the tools and the protocols, and no HTTP. What was done before a failure, a
limit or an interruption stays in the worktree; the `Outcome` says which it was. Models that write their edits as text
are `rounds.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable

from git_draft.bots.history import History
from git_draft.bots.quirks import Quirk
from git_draft.bots.replies import Reply, ToolCall
from git_draft.bots.retry import Fault, RequestError
from git_draft.bots.turns import Ended, Ending, Turns, build_messages, read_prompt
from git_draft.events import Warned
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Clock, Feedback, Worktree
from git_draft.toolbox import TOOLS, Toolbox

_EMPTY_REMINDER = "Your answer was empty. Go on with a tool call; call finish when all is done."
_CUT_REMINDER = "Your answer was cut off at its length limit. Go on in smaller steps, with tool calls."

_SHRUNK_SHARE = 0.6
"""Of what a conversation may take: shrunk to this, so that the next turns need not shrink it again."""


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
        self._feedback = feedback
        self._toolbox = Toolbox(worktree, feedback, max_result_chars=turns.room.result_chars)
        self._has_told = False
        self._last_call: tuple[str, object] | None = None
        self._repeats = 0

    async def work(self, goal: Goal) -> None:
        """Take turns until the model is done."""
        history = History(build_messages(read_prompt("system.md"), goal, self._worktree))
        is_reminded = False
        reply = await self._ask_first(history)
        while True:
            history.append(reply.message)
            if reply.calls:
                is_reminded = False
                if await self._do_all(reply, history):
                    return
            elif reply.text and not reply.is_cut:
                return
            elif is_reminded or (not reply.is_cut and Quirk.EMPTY_ANSWER not in self._turns.quirks):
                what = "was cut off at its length limit" if reply.is_cut else "was empty"
                kind = OutcomeKind.LIMIT if reply.is_cut else OutcomeKind.FAILED
                raise Ended(kind, f"the model's answer {what}{' twice' if is_reminded else ''}")
            else:
                is_reminded = True
                history.append({"role": "user", "content": _CUT_REMINDER if reply.is_cut else _EMPTY_REMINDER})
            reply = await self._ask(history)

    async def _ask_first(self, history: History) -> Reply:
        """Get the first reply, which shows whether the model calls tools at all."""
        try:
            reply = await self._ask(history)
        except RequestError as error:
            is_known = Quirk.TOOLS_REFUSED in self._turns.quirks
            if self._is_text_edit and error.fault is Fault.TOOLS and is_known:
                raise TextNeededError from error
            raise
        is_read = not reply.calls and Quirk.TOOLS_IGNORED in self._turns.quirks
        if is_read and self._is_text_edit and self._is_text_edit(reply.text):
            raise TextNeededError(reply)
        return reply

    async def _ask(self, history: History) -> Reply:
        """Get the next reply; a conversation that is too long is shrunk, at most once for a reply."""
        room = self._turns.room
        budget = room.budget_tokens
        if budget and room.estimate(history.messages, TOOLS) > budget:
            self._shrink(history, int(budget * _SHRUNK_SHARE))
        try:
            return await self._turns.ask(history.messages, TOOLS)
        except RequestError as error:
            if error.fault is not Fault.CONTEXT or Quirk.CONTEXT_FULL not in self._turns.quirks:
                raise
            room.note_overflow(error)
            taken = room.estimate(history.messages, TOOLS)
            target = min(int((room.budget_tokens or taken) * _SHRUNK_SHARE), taken // 2)
            has_shrunk = self._shrink(history, target)
            if not (history.cut_latest(room.result_chars) or has_shrunk):
                raise
        return await self._turns.ask(history.messages, TOOLS)

    def _shrink(self, history: History, target_tokens: int) -> bool:
        room = self._turns.room
        self._toolbox.max_result_chars = room.result_chars
        has_shrunk = history.shrink(lambda messages: room.estimate(messages, TOOLS) <= target_tokens)
        if has_shrunk and not self._has_told:
            self._has_told = True
            self._feedback.emit(
                Warned(message="the conversation nears the model's context size; older results are left out")
            )
        return has_shrunk

    def report(self, ending: Ending) -> Outcome:
        """Sum the run up."""
        finish, question = self._toolbox.finish, self._toolbox.open_question
        if question and ending.kind is OutcomeKind.COMPLETE:
            ending = Ending(OutcomeKind.QUESTION)
        title, summary = (finish.title, finish.summary) if finish else (None, self._turns.answer)
        return self._turns.report(ending, title=title, summary=summary, question=question)

    async def _do_all(self, reply: Reply, history: History) -> bool:
        """Do the calls of a reply; tell whether the model is done."""
        for call in reply.calls:
            history.append({"role": "tool", "tool_call_id": call.id, "content": await self._do(call)})
            if self._toolbox.finish:
                return True
        return False

    async def _do(self, call: ToolCall) -> str:
        """Do a call; give what the model is told."""
        if call.arguments is None:
            self._count_repeats(call.name, call.problem or "")
            return self._toolbox.refuse(call.name, call.problem or "the arguments can't be read")
        self._count_repeats(call.name, call.arguments)
        started_s = self._clock.monotonic_s()
        result = await self._toolbox.call(call.name, call.arguments)
        if call.name == "ask_user":  # the user may take any time to answer
            self._turns.allow(self._clock.monotonic_s() - started_s)
        return result

    def _count_repeats(self, name: str, arguments: object) -> None:
        self._repeats = self._repeats + 1 if (name, arguments) == self._last_call else 1
        self._last_call = (name, arguments)
        if self._repeats >= self._turns.limits.identical_calls and Quirk.IDENTICAL_CALLS in self._turns.quirks:
            raise Ended(OutcomeKind.LIMIT, f"the same call {self._repeats} times: {name}")
