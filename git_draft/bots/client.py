"""The HTTP client of a bot: no retries and no redirects of its own, and an end to whatever a server sends.

Made anew for each run by `openai.py`, which knows where it goes. What is sent and what answers mean is `chat.py`'s. The
openai package and its HTTP client are loaded when `open_client` is called, not before.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from git_draft.bots.late_types import load_openai
from git_draft.bots.retry import RequestError
from git_draft.errors import ConfigError

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

CONNECT_TIMEOUT_S = 20
MAX_BODY_BYTES = 64 << 20
"""No answer of a model is nearly as large, with all that a stream repeats."""

_CONNECTING, _SENDING = "connection.connect_tcp.started", "http11.send_request_headers.started"
"""Steps of a request, as the HTTP client's traces call them."""
_PROXY_VARIABLES = frozenset({"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"})
_CERTIFICATE_VARIABLES = frozenset({"SSL_CERT_FILE", "SSL_CERT_DIR"})


@dataclass(frozen=True, slots=True)
class Azure:
    """How a resource of Azure in its older form is spoken to.

    Args:
        api_version: a date.
        is_token: whether the key is a token of Entra ID.
    """

    api_version: str
    is_token: bool = False


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Load the packages that speak to servers beside what is done within, git's work for example."""
    thread = threading.Thread(target=_load)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _load() -> None:
    with contextlib.suppress(ImportError):  # it comes again where they are used, and is said there
        import httpx2  # noqa: F401  # to be loaded

        load_openai()


def open_client(
    base_url: str,
    api_key: str,
    *,
    is_remote: bool,
    transport: httpx2.AsyncBaseTransport | None,
    azure: Azure | None = None,
) -> AsyncOpenAI:
    """Make the client; nothing is sent yet.

    Args:
        base_url: with user and password where there are any.
        api_key: sent as bearer token, to Azure in its older form as the header ``api-key``.
        is_remote: whether the environment's proxies and certificates are for this server.
        transport: in place of the network, for tests.
        azure: where the base URL is a resource of Azure in its older form.

    Raises:
        ConfigError: where the environment names a proxy or certificates that can't be used.
    """
    import httpx2

    load_openai()
    from openai import AsyncAzureOpenAI, AsyncOpenAI, DefaultAsyncHttpxClient

    class Client(DefaultAsyncHttpxClient):
        async def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:  # noqa: ANN401  # the base's
            return await _send(functools.partial(super().send, request, **how), request)

    timeout = httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S)  # how long an answer may take is limited by who reads it
    try:
        http = Client(
            transport=transport,
            trust_env=is_remote,  # a proxy would not find this machine's own servers
            timeout=timeout,
            follow_redirects=False,  # prompts and files go only where the user wants them
            event_hooks={"response": [_limit_body]},
            headers={"Accept-Encoding": "identity"},  # so that the bytes counted are those kept in memory
        )
    except ImportError as error:
        raise ConfigError(f"the proxy in {_name(_PROXY_VARIABLES)} is a SOCKS proxy, use an HTTP one") from error
    except OSError as error:
        why = error.strerror or "no certificates in it"
        raise ConfigError(f"the certificates in {_name(_CERTIFICATE_VARIABLES)} can't be used: {why}") from error
    except (ValueError, httpx2.InvalidURL) as error:  # its words may hold the proxy's password
        raise ConfigError(
            f"the proxy in {_name(_PROXY_VARIABLES)} can't be used", hint="it looks like http://host:3128"
        ) from error
    if azure:
        return AsyncAzureOpenAI(
            azure_endpoint=base_url,
            api_version=azure.api_version,
            api_key=None if azure.is_token else api_key,
            azure_ad_token=api_key if azure.is_token else None,
            timeout=timeout,
            max_retries=0,
            http_client=http,
        )
    return AsyncOpenAI(api_key=api_key, base_url=base_url, timeout=timeout, max_retries=0, http_client=http)


def _name(variables: frozenset[str]) -> str:
    """Name those of the variables that are set, as they are written there."""
    return " or ".join(sorted(name for name in os.environ if name.upper() in variables)) or "the environment"


async def _send(send: Callable[[], Awaitable[httpx2.Response]], request: httpx2.Request) -> httpx2.Response:
    """Send a request, and once more where a connection that was used before turns out to be closed by the server.

    A server may close what it kept open in the very moment that the next request sets out; that is nobody's failure.
    """
    import httpx2

    steps: set[str] = set()

    async def trace(step: str, _info: object) -> None:
        steps.add(step)

    request.extensions["trace"] = trace
    try:
        return await send()
    except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
        is_used_before = _SENDING in steps and _CONNECTING not in steps
        if not is_used_before:
            raise
        return await send()


async def _limit_body(response: httpx2.Response) -> None:
    """Let an answer's body end with an error where it grows without end."""
    import httpx2

    assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101  # an asynchronous client has no other
    stream: httpx2.AsyncByteStream = response.stream

    class LimitedStream(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for chunk in stream:
                size += len(chunk)
                if size > MAX_BODY_BYTES:
                    raise RequestError(f"the answer is larger than {MAX_BODY_BYTES >> 20} MiB")
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    response.stream = LimitedStream()
