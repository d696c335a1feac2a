"""Completion in the shells themselves: `git draft …` by way of git's own, and `git-draft …`; without starting Python."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from git_draft.cli.app import app
from git_draft.cli.completion import SHELLS, iter_commands
from git_draft.cli.dispatch import main
from git_draft.cli.line import COMMANDS
from tests.support.bots import write
from tests.support.environment import sealed_environment
from tests.support.gitrepo import GitRepo
from tests.support.pseudo import opened_terminal
from tests.support.shells import GIT_COMPLETION, complete
from tests.support.skips import require_program
from tests.support.studio import Studio

CASES = [
    ("st", ["stats", "stop"], ["list"]),
    ("", ["new", "list", "completion"], ["1/1", "--bot"]),
    ("fix the b", [], ["bots"]),
    ("--b", ["--bot", "--batch"], ["--only"]),
    ("list --", ["--folio", "--all", "--json", "--help"], ["--bot"]),
    ("--merge i", ["ignore-space-change", "ignore-all-space"], ["theirs"]),
    ("merge 2/1 -X ", ["ours", "theirs", "default"], []),
    ("stats --by ", ["bot", "model", "template", "day"], []),
    ("show ", ["@", "2/1", "2/2", "2/"], ["1/1", "2/@"]),
    ("show 1/", ["1/1"], ["2/1", "1/@"]),
    ("--on 2/", ["2/1", "2/2"], ["1/1"]),
    ("list --folio ", ["2"], ["1"]),  # that one was left
    ("log 1", ["1"], ["2"]),
    ("-b ", ["fast", "slow"], ["no\nline", "line"]),
    ("again -b f", ["fast"], ["slow"]),
    ("-t ", ["add-test", "mine"], ["broken"]),
    ("-t mine --", ["--what", "--merge"], ["--symbol"]),
    ("-t add-test --s", ["--symbol"], ["--section"]),
    ("templates mi", ["migrate-api", "mine"], ["add-test"]),
    ("models ", ["pull"], []),
    ("models pull ", ["qwen2.5-coder-0.5b"], []),
    ("bots ", ["add"], []),
    ("completion ", ["bash", "zsh", "fish"], []),
    ("-o ", [], ["pull", "2/1"]),
    ("-m ", [], ["2/1", "list"]),
]
"""What is written, what must be offered, and what must not."""

MINE = '+++\ndescription = "my own"\n[arguments.what]\nhelp = "it\'s what"\n+++\nDo {{ what }}.\n'
CONFIG = """\
[[bots]]
name = "fast"
factory = "openai"
[[bots]]
name = "slow"
factory = "openai"
[[bots]]
name = "no\\nline"
factory = "openai"
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitRepo]:
    """Give a repository with a folio that was left, an active one, bots and templates; and the scripts beside it."""
    with sealed_environment() as home, pytest.MonkeyPatch.context() as patch:
        config = home / ".config/git-draft"
        (config / "prompts").mkdir(parents=True)
        (config / "config.toml").write_text(CONFIG)
        (config / "prompts/mine.jinja").write_text(MINE)
        (config / "prompts/broken.jinja").write_text("no settings\n")
        repo = GitRepo.create(tmp_path_factory.mktemp("completion") / "repo")
        repo.commit({"README.md": "hello\n"})
        studio = Studio(repo)
        studio.draft(write("a", "1\n"))
        studio.quit()
        studio.draft(write("a", "2\n"), prompt="it's $(a) `title`")
        studio.draft(write("a", "3\n"))
        patch.chdir(repo.path)
        assert main(["templates"]) == 0  # the last command, which wrote down the names
        yield repo


