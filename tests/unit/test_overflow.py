"""A conversation that is too long, in the words of real servers."""

from __future__ import annotations

import pytest

from git_draft.bots.overflow import find_context_size, is_overflow


@pytest.mark.parametrize(
    "status, message, size",
    [
        (400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.", 8192),
        (400, "This model's maximum context length is 4096 tokens. However, you requested 4500 tokens (500 in the messages, 4000 in the completion). Please reduce", 4096),
        (400, "the request exceeds the available context size (2048 tokens), try increasing it", 2048),
        (500, '{"error":{"code":500,"message":"context shift is disabled","n_ctx":4096}}', 4096),
        (400, "The number of tokens to keep from the initial prompt is greater than the context length. (n_keep: 5000, n_ctx: 4096)", 4096),
        (400, "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens", 4096),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", 200000),
        (400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 1048576),
        (400, "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length", 32768),
        (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens", 4096),
        (400, "Range of input length should be [1, 30720]", 30720),
        (400, "This model's maximum prompt length is 131072 but the request contains 200000 tokens.", 131072),
        (400, "prompt token count of 70000 exceeds the limit of 64000", 64000),
        (400, "Please reduce the length of the messages or completion.", None),
        (400, "context_length_exceeded", None),
        (400, "Input is too long for requested model.", None),
        (413, "", None),
        (413, "Request too large for model", None),
    ],
)  # fmt: skip
def test_what_is_too_long_is_known_however_it_is_said(status: int, message: str, size: int | None) -> None:
    assert is_overflow(status, message)
    assert find_context_size(message) == size


@pytest.mark.parametrize(
    "status, message",
    [
        (429, "Rate limit reached: tokens per minute exceeds 6000"),
        (400, "Invalid value for 'content': expected a string"),
        (400, "temperature must be at most 2"),
        (401, "context length"),
        (500, "internal error"),
    ],
)
def test_other_failures_are_not_taken_for_it(status: int, message: str) -> None:
    assert not is_overflow(status, message)
