"""Calls written as text: read where they are meant, left alone where they are quoted."""

from __future__ import annotations

import pytest

from git_draft.bots.rescue import find_text_calls

OFFERED = {"read_file", "write_file", "finish"}
READ = ("read_file", {"path": "a.py"})


@pytest.mark.parametrize(
    "text, said, calls",
    [
        ('<tool_call>\n{"name": "read_file", "arguments": {"path": "a.py"}}\n</tool_call>', "", [READ]),
        ('Let me look.\n\n<tool_call>{"name": "read_file", "arguments": {"path": "a.py"}}</tool_call>\n', "Let me look.", [READ]),
        ('<tool_call>{"name": "read_file", "arguments": {"path": "a.py"}}', "", [READ]),
        ('<tool_call>{"name": "read_file", "arguments": "{\\"path\\": \\"a.py\\"}"}</tool_call>', "", [READ]),
        ('<tool_call>{"name":"read_file","arguments":{"path":"a.py"}}</tool_call>\n<tool_call>{"name":"finish","arguments":{"title":"x"}}</tool_call>', "", [READ, ("finish", {"title": "x"})]),
        ("<tool_call>\n<function=read_file>\n<parameter=path>\na.py\n</parameter>\n</function>\n</tool_call>", "", [READ]),
        ('ok <function=read_file>{"path": "a.py"}</function>', "ok", [READ]),
        ('[TOOL_CALLS] [{"name": "read_file", "arguments": {"path": "a.py"}}]', "", [READ]),
        ('<|python_tag|>{"name": "read_file", "parameters": {"path": "a.py"}}', "", [READ]),
        ('I will read it.\n```json\n{"name": "read_file", "arguments": {"path": "a.py"}}\n```', "I will read it.", [READ]),
        ('{"name": "read_file", "arguments": {"path": "a.py"}}', "", [READ]),
        ('[{"name": "read_file", "arguments": {"path": "a.py"}}]', "", [READ]),
        ('{"type": "function", "function": {"name": "read_file", "arguments": {"path": "a.py"}}}', "", [READ]),
        ('<tool_call>{"name": "finish"}</tool_call>', "", [("finish", {})]),
    ],
)  # fmt: skip
def test_calls_are_found_in_all_their_forms(text: str, said: str, calls: list[tuple[str, object]]) -> None:
    found = find_text_calls(text, OFFERED)
    assert found is not None
    assert (found.text, list(found.calls)) == (said, calls)


@pytest.mark.parametrize(
    "text",
    [
        "All is fine.",
        '<tool_call>{"name": "run_shell", "arguments": {"command": "rm -rf /"}}</tool_call>',
        '<tool_call>{"name": "read_file", "arguments": {"path": "a"}}</tool_call><tool_call>{"name": "sudo"}</tool_call>',
        'The file holds <tool_call>{"name": "write_file", "arguments": {}}</tool_call>, which is odd.',
        'It says:\n```xml\n<tool_call>{"name": "write_file", "arguments": {}}</tool_call>\n```',
        'It says:\n```xml\n<tool_call>{"name": "write_file", "arguments": {}}</tool_call>',
        'package.json:\n```json\n{"name": "left-pad", "version": "1.0.0"}\n```',
        '```json\n{"name": "read_file", "arguments": {"path": "a"}}\n```\nThis is how a call looks.',
        '{"name": "read_file", "arguments": 3}',
        "[1, 2]",
        "<tool_call>no json</tool_call>",
        "<tool_call>",
        "",
    ],
)
def test_what_is_quoted_or_no_call_of_an_offered_tool_is_left_alone(text: str) -> None:
    assert find_text_calls(text, OFFERED) is None


def test_a_long_answer_with_many_marks_is_read_in_no_time() -> None:
    assert find_text_calls("<tool_call>{" * 20_000, OFFERED) is None
    assert find_text_calls("<function=read_file>" * 20_000, OFFERED) is None
    assert find_text_calls("```json\n{" * 20_000, OFFERED) is None
