"""The log of a run against a server, and what never gets into it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from git_draft.errors import BotError
from git_draft.log import find_log_path, opened_log
from tests.support.gitrepo import GitRepo
from tests.support.server import Turn
from tests.wire.conftest import KEY, Bench, Serve

PROGRAM = Path(__file__).resolve().parents[2] / "bin/git-draft"
WRITE = {"name": "write_file", "arguments": {"path": "key.txt", "contents": f"{KEY}\n"}}
FINISH = {"name": "finish", "arguments": {"title": f"Write {KEY}"}}


def test_the_key_is_not_in_the_log_even_if_everybody_says_it(serve: Serve) -> None:
    server = serve(
        Turn(text=f"Your key is {KEY}.", extra={"reasoning": KEY}, calls=[WRITE]),
        Turn(status=400, error={"message": f"bad key {KEY}", "code": KEY}),
    )
    bench = Bench(server.url)
    with opened_log(os.environ, "DEBUG"):
        bench.act(f"print {KEY}")
        with pytest.raises(BotError):
            Bench(serve(Turn(status=401, error=f"wrong: {KEY}")).url).act()
    text = find_log_path(os.environ).read_text()
    assert server.completions[0].headers["authorization"] == f"Bearer {KEY}"
    assert re.findall(r"(?:INFO|WARNING) (request|reply|error)", text) == ["request", "reply", "request", "error"] + [
        "request", "error",
    ]  # fmt: skip
    assert "status 400" in text
    assert "status 401" in text
    assert "Your key is ***." in text
    for length in range(8, len(KEY) + 1):
        assert KEY[:length] not in text


def test_a_key_in_the_url_is_not_in_the_log(serve: Serve) -> None:
    url = serve(Turn(status=401, error="wrong: hunter2-pass")).url.replace("//", "//me:hunter2-pass@")
    with opened_log(os.environ, "DEBUG"), pytest.raises(BotError):
        Bench(url).act("hunter2-pass")
    text = find_log_path(os.environ).read_text()
    assert "request" in text
    assert "hunter2-pass" not in text


def test_a_command_writes_the_log_and_contents_only_where_it_is_told_to(
    serve: Serve, repo: GitRepo, home: Path
) -> None:
    server = serve(*[Turn(text="I see.", calls=[WRITE, FINISH])] * 2)
    env = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY, "OPENAI_MODEL": "scripted"}
    log = find_log_path(os.environ)
    config = home / ".config/git-draft/config.toml"

    def draft() -> str:
        subprocess.run([PROGRAM, "-q", "my prompt"], cwd=repo.path, env=env, check=True, capture_output=True)
        return log.read_text()

    subprocess.run([PROGRAM, "list"], cwd=repo.path, env=env, check=True, capture_output=True)
    assert not log.exists()
    text = draft()
    assert re.search(r" run 1 INFO request 1 to http://127\.0\.0\.1:\d+/v1 model scripted: 2 messages, ", text)
    assert re.search(r" run 1 INFO reply 1: .*, 2 calls, 120 tokens in, 30 out, whole\n", text)
    assert "my prompt" not in text
    config.parent.mkdir(parents=True)
    config.write_text('log_level = "DEBUG"\n')
    text = draft()
    assert "my prompt" in text
    assert "I see." in text
    assert KEY not in text
