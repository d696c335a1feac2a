"""Sends a request and gives the reply: again where that may help, without what the server turns out not to take.

What both transports (`chat.py`, `responses.py`) share: retries, what was refused, limits of silence. What an answer
means is its reader's, handed in by the transport.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from git_draft.bots.address import NO_KEY
from git_draft.bots.capability import Capabilities
from git_draft.bots.client import Client
from git_draft.bots.endpoint import Endpoint, translate_errors
from git_draft.bots.quirks import ALL_QUIRKS, Quirk, Quirks
from git_draft.bots.refusals import adapt, find_refusal
from git_draft.bots.replies import Reply
from git_draft.bots.retry import RequestError, with_retries
from git_draft.events import Warned
from git_draft.frozen import frozen
from git_draft.log import Exchange
from git_draft.protocols import Clock, Feedback

_END_S = 0.1
"""So long the end of an answer is waited for, after its last words."""

Read = Callable[[AsyncIterator[bytes], bool], Awaitable[Reply]]
"""Reads the bytes of an answer; it is told whether a stream was asked for."""


@frozen
class Wire:
    """What the requests of one run share.

    Args:
        client: sends them.
        endpoint: where the client's requests go.
        known: of this model at this endpoint; what is refused is learned.
        clock: for waiting between tries.
        feedback: told of retries.
        quirks: the rows of the table that are handled.
    """

    client: Client
    endpoint: Endpoint
    known: Capabilities
    clock: Clock
    feedback: Feedback
    quirks: Quirks = ALL_QUIRKS

    @property
    def model(self) -> str:
        """The model's name."""
        return self.known.model

    async def ask(self, path: str, body: Mapping[str, Any], read: Read) -> Reply:
        """Ask for the next reply, again where that may help.

        Args:
            path: the API's, below the base URL.
            body: the whole request, as for a server that takes everything.
            read: reads the answer.

        Raises:
            RequestError: where there is none.
        """

        async def attempt() -> Reply:
            return await self._ask(path, body, read)

        return await with_retries(attempt, self.clock, self.feedback, quirks=self.quirks)

    async def _ask(self, path: str, body: Mapping[str, Any], read: Read) -> Reply:
        """Send a request, without what the server turns out not to take."""
        while True:
            adapted = adapt(body, self.known.refused)
            try:
                return await self._send(path, adapted, read)
            except RequestError as error:
                found = find_refusal(error, adapted, self.quirks)
                if found is None:
                    raise
                name, warning = found
                self.known.learn_refused([name])
                if warning:
                    self.feedback.emit(Warned(message=f"{self.model} {warning}"))

    async def _send(self, path: str, body: Mapping[str, Any], read: Read) -> Reply:
        clean: dict[str, Any] = _replace_surrogates(dict(body))
        is_stream = body.get("stream") is True
        patience = self._make_patience(is_stream=is_stream)
        where = self.endpoint.base_url
        with Exchange(where, self.model, clean) as exchange:
            try:
                async with asyncio.timeout(patience.waits_s) as limit:
                    with translate_errors(self.endpoint, self.clock, model=self.model, quirks=self.quirks):
                        async with self.client.post(path, clean) as answer:
                            chunks = patience.listen(exchange.listen(answer), limit)
                            reply = exchange.note(await read(chunks, is_stream))
                            await self._hear_out(chunks)
                            key = self.endpoint.api_key
                            return reply if key == NO_KEY else reply.without(key)  # a server may repeat it
            except TimeoutError:
                raise RequestError(f"{where} is silent for {patience.waits_s:g} s", is_retryable=True) from None

    async def _hear_out(self, chunks: AsyncIterator[bytes]) -> None:
        """Take the end of an answer whose contents are known, so that its connection is used for the next request.

        It comes with the last words, mostly; what goes wrong with it is in nobody's way.
        """
        with contextlib.suppress(RequestError, TimeoutError), translate_errors(self.endpoint, self.clock):
            async with asyncio.timeout(_END_S):
                async for _ in chunks:
                    pass

    def _make_patience(self, *, is_stream: bool) -> _Patience:
        if not is_stream or Quirk.SILENCE not in self.quirks:  # in one piece it comes when all of it is there
            return _Patience(None, None)
        return _Patience(self.endpoint.first_byte_timeout_s, self.endpoint.idle_timeout_s)


_SURROGATE = re.compile("[\ud800-\udfff]")


class _Patience:
    """How long a server may say nothing: before the first byte of an answer, and between two pieces of it.

    Args:
        first_s: the former; None for as long as it takes, as the next.
        idle_s: the latter.
    """

    def __init__(self, first_s: float | None, idle_s: float | None) -> None:
        self.waits_s = first_s
        self._idle_s = idle_s

    async def listen(self, chunks: AsyncIterator[bytes], limit: asyncio.Timeout) -> AsyncIterator[bytes]:
        """Hand on the pieces of an answer; each sets the limit anew."""
        async for chunk in chunks:
            self.waits_s = self._idle_s
            if self._idle_s is not None:
                limit.reschedule(asyncio.get_running_loop().time() + self._idle_s)
            yield chunk


def _replace_surrogates(value: Any) -> Any:  # noqa: ANN401  # whatever JSON holds
    """Put a question mark for each half of a surrogate pair, which a file or an argument may hold, and nobody can send.

    What has none is handed on as it is: a long answer that goes back need not be in memory twice.
    """
    if isinstance(value, str):
        return _SURROGATE.sub("?", value)
    if isinstance(value, Mapping):
        return {_replace_surrogates(key): _replace_surrogates(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_replace_surrogates(each) for each in value]
    return value
