"""Which server a bot talks to, with which key, and what its options may be; remote hosts are played in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx2
import pytest

from git_draft.bots.client import MAX_BODY_BYTES
from git_draft.bots.openai import make_bot
from git_draft.bots.options import OpenAIOptions
from git_draft.errors import BotError, ConfigError
from git_draft.protocols import Bot
from tests.support.bots import Notebook
from tests.support.clock import FakeClock
from tests.wire.conftest import KEY, Bench

ANSWER = {"choices": [{"message": {"content": "hello"}, "finish_reason": "stop"}]}
Handler = Callable[[httpx2.Request], httpx2.Response]


def play(url: str, handler: Handler, env: Mapping[str, str] | None = None) -> Bench:
    """Make a bench whose server is a function."""
    env = {"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "m"} if env is None else env
    return Bench(url, env=env, transport=httpx2.MockTransport(handler))


WORDS = [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "hello"}]}]


def test_openai_itself_is_the_default() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"output": WORDS})

    bench = play("", answer)
    assert bench.bot.host == "api.openai.com"
    assert bench.act().summary == "hello"
    assert str(seen[0].url) == "https://api.openai.com/v1/responses"
    assert seen[0].headers["authorization"] == f"Bearer {KEY}"


def test_an_accounts_organization_and_project_go_where_its_key_goes() -> None:
    env = {"OPENAI_API_KEY": KEY, "OPENAI_MODEL": "m", "OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": " proj_2\n"}
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"output": WORDS})

    transport = httpx2.MockTransport(answer)
    Bench("", env=env, transport=transport).act()
    Bench(
        "", {"base_url": "https://api.openai.com/v1", "api_key": KEY, "model": "m"}, env=env, transport=transport
    ).act()
    names = ("openai-organization", "openai-project")
    assert [[request.headers.get(name) for name in names] for request in seen] == [["org-1", "proj_2"], [None, None]]
    with pytest.raises(ConfigError, match="OPENAI_ORG_ID has characters that can't be sent"):
        Bench("", env=env | {"OPENAI_ORG_ID": "ключ"})


def test_a_query_in_a_base_url_is_kept() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"data": [{"id": "m"}]} if request.method == "GET" else ANSWER)

    play("http://example.com/v1/?api-version=preview", answer, {"OPENAI_API_KEY": KEY}).act()
    where = "http://example.com/v1/"
    assert [str(request.url) for request in seen] == [
        f"{where}models?api-version=preview",
        f"{where}chat/completions?api-version=preview",
    ]
    assert seen[1].headers["content-type"] == "application/json"
    assert seen[1].headers["user-agent"].startswith("git-draft/")


@pytest.mark.parametrize(
    "body, reason",
    [
        (b"", "the answer is empty"),
        (b'{"choices": null}', "holds no choices"),
        (b'{"choices": []}', "holds no choices"),
        (b"null", "holds no choices"),
        (b"\x1b]0;title\x07 hello", r"begins with '\\x1b]0;title\\x07 hello'"),
        (b"data: \xff\xfe\n\n", "garbled"),
        (b'data: {"choices": [{"delta": {"content": "x"}}]}', "broke off"),
    ],
)
def test_odd_answers_are_one_clear_line(body: bytes, reason: str) -> None:
    with pytest.raises(BotError) as caught:
        play("http://example.com/v1", lambda _: httpx2.Response(200, content=body)).act()
    assert reason.replace("\\\\", "\\") in caught.value.message
    assert caught.value.message.isprintable()


async def _repeat(piece: bytes) -> AsyncIterator[bytes]:
    for _ in range(MAX_BODY_BYTES // len(piece) + 2):
        yield piece


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("piece", [b":" + b"x" * 99 + b"\n", b"data: ", b"{"])
@pytest.mark.parametrize("env", [{"OPENAI_MODEL": "m"}, {}])
def test_an_answer_without_end_is_given_up(status: int, piece: bytes, env: Mapping[str, str]) -> None:
    body = piece * ((1 << 20) // len(piece))
    bench = play(
        "http://example.com/v1",
        lambda _: httpx2.Response(status, content=_repeat(body)),
        {"OPENAI_API_KEY": KEY, **env},
    )
    with pytest.raises(BotError, match="the answer is larger than 64 MiB"):
        bench.act()
    assert "retry" not in bench.feedback.kinds


@pytest.mark.parametrize(
    "name, value, reason",
    [
        ("ALL_PROXY", "socks5://localhost:1", "the proxy in ALL_PROXY is a SOCKS proxy"),
        ("https_proxy", f"gopher://ada:{KEY}@localhost:1", "the proxy in https_proxy can't be used"),
        ("HTTPS_PROXY", f"http://ada:{KEY}/x@localhost:port", "the proxy in HTTPS_PROXY can't be used"),
        ("SSL_CERT_FILE", "/none.pem", "the certificates in SSL_CERT_FILE can't be used: No such file"),
        ("SSL_CERT_FILE", __file__, "the certificates in SSL_CERT_FILE can't be used"),
    ],
)
def test_an_environment_that_can_not_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    bench = Bench("https://example.invalid/v1")
    with pytest.raises(ConfigError) as caught:
        bench.act()
    assert reason in caught.value.message
    assert KEY not in caught.value.message


def test_a_connection_that_breaks_is_tried_again() -> None:
    tries = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        tries.append(request)
        if len(tries) < 3:
            raise httpx2.ConnectError("name not known")
        return httpx2.Response(200, json=ANSWER)

    bench = play("http://example.com/v1", answer)
    assert bench.act().summary == "hello"
    assert "retry can't reach http://example.com/v1: name not known" in bench.told[1]


def test_user_and_password_of_a_url_are_never_shown() -> None:
    with pytest.raises(BotError) as caught:
        play("http://ada:hunter2@example.com/v1/", lambda _: httpx2.Response(401)).act()
    assert caught.value.message == "http://example.com/v1 refuses the API key (401)"


@pytest.mark.parametrize(
    "url, host",
    [
        ("http://localhost:11434/v1", None),
        ("http://127.0.0.1:8080/v1", None),
        ("http://[::1]:8080/v1", None),
        ("http://0.0.0.0:8080/v1", None),
        ("http://box.localhost/v1", None),
        ("http://192.168.1.7/v1", "192.168.1.7"),
        ("https://openrouter.ai/api/v1", "openrouter.ai"),
        ("http://localhost.example.com/v1", "localhost.example.com"),
    ],
)
def test_only_other_machines_have_a_name_and_need_a_key(url: str, host: str | None) -> None:
    assert make_bot({"base_url": url, "api_key": KEY}, env={}, clock=FakeClock(), memory=Notebook()).host == host
    if host is None:
        make_bot({"base_url": url}, env={}, clock=FakeClock(), memory=Notebook())
    else:
        with pytest.raises(ConfigError, match=f"no API key for {host}"):
            make_bot({"base_url": url}, env={}, clock=FakeClock(), memory=Notebook())


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"modle": "x"}, "the openai bot's option modle: there is no such setting"),
        ({"temperature": "hot"}, "the openai bot's option temperature must be a number"),
        ({"max_turns": 0}, "option max_turns must be at least 1"),
        ({"max_tokens": 1.5}, "option max_tokens must be a whole number"),
        ({"idle_timeout_s": -1}, "option idle_timeout_s must be more than 0"),
        ({"model": 3}, "option model must be text"),
        ({"model": ""}, "option model must not be empty"),
        ({"base_url": "localhost:11434/v1"}, "bad base URL: localhost:11434/v1"),
        ({"base_url": "http://"}, "bad base URL"),
        ({"base_url": f"http://ada:{KEY}/@x:port/v1"}, "bad base URL: ***@x:port/v1"),
        ({"base_url": f"ada:{KEY}@x/v1"}, "bad base URL: ***@x/v1"),
        ({"base_url": "http://x:port/v1"}, "bad base URL"),
        ({"base_url": "ftp://x/v1"}, "bad base URL"),
        ({"api_key": "ключ"}, "the API key for api.openai.com has characters"),
        ({"api_key": "a\nb"}, "the API key for api.openai.com has characters"),
    ],
)
def test_wrong_options_are_named_and_keys_are_not_shown(options: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_bot(options, env={"OPENAI_API_KEY": KEY}, clock=FakeClock(), memory=Notebook())
    assert reason in caught.value.message
    assert KEY not in f"{caught.value.message} {caught.value.hint}"


def test_the_environments_key_is_for_the_environments_endpoint_only() -> None:
    env = {"OPENAI_API_KEY": KEY}
    with pytest.raises(ConfigError, match=r"no API key for models\.example\.org"):
        make_bot({"base_url": "https://models.example.org/v1"}, env=env, clock=FakeClock(), memory=Notebook())
    make_bot({}, env=env, clock=FakeClock(), memory=Notebook())
    make_bot({}, env=env | {"OPENAI_BASE_URL": "https://models.example.org/v1"}, clock=FakeClock(), memory=Notebook())


def test_the_environments_model_is_for_the_environments_endpoint_only() -> None:
    env = {"OPENAI_MODEL": "big", "OPENAI_BASE_URL": "http://localhost:1/v1"}
    assert make_bot({}, env=env, clock=FakeClock(), memory=Notebook()).model == "big"
    assert (
        make_bot({"base_url": "http://localhost:8080/v1"}, env=env, clock=FakeClock(), memory=Notebook()).model is None
    )


def test_a_key_is_never_part_of_a_representation() -> None:
    options = OpenAIOptions.model_validate({"api_key": KEY, "max_turns": "7"})
    assert KEY not in repr(options)
    assert options.max_turns == 7
    bot: Bot = make_bot({"api_key": KEY}, env={}, clock=FakeClock(), memory=Notebook())
    assert isinstance(bot, Bot)
    assert KEY not in repr(bot.__dict__)


def test_an_empty_environment_variable_is_as_none_at_all() -> None:
    bench = play(
        "",
        lambda _: httpx2.Response(200, json={"output": WORDS}),
        {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": f" {KEY}\n", "OPENAI_MODEL": "m"},
    )
    assert bench.act().summary == "hello"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": [{"name": "m"}]}', b'{"data": null}'])
def test_an_odd_list_of_models_is_one_clear_line(body: bytes) -> None:
    bench = play("http://example.com/v1", lambda _: httpx2.Response(200, content=body), {"OPENAI_API_KEY": KEY})
    with pytest.raises(BotError, match="the list of models is no JSON as it should be"):
        bench.act()
