"""What goes wrong becomes lines and an exit code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import typer

from git_draft.cli import looking
from git_draft.cli.dispatch import main
from git_draft.cli.failures import run_guarded
from git_draft.errors import (
    AbortError,
    AttentionError,
    GitDraftError,
    InterruptedRunError,
    OwnCommitsError,
    UsageError,
)
from git_draft.log import opened_log, register_secret


@pytest.mark.parametrize(
    "error, status, said",
    [
        (GitDraftError("no such thing"), 1, "error: no such thing\n"),
        (UsageError("what?", hint="git draft -h"), 2, "error: what?\nhint: git draft -h\n"),
        (AttentionError("conflicts in a", hint="git commit"), 3, "attention: conflicts in a\nhint: git commit\n"),
        (AbortError("nothing was done"), 1, "error: nothing was done\n"),
        (InterruptedRunError("interrupted"), 130, "error: interrupted\n"),
        (OwnCommitsError("two", hint="x", commits=["1 a", "2 b"]), 1, "error: two\n    1 a\n    2 b\nhint: x\n"),
        (GitDraftError("evil \x1b[2J name"), 1, "error: evil \N{REPLACEMENT CHARACTER}[2J name\n"),
        (PermissionError(13, "Permission denied", "x/y"), 1, "error: x/y: Permission denied\n"),
        (OSError("no space"), 1, "error: no space\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (typer.Abort(), 130, "interrupted\n"),
        (typer.TyperException("Bad Thing."), 2, "error: bad Thing\nhint: git draft -h\n"),
    ],
    ids=repr,
)
def test_expected(error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise error

    assert run_guarded(fail, os.environ) == status
    assert capsys.readouterr().err == said


def test_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_guarded(lambda: 0, os.environ) == 0
    assert capsys.readouterr() == ("", "")


def test_a_bug_leaves_a_log(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise ZeroDivisionError("oops")

    assert run_guarded(fail, os.environ) == 70
    said = capsys.readouterr().err
    assert said.startswith("error: a bug in git-draft: ZeroDivisionError: oops\nhint: please report it, with ")
    (log,) = (home / ".local/state/git-draft").iterdir()
    assert str(log) in said
    assert 'raise ZeroDivisionError("oops")' in log.read_text()


def test_a_bug_names_the_log_where_there_is_one_and_holds_no_key(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    register_secret("sk-in-a-traceback")

    def fail() -> int:
        raise ZeroDivisionError("oops sk-in-a-traceback")

    with opened_log(os.environ):
        assert run_guarded(fail, os.environ) == 70
    log = home / ".local/state/git-draft/log"
    said = capsys.readouterr().err
    assert said.endswith(f" and the end of the log, {log}\n")
    crash = next(log.parent.glob("crash-*"))
    assert (crash.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "ZeroDivisionError: oops ***" in crash.read_text()
    assert "sk-in-a-traceback" not in said + crash.read_text()


def test_a_bug_where_no_log_can_be_written_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> int:
        raise ZeroDivisionError("oops")

    blocked = home / "file"
    blocked.write_text("")
    assert run_guarded(fail, {"XDG_STATE_HOME": str(blocked)}) == 70
    log = Path(capsys.readouterr().err.partition("with ")[2].strip())
    assert "ZeroDivisionError" in log.read_text()
    log.unlink()


def test_an_interrupted_command_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Typer makes an exit code of Ctrl-C, without a word."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(looking, "run_list", stop)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == "interrupted\n"
