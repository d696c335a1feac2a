"""The program on a terminal: questions, Ctrl-C, the editor, progress, what a model must not be able to do to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.gitrepo import GitRepo
from tests.support.pseudo import Terminal, opened_terminal
from tests.support.server import Conversation, ScriptedServer, Turn

PROGRAM = Path(__file__).resolve().parents[2] / "bin/git-draft"

ASK = {"name": "ask_user", "arguments": {"question": "Which\x1b]0;pwned\x07 number?"}}
WRITE = {"name": "write_file", "arguments": {"path": "new.txt", "contents": "new\n"}}
FINISH = {"name": "finish", "arguments": {"title": "Done\x1b[2J", "summary": "All\x1b[31m red"}}

Start = Callable[..., AbstractContextManager[Terminal]]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Serve a model that asks, that is slow, or that just works."""
    conversations = [
        Conversation([Turn(calls=[ASK]), Turn(calls=[WRITE, FINISH])], when="ask"),
        Conversation([Turn(calls=[WRITE]), Turn(delay_s=120)], when="slow"),
        Conversation([Turn(delay_s=120)], when="never"),
        Conversation([Turn(calls=[WRITE, FINISH], delay_s=0.5)], when="ponder"),
        Conversation([Turn(text="I think so. " * 3, calls=[WRITE, FINISH], chunk_delay_s=2)], when="stream"),
        Conversation([Turn(text="I think\x1b[5m hard.", calls=[WRITE, FINISH])], when=""),
    ]
    with ScriptedServer(conversations=conversations) as server:
        yield server


