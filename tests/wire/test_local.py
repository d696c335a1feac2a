"""The local bot with a real llama.cpp and a model of some 100 kB: its life, its ends, and what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from git_draft.bots.llama import Order
from git_draft.bots.local import LocalBot, make_bot
from git_draft.bots.serving import ModelFile, Served, started_server
from git_draft.clock import SystemClock
from git_draft.errors import BotError
from git_draft.events import Event, ModelAsked, ModelLoading
from git_draft.model import Goal, OutcomeKind
from git_draft.protocols import Bot, Preparing
from tests.support.bots import Notebook, RecordingFeedback
from tests.support.children import check_nothing_left, find_child, wait_for
from tests.support.gguf import ENDLESS, write_stuck
from tests.support.local import act, find_server, get_log, get_server, make_local, wait_for_log
from tests.support.models import DictWorktree
from tests.wire.conftest import CONTEXT_TOKENS

# Its life


def test_it_replies_and_nothing_is_left(tiny: Path) -> None:
    bot, feedback = make_local(tiny), RecordingFeedback()
    assert isinstance(bot, Bot)
    assert isinstance(bot, Preparing)
    assert (bot.model, bot.host) == ("tiny", None)
    with bot.prepared(feedback):
        assert feedback.events == [ModelLoading(model="tiny")]
        server = get_server()
        outcome = act(bot, feedback=feedback)
        sockets = server.list_sockets()
        assert len(sockets) == 1
        assert os.getsid(server.pid) == server.pid  # Ctrl-C on the terminal does not reach it
    check_nothing_left(server, sockets)
    assert (outcome.kind, outcome.summary) == (OutcomeKind.COMPLETE, "Hello there.")
    assert outcome.usage.tokens_out == 2
    assert "listening on http://127.0.0.1:" in get_log().read_text()


def test_it_prepares_itself_where_nobody_did(tiny: Path) -> None:
    bot = make_local(tiny)
    assert [act(bot).summary, act(bot).summary] == ["Hello there."] * 2
    assert find_server() is None


def test_a_failure_of_others_ends_it_too(tiny: Path) -> None:
    found = []

    def fail() -> None:
        with make_local(tiny).prepared(RecordingFeedback()):
            found.append(get_server())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not found[0].is_alive


def _request(served: Served, path: str, key: str | None) -> tuple[int, Mapping[str, str], bytes]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    url = f"{served.url.removesuffix('/v1')}/{path}"
    request = urllib.request.Request(url, headers={**headers, "Origin": "http://page.example"})  # noqa: S310  # it is our own server
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # likewise
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with closing(error):
            return error.code, dict(error.headers), error.read()


def test_server_asks_for_its_key_and_knows_no_page(tiny: Path) -> None:
    with started_server(ModelFile("tiny", tiny, 4096), os.environ) as server:
        served = asyncio.run(server.wait_until_ready(20))
        command = Path(f"/proc/{get_server().pid}/cmdline").read_text()
        environ = Path(f"/proc/{get_server().pid}/environ").read_text()
        wrong = [_request(served, "v1/models", key) for key in (None, "sk-wrong", "")]
        status, headers, body = _request(served, "v1/models", served.api_key)
        others = [_request(served, path, served.api_key)[0] for path in ("", "slots", "metrics")]
    assert [status for status, _, _ in wrong] == [401, 401, 401]
    assert (status, [model["id"] for model in json.loads(body)["data"]]) == (200, ["tiny"])
    assert headers.get("Access-Control-Allow-Origin", "") == ""
    assert all(status >= 400 for status in others)
    assert len(served.api_key) > 30
    assert served.api_key not in command + environ + get_log().read_text()


def test_context_is_as_asked_for_or_what_the_model_was_made_for(tiny: Path) -> None:
    file = ModelFile("tiny", tiny, 4096, threads=1)
    found = []
    for tokens in (4096, 2 * CONTEXT_TOKENS):
        with started_server(replace(file, context_tokens=tokens), os.environ) as server:
            found.append(asyncio.run(server.wait_until_ready(20)).context_tokens)
    assert found == [4096, CONTEXT_TOKENS]
    assert "n_threads = 1" in get_log().read_text()


def test_nothing_is_imported_from_the_folder_it_is_run_in(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("xllamacpp", "json"):
        (tmp_path / f"{name}.py").write_text("open('taken', 'w')\n")
    monkeypatch.chdir(tmp_path)
    assert act(make_local(tiny)).summary == "Hello there."
    assert not (tmp_path / "taken").exists()


# Stopped


class _Watch(RecordingFeedback):
    """Tells when the run has come to a kind of event."""

    def __init__(self, kind: type) -> None:
        super().__init__()
        self._kind = kind
        self.has_come = asyncio.Event()

    def emit(self, event: Event) -> None:
        super().emit(event)
        if isinstance(event, self._kind):
            self.has_come.set()


def _cancel_when(bot: LocalBot, kind: type, said: str) -> float:
    """Cancel a run after an event and when the log says something; give how long it took to end."""

    async def run() -> float:
        watch = _Watch(kind)
        task = asyncio.create_task(bot.act(Goal(ENDLESS), DictWorktree(), watch))
        await watch.has_come.wait()
        await asyncio.to_thread(wait_for_log, said)
        cancelled_s = time.monotonic()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() or task.result().kind is OutcomeKind.INTERRUPTED
        return time.monotonic() - cancelled_s

    return asyncio.run(run())


def test_cancelled_while_it_generates(tiny: Path) -> None:
    bot = make_local(tiny, context_size=CONTEXT_TOKENS)
    assert _cancel_when(bot, ModelAsked, "processing task") < 3
    assert find_server() is None


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """Make a model that never ends to load."""
    return write_stuck(tmp_path / "stuck.gguf")


def test_cancelled_while_it_loads(stuck: Path) -> None:
    assert _cancel_when(make_local(stuck), ModelLoading, "loading model") < 3
    assert find_server() is None


def test_it_does_not_wait_for_ever(stuck: Path) -> None:
    bot, began_s = make_local(stuck, first_byte_timeout_s=0.2), time.monotonic()
    with pytest.raises(BotError, match=r"^stuck is not loaded after 0.2 s$"):
        act(bot)
    assert time.monotonic() - began_s < 3
    assert find_server() is None


@pytest.mark.parametrize("model, when", [("tiny", "while it was at work"), ("stuck", "while it loaded the model")])
def test_a_server_that_dies_is_named(request: pytest.FixtureRequest, model: str, when: str) -> None:
    bot = make_local(request.getfixturevalue(model), context_size=CONTEXT_TOKENS)

    def kill() -> None:
        server = get_server()
        if model == "tiny":
            wait_for_log("processing task")
        os.kill(server.pid, 9)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(BotError) as caught:
        act(bot, ENDLESS)
    killer.join()
    assert caught.value.message == f"llama.cpp was killed by signal 9 {when}, most likely for want of memory"
    assert caught.value.hint == f"llama.cpp's log is {get_log()}"


_PARENT = """
import os, sys, time
from pathlib import Path
from git_draft.bots.serving import ModelFile, started_server
with started_server(ModelFile("it", Path(sys.argv[1]), 512), os.environ):
    sys.stdin.readline()
    os._exit(130)
