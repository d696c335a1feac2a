"""What servers and models do that a client must put up with: one table, a row for each oddity that this code handles.

The handling itself is where it belongs, in the transports, the readers of answers and the loop; each place asks whether
its row is in the set that it is given, so that a test can take every row out and see that just its own test fails.
`docs/quirks.md` holds this table. Nothing here does anything.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from git_draft.frozen import frozen


class Quirk(enum.StrEnum):
    """The name of a row."""

    OTHER_API = "other-api"
    TOOLS_WITH_REASONING = "tools-with-reasoning"
    OUTPUT_LIMIT_NAME = "output-limit-name"
    OUTPUT_LIMIT_REFUSED = "output-limit-refused"
    STREAM_OPTIONS = "stream-options"
    STREAM_REFUSED = "stream-refused"
    TEMPERATURE = "temperature"
    UNKNOWN_FIELDS = "unknown-fields"
    TOOLS_REFUSED = "tools-refused"
    TOOLS_IGNORED = "tools-ignored"
    CONTEXT_CUT = "context-cut"
    CONTEXT_FULL = "context-full"
    RATE_LIMIT = "rate-limit"
    NO_CREDIT = "no-credit"
    ERROR_AS_ANSWER = "error-as-answer"
    PAGE_AS_ANSWER = "page-as-answer"
    ANSWER_IN_ONE_PIECE = "answer-in-one-piece"
    CORRUPT_CHUNK = "corrupt-chunk"
    STREAM_BREAKS_OFF = "stream-breaks-off"
    EMPTY_CHOICES = "empty-choices"
    SHARED_INDEX = "shared-index"
    FINISH_REASON = "finish-reason"
    CALL_IDS = "call-ids"
    ARGUMENTS_AS_OBJECT = "arguments-as-object"
    ARGUMENTS_EMPTY = "arguments-empty"
    ARGUMENTS_NEARLY_JSON = "arguments-nearly-json"
    ARGUMENTS_CUT = "arguments-cut"
    CALLS_AS_TEXT = "calls-as-text"
    CONTENT_IN_PARTS = "content-in-parts"
    THOUGHTS = "thoughts"
    VERBATIM_HISTORY = "verbatim-history"
    EMPTY_ANSWER = "empty-answer"
    REFUSAL = "refusal"
    IDENTICAL_CALLS = "identical-calls"
    ENDLESS = "endless"
    SILENCE = "silence"


Quirks = frozenset[Quirk]
ALL_QUIRKS: Quirks = frozenset(Quirk)


@frozen
class Row:
    """A row of the table.

    Args:
        trap: what happens.
        applies_to: who was seen to do it.
        handling: what is done about it.
    """

    trap: str
    applies_to: str
    handling: str


TABLE: Mapping[Quirk, Row] = {
    Quirk.OTHER_API: Row(
        "a model or an endpoint speaks only the other of the two APIs",
        "OpenAI's reasoning and codex models, Azure in some regions, most other servers",
        "with `api=auto` the same conversation goes on by the other API; remembered",
    ),
    Quirk.TOOLS_WITH_REASONING: Row(
        "tools on chat completions are refused unless reasoning is off",
        "OpenAI gpt-5.4 and later",
        "the Responses API with `api=auto`; with `api=chat` `reasoning_effort` is sent as `none`; remembered",
    ),
    Quirk.OUTPUT_LIMIT_NAME: Row(
        "`max_tokens` is refused, `max_completion_tokens` is wanted",
        "OpenAI's o and gpt-5 models",
        "the same limit by its newer name; remembered",
    ),
    Quirk.OUTPUT_LIMIT_REFUSED: Row(
        "an output limit is refused, is too large, or is counted as used context",
        "Mistral, vLLM, models with short answers",
        "sent without; remembered. What is generated is counted here, too",
    ),
    Quirk.STREAM_OPTIONS: Row(
        "`stream_options` is refused",
        "older Azure, older vLLM, Mistral",
        "sent without, so the usage may stay unknown; remembered",
    ),
    Quirk.STREAM_REFUSED: Row(
        "streaming is refused",
        "OpenAI for organisations that are not verified, small servers",
        "asked for in one piece; remembered",
    ),
    Quirk.TEMPERATURE: Row(
        "`temperature` is refused",
        "reasoning models",
        "sent without, with a warning; remembered",
    ),
    Quirk.UNKNOWN_FIELDS: Row(
        "fields of the model's own messages are refused when they come back",
        "Mistral (`reasoning_content`), Groq (`reasoning`)",
        "messages are sent without the field that the error names; remembered",
    ),
    Quirk.TOOLS_REFUSED: Row(
        "tools are refused",
        "llama.cpp without --jinja, vLLM without a parser, Ollama for models without tools",
        "edits as text; remembered",
    ),
    Quirk.TOOLS_IGNORED: Row(
        "tools are taken and never called; the answer holds edits as text",
        "small models behind any server",
        "the edits are read as text; remembered once they changed files",
    ),
    Quirk.CONTEXT_CUT: Row(
        "a long prompt is silently cut",
        "Ollama, at 4,096 tokens whatever num_ctx says",
        "a warning, once in a run, where far fewer tokens were read than sent; `context_size` keeps within it",
    ),
    Quirk.CONTEXT_FULL: Row(
        "the conversation is longer than the context, said in twenty ways",
        "all",
        "its size is read from the error and remembered; older results are left out and it is sent once more",
    ),
    Quirk.RATE_LIMIT: Row(
        "too many requests, with or without Retry-After",
        "all providers",
        "waited for up to 60 seconds, three tries; a longer wait ends the run and says when to come back",
    ),
    Quirk.NO_CREDIT: Row(
        "429 for an account without credit",
        "OpenAI (`insufficient_quota`), OpenRouter, DeepSeek",
        "never tried again",
    ),
    Quirk.ERROR_AS_ANSWER: Row(
        "an error with status 200, as JSON or within the stream",
        "OpenRouter, gateways, llama.cpp",
        "taken for the error that it is, and tried again where that may help",
    ),
    Quirk.PAGE_AS_ANSWER: Row(
        "a page of HTML with status 200",
        "proxies, a base URL without /v1",
        "a clear error with a hint at the base URL",
    ),
    Quirk.ANSWER_IN_ONE_PIECE: Row(
        "one JSON object though a stream was asked for",
        "small servers, gateways",
        "read as it is, whatever the content type says",
    ),
    Quirk.CORRUPT_CHUNK: Row(
        "a chunk that is no JSON",
        "overloaded servers, proxies",
        "the answer is thrown away and asked for again",
    ),
    Quirk.STREAM_BREAKS_OFF: Row(
        "a stream that just ends",
        "all, when a connection is lost",
        "no finish reason and no end mark: thrown away and asked for again",
    ),
    Quirk.EMPTY_CHOICES: Row(
        "chunks with `choices` empty or null, or without `delta`",
        "Azure (first chunk), OpenAI (last chunk), vLLM",
        "passed over",
    ),
    Quirk.SHARED_INDEX: Row(
        "parallel calls that all have index 0, or none",
        "Gemini, Ollama, older vLLM",
        "a call begins where id or name change, or the arguments so far are complete",
    ),
    Quirk.FINISH_REASON: Row(
        "`finish_reason` is `stop` with calls, `tool_calls` without, empty, null, or a word of its own",
        "Ollama, Gemini, Mistral, gateways",
        "the content decides",
    ),
    Quirk.CALL_IDS: Row(
        "calls without an id, or several with the same one",
        "Gemini, Ollama, models that write calls as text",
        "made up, and unique within the reply",
    ),
    Quirk.ARGUMENTS_AS_OBJECT: Row(
        "arguments as an object, or JSON within JSON",
        "Ollama, gateways",
        "taken as they are meant; they go back as JSON in a string",
    ),
    Quirk.ARGUMENTS_EMPTY: Row(
        "arguments empty or null",
        "calls without arguments, everywhere",
        "no arguments",
    ),
    Quirk.ARGUMENTS_NEARLY_JSON: Row(
        "arguments that are nearly JSON",
        "small models",
        "repaired, but never for a call that writes; else the model is told; what goes back is valid JSON",
    ),
    Quirk.ARGUMENTS_CUT: Row(
        "`length` with arguments that don't parse",
        "all, at the output limit",
        "nothing is done, and the model is told to take smaller steps",
    ),
    Quirk.CALLS_AS_TEXT: Row(
        "calls written as text: `<tool_call>`, `<function=…>`, `[TOOL_CALLS]`, JSON in a fence",
        "Qwen, Hermes, Mistral and Llama models without their parser",
        "read as calls, only of tools that were offered, only where there are no real ones and nothing follows",
    ),
    Quirk.CONTENT_IN_PARTS: Row(
        "content as a list of parts",
        "Mistral, Anthropic's compatible endpoint, gateways",
        "the text of the parts",
    ),
    Quirk.THOUGHTS: Row(
        "thoughts within the content, as `<think>`",
        "DeepSeek R1, Qwen and others without a reasoning parser",
        "never part of an edit or a title; shown with -v",
    ),
    Quirk.VERBATIM_HISTORY: Row(
        "fields of its own that a server must get back: reasoning, signatures",
        "DeepSeek (`reasoning_content`), Gemini (`thought_signature`), OpenRouter (`reasoning_details`)",
        "the model's messages go back as they came, unknown fields too",
    ),
    Quirk.EMPTY_ANSWER: Row(
        "an empty answer",
        "Gemini, small models",
        "asked once more, then a clear error",
    ),
    Quirk.REFUSAL: Row(
        "`refusal`, or `content_filter` as finish reason",
        "OpenAI, Azure",
        "the run ends with that reason, and what was done is kept",
    ),
    Quirk.IDENTICAL_CALLS: Row(
        "the same call again and again",
        "small models",
        "the third in a row ends the run, and what was done is kept",
    ),
    Quirk.ENDLESS: Row(
        "generation without end",
        "small models, above all with a grammar",
        "cut where it repeats itself or passes the output limit, named as such, and what was done is kept",
    ),
    Quirk.SILENCE: Row(
        "a server that says nothing, at first or in the middle",
        "overloaded servers, lost connections",
        "limits for the first byte and for each next one; tried again",
    ),
}
