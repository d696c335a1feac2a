"""`--explain`: what it shows is what would be sent, and nothing is."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from git_draft.bots.local import make_bot
from git_draft.cli.dispatch import main
from git_draft.model import Goal
from git_draft.toolbox import TOOLS
from tests.support.bots import Notebook, RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.gitrepo import GitRepo
from tests.support.models import DictWorktree
from tests.support.server import ScriptedServer, Turn
from tests.support.tokens import make_token
from tests.wire.conftest import KEY, Serve

_KEY = make_token("aws-access-key")


@pytest.fixture
def server(serve: Serve, repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    """Give a server that is set up for a repository with something to withhold, in which the command is run."""
    repo.commit(
        {
            "src/app.py": f"key = '{_KEY}'\nx = 1\n",
            "notes.md": "\x1b[2Jx\n",
            "AGENTS.md": "Use tabs.\n",
            ".draftignore": "private/\n",
        }
    )
    repo.write("private/plan.md", "secret plan\n")
    repo.write(".env", "A=1\n")
    server = serve(Turn(text="Nothing has to change."), Turn(text="Nothing has to change."))
    for name, value in {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": KEY, "OPENAI_MODEL": "scripted"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(repo.path)
    return server


def _describe_state(repo: GitRepo) -> tuple[object, ...]:
    folder = repo.path / ".git/git-draft"
    return (
        repo.list_refs(),
        repo.git("symbolic-ref", "HEAD"),
        repo.hash_files(),
        repo.hash_index(),
        folder.joinpath("llama.log").exists(),
    )


def _explain(capfd: pytest.CaptureFixture[str], *args: str) -> Mapping[str, Any]:
    assert main(["--explain", "--json", *args]) == 0
    out: Mapping[str, Any] = json.loads(capfd.readouterr().out)
    assert out["version"] == 1
    explanation: Mapping[str, Any] = out["explanation"]
    return explanation


@pytest.mark.parametrize("edits", ["tools", "auto", "blocks", "whole"])
def test_it_shows_the_very_messages_of_the_first_request(
    server: ScriptedServer, repo: GitRepo, capfd: pytest.CaptureFixture[str], edits: str
) -> None:
    args = ("-o", f"edits={edits}", "--only", "src", "change notes.md and src/app.py")
    before = _describe_state(repo)
    explanation = _explain(capfd, *args)
    assert server.requests == []
    assert _describe_state(repo) == before
    assert main(list(args)) == 0
    [request] = server.completions[:1]
    assert [{"role": m["role"], "content": m["text"]} for m in explanation["messages"]] == request.messages
    offered = [tool["function"]["name"] for tool in request.body.get("tools", [])]
    assert explanation["tools"] == offered == ([tool.name for tool in TOOLS] if edits in {"tools", "auto"} else [])
    assert explanation["tokens"] == sum(m["tokens"] for m in explanation["messages"]) + explanation.get(
        "tools_tokens", 0
    )
    assert _KEY not in json.dumps(explanation)


def test_it_says_what_is_withheld_and_why(server: ScriptedServer, capfd: pytest.CaptureFixture[str]) -> None:
    explanation = _explain(capfd, "do it")
    assert explanation["withheld"] == [
        {"path": ".env", "reason": "its name looks like a secret"},
        {"path": "private/plan.md", "reason": ".draftignore says so"},
        {"path": "src/app.py", "reason": "line 1 (aws-access-key)"},
    ]
    assert explanation["untracked"] == [".env", "private/plan.md"]
    assert (explanation["bot"], explanation["model"], explanation["url"]) == ("openai", "scripted", server.url)
    assert explanation["guidance"] is True


def test_for_a_person_it_is_text_without_escapes(server: ScriptedServer, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", "-o", "edits=blocks", "--only", "src", "change notes.md"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert "\x1b" not in out
    assert "�[2Jx" in out
    for line in (
        "model      scripted",
        f"to         {server.url}, on this machine",
        "tools      none: edits are written as text",
        "changes    only in src",
        "guidance   AGENTS.md",
        "withheld   .env: its name looks like a secret",
        "           src/app.py: line 1 (aws-access-key)",
        "[withheld: aws-access-key]",
    ):
        assert line in out.split("\n"), line
    assert out.endswith(" tokens in the first request, by estimate; nothing was sent\n")
    assert server.requests == []


def test_a_server_is_not_asked_for_its_model(
    server: ScriptedServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_MODEL")
    assert "model" not in _explain(capfd, "do it")
    assert server.requests == []


def test_a_bot_that_can_not_tell_says_so(server: ScriptedServer, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = home / ".config/git-draft/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('[[bots]]\nname = "mine"\nfactory = "tests.support.bots:make_idle_bot"\n')
    assert main(["--explain", "--bot", "mine", "do it"]) == 1
    assert "error: this bot can't tell what it would send" in capfd.readouterr().err


def test_the_local_bot_tells_without_a_server(tiny: Path) -> None:
    bot = make_bot({"model": str(tiny)}, env=os.environ, clock=FakeClock(), memory=Notebook())
    worktree = DictWorktree({"stats.py": "def mean(values):\n    return 1\n", "other.py": "x = 1\n"})
    explanation = asyncio.run(bot.explain(Goal("fix mean in stats.py"), worktree, RecordingFeedback()))
    assert (explanation.model, explanation.host, explanation.url) == ("tiny", None, None)
    assert explanation.tools == ()
    assert "def mean(values)" in explanation.texts[-1].text
    assert bot._server is None