@pytest.fixture(params=SHELLS)
def script(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> tuple[str, Path]:
    """Give a shell and its script."""
    assert main(["completion", request.param]) == 0
    file = tmp_path / f"git-draft.{request.param}"
    file.write_text(capfd.readouterr().out)
    return request.param, file


@pytest.mark.parametrize("words, offered, others", CASES, ids=[words or "nothing" for words, *_ in CASES])
@pytest.mark.parametrize("program", ["git draft", "git-draft"])
def test_what_is_offered(
    scene: GitRepo, script: tuple[str, Path], program: str, words: str, offered: list[str], others: list[str]
) -> None:
    shell, file = script
    found = complete(shell, file, f"{program} {words}", scene.path)
    assert set(offered) <= set(found)
    assert set(others).isdisjoint(found)


@pytest.mark.parametrize("program", ["git draft", "git-draft"])
def test_paths_are_the_shells_own(scene: GitRepo, script: tuple[str, Path], program: str) -> None:
    shell, file = script
    found = complete(shell, file, f"{program} pick 2/1 -- ", scene.path)
    assert found == (["README.md"] if shell == "fish" else [])


def test_titles_are_told_and_never_evaluated(scene: GitRepo, script: tuple[str, Path]) -> None:
    shell, file = script
    assert complete(shell, file, "git draft show 2/1", scene.path) == ["2/1"]
    assert "$(git draft" not in file.read_text()


def test_outside_of_a_repository(script: tuple[str, Path], tmp_path: Path) -> None:
    """What is fixed is offered there too, and nothing is said."""
    shell, file = script
    assert "add-test" in complete(shell, file, "git-draft -t ", tmp_path)
    assert complete(shell, file, "git-draft show ", tmp_path) == []


def test_templates_without_words_written_down(repo: GitRepo, script: tuple[str, Path]) -> None:
    shell, file = script
    assert "add-test" in complete(shell, file, "git-draft -t a", repo.path)


@pytest.mark.parametrize("has_templates", [False, True])
def test_a_bot_that_was_added_is_offered_at_once(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch, *, has_templates: bool
) -> None:
    monkeypatch.chdir(repo.path)
    words = repo.path / ".git/git-draft/words"
    if has_templates:
        assert main(["templates"]) == 0
    before = words.read_text() if has_templates else ""
    for name in ("near", "far"):
        assert main(["bots", "add", name, "--base-url", "http://localhost:1/v1"]) == 0
    assert words.read_text() == f"bot near\nbot far\n{before}"


def test_a_bot_is_added_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["bots", "add", "near", "--base-url", "http://localhost:1/v1"]) == 0
    assert list(tmp_path.glob("**/words")) == []


def test_no_python_is_started(scene: GitRepo, script: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    shell, file = script
    log = file.with_name("started")
    for name in ("git-draft", "python", "python3"):
        trap = file.parent / "traps" / name
        trap.parent.mkdir(exist_ok=True)
        trap.write_text(f"#!/bin/sh\necho {name} >>{log}\n")
        trap.chmod(0o755)
    monkeypatch.setenv("PATH", f"{file.parent / 'traps'}:{os.environ['PATH']}")
    for words in ("", "show ", "-t ", "-b ", "list --folio "):
        assert complete(shell, file, f"git draft {words}", scene.path)
    assert not log.exists()


STARTS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"], "fish": ["fish", "-i"]}
PREPARES = {
    "bash": f"source {GIT_COMPLETION}; source %s",
    "zsh": "autoload -U compinit; compinit -D; source %s",
    "fish": "source %s",
}
TYPED = [
    "git draft stat\t",
    "git-draft lis\t",
    "git draft show 1/\t",
    "git draft -t mine --wh\tx",
    "git draft --merge=th\t",
]
DONE = ["stats", "list", "show 1/1", "-t mine --what x", "--merge=theirs"]


def has_lines(file: Path, count: int) -> bool:
    return file.exists() and len(file.read_text().splitlines()) == count


@pytest.mark.parametrize("shell", SHELLS)
def test_somebody_presses_tab(scene: GitRepo, shell: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """In the shell itself, on a terminal: the lines are run then, by a git-draft that writes down its words."""
    require_program(shell, package=shell)
    assert main(["completion", shell]) == 0
    file, log = tmp_path / "script", tmp_path / "log"
    file.write_text(capfd.readouterr().out)
    program = tmp_path / "bin/git-draft"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >>{log}\necho d""one\n')
    program.chmod(0o755)
    environ = {**os.environ, "TERM": "dumb", "PATH": f"{program.parent}:{os.environ['PATH']}"}
    # else fish begins to read all manual pages, in the background
    (Path(environ["XDG_DATA_HOME"]) / "fish/generated_completions").mkdir(parents=True)
    with opened_terminal(STARTS[shell], scene.path, environ) as terminal:
        terminal.type(f"{PREPARES[shell] % file}; echo rea''dy\r")
        terminal.wait_for("ready")
        for number, line in enumerate(TYPED, 1):
            terminal.type(f"{line}\r")
            terminal.wait_until(partial(has_lines, log, number))
    assert log.read_text().splitlines() == DONE


def test_every_command_is_known() -> None:
    commands = list(iter_commands(app))
    assert {command.name for command in commands} == set(COMMANDS)
    assert all(option.help for command in commands for option in command.options)


def test_what_commands_do_is_said_in_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    """None is cut in help, nor in a shell."""
    assert main(["-h"]) == 0
    assert "..." not in capfd.readouterr().out


@pytest.mark.parametrize("words", [["completion"], ["completion", "ksh"]])
def test_no_other_shell(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "hint: git draft completion bash|zsh|fish" in capfd.readouterr().err
