"""A conversation by tools: appended to, and what goes where it is too long."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from git_draft.bots.history import History
from git_draft.bots.replies import Message

OPENING: list[Message] = [{"role": "system", "content": "s" * 900}, {"role": "user", "content": "u" * 900}]


def call(number: int, name: str = "read_file", arguments: str = '{"path": "a"}') -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": f"c{number}", "function": function}]}


def result(number: int, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"c{number}", "content": text}


def make(*results: str) -> History:
    history = History(OPENING)
    for number, text in enumerate(results):
        history.append(call(number))
        history.append(result(number, text))
    return history


def never(_messages: Sequence[Message]) -> bool:
    return False


def test_older_results_become_notes_the_latest_stays() -> None:
    history = make("x\n" * 300, "short", "y" * 600, "z" * 600)
    before = history.messages
    assert history.shrink(never)
    contents = [message["content"] for message in history.messages if message["role"] == "tool"]
    note = '[left out to save room: the result of read_file {"path": "a"}, 301 lines; call it again if you need it]'
    assert contents[0] == note
    assert contents[1] == "short"
    assert contents[2].startswith("[left out")
    assert contents[3] == "z" * 600
    kept = [m for m in history.messages if m["role"] != "tool"]
    assert kept == [m for m in before if m["role"] != "tool"]
    assert not history.shrink(never)


def test_no_more_goes_than_must() -> None:
    history = make("x" * 600, "y" * 600, "z" * 600)
    assert history.shrink(lambda messages: len(json.dumps(messages)) < 3900)
    contents = [message["content"] for message in history.messages if message["role"] == "tool"]
    assert contents[0].startswith("[left out")
    assert contents[1:] == ["y" * 600, "z" * 600]


def test_the_latest_results_are_cut_with_a_mark_where_nothing_else_helps() -> None:
    history = make("x" * 600, "y" * 5000)
    assert history.cut_latest(1000)
    last = history.messages[-1]["content"]
    assert last == "y" * 1000 + "\n[cut here to save room: 4,000 more characters; ask for less at a time]"
    assert history.messages[3]["content"] == "x" * 600
    assert not history.cut_latest(1000)


def test_a_cut_leaves_no_frame_open() -> None:
    history = make("<file-2>\n" + "y" * 5000 + "\n</file-2>")
    assert history.cut_latest(1000)
    assert history.messages[-1]["content"].endswith(
        "yyy\n</file-2>\n[cut here to save room: 4,019 more characters; ask for less at a time]"
    )


def test_a_long_call_is_named_in_short() -> None:
    history = History(OPENING)
    history.append(call(0, "search", json.dumps({"pattern": "x" * 500})))
    history.append(result(0, "y" * 600))
    history.append(call(1))
    assert history.shrink(never)
    assert len(history.messages[3]["content"]) < 300


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=8), st.integers(0, 20_000))
def test_what_is_sent_next_begins_with_what_was_sent_unless_it_had_to_shrink(sizes: list[int], limit: int) -> None:
    history = History(OPENING)
    sent = json.dumps(history.messages)[:-1]
    for number, size in enumerate(sizes):
        history.append(call(number))
        history.append(result(number, "x" * size))
        has_shrunk = history.shrink(lambda messages: len(json.dumps(messages)) <= limit)
        now = json.dumps(history.messages)
        assert now.startswith(sent) or has_shrunk
        assert history.messages[:2] == tuple(OPENING)
        assert history.messages[-1]["content"] == "x" * size
        sent = now[:-1]
