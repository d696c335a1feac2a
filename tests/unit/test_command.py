"""The command bot's command line, its environment, and what is made of the output."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from git_draft.bots.command import make_bot
from git_draft.bots.programs import MAX_LINE_CHARACTERS, Listener
from git_draft.bots.registry import choose_bot
from git_draft.errors import BotError, ConfigError
from git_draft.model import Goal
from tests.support.bots import Notebook, RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.models import DictWorktree
from tests.support.programs import make_command_bot

KEY = "sk-very-secret"


# The command line


@pytest.mark.parametrize(
    "command", ['sh -c "echo {prompt}"', "sh -c 'x {prompt}'", 'a "b\\" {prompt}"', "a # it's {prompt}"]
)
def test_prompt_within_quotes_is_refused_in_a_shell(command: str) -> None:
    with pytest.raises(ConfigError, match="quoted with other text"):
        make_command_bot(command, {"shell": True})
    if command.startswith("sh"):
        make_command_bot(command)  # here it is only a part of a word


@pytest.mark.parametrize(
    "command, message",
    [
        ("", "the command bot has no command"),
        ("no-such-program --fix", "there is no program no-such-program"),
        ("/no/such/program", "there is no program /no/such/program"),
        ("ls 'a", "the command makes no sense: no closing quotation: ls 'a"),
        ("{prompt} x", "begins with {prompt}"),
    ],
)
def test_command_that_can_not_be_run_is_refused_at_once(command: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_command_bot(command)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"timeout_s": 0}, "timeout_s must be more than 0"),
        ({"model": "x"}, "model: there is no such setting"),
        ({"env": "NO_SUCH"}, "option env names NO_SUCH, which is not set"),
        ({"env": "GIT_DIR"}, "git's own variables"),
    ],
)
def test_options_are_checked(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_command_bot("ls", options)


def test_command_is_shown_short_and_without_keys() -> None:
    assert make_command_bot("ls --all").program == "ls --all"
    assert make_command_bot("ls --api-key sk-1 --token=2 KEY=3 --key {prompt}").program == (
        "ls --api-key *** --token=*** KEY=*** --key {prompt}"
    )
    assert len(make_command_bot("ls " + "word " * 50).program) <= 60


@pytest.mark.parametrize("prompt", ["a\0b", "x" * 200_000])
def test_prompt_that_no_program_can_be_given_is_refused(prompt: str) -> None:
    bot = make_command_bot("ls")
    with pytest.raises(BotError, match="the prompt"):
        asyncio.run(bot.act(Goal(prompt), DictWorktree({}), RecordingFeedback()))


def test_worktree_without_a_folder_is_refused() -> None:
    with pytest.raises(BotError, match="can't be put into a folder"):
        asyncio.run(make_command_bot("ls").act(Goal("x"), DictWorktree({}), RecordingFeedback()))


# The choice


def write_config(home: Path, text: str) -> None:
    file = home / ".config/git-draft/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)


COMMAND = '[[bots]]\nname = "fix"\nfactory = "command"\noptions = { command = "ls" }\n'


def test_command_is_chosen_by_name_only(home: Path) -> None:
    write_config(home, COMMAND + '[[bots]]\nname = "gpt"\n')
    choice = choose_bot(None, None, os.environ)
    assert (choice.config.name, choice.reason.endswith("but for commands")) == ("gpt", True)
    assert choose_bot("fix", None, os.environ).config.name == "fix"
    assert choose_bot(None, "fix", os.environ).config.name == "fix"
    assert choose_bot("command", None, os.environ).config.factory == "command"


@pytest.mark.parametrize("factory", ["command", "git_draft.bots.command:make_bot"])
def test_environment_is_asked_where_only_commands_are_configured(home: Path, factory: str) -> None:
    write_config(home, COMMAND.replace('"command"', f'"{factory}"', 1))
    assert choose_bot(None, None, {**os.environ, "OPENAI_API_KEY": KEY}).config.name == "openai"
    with pytest.raises(ConfigError, match="only commands are configured") as raised:
        choose_bot(None, None, os.environ)
    assert raised.value.hint == "git draft -b fix ..."


# The output


def listen(*pieces: bytes, **hidden: str) -> list[str]:
    lines: list[str] = []
    listener = Listener(lines.append, hidden)
    for piece in pieces:
        listener.hear(piece)
    listener.end()
    assert listener.last_line == (lines[-1] if lines else "")
    return lines


@pytest.mark.parametrize(
    "pieces, lines",
    [
        ([b"one\ntw", b"o\n\n", b"three"], ["one", "two", "three"]),
        ([b"10 %\r50 %\r100 %\n"], ["100 %"]),
        ([b"done\r\n"], ["done"]),
        ([b"\x1b[1;31mred\x1b[0m \x1b]0;title\x07text\x1b[K\n"], ["red text"]),
        ([b"a\tb\x07\x00\xff\n"], ["a   b\ufffd"]),
        ([b"x" * 100_000, b"\n"], ["x" * MAX_LINE_CHARACTERS + "…"]),
        ([b"x" * 60_000] * 30, ["x" * MAX_LINE_CHARACTERS + "…"]),
        ([], []),
    ],
)
def test_lines_are_cut_and_cleaned(pieces: list[bytes], lines: list[str]) -> None:
    assert listen(*pieces) == lines


def test_hidden_values_do_not_appear() -> None:
    assert listen(b"a secret b\n", secret="[NAME]") == ["a [NAME] b"]


def test_make_bot_takes_what_factories_are_given() -> None:
    bot = make_bot({"command": "ls"}, env=os.environ, clock=FakeClock(), memory=Notebook())
    assert (bot.model, bot.host, bot.program) == (None, None, "ls")
