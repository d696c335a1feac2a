"""The local bot as the tests of it make and run it, its server as the kernel lists it, and its log.

The model that it runs is made in `tests/support/gguf.py`.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from git_draft.bots.local import LocalBot, make_bot
from git_draft.clock import SystemClock
from git_draft.model import Goal, Outcome
from tests.support.bots import Notebook, RecordingFeedback
from tests.support.children import Child, find_child, wait_for
from tests.support.models import DictWorktree


def make_local(model: object, **options: object) -> LocalBot:
    """Make the bot for a model, with options as a user gives them."""
    return make_bot({"model": str(model), **options}, env=os.environ, clock=SystemClock(), memory=Notebook())


def act(bot: LocalBot, prompt: str = "greet", feedback: RecordingFeedback | None = None) -> Outcome:
    """Run the bot to its end on one small file."""
    return asyncio.run(bot.act(Goal(prompt), DictWorktree({"a.txt": "one\n"}), feedback or RecordingFeedback()))


def find_server() -> Child | None:
    """Find the server that this process has started."""
    return find_child(os.getpid(), "git_draft.bots.llama")


def get_server() -> Child:
    """Wait for the server that this process starts."""
    return wait_for(find_server, "server")


def get_log() -> Path:
    """Give the path of llama.cpp's log, which need not be there."""
    return Path(os.environ["XDG_STATE_HOME"], "git-draft/llama.log")


def wait_for_log(said: str) -> None:
    """Wait until the log says something."""
    wait_for(lambda: (get_log().exists() and said in get_log().read_text()) or None, f"{said!r} in the log")
