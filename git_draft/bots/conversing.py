"""One conversation with a model: by tools, or by edits as text where that is wanted, known to be needed, or found out.

Changes over from the one to the other within a run, and remembers what was found out. The conversations themselves are
`loop.py`'s and `rounds.py`'s, requests are the transports'. What is for edits as text is loaded when there are some. Called
by `openai.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from git_draft.bots.capability import Capabilities
from git_draft.bots.loop import TextNeededError, run_loop
from git_draft.bots.options import ChatOptions
from git_draft.bots.replies import Reply
from git_draft.bots.turns import Turns
from git_draft.events import Warned
from git_draft.model import Goal, Outcome
from git_draft.protocols import Clock, Feedback, Worktree

if TYPE_CHECKING:
    from git_draft.bots.wording import Form

_CONTEXT_SHARE = 2
"""One part in so many of a model's context is for files; the rest is for the answer and what is said besides."""


class Conversation:
    """A conversation about one goal.

    Args:
        turns: the turns of this run.
        goal: what is asked.
        worktree: what is changed.
        feedback: told what happens.
        clock: the time.
        known: what is known of the model; what is found out is learned.
        options: how it is asked.
        is_guided: whether it gets the help that small models need, see `Manner`.
    """

    def __init__(
        self,
        turns: Turns,
        goal: Goal,
        worktree: Worktree,
        feedback: Feedback,
        *,
        clock: Clock,
        known: Capabilities,
        options: ChatOptions,
        is_guided: bool,
    ) -> None:
        self._turns = turns
        self._goal = goal
        self._worktree = worktree
        self._feedback = feedback
        self._clock = clock
        self._known = known
        self._options = options
        self._is_guided = is_guided

    async def hold(self) -> Outcome:
        """Work on the goal until it is done.

        Raises:
            BotError: where the model never gave a reply.
        """
        form = self._find_form()
        if form is None:
            try:
                outcome = await self._call_tools()
            except TextNeededError as needed:
                return await self._change_over(needed.reply)
            if self._turns.has_calls:  # forgets that its edits are text, if that was learned
                self._known.learn("edits", "tools")
            return outcome
        return await self._take_rounds(form)

    def _find_form(self) -> Form | None:
        """Find the form in which edits are written as text, None for tools."""
        wanted = self._options.edits
        if wanted == "auto":
            return "blocks" if self._known.edits == "blocks" else None
        return None if wanted == "tools" else wanted

    async def _call_tools(self) -> Outcome:
        def is_text_edit(text: str) -> bool:
            from git_draft.bots.recognizing import holds_edits

            return holds_edits(text, self._goal.prompt, self._worktree)

        return await run_loop(
            self._turns,
            self._goal,
            self._worktree,
            self._feedback,
            clock=self._clock,
            is_text_edit=is_text_edit if self._options.edits == "auto" else None,
        )

    async def _change_over(self, first: Reply | None) -> Outcome:
        """Go on with edits as text; that the model needs them is learned once it is plain.

        It is where the server refused tools. A model that was seen to call them is tried with them again; one that was
        not may have written something else that only reads as edits, unless files are different afterwards.
        """
        from git_draft.bots.recognizing import list_names, read_namesakes

        if first is None:
            self._known.learn("edits", "blocks")
            how = "does not call tools; its edits are read as text from now on"
        else:
            how = "wrote its edits as text; they are read as such"
        self._feedback.emit(Warned(message=f"{self._known.model} {how}"))
        names = list_names(first.text, self._worktree) if first else frozenset()
        before = read_namesakes(names, self._worktree)
        outcome = await self._take_rounds("blocks", first)
        if first and self._known.edits != "tools" and read_namesakes(names, self._worktree) != before:
            self._known.learn("edits", "blocks")
        return outcome

    async def _take_rounds(self, form: Form, first: Reply | None = None) -> Outcome:
        from git_draft.bots.rounds import Manner, run_rounds

        shown_tokens, size = self._options.context_tokens, self._turns.room.size_tokens
        if size is not None:
            shown_tokens = min(shown_tokens, size // _CONTEXT_SHARE)
        manner = Manner(form, shown_tokens, is_guided=self._is_guided and form == "whole")
        return await run_rounds(self._turns, self._goal, self._worktree, self._feedback, manner, first=first)
