"""A bot for git-draft that names the licence at the top of each source file: git draft -b licenser "name our licence"."""

import asyncio
from collections.abc import Mapping
from pathlib import PurePosixPath

from git_draft.errors import ConfigError, ToolError
from git_draft.model import Goal, Outcome
from git_draft.protocols import Bot, Clock, Feedback, Memory, Worktree

COMMENTS = {".c": "//", ".go": "//", ".js": "//", ".py": "#", ".rs": "//", ".sh": "#", ".ts": "//"}


class Licenser:
    model = host = None  # no model is asked, and no file leaves this machine

    def __init__(self, licence: str | None) -> None:
        self._licence = licence

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        answer = goal.prompt if goal.earlier_prompts else None  # git draft --on 1/1 "MIT"
        licence = self._licence or answer or await feedback.ask("Which licence: MIT, Apache-2.0, …?")
        refused = []
        for path in worktree.list_files() if licence else ():
            comment = COMMENTS.get(PurePosixPath(path).suffix)
            try:
                text = worktree.read_file(path) if comment else ""
                if "\n" in text and "SPDX-License-Identifier" not in text:
                    end = text.index("\n") + 1 if text.startswith("#!") else 0
                    worktree.write_file(path, f"{text[:end]}{comment} SPDX-License-Identifier: {licence}\n{text[end:]}")
            except ToolError as error:  # it is binary, for example, or too large
                refused.append(f"{path}: {error}")
            await asyncio.sleep(0)  # here Ctrl-C and git draft stop are heard
        return Outcome(title="Name the licence in source files", summary="\n".join(refused) or None)


def make_bot(options: Mapping[str, str], *, env: Mapping[str, str], clock: Clock, memory: Memory) -> Bot:
    for name in options.keys() - {"licence"}:
        raise ConfigError(f"licenser has no option {name}", hint="-o licence=MIT")
    return Licenser(options.get("licence"))