@pytest.fixture
def environ(server: ScriptedServer) -> Mapping[str, str]:
    """Give the environment of the program."""
    return {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_MODEL": "scripted"}


@pytest.fixture
def start(repo: GitRepo, environ: Mapping[str, str]) -> Start:
    """Start the program on a terminal."""

    def start(*args: str, **more: str) -> AbstractContextManager[Terminal]:
        return opened_terminal([str(PROGRAM), *args], repo.path, {**environ, **more})

    return start


def run(repo: GitRepo, environ: Mapping[str, str], *args: str) -> subprocess.CompletedProcess[str]:
    """Run the program without a terminal."""
    return subprocess.run(
        [PROGRAM, *args],
        cwd=repo.path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_a_question_is_answered(start: Start, server: ScriptedServer) -> None:
    with start("please ask") as terminal:
        terminal.wait_for("> ")
        terminal.type("seven\r")
        assert terminal.finish() == 0
    assert "question: Which\N{REPLACEMENT CHARACTER}]0;pwned\N{REPLACEMENT CHARACTER} number?" in terminal.text
    assert "draft 1/1" in terminal.text
    assert "seven" in str(server.completions[-1].body)


def test_a_question_that_the_user_does_not_answer_stays_open(start: Start, repo: GitRepo) -> None:
    with start("please ask") as terminal:
        terminal.wait_for("> ")
        terminal.type("\x04")
        assert terminal.finish() == 3
    assert "attention: draft 1/1 has an open question: Which" in terminal.text
    assert "Question: Which\\x1b]0;pwned\\x07 number?" in repo.git("notes", "--ref=drafts", "show", "drafts/1/1")


def test_questions_are_not_asked_with_batch(start: Start) -> None:
    with start("--batch", "please ask") as terminal:
        assert terminal.finish() == 3
    assert "\n> " not in terminal.text


def test_ctrl_c_records_what_there_is(start: Start, repo: GitRepo) -> None:
    with start("be slow") as terminal:
        terminal.wait_for("turn 2")
        terminal.type("\x03")
        assert terminal.finish() == 130
    assert "interrupted; what was made is draft 1/1" in terminal.text
    assert repo.git("show", "drafts/1/1:new.txt") == "new"
    assert "Outcome: interrupted" in repo.git("notes", "--ref=drafts", "show", "drafts/1/1")


def test_ctrl_c_at_a_question(start: Start) -> None:
    with start("please ask") as terminal:
        terminal.wait_for("> ")
        terminal.type("\x03")
        assert terminal.finish() == 130
    assert "interrupted before anything was changed, no draft was made" in terminal.text


def test_ctrl_c_before_a_change_closes_the_folio_again(start: Start, repo: GitRepo) -> None:
    with start("never answer") as terminal:
        terminal.wait_for("turn 1")
        terminal.type("\x03")
        assert terminal.finish() == 130
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert repo.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_ctrl_c_while_the_editor_is_open_does_nothing(start: Start, repo: GitRepo) -> None:
    with start("-e", "x", GIT_EDITOR="echo editing; sleep 60; :") as terminal:
        terminal.wait_for("editing")
        terminal.type("\x03")
        assert terminal.finish() in (1, 130)
    assert repo.git("for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_no_prompt_opens_the_editor_with_the_last_one(start: Start, repo: GitRepo, environ: Mapping[str, str]) -> None:
    assert run(repo, environ, "--batch", "please ask").returncode == 3
    seen = repo.path.parent / "seen"
    with start(GIT_EDITOR=f"""sh -c 'cp "$1" {seen}; : >"$1"' --""") as terminal:
        assert terminal.finish() == 1
    assert "error: the prompt is empty, nothing was done" in terminal.text
    prompt, scissors, rest = seen.read_text().partition("# ------------------------ >8 ------------------------\n")
    assert prompt == "please ask\n\n> Which\x1b]0;pwned\x07 number?\n\n"
    assert scissors
    assert rest.startswith("# Everything from the line above on is left out.")
    assert "#   add-test\n" in rest


def test_what_follows_the_scissors_is_no_prompt(start: Start, repo: GitRepo) -> None:
    with start("-e", "work", GIT_EDITOR="sh -c 'echo after it >>\"$1\"' --") as terminal:
        assert terminal.finish() == 0
    assert repo.git("log", "-1", "--format=%b", "refs/drafts/1/1").strip() == "work"
    with start("-e", "more work", GIT_EDITOR="sed -i 1d") as terminal:
        assert terminal.finish() == 1
    assert "error: the prompt is empty, nothing was done" in terminal.text


def test_editor_has_the_terminal_where_the_prompt_is_piped_in(repo: GitRepo, environ: Mapping[str, str]) -> None:
    editor = """sh -c 'cat "$1"; read answer; echo "$answer" >"$1"' --"""
    command = ["sh", "-c", f"echo piped | {PROGRAM} -e -"]
    with opened_terminal(command, repo.path, {**environ, "GIT_EDITOR": editor}) as terminal:
        terminal.wait_for("piped")
        terminal.type("work\n")
        assert terminal.finish() == 0
    assert repo.git("log", "-1", "--format=%b", "refs/drafts/1/1").strip() == "work"


def test_a_question_is_answered_in_the_editor(start: Start, server: ScriptedServer, repo: GitRepo) -> None:
    seen = repo.path.parent / "seen"
    editor = f"""sh -c 'cp "$1" {seen}; if [ -e {seen}2 ]; then printf "two\\nlines\\n" >"$1"; else : >"$1"; fi; touch {seen}2' --"""
    with start("please ask", GIT_EDITOR=editor) as terminal:
        terminal.wait_for("answer (e: in the editor)> ")
        terminal.type("e\r")
        terminal.wait_for("the answer is empty")
        terminal.type("e\r")
        assert terminal.finish() == 0
    assert "# The question:\n#\n# Which" in seen.read_text()
    told = [message["content"] for request in server.completions for message in request.messages]
    assert "two\nlines" in told


def test_nothing_of_the_model_paints_the_terminal(start: Start) -> None:
    with start("-v", "work") as terminal:
        assert terminal.finish() == 0
    for evil in ("\x1b[2J", "\x1b[31m", "\x1b[5m"):
        assert evil not in terminal.screen
    assert "I think\N{REPLACEMENT CHARACTER}[5m hard." in terminal.text


def test_text_appears_while_it_streams_and_ctrl_c_ends_its_line(start: Start) -> None:
    with start("-v", "stream") as terminal:
        terminal.wait_for("I think so.")
        assert "reply" not in terminal.screen
        terminal.type("\x03")
        assert terminal.finish() == 130
    assert terminal.text.count("I think so.") < 3
    assert "\nwarning: stopping" in terminal.text


def test_without_verbose_text_is_only_counted(start: Start) -> None:
    with start("stream") as terminal:
        terminal.wait_for("writing, 12 characters")
        terminal.type("\x03")
        assert terminal.finish() == 130
    assert "I think" not in terminal.screen


def test_progress_is_one_line_that_goes_away(start: Start) -> None:
    with start("ponder it") as terminal:
        assert terminal.finish() == 0
    assert "waiting for the model" in terminal.screen
    assert "waiting for the model" not in terminal.text


def test_a_dumb_terminal_gets_plain_lines(start: Start) -> None:
    with start("work", TERM="dumb") as terminal:
        assert terminal.finish() == 0
    assert "\x1b" not in terminal.screen
    assert "write: new.txt (4 bytes)" in terminal.screen


def test_own_commits_are_asked_about(start: Start, repo: GitRepo, environ: Mapping[str, str]) -> None:
    assert run(repo, environ, "work").returncode == 0
    repo.git("commit", "--allow-empty", "--message", "my own work")
    for answer, status in (("n", 1), ("y", 0)):
        with start("--quit") as terminal:
            terminal.wait_for("[y/N]")
            terminal.type(f"{answer}\r")
            assert terminal.finish() == status
        assert "my own work" in terminal.text
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"


def test_drop_asks(start: Start, repo: GitRepo, environ: Mapping[str, str]) -> None:
    assert run(repo, environ, "--quit", "fix").returncode == 0
    for answer in ("no", "y"):
        with start("drop", "--folio", "1") as terminal:
            terminal.wait_for("remove 1 draft and 1 folio for good? [y/N]")
            assert "1/1: Done" in terminal.text
            assert "folio 1: its state at quit" in terminal.text
            terminal.type(f"{answer}\n")
            status = terminal.finish()
        assert status == (0 if answer == "y" else 1)
        assert ("refs/drafts/1/1" in repo.list_refs()) == (answer == "no")
    assert "removed 1/1" in terminal.text