"""


@pytest.mark.parametrize("end", ["_exit", "SIGKILL"])
def test_it_dies_with_its_parent_even_while_it_loads(stuck: Path, end: str) -> None:
    with stuck.open("rb") as pipe:
        pipe.read()
    command = [sys.executable, "-c", _PARENT, str(stuck)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as parent:
        child = wait_for(lambda: find_child(parent.pid, "git_draft.bots.llama"), "server")
        wait_for_log("loading model")
        if end == "SIGKILL":
            parent.kill()
        else:
            parent.communicate(b"\n")
    check_nothing_left(child, set())


def test_it_ends_with_its_input_alone(tiny: Path) -> None:
    """As where the kernel does not end a process with its parent."""
    with subprocess.Popen(
        [sys.executable, "-m", "git_draft.bots.llama"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=-3
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(Order(os.getpid(), str(tiny), "tiny", "key", 512, None).format())
        process.stdin.flush()
        assert process.stdout.readline()
        process.stdin.close()
        assert process.wait(20) == 0


# What is remembered, what is logged


def test_what_is_learned_is_of_the_model_not_of_the_port(tiny: Path) -> None:
    notebook, turns = Notebook(), []
    for _ in range(2):
        feedback = RecordingFeedback()
        bot = make_bot({"model": str(tiny), "edits": "auto"}, env=os.environ, clock=SystemClock(), memory=notebook)
        worktree = DictWorktree({"a.txt": "one\n"})
        asyncio.run(bot.act(Goal("rewrite"), worktree, feedback))
        assert worktree.files == {"a.txt": "two\n"}
        turns.append("warning" in feedback.kinds)
    assert turns == [True, False]  # the second time it is known
    assert list(notebook.pages) == [("local", "tiny", "edits")]


def test_log_begins_anew_when_it_is_large(tiny: Path) -> None:
    get_log().parent.mkdir(parents=True)
    for size, is_kept in ((1000, True), ((1 << 20) + 1, False)):
        get_log().write_bytes(b"x" * size)
        act(make_local(tiny))
        text = get_log().read_text()
        assert "listening on" in text
        assert text.startswith("x") == is_kept


def test_nothing_is_logged_where_there_can_be_no_log(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    env = {"XDG_STATE_HOME": str(tmp_path / "file")}
    noise = tmp_path / "noise.gguf"
    noise.write_bytes(b"GGUF")
    for path in (tiny, noise):
        with started_server(ModelFile("it", path, 512), env) as server:
            if path == tiny:
                assert asyncio.run(server.wait_until_ready(20)).url
            else:
                with pytest.raises(BotError, match="Failed to init server") as caught:
                    asyncio.run(server.wait_until_ready(20))
                assert caught.value.hint is None
