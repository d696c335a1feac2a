"""What a program is given as a bot: the prompt, which is never code, and an environment without keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.programs import draft_by_script, list_output, make_command_bot
from tests.support.studio import Studio

KEY = "sk-very-secret"
NASTY = ['it\'s "quoted"', "$(touch ran) `touch ran`; touch ran", "two\nlines\n", "* ? ~ $HOME \\", "{prompt} {} %s"]


@pytest.mark.parametrize("prompt", NASTY)
@pytest.mark.parametrize(
    "command, options",
    [
        ("cp-args {prompt}", {}),
        ("cp-args '{prompt}'", {}),
        ("cp-args {prompt}", {"shell": True}),
        ('cp-args "{prompt}"', {"shell": True}),
        ('cp-args "$GIT_DRAFT_PROMPT"', {"shell": True}),
    ],
)
def test_prompt_is_one_argument_and_never_code(
    studio: Studio, tmp_path: Path, prompt: str, command: str, options: dict[str, object]
) -> None:
    program = tmp_path / "cp-args"
    program.write_text(
        '#!/bin/sh\nprintf %s "$#" > count\nprintf %s "$1" > prompt\nprintf %s "$GIT_DRAFT_PROMPT" > variable\n'
    )
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    studio.draft(bot=make_command_bot(command, options, env=env), prompt=prompt)
    assert studio.repo.list_files("drafts/1/1") == ["README.md", "count", "prompt", "variable"]
    made = [studio.repo.show("drafts/1/1", name) for name in ("count", "prompt", "variable")]
    assert made == ["1", prompt, prompt]


def test_environment_is_small_and_has_no_keys(studio: Studio) -> None:
    passed = {"HOME": "/h", "LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": "/c", "https_proxy": "http://p:1", "NO_PROXY": "x"}
    keys = {"OPENAI_API_KEY": KEY, "XDG_TOKEN": KEY, "LC_SECRET": KEY, "HTTP_PROXY": f"http://u:{KEY}@proxy:1"}
    env = {"PATH": os.environ["PATH"], "TERM": "xterm", "AWS_PROFILE": "p", "GIT_DIR": "/x", **passed, **keys}
    draft_by_script(studio, "env > env", env=env)
    lines = dict(line.split("=", 1) for line in studio.repo.show("drafts/1/1", "env").splitlines())
    for name in ("_", "SHLVL", "OLDPWD"):  # the shell's own
        lines.pop(name, None)
    own = {"PATH", "TERM", "PWD", "GIT_CEILING_DIRECTORIES", "GIT_DRAFT_PROMPT"}
    assert lines.keys() == passed.keys() | own
    assert (lines["TERM"], lines["GIT_DRAFT_PROMPT"]) == ("dumb", "do it")
    assert Path(lines["PWD"]).name == "repo"


def test_variables_that_are_named_are_passed_and_not_shown(studio: Studio) -> None:
    env = {**os.environ, "OPENAI_API_KEY": KEY, "MODE": "x"}
    draft_by_script(studio, 'echo "key $OPENAI_API_KEY mode $MODE" | tee out', {"env": "OPENAI_API_KEY, MODE"}, env=env)
    assert studio.repo.show("drafts/1/1", "out") == f"key {KEY} mode x\n"
    assert list_output(studio) == ["key [OPENAI_API_KEY] mode x"]
