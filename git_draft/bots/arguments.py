"""The arguments of a call, as models really write them: an object, JSON, JSON twice encoded, or nearly JSON.

What a file should contain is never guessed. Called by `replies.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.errors import ToolError

CONTENT_TOOLS = frozenset({"write_file", "edit_file"})
"""Tools whose arguments become files: what was cut or garbled there is never guessed."""


def is_json_object(text: str) -> bool:
    """Tell whether a text is a JSON object as it stands."""
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def parse_arguments(
    written: object, tool: str, *, is_cut: bool = False, quirks: Quirks = ALL_QUIRKS
) -> Mapping[str, object]:
    """Read a call's arguments: an object, JSON, JSON twice encoded, or nearly JSON.

    Args:
        written: what the server sent; None and "" are no arguments.
        tool: the tool's name; what is nearly JSON is not repaired for one that writes.
        is_cut: whether the reply reached its length limit.
        quirks: the rows of the table that are handled.

    Raises:
        ToolError: where they can't be read, or where it would be a guess what a file should contain.
    """
    if isinstance(written, Mapping) and Quirk.ARGUMENTS_AS_OBJECT in quirks:
        return written
    if (written is None or (isinstance(written, str) and not written.strip())) and Quirk.ARGUMENTS_EMPTY in quirks:
        return {}
    if not isinstance(written, str):
        raise ToolError("the arguments are no JSON object; send the call again")
    try:
        value = json.loads(written, strict=False)  # line breaks within strings are clear enough
        is_twice = isinstance(value, str) and Quirk.ARGUMENTS_AS_OBJECT in quirks
        value = json.loads(value, strict=False) if is_twice else value
    except ValueError as error:
        if (is_cut or "Unterminated string" in str(error)) and Quirk.ARGUMENTS_CUT in quirks:
            raise ToolError(
                "the call was cut off and nothing was done; send it again in smaller steps, with edit_file for a part"
            ) from None
        if tool in CONTENT_TOOLS or Quirk.ARGUMENTS_NEARLY_JSON not in quirks:
            raise ToolError(
                f"the arguments are no valid JSON ({error}); nothing was done, send the call again"
            ) from None
        value = _repair(written)
    if not isinstance(value, dict):
        raise ToolError("the arguments are no JSON object; send the call again")
    return value


def _repair(text: str) -> object:
    import json_repair  # hardly ever needed

    return json_repair.loads(text, skip_json_loads=True)
