"""Calls that a model writes as text, since nobody between it and us reads them: found, and taken out of the text.

Only calls of tools that were offered, only at the end of an answer and not within a quotation: a model that explains a
file which speaks of calls calls nothing. Called by `replies.py` where an answer has no real calls.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from git_draft.frozen import frozen


@frozen
class TextCalls:
    """What was found.

    Args:
        text: what the answer says besides.
        calls: name and arguments of each call, in order.
    """

    text: str
    calls: tuple[tuple[str, Mapping[str, object]], ...]


_Call = tuple[str, Mapping[str, object]]
_NAMES = ("name", "tool", "function", "tool_name")
_ARGUMENTS = ("arguments", "parameters", "args", "input")


def find_text_calls(text: str, offered: Collection[str]) -> TextCalls | None:
    """Find calls that an answer ends with; None where there are none, or one is no call of an offered tool.

    Args:
        text: the answer without its thoughts.
        offered: names of tools.
    """
    for pattern, read in _FORMS:
        match = pattern.search(text)
        if match is None or text.count("```", 0, match.start()) % 2:
            continue
        calls = list(_iter_valid(read(match[0]), offered))
        if calls and all(calls):
            return TextCalls(text[: match.start()].strip(), tuple(call for call in calls if call))
    return None


def _iter_valid(values: Iterator[object], offered: Collection[str]) -> Iterator[_Call | None]:
    """Give each value as a call, None where it is none."""
    for value in values:
        if not isinstance(value, Mapping):
            yield None
            continue
        function = value.get("function")
        call = function if isinstance(function, Mapping) else value
        name = next((call[key] for key in _NAMES if isinstance(call.get(key), str)), None)
        arguments: object = next((call[key] for key in _ARGUMENTS if key in call), {})
        if isinstance(arguments, str):
            arguments = _load(arguments)
        yield (
            (name, arguments) if name in offered and isinstance(arguments, Mapping) and isinstance(name, str) else None
        )


def _load(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except ValueError:
        return None


def _read_tagged(text: str) -> Iterator[object]:
    """Read ``<tool_call>``, with JSON in it or with tags."""
    for body in re.findall(r"<tool_call>\s*(.*?)\s*(?:</tool_call>|\Z)", text, re.DOTALL):
        yield from _read_functions(body) if body.lstrip().startswith("<function") else iter((_load(body),))


def _read_functions(text: str) -> Iterator[object]:
    """Read ``<function=NAME>``, with JSON in it or with ``<parameter=NAME>``."""
    for name, body in re.findall(r"<function=([\w.-]+)>(.*?)(?:</function>|\Z)", text, re.DOTALL):
        parameters = re.findall(r"<parameter=([\w.-]+)>\n?(.*?)\n?</parameter>", body, re.DOTALL)
        arguments = dict(parameters) if parameters else _load(body.strip() or "{}")
        yield {"name": name, "arguments": arguments}


def _read_list(text: str) -> Iterator[object]:
    """Read JSON after a mark: one call or a list of them."""
    value = _load(re.sub(r"^(?:\[TOOL_CALLS\]|<\|python_tag\|>)\s*", "", text))
    yield from value if isinstance(value, list) else (value,)


def _read_fences(text: str) -> Iterator[object]:
    """Read fences, each with one call or a list of them."""
    for body in re.findall(r"```[a-z_]*\n(.*?)\n?```", text, re.DOTALL):
        yield from _read_list(body.strip())


_FORMS: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[object]]], ...] = (
    (re.compile(r"(?:<tool_call>(?:(?!</?tool_call>).)*(?:</tool_call>|\Z)\s*)+\Z", re.DOTALL), _read_tagged),
    (re.compile(r"(?:<function=[\w.-]+>(?:(?!</?function).)*</function>\s*)+\Z", re.DOTALL), _read_functions),
    (re.compile(r"(?:\[TOOL_CALLS\]|<\|python_tag\|>)\s*[\[{].*\Z", re.DOTALL), _read_list),
    (
        re.compile(r"(?:```(?:json|tool_call|tool_code|xml)?\n\s*[\[{](?:(?!```).)*\n?```\s*)+\Z", re.DOTALL),
        _read_fences,
    ),
    (re.compile(r"\A[\[{].*[\]}]\Z", re.DOTALL), _read_list),
)
"""Each form, to the end of the answer, and its reader."""
