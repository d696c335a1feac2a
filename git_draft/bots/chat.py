"""Requests to a chat completions endpoint: as little as will do, and less where a server refuses a part.

Sends the conversation, hands the bytes of the answer to `stream.py`, translates what the openai package raises for
`retry.py`, and remembers what an endpoint does not take. Which endpoint and which model is decided in `openai.py`, the
caller.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from git_draft.bots.replies import Message, Reply
from git_draft.bots.retry import (
    RequestError,
    clean_line,
    describe_redirect,
    describe_status,
    parse_retry_after,
    with_retries,
)
from git_draft.bots.stream import read_answer
from git_draft.events import Warned
from git_draft.protocols import Clock, Feedback
from git_draft.toolbox import ToolSchema

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

_MESSAGE_FIELDS = frozenset({"role", "content", "tool_calls", "tool_call_id"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where requests go.

    Args:
        base_url: as configured, without user and password.
        api_key: sent as bearer token.
        timeout_s: how long the server may be silent.
    """

    base_url: str
    api_key: str = field(repr=False)
    timeout_s: float


@dataclass(slots=True)
class Dislikes:
    """What an endpoint refused in this process, and is not sent again.

    Args:
        parameters: names of the request's parameters.
        fields: names of fields of assistant messages, ``reasoning_content`` for example.
    """

    parameters: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)

    def adapt(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out of a request what the endpoint does not take."""
        adapted = {key: value for key, value in body.items() if key not in self.parameters}
        if "max_tokens" in body and "max_tokens" in self.parameters:
            adapted["max_completion_tokens"] = body["max_tokens"]  # the same limit by its newer name
        adapted["messages"] = [
            {key: value for key, value in message.items() if key not in self.fields} for message in body["messages"]
        ]
        return adapted

    def learn(self, error: RequestError, body: Mapping[str, Any]) -> str | None:
        """Find in a refusal the part of the request that it names; None where it names none that can be left out."""
        if error.status not in {400, 422}:
            return None
        words = error.message.replace("include_usage", "stream_options")
        for name in ("stream_options", "max_tokens", "temperature"):
            if name in body and re.search(rf"\b{name}\b", words):
                self.parameters.add(name)
                return name
        extra: set[str] = {key for message in body["messages"] for key in message} - _MESSAGE_FIELDS
        for name in sorted(extra):
            if re.search(rf"\b{re.escape(name)}\b", words):
                self.fields.add(name)
                return name
        return None


class ChatCompletions:
    """Implements `git_draft.bots.replies.ChatModel` for one run.

    Args:
        client: with retries off.
        endpoint: where the client's requests go.
        model: the model's name.
        parameters: sent with every request: temperature, max_tokens.
        dislikes: shared by the runs of a bot.
        clock: for waiting between tries.
        feedback: told of retries.
    """

    def __init__(
        self,
        client: AsyncOpenAI,
        endpoint: Endpoint,
        model: str,
        *,
        parameters: Mapping[str, Any],
        dislikes: Dislikes,
        clock: Clock,
        feedback: Feedback,
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._model = model
        self._parameters = parameters
        self._dislikes = dislikes
        self._clock = clock
        self._feedback = feedback

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Ask for the next reply, again where that may help.

        Raises:
            RequestError: where there is none.
        """
        body = {
            "model": self._model,
            "messages": list(messages),
            **({"tools": [_format_tool(tool) for tool in tools]} if tools else {}),  # some refuse an empty list
            "stream_options": {"include_usage": True},
            **self._parameters,
        }
        return await with_retries(lambda: self._ask(body), self._clock, self._feedback)

    async def _ask(self, body: Mapping[str, Any]) -> Reply:
        """Send a request, without what the server turns out not to take."""
        while True:
            adapted = self._dislikes.adapt(body)
            try:
                return await self._send(adapted)
            except RequestError as error:
                name = self._dislikes.learn(error, adapted)
                if name is None:
                    raise
                if name == "temperature":
                    self._feedback.emit(Warned(message=f"{self._model} does not take a temperature; sent without"))

    async def _send(self, body: Mapping[str, Any]) -> Reply:
        # half a surrogate pair, which a file or an argument may hold, can't be sent
        clean: dict[str, Any] = json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
        with translate_errors(self._endpoint, self._clock, model=self._model):
            create = self._client.chat.completions.with_streaming_response.create
            async with create(**clean, stream=True) as response:
                return await read_answer(response.iter_bytes())


def _format_tool(tool: ToolSchema) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


@contextmanager
def translate_errors(endpoint: Endpoint, clock: Clock, *, model: str | None = None) -> Iterator[None]:
    """Raise whatever goes wrong with a request as RequestError; none of them holds the key, whoever said it.

    Raises:
        RequestError: for any failure of a request.
    """
    import httpx2  # comes with openai, which takes a second to load
    import openai

    try:
        yield
    except (RequestError, openai.OpenAIError, httpx2.HTTPError) as error:
        raise _describe_failure(error, endpoint, clock, model).without(endpoint.api_key) from error


def _describe_failure(error: Exception, endpoint: Endpoint, clock: Clock, model: str | None) -> RequestError:
    """Describe what reading an answer, the openai package or its HTTP client raised."""
    import httpx2
    import openai

    where = endpoint.base_url
    match error:
        case RequestError() as described:
            return described
        case openai.APIConnectionError(__cause__=RequestError() as described):  # raised by our client
            return described
        case openai.APIStatusError(response=response) if response.has_redirect_location:
            return describe_redirect(response.headers["location"], where=where, status=error.status_code)
        case openai.APIStatusError():
            retry_after_s = parse_retry_after(error.response.headers, clock.now())
            words = _read_words(error)
            return describe_status(error.status_code, words, where=where, model=model, retry_after_s=retry_after_s)
        case openai.APITimeoutError() | httpx2.TimeoutException():
            return RequestError(f"{where} is silent for {endpoint.timeout_s:g} s", is_retryable=True)
        case openai.APIConnectionError():
            cause = clean_line(str(error.__cause__ or "")) or "no connection"
            hint = "is the server running, and is the base URL right?"
            return RequestError(f"can't reach {where}: {cause}", hint=hint, is_retryable=True)
    return RequestError(f"the connection to {where} broke during the answer", is_retryable=True)


def _read_words(error: APIStatusError) -> str:
    """Give the server's own words, with its error code, in whatever form they came."""
    body = error.body
    if isinstance(body, str):
        title = re.search(r"<title>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
        return title[1] if title else "" if "<" in body else body
    if isinstance(body, Mapping) and isinstance(body.get("message"), str):
        return " ".join(str(body[key]) for key in ("message", "code", "type", "param") if body.get(key))
    return json.dumps(body) if body else ""
