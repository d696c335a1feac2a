"""The key of a run is nowhere afterwards, though the server echoes it wherever it can."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_draft.cli.dispatch import main
from tests.support.gitrepo import GitRepo
from tests.support.server import Turn
from tests.wire.conftest import Serve

_KEY = "sk-echoed-everywhere-0a1b2c3d4e5f"


def _list_holders(*folders: Path) -> list[str]:
    """List the files that hold the key, objects of git unpacked."""
    plain = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in plain if _KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
@pytest.mark.parametrize(
    "turns",
    [
        [Turn(status=401, error={"message": f"Incorrect API key provided: {_KEY}"}, headers={"X-Key": _KEY})],
        [Turn(status=500, error=f"Bearer {_KEY} is bad", headers={"X-Key": _KEY})] * 4,
        [Turn(status=400, body=f"<html>{_KEY}</html>", headers={"Retry-After": _KEY})],
        [
            Turn(
                text=f"Your key is {_KEY}.",
                calls=[{"name": "read_file", "arguments": {"path": _KEY}}, {"name": _KEY, "arguments": {"x": _KEY}}],
                extra={"reasoning": _KEY},
                headers={"X-Key": _KEY},
            ),
            Turn(calls=[{"name": "ask_user", "arguments": {"question": f"Is {_KEY} yours?"}}]),
            Turn(calls=[{"name": "write_file", "arguments": {"path": "new.txt", "contents": "x\n"}}]),
            Turn(calls=[{"name": "finish", "arguments": {"title": f"Use {_KEY}", "summary": f"It was {_KEY}."}}]),
        ],
    ],
    ids=["refused", "failing", "nonsense", "in the conversation"],
)
def test_an_echoed_key_is_kept_nowhere(
    serve: Serve,
    repo: GitRepo,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    turns: list[Turn],
    level: str,
) -> None:
    server = serve(*turns)
    config = home / ".config/git-draft/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'log_level = "{level}"\n')
    for name, value in {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": _KEY, "OPENAI_MODEL": "scripted"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(repo.path)
    main(["-v", "do it"])
    out, err = capfd.readouterr()
    assert server.completions[0].headers["authorization"] == f"Bearer {_KEY}"
    assert _list_holders(repo.path, home) == []
    if len(turns) == 4 and turns[0].calls:  # the model's words are shown as they are, with -v; errors never hold a key
        err = "\n".join(line for line in err.split("\n") if line.startswith(("error:", "hint:", "warning:")))
    assert _KEY not in out + err
    everything = repo.git("log", "--all", "--format=%B%N", "-p")  # objects are compressed
    assert _KEY not in everything
    assert _KEY not in os.fsdecode(repo.git_bytes("cat-file", "--batch-all-objects", "--batch"))
