"""The messages of a conversation by tools: only ever appended to, so that servers can keep their prefix in a cache.

Where the context is too small, older results of tools become short notes, oldest first; the prompt, what the model said
and the latest results stay. Called by `loop.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

from git_draft.bots.replies import Message

_NOTE = "[left out to save room: "
_CUT = "\n[cut here to save room: {count:,} more characters; ask for less at a time]"
_WORTH_CHARS = 400
"""Shorter results stay."""
_ARGUMENTS_CHARS = 100
_FRAME = re.compile(r"<([a-z]+(?:-\d+)?)>\n")


class History:
    """A conversation.

    Args:
        opening: system and user messages, which always stay.
    """

    def __init__(self, opening: Sequence[Message]) -> None:
        self._messages = list(opening)

    @property
    def messages(self) -> Sequence[Message]:
        """All messages, as they are sent."""
        return tuple(self._messages)

    def append(self, message: Message) -> None:
        """Add a message at the end."""
        self._messages.append(message)

    def shrink(self, fits: Callable[[Sequence[Message]], bool]) -> bool:
        """Replace older results of tools until the conversation fits; tell whether any was.

        Args:
            fits: whether messages fit.
        """
        calls = self._list_calls()
        has_shrunk = False
        for number in range(self._find_latest()):
            if fits(self._messages):
                break
            message = self._messages[number]
            content = message.get("content")
            if message.get("role") != "tool" or not isinstance(content, str) or len(content) < _WORTH_CHARS:
                continue
            call = calls.get(str(message.get("tool_call_id")), "a tool")
            note = f"{_NOTE}the result of {call}, {content.count(chr(10)) + 1} lines; call it again if you need it]"
            self._messages[number] = {**message, "content": note}
            has_shrunk = True
        return has_shrunk

    def cut_latest(self, chars: int) -> bool:
        """Cut the latest results to a length, with a mark; tell whether any was."""
        has_cut = False
        for number in range(self._find_latest(), len(self._messages)):
            message = self._messages[number]
            content = message.get("content")
            if message.get("role") == "tool" and isinstance(content, str) and len(content) > chars + len(_CUT):
                frame = _FRAME.match(content)
                end = f"\n</{frame[1]}>" if frame else ""  # what is cut must not leave a frame open
                cut = content[:chars] + end + _CUT.format(count=len(content) - chars)
                self._messages[number] = {**message, "content": cut}
                has_cut = True
        return has_cut

    def _find_latest(self) -> int:
        """Find the last message of the model; the latest results follow it."""
        roles = [message.get("role") for message in self._messages]
        return max((number for number, role in enumerate(roles) if role == "assistant"), default=len(roles))

    def _list_calls(self) -> dict[str, str]:
        """Describe each call by its id."""
        described = {}
        for message in self._messages:
            for call in message.get("tool_calls") or ():
                function: Mapping[str, object] = call.get("function") or {}
                arguments = str(function.get("arguments") or "")
                shown = (
                    arguments if len(arguments) <= _ARGUMENTS_CHARS else json.dumps(arguments[:_ARGUMENTS_CHARS] + "…")
                )
                described[str(call.get("id"))] = f"{function.get('name')} {shown}".strip()
        return described
