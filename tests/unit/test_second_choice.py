"""Where an answer that only repeats a file should have been different."""

from __future__ import annotations

from git_draft.bots.replies import Token, parse_tokens
from git_draft.bots.second_choice import find_second_choices

ANSWER = [
    Token("a", (("b", 0.9),)),  # a word about the code
    Token(".py\n```"),
    Token("\n"),
    Token("def f():", ()),
    Token("\n  return"),
    Token(" 1", ((" 2", 0.2), ("  1", 0.7), ("\n", 0.5), ("```", 0.4))),
    Token("\ndef g():"),
    Token(" 3", ((" 4", 0.3), (" 5", 0.1), (" 6", 0.05))),
    Token(" + 1", ((" - 1", 0.09),)),  # too unlikely
    Token("\n```"),
    Token("\n"),
    Token("end", (("End", 0.9),)),
]
F, G = "a.py\n```\ndef f():\n  return 2", "a.py\n```\ndef f():\n  return 1\ndef g(): 4"


def test_the_likeliest_other_code_comes_first() -> None:
    assert find_second_choices(ANSWER) == [G, F]


def test_places_in_the_definitions_that_are_meant_come_first() -> None:
    assert find_second_choices(ANSWER, {"f"}) == [F, G]


def test_without_alternatives_there_is_no_choice() -> None:
    assert find_second_choices([Token("```\n"), Token("x")]) == []
    assert find_second_choices([]) == []


def test_tokens_are_read_as_servers_send_them() -> None:
    data = [
        {"token": "a", "top_logprobs": [{"token": "a", "logprob": -0.1}, {"token": "b", "logprob": 0.0}]},
        {"token": "c", "top_logprobs": None},
        {"token": "d", "top_logprobs": ["?", {"token": "e"}, {"logprob": -1.0}]},
        {"token": None},
        "?",
    ]
    assert parse_tokens(data) == (Token("a", (("b", 1.0),)), Token("c"), Token("d"))
    assert parse_tokens(None) == ()
