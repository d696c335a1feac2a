"""`git draft --bot local` as a program: it drafts without key and network, and however it ends nothing of it is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from git_draft.catalogue import DEFAULT_MODEL, find_file, get_model
from tests.support.children import Child, check_nothing_left, find_child, wait_for, wait_for_handler
from tests.support.environment import USERS_CACHE
from tests.support.gguf import ENDLESS, write_model, write_stuck
from tests.support.gitrepo import GitRepo
from tests.support.pseudo import opened_terminal

CONTEXT_TOKENS = 1 << 17


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Make a model."""
    return write_model(tmp_path / "tiny.gguf", {"rewrite": "README.md\n```\nbye\n```\n"}, context_tokens=CONTEXT_TOKENS)


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """Make a model that never ends to load."""
    return write_stuck(tmp_path / "stuck.gguf")


def _command(model: Path, prompt: str) -> list[str]:
    options = [f"model={model}", f"context_size={CONTEXT_TOKENS}"]
    return [sys.executable, "-m", "git_draft", "--bot", "local", *(x for o in options for x in ("-o", o)), prompt]


def _wait_for_server(pid: int, said: str) -> Child:
    """Wait until llama.cpp's log says that it has come to a point."""
    log = Path(os.environ["XDG_STATE_HOME"], "git-draft/llama.log")
    child = wait_for(lambda: find_child(pid, "git_draft.bots.llama"), "server")
    wait_for(lambda: (log.exists() and said in log.read_text()) or None, f"{said!r} in the log")
    return child


@contextmanager
def _drafting(repo: GitRepo, model: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(_command(model, ENDLESS), cwd=repo.path, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


POINTS = [("tiny", "processing task"), ("stuck", "loading model")]


def test_it_drafts(repo: GitRepo, tiny: Path) -> None:
    done = subprocess.run(_command(tiny, "rewrite"), cwd=repo.path, capture_output=True, text=True, check=False)
    assert (done.returncode, repo.show("drafts/1/1", "README.md")) == (0, "bye\n")
    assert "asking local (tiny)\n" in done.stderr
    events = subprocess.run(
        [sys.executable, "-m", "git_draft", "events"], cwd=repo.path, capture_output=True, text=True, check=True
    )
    assert ["load", "tiny"] in [line.split()[3:] for line in events.stdout.splitlines()]
    llama = Path(os.environ["XDG_STATE_HOME"], "git-draft/llama.log").read_text()
    assert "model loaded" in llama
    assert "srv " not in done.stderr


@pytest.mark.model
@pytest.mark.timeout(900)
def test_default_model_drafts(repo: GitRepo) -> None:
    model = get_model(DEFAULT_MODEL)
    if find_file(model, {"XDG_CACHE_HOME": str(USERS_CACHE)}) is None:
        pytest.skip(f"its weights are not in the cache: git draft models pull {model.name}")
    repo.commit({"greeting.py": 'def greet():\n    return "hello"\n', "other.py": "LIMIT = 3\n"})
    done = subprocess.run(
        [sys.executable, "-m", "git_draft", "--bot", "local", "In greeting.py, greet must return goodbye, not hello."],
        cwd=repo.path,
        env={**os.environ, "XDG_CACHE_HOME": str(USERS_CACHE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert repo.show("drafts/1/1", "greeting.py") == 'def greet():\n    return "goodbye"\n'
    assert repo.show("drafts/1/1", "other.py") == "LIMIT = 3\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("model, point", POINTS, ids=["generating", "loading"])
def test_stopped(request: pytest.FixtureRequest, repo: GitRepo, model: str, point: str, number: signal.Signals) -> None:
    with _drafting(repo, request.getfixturevalue(model)) as process:
        child = _wait_for_server(process.pid, point)
        assert process.stderr is not None
        while not process.stderr.readline().startswith("asking "):
            assert process.poll() is None
        wait_for_handler(process.pid, signal.SIGTERM)
        sockets = child.list_sockets()
        assert len(sockets) == 1
        process.send_signal(number)
        _, said = process.communicate(timeout=20)
    check_nothing_left(child, sockets)
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert said.splitlines()[-1] == "error: interrupted before anything was changed, no draft was made"


@pytest.mark.parametrize("model, point", POINTS, ids=["generating", "loading"])
def test_stopped_on_a_terminal(request: pytest.FixtureRequest, repo: GitRepo, model: str, point: str) -> None:
    """Ctrl-C goes to all that the terminal runs, but not to the server."""
    command = _command(request.getfixturevalue(model), ENDLESS)
    with opened_terminal(command, repo.path, os.environ) as terminal:
        terminal.wait_for(f"loading {model}")
        child = _wait_for_server(terminal.pid, point)
        terminal.type("\x03")
        assert terminal.finish() == 130
    check_nothing_left(child, set())
    assert "llama.cpp" not in terminal.text
