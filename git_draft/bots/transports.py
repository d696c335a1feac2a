"""Which of the two APIs a conversation goes by, and the change to the other where an error says so.

Texts are those of real servers; tests hold them. Called by `openai.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from git_draft.bots.capability import Api, Capabilities
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.bots.refusals import needs_responses
from git_draft.bots.replies import ChatModel, Message, Reply
from git_draft.bots.retry import RequestError
from git_draft.toolbox import ToolSchema

_RESPONSES_HOSTS = re.compile(
    r"api\.openai\.com|(?:eu|us)\.api\.openai\.com"
    r"|[\w-]+\.(?:openai\.azure\.(?:com|us)|services\.ai\.azure\.com|cognitiveservices\.azure\.com)",
    re.IGNORECASE,
)
_WANTS_RESPONSES = re.compile(
    r"v1/responses|/responses\b|responses api|not a chat model|chatcompletion operation does not work"
    r"|(?:not (?:accessible|supported)|can(?:no|')t be used|unsupported)\b.{0,60}chat.?completions?|unsupported_api_for_model",
    re.IGNORECASE,
)
_WANTS_CHAT = re.compile(
    r"(?:invalid url|unknown request url|unrecognized request url|unknown path|no such endpoint|not found).{0,40}"
    r"|responses\b.{0,60}\b(?:not (?:enabled|supported|available|accessible|implemented)|unsupported|only for|does not work)"
    r"|(?:not supported|not available|can(?:no|')t be used|only supported)\b.{0,60}\b(?:responses|chat/completions)"
    r"|api\.responses\.write",
    re.IGNORECASE,
)
_NO_PATH = frozenset({404, 405, 501})


def choose_api(host: str) -> Api:
    """Choose the API to begin with: the Responses API for OpenAI and Azure, chat completions elsewhere.

    Args:
        host: the endpoint's host name.
    """
    return "responses" if _RESPONSES_HOSTS.fullmatch(host) else "chat"


def wants_other_api(error: RequestError, api: Api) -> bool:
    """Tell whether an error says that the other API should be used.

    Args:
        error: what the server said.
        api: the API that was used.
    """
    if api == "chat":
        is_refusal = error.status in {400, 404, 422}
        return is_refusal and (_WANTS_RESPONSES.search(error.message) is not None or needs_responses(error))
    if error.status in _NO_PATH:  # the path; a model that is not known is not known by the other API either
        return "model" not in error.message.lower() or _WANTS_CHAT.search(error.message) is not None
    return error.status in {400, 403, 422} and _WANTS_CHAT.search(error.message) is not None


class EitherApi:
    """Implements `git_draft.bots.replies.ChatModel` by the API that works.

    Args:
        models: one for each API.
        first: the one to begin with, where nothing is known.
        known: of the model; the API that works is learned. Where an option names one, there is no other.
        quirks: the rows of the table that are handled.
    """

    def __init__(
        self, models: Mapping[Api, ChatModel], *, first: Api, known: Capabilities, quirks: Quirks = ALL_QUIRKS
    ) -> None:
        self._models = models
        self._known = known
        self._api: Api = known.api or first
        self._is_settled = bool(known.given.get("api")) or Quirk.OTHER_API not in quirks

    @property
    def api(self) -> Api:
        """The API that is used, after a reply the one that works."""
        return self._api

    async def reply(self, messages: Sequence[Message], tools: Sequence[ToolSchema]) -> Reply:
        """Ask for the next reply, by the other API where the first is refused.

        Raises:
            RequestError: where there is none.
        """
        try:
            reply = await self._models[self._api].reply(messages, tools)
        except RequestError as error:
            if not wants_other_api(error, self._api):
                raise
            if self._known.given.get("api"):
                other = "responses" if self._api == "chat" else "chat"
                error.hint = f"-o api={other} asks by the other API, if the base URL is right"
            if self._is_settled:
                raise
            reply = await self._change_over(error, messages, tools)
        self._is_settled = True
        return reply

    async def _change_over(
        self, first: RequestError, messages: Sequence[Message], tools: Sequence[ToolSchema]
    ) -> Reply:
        other: Api = "responses" if self._api == "chat" else "chat"
        try:
            reply = await self._models[other].reply(messages, tools)
        except RequestError as error:
            if not wants_other_api(error, other):
                raise
            if self._api == "responses" or not needs_responses(first):
                raise first from error
            self._known.learn_refused(["reasoning"])  # it is only the other way that is barred
            return await self._models[self._api].reply(messages, tools)
        self._api = other
        self._known.learn("api", other)
        return reply
