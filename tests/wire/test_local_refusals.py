"""The local bot with a real llama.cpp: what is refused before it is started, and how it is explained that it can't begin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from git_draft.bots.local import make_bot
from git_draft.bots.serving import Served
from git_draft.errors import BotError, ConfigError, GitDraftError, UsageError
from tests.support.bots import Notebook
from tests.support.local import act, find_server, get_log, make_local


def _refuse(model: object, **options: object) -> GitDraftError:
    with pytest.raises(GitDraftError) as caught:
        act(make_local(model, **options))
    assert find_server() is None
    return caught.value


def test_broken_files_are_told_from_each_other(tiny: Path, tmp_path: Path) -> None:
    good = tiny.read_bytes()
    (tmp_path / "cut.gguf").write_bytes(good[:60000])
    (tmp_path / "noise.gguf").write_bytes(b"GGUF" + bytes(range(256)) * 9)
    for name, reason in (("cut", "not within the file bounds"), ("noise", "GGUF file is version")):
        error = _refuse(tmp_path / f"{name}.gguf")
        assert isinstance(error, BotError)
        assert error.message.startswith(f"can't load {name}: ")
        assert reason in error.message
        assert error.hint == f"llama.cpp's log is {get_log()}"


def test_what_is_no_model_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("hello\n")
    for name, reason in (
        ("text.gguf", "is no GGUF file"),
        ("absent.gguf", "No such file or directory"),
        (".", "Is a directory"),
    ):
        with pytest.raises(ConfigError, match=reason):
            make_local(tmp_path / name)
    assert not get_log().exists()


def test_model_of_the_catalogue_that_is_not_here() -> None:
    with pytest.raises(ConfigError, match=r"^the model qwen2.5-coder-1.5b is not here$") as caught:
        make_bot({}, env=os.environ, clock=None, memory=Notebook())  # type: ignore[arg-type]  # not asked
    assert caught.value.hint == "git draft models pull qwen2.5-coder-1.5b"
    with pytest.raises(UsageError, match="there is no model qwen9"):
        make_local("qwen9")


@pytest.mark.parametrize(
    "options, said",
    [
        ({"context_size": 10}, "context_size must be at least 256"),
        ({"threads": 0}, "threads must be at least 1"),
        ({"base_url": "http://x"}, "base_url: there is no such setting"),
    ],
)
def test_options_are_checked(tiny: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match="the local bot's option") as caught:
        make_local(tiny, **options)
    assert said in caught.value.message
    assert "api_key" not in str(caught.value.hint)


def test_small_models_are_asked_in_their_own_manner(tiny: Path) -> None:
    served = Served("http://127.0.0.1:1/v1", "key", 8192)
    asked = make_local(tiny)._make_openai_options(served)
    assert (asked.edits, asked.temperature, asked.context_tokens, asked.first_byte_timeout_s) == ("whole", 0, 4096, 600)
    assert asked.max_tokens == 3072
    asked = make_local(tiny, edits="blocks", context_tokens=99)._make_openai_options(served)
    assert (asked.edits, asked.context_tokens) == ("blocks", 99)


def test_siblings_are_asked_to_differ(tiny: Path) -> None:
    served = Served("http://127.0.0.1:1/v1", "key", 8192)
    assert make_local(tiny)._make_openai_options(served, 1).temperature == 0.7
    assert make_local(tiny, temperature=0)._make_openai_options(served, 1).temperature == 0


def test_prompt_that_does_not_fit(tiny: Path) -> None:
    error = _refuse(tiny, context_size=256)
    assert error.message == "the prompt does not fit into 256 tokens of context"
    assert str(error.hint).startswith("-o context_size=512 ")


def test_not_enough_memory(tiny: Path) -> None:
    script = f"""
import os, asyncio, resource
from pathlib import Path
from git_draft.bots.serving import ModelFile, started_server
resource.setrlimit(resource.RLIMIT_AS, (600 << 20, 600 << 20))
with started_server(ModelFile("tiny", Path({str(tiny)!r}), 2_000_000, 1), os.environ) as server:
    asyncio.run(server.wait_until_ready(20))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "BotError: not enough memory for tiny with a context of 2000000 tokens" in done.stderr


def test_xllamacpp_that_is_missing_or_broken(tmp_path: Path, tiny: Path) -> None:
    script = f"""
import os, sys
from git_draft.bots.local import make_bot
if sys.argv[1] == "missing":
    sys.modules["xllamacpp"] = None
from tests.support.local import act, make_local
act(make_local({str(tiny)!r}))
"""
    (tmp_path / "xllamacpp.py").write_text("print('hello')\nraise ImportError('no such thing')\n")
    for state, said in (
        ("missing", "ConfigError: the local bot needs xllamacpp, which is not installed"),
        ("broken", "ConfigError: xllamacpp can't be loaded: no such thing"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script, state],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert said in done.stderr.splitlines()[-1]
