"""What speaks HTTP to a server: no redirects, an end to whatever is sent, and connections that are used again.

Made anew for each run by `openai.py`, which knows where it goes. What is sent and what answers mean is the transports'.
httpx2 is loaded when `open_client` is called, not before.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import SplitResult, quote

from git_draft import __version__
from git_draft.bots.retry import RequestError
from git_draft.errors import ConfigError
from git_draft.frozen import frozen

if TYPE_CHECKING:
    import ssl

    import httpx2

CONNECT_TIMEOUT_S = 20
MAX_BODY_BYTES = 64 << 20
"""No answer of a model is nearly as large, with all that a stream repeats."""

_CONNECTING, _SENDING = "connection.connect_tcp.started", "http11.send_request_headers.started"
"""Steps of a request, as the HTTP client's traces call them."""
_PROXY_VARIABLES = frozenset({"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"})
_CERTIFICATE_VARIABLES = frozenset({"SSL_CERT_FILE", "SSL_CERT_DIR"})


class UnreachableError(Exception):
    """A request got no answer at all; the cause says why."""


@frozen
class Azure:
    """How a resource of Azure in its older form is spoken to.

    Args:
        api_version: a date.
        is_token: whether the key is a token of Entra ID.
    """

    api_version: str
    is_token: bool = False


class Client:
    """Sends requests to one server.

    Args:
        http: the HTTP client; closed with this one.
        url: the base URL, with user and password where there are any.
        azure: where the base URL is a resource of Azure in its older form.
    """

    def __init__(self, http: httpx2.AsyncClient, url: SplitResult, azure: Azure | None) -> None:
        self._http = http
        self._url = url
        self._azure = azure

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str) -> bytes:
        """Fetch what a server has.

        Args:
            path: below the base URL, with a slash before it.

        Raises:
            httpx2.HTTPStatusError: where it is refused.
            httpx2.HTTPError: where the answer breaks off.
            UnreachableError: where there is none.
            RequestError: where it is too large.
        """
        async with self._answered(self._http.build_request("GET", self._locate(path))) as response:
            return await response.aread()

    @contextlib.asynccontextmanager
    async def post(self, path: str, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        """Send a request; give its answer, piece by piece. Arguments and errors as `get`."""
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        url = self._locate(path, str(body.get("model", "")))
        headers = {"Content-Type": "application/json"}
        async with self._answered(self._http.build_request("POST", url, content=content, headers=headers)) as response:
            yield response.aiter_bytes()

    def _locate(self, path: str, model: str = "") -> str:
        url = self._url
        base, query = url.path.rstrip("/"), url.query
        if self._azure:
            base += "/openai"
            base += f"/deployments/{quote(model, safe='')}" if path == "/chat/completions" else ""
            query = f"api-version={quote(self._azure.api_version, safe='')}"
        return url._replace(path=base + path, query=query, fragment="").geturl()

    @contextlib.asynccontextmanager
    async def _answered(self, request: httpx2.Request) -> AsyncIterator[httpx2.Response]:
        import httpx2

        try:
            response = await self._send(request)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise UnreachableError from error
        try:
            if not response.is_success:
                await response.aread()
                raise httpx2.HTTPStatusError("refused", request=request, response=response)
            yield response
        finally:
            await response.aclose()

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and once more where a connection that was used before turns out to be closed by the server.

        A server may close what it kept open in the very moment that the next request sets out; that is nobody's failure.
        """
        import httpx2

        steps: set[str] = set()

        async def trace(step: str, _info: object) -> None:
            steps.add(step)

        request.extensions["trace"] = trace
        try:
            return await self._http.send(request, stream=True)
        except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
            is_used_before = _SENDING in steps and _CONNECTING not in steps
            if not is_used_before:
                raise
            return await self._http.send(request, stream=True)


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
        import httpcore2  # noqa: F401  # to be loaded
        import httpx2  # noqa: F401  # the same


def open_client(
    url: SplitResult,
    headers: Mapping[str, str],
    *,
    is_remote: bool,
    transport: httpx2.AsyncBaseTransport | None,
    azure: Azure | None = None,
) -> Client:
    """Make the client; nothing is sent yet.

    Args:
        url: the base URL, with user and password where there are any.
        headers: sent with every request: the key.
        is_remote: whether the environment's proxies and certificates are for this server.
        transport: in place of the network, for tests.
        azure: where the base URL is a resource of Azure in its older form.

    Raises:
        ConfigError: where the environment names a proxy or certificates that can't be used.
    """
    import httpx2

    try:
        http = httpx2.AsyncClient(
            transport=transport,
            trust_env=is_remote,  # a proxy would not find this machine's own servers
            verify=True if is_remote or url.scheme == "https" else _make_idle_context(),
            timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S),  # an answer's time is limited by who reads it
            follow_redirects=False,  # prompts and files go only where the user wants them
            event_hooks={"response": [_limit_body]},
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "identity",  # so that the bytes counted are those kept in memory
                "User-Agent": f"git-draft/{__version__}",
                **headers,
            },
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
    return Client(http, url, azure)


def _make_idle_context() -> ssl.SSLContext:
    """Make what trusts nobody, for a client that never speaks TLS: reading all certificates takes a while."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _name(variables: frozenset[str]) -> str:
    """Name those of the variables that are set, as they are written there."""
    return " or ".join(sorted(name for name in os.environ if name.upper() in variables)) or "the environment"


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
