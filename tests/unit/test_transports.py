"""Which API a conversation goes by, in the words of real servers."""

from __future__ import annotations

import pytest

from git_draft.bots.capability import Api
from git_draft.bots.retry import describe_status
from git_draft.bots.transports import choose_api, wants_other_api


@pytest.mark.parametrize(
    "host, api",
    [
        ("api.openai.com", "responses"),
        ("eu.api.openai.com", "responses"),
        ("mine.openai.azure.com", "responses"),
        ("mine.services.ai.azure.com", "responses"),
        ("mine.cognitiveservices.azure.com", "responses"),
        ("openrouter.ai", "chat"),
        ("localhost", "chat"),
        ("api.openai.com.evil.org", "chat"),
        ("", "chat"),
    ],
)
def test_openai_and_azure_begin_with_the_responses_api(host: str, api: Api) -> None:
    assert choose_api(host) == api


@pytest.mark.parametrize(
    "api, status, message",
    [
        ("chat", 404, "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?"),
        ("chat", 404, "This model is only supported in v1/responses and not in v1/chat/completions."),
        ("chat", 400, "Function tools with reasoning_effort are not supported for gpt-5.4 in /v1/chat/completions. Please use /v1/responses instead."),
        ("chat", 400, "The requested model 'o1-pro' cannot be used with the Chat Completions API."),
        ("chat", 400, "The chatCompletion operation does not work with the specified model, codex-mini. Please choose different model and try again."),
        ("chat", 400, 'model "gpt-5-codex" is not accessible via the /chat/completions endpoint unsupported_api_for_model'),
        ("responses", 404, ""),
        ("responses", 404, '{"detail":"Not Found"}'),
        ("responses", 405, "Method Not Allowed"),
        ("responses", 404, "Invalid URL (POST /v1/responses)"),
        ("responses", 404, "Unknown request URL: POST /responses. Please check the URL for typos"),
        ("responses", 404, "Unrecognized request URL (POST /responses)"),
        ("responses", 501, "not implemented"),
        ("responses", 400, "The responses API is not enabled in this region."),
        ("responses", 400, "Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"),
        ("responses", 400, "The requested model 'x' cannot be used with the Responses API."),
        ("responses", 400, "The responses operation does not work with the specified model, gpt-35-turbo."),
        ("responses", 403, "You have insufficient permissions for this operation. Missing scopes: api.responses.write."),
    ],
)  # fmt: skip
def test_an_error_that_names_the_other_api_is_known(api: Api, status: int, message: str) -> None:
    assert wants_other_api(describe_status(status, message, where="there"), api)


@pytest.mark.parametrize(
    "api, status, message",
    [
        ("chat", 404, "The model 'gpt-9' does not exist"),
        ("chat", 404, "Not Found"),
        ("chat", 401, "v1/responses"),
        ("chat", 400, "Unsupported value: 'temperature'"),
        ("responses", 404, "The model 'gpt-9' does not exist"),
        ("responses", 400, "Unknown parameter: 'include'"),
        ("responses", 403, "Country not supported"),
        ("responses", 429, "Not Found"),
        ("responses", 500, "the responses service is not available"),
    ],
)
def test_other_errors_change_nothing(api: Api, status: int, message: str) -> None:
    assert not wants_other_api(describe_status(status, message, where="there"), api)
