"""`make demo` with a scripted server in the place of a model: what it shows, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.support.demo import STATS
from tests.support.server import ScriptedServer, Turn
from tests.support.sources import CHECKOUT

_LAST = "    return ordered[len(ordered) // 2]\n"
_WRONG = STATS.replace(_LAST, "    return ordered[-1]\n")
_RIGHT = STATS.replace(_LAST, "    return (ordered[len(ordered) // 2] + ordered[(len(ordered) - 1) // 2]) / 2\n")
FINISH = Turn(calls=[{"name": "finish", "arguments": {"title": "Fix median"}}])


def answer(text: str) -> Turn:
    return Turn(calls=[{"name": "write_file", "arguments": {"path": "stats.py", "contents": text}}])


def run_demo(*texts: str) -> subprocess.CompletedProcess[str]:
    """Run the demo against a server that gives one text in each draft."""
    return serve_demo(*(turn for text in texts for turn in (answer(text), FINISH)))


def serve_demo(*turns: Turn) -> subprocess.CompletedProcess[str]:
    with ScriptedServer(turns=turns) as server:
        return start({"DEMO_BOT": "env", "OPENAI_BASE_URL": server.url, "OPENAI_MODEL": "scripted"})


def start(more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.support.demo"]
    return subprocess.run(
        command, cwd=CHECKOUT, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )


def test_the_demo_shows_the_whole_job() -> None:
    done = run_demo(_RIGHT)
    assert done.returncode == 0, done.stdout + done.stderr
    steps = [
        "# its test fails:",
        "$ git draft ",
        "$ git draft show",
        "+    return (ordered",
        "\n$ git draft --merge theirs",
        "# is the",
    ]
    at = [done.stdout.index(step) for step in steps]
    assert at == sorted(at)
    assert "# while it ran: echo" in done.stdout or "# just after: echo" in done.stdout
    assert "M  notes.txt\nM  stats.py\n" in done.stdout
    assert "still red" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("# that took ")


def test_a_test_that_stays_red_ends_the_demo_with_1() -> None:
    done = run_demo(_WRONG)
    assert done.returncode == 1
    assert "# still red: the model gets one further try" in done.stdout
    assert 'git draft -o temperature=0.7 "' in done.stdout
    assert "make demo-scripted" in done.stdout


def test_a_draft_that_was_ended_at_a_limit_is_a_draft() -> None:
    same = [answer(_WRONG)] * 3
    done = serve_demo(*same, answer(_RIGHT), FINISH)
    assert "# no draft was made" not in done.stdout
    assert "the same call 3 times" in done.stdout + done.stderr
    assert "# still red: the model gets one further try" in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_key_is_not_looked_for_where_none_is() -> None:
    done = start({"DEMO_BOT": "env"})
    assert done.returncode == 1
    assert "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set" in done.stderr


@pytest.mark.parametrize("variable", ["OPENAI_API_KEY", "OPENAI_BASE_URL"])
def test_without_a_model_the_demo_asks_no_other_bot(variable: str) -> None:
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": os.devnull, "HF_ENDPOINT": "http://127.0.0.1:9"}
    done = start({variable: "http://127.0.0.1:9/v1", **pip})
    assert done.returncode == 1
    assert "1.1 GB, is downloaded once" in done.stdout
    assert "make demo-scripted" in done.stderr
    assert '$ git draft "' not in done.stdout
