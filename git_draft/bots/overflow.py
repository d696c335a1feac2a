"""A conversation that is longer than the model's context: how servers say it, and what size they name.

Texts are those of real servers; tests hold them. Called by `retry.py`, which describes failures.
"""

from __future__ import annotations

import re

_NUMBER = r"([\d,_]{3,12})"
_SIZES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"maximum context length (?:is|of) {_NUMBER}",  # OpenAI, vLLM, OpenRouter, DeepSeek
        rf"available context size \({_NUMBER}",  # llama.cpp
        rf"\"?n_ctx\"?['\":= ]+{_NUMBER}",  # llama.cpp, LM Studio
        rf"context (?:length|size|window) of (?:only )?{_NUMBER}",  # LM Studio, Groq
        rf"with {_NUMBER} maximum context length",  # Mistral
        rf"> {_NUMBER} maximum",  # Anthropic
        rf"maximum number of (?:input )?tokens allowed \({_NUMBER}\)",  # Gemini
        rf"exceeds the (?:limit|maximum|model'?s? limit) of {_NUMBER}",  # Copilot, Azure
        rf"maximum (?:prompt|input|allowed input|model|sequence) length (?:is|of) {_NUMBER}",  # xAI, Together, SGLang
        rf"max_(?:seq_len|model_len|new_tokens`?)[^\d]{{1,12}}{_NUMBER}",  # TGI, vLLM
        rf"length should be \[1, ?{_NUMBER}\]",  # Alibaba
        rf"context_length['\": ]+{_NUMBER}",
    )
)
_WORDS = re.compile(
    r"context.?(?:length|window|size|shift)|context_length_exceeded|maximum context|prompt is too long|prompt (?:is )?too large"
    r"|too many (?:input |prompt )?tokens|(?:input|prompt|messages?|request)\b.{0,30}\btoo (?:long|large)\b"
    r"|exceeds?\b.{0,40}\b(?:tokens?|context|limit of \d)|token count.{0,30}exceeds|reduce the (?:length|size)"
    r"|length should be \[1|max_seq_len|max_new_tokens|maximum prompt length|string_above_max_length",
    re.IGNORECASE,
)
_STATUSES = frozenset({400, 413, 422, 500})


def is_overflow(status: int, message: str) -> bool:
    """Tell whether a server says that a conversation is too long.

    Args:
        status: the HTTP status; 413 says it by itself.
        message: the server's own words.
    """
    return status == 413 or (status in _STATUSES and _WORDS.search(message) is not None)


def find_context_size(message: str) -> int | None:
    """Find the context size, in tokens, that such a message names."""
    for pattern in _SIZES:
        if match := pattern.search(message):
            size = int(re.sub(r"[,_]", "", match[1]) or 0)
            if size >= 256:
                return size
    return None
