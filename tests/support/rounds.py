"""Rounds with a scripted model and no server, and the answers that it gives."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from git_draft.bots.replies import Reply, Token
from git_draft.bots.rounds import Manner, run_rounds
from git_draft.bots.turns import Limits, Turns
from git_draft.model import Goal, Outcome
from tests.support.bots import RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.models import DictWorktree, ScriptedModel, reply

STATS = "def mean(values):\n    return sum(values) / (len(values) - 1)\n"
FIXED = STATS.replace("(len(values) - 1)", "len(values)")
USAGE = {"prompt_tokens": 10, "completion_tokens": 4}


def whole(path: str, text: str, words: str = "") -> Reply:
    """Answer with a whole file."""
    return reply(f"{words}\n\n{path}\n```\n{text}```\n", usage=USAGE)


def block(path: str, old: str, new: str) -> Reply:
    """Answer with a search/replace block."""
    return reply(f"{path}\n```\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n", usage=USAGE)


def run(
    model: ScriptedModel,
    worktree: DictWorktree,
    prompt: str = "fix mean in stats.py",
    *,
    feedback: RecordingFeedback | None = None,
    first: Reply | None = None,
    is_guided: bool = True,
) -> Outcome:
    """Run the rounds to their end."""
    feedback = feedback or RecordingFeedback()
    turns = Turns(model, feedback, FakeClock(), Limits())
    manner = Manner("whole", 4000, is_guided)
    return asyncio.run(run_rounds(turns, Goal(prompt), worktree, feedback, manner, first=first))


def sure(text: str, *places: tuple[str, str, float]) -> Reply:
    """Make a reply with its tokens; at each place, after some text, another token was so likely."""
    tokens, at = [], 0
    for after, other, probability in places:
        end = text.index(after) + len(after)
        tokens += [Token(text[at:end]), Token(text[end : end + 1], ((other, probability),))]
        at = end + 1
    return replace(reply(text, usage=USAGE), tokens=(*tokens, Token(text[at:])))
