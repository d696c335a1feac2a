"""A chat model without a server, and a worktree without a repository: for tests of loops and tools."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from git_draft.bots.replies import Message, Reply, parse_reply
from git_draft.errors import ToolError
from git_draft.ranking import Ranking
from git_draft.toolbox import ToolSchema


def reply(text: str = "", *calls: tuple[str, Mapping[str, Any] | str], reason: str | None = None, **more: Any) -> Reply:
    """Make a reply as a server's message would give it.

    Args:
        text: what the model says.
        calls: name and arguments of each call; a string is sent as it is.
        reason: the finish reason.
        more: ``usage``, or fields of the message.
    """
    usage = more.pop("usage", None)
    message: dict[str, Any] = {"role": "assistant", "content": text or None, **more}
    if calls:
        message["tool_calls"] = [
            {"id": f"c{i}", "function": {"name": name, "arguments": a if isinstance(a, str) else json.dumps(a)}}
            for i, (name, a) in enumerate(calls)
        ]
    return parse_reply(message, reason, usage)


class ScriptedModel:
    """Implements `git_draft.bots.replies.ChatModel` from a list.

    Args:
        replies: given in order, the last one again and again; an exception is raised.
    """

    def __init__(self, *replies: Reply | BaseException) -> None:
        self._replies = replies
        self.seen: list[list[Message]] = []
        self.tools: list[Sequence[ToolSchema]] = []

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Give the next reply."""
        self.seen.append(list(messages))
        self.tools.append(tools)
        given = self._replies[min(len(self.seen), len(self._replies)) - 1]
        if isinstance(given, BaseException):
            raise given
        return given


class DictWorktree:
    """Implements `git_draft.protocols.Worktree` over a dictionary, with none of the rules."""

    def __init__(self, files: Mapping[str, str] | None = None, *, untracked: Collection[str] = ()) -> None:
        self.files = dict(files or {})
        self._untracked = untracked

    def list_files(self, glob: str | None = None) -> Sequence[str]:
        """Give all paths that the pattern matches as a whole."""
        found = (path for path in self.files if glob is None or PurePosixPath(path).match(glob))
        return sorted(found, key=lambda path: path.split("/"))

    def read_file(self, path: str) -> str:
        """Give a file's contents."""
        if path not in self.files:
            raise ToolError(f"there is no file {path}")
        return self.files[path]

    def read_guidance(self) -> str | None:
        """Give the file AGENTS.md."""
        return self.files.get("AGENTS.md")

    def list_tracked(self) -> Sequence[str]:
        """Give the paths of the files that were not said to be untracked."""
        return [path for path in self.list_files() if path not in self._untracked]

    def _rank(self) -> tuple[Ranking, list[tuple[str, str]]]:
        # The text stands in for the id of its blob
        return Ranking(None, lambda text: text, lambda _: None), list(self.files.items())

    def rank_files(self, words: Collection[str]) -> Sequence[PurePosixPath]:
        """Rank as a real one does, the index in memory."""
        ranking, files = self._rank()
        return ranking.rank(files, words)

    def find_definitions(self, names: Collection[str]) -> Mapping[str, Sequence[PurePosixPath]]:
        """Find what a real one finds."""
        ranking, files = self._rank()
        return ranking.find_definitions(files, names)

    def search(self, pattern: str, glob: str | None = None) -> Sequence[tuple[PurePosixPath, int, str]]:
        """Find lines that match."""
        return [
            (PurePosixPath(path), number, line)
            for path in self.list_files(glob)
            for number, line in enumerate(self.files[str(path)].splitlines(), 1)
            if re.search(pattern, line)
        ]

    def write_file(self, path: str, contents: str) -> None:
        """Put a file."""
        self.files[path] = contents

    def check_rewritable(self, path: str) -> None:
        """See that all of a file may be written anew, as any may."""

    def delete_file(self, path: str) -> None:
        """Take a file away."""
        del self.files[path]

    def rename_file(self, src_path: str, dst_path: str) -> None:
        """Move a file."""
        self.files[dst_path] = self.files.pop(src_path)
