"""What is measured: the commands of git-draft, the floor under them, and the peers, each round leaving things as they were."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.speed.server import NAME
from benchmarks.speed.timing import Sample, run_measured

DRAFT, SECOND = "first draft", "second draft"
LIGHT = ("--merge theirs", "undo", "--quit", "list", "show --record", "-h")
"""Commands that speak to no model."""

PROMPT = "add a file"

Round = Mapping[str, Sample]
"""What each command took, once."""


@dataclass(frozen=True)
class Candidate:
    """One that is measured, in a repository of its own.

    Args:
        name: as the table names it.
        run: does all its commands in a repository, once, and gives what they took.
    """

    name: str
    run: Callable[[Path], Round]


def make_ours(environ: Mapping[str, str]) -> Candidate:
    """Give git-draft of this checkout, started as users do.

    Args:
        environ: with `bin` on PATH, and the server's address.
    """

    def run(repo: Path) -> Round:
        def draft(*words: str) -> Sample:
            return run_measured(["git", "draft", *words], repo, environ)

        took = {DRAFT: draft(PROMPT), SECOND: draft(PROMPT)}
        took["list"] = draft("list")
        took["show --record"] = draft("show", "--record")
        took["--merge theirs"] = draft("--merge", "theirs")
        took["undo"] = draft("undo")
        draft("undo")
        took["--quit"] = draft("--quit")
        took["-h"] = draft("-h")
        run_measured(["git", "rm", "--quiet", "--cached", NAME], repo, environ)
        (repo / NAME).unlink()
        return took

    return Candidate("git-draft", run)


def make_floor(python: str, environ: Mapping[str, str]) -> Candidate:
    """Give what nothing that does the same can go below: the imports, and git's own writing of the tree."""

    def run(repo: Path) -> Round:
        index = repo / ".git/floor.index"
        shutil.copy2(repo / ".git/index", index)
        on_copy = {**environ, "GIT_INDEX_FILE": str(index)}
        took = run_measured([python, "-I", "-c", "import openai"], repo, environ)
        took += run_measured(["git", "add", "--all"], repo, on_copy)
        took += run_measured(["git", "write-tree"], repo, on_copy)
        light = run_measured([python, "-I", "-c", "import pygit2, typer, sqlite3"], repo, environ)
        return {DRAFT: took, SECOND: took, **dict.fromkeys(LIGHT, light)}

    return Candidate("floor", run)


def make_earlier(program: Path, environ: Mapping[str, str]) -> Candidate:
    """Give git-draft 0.53.2; it reads the prompt from standard input."""

    def run(repo: Path) -> Round:
        words = [str(program), "--batch", "-o", "model=instant", "-N", "-"]
        took = {command: run_measured(words, repo, environ, stdin=PROMPT) for command in (DRAFT, SECOND)}
        took["--quit"] = run_measured([str(program), "-Q"], repo, environ)
        (repo / NAME).unlink(missing_ok=True)
        return took

    return Candidate("git-draft 0.53.2", run)


def make_aider(program: Path, url: str, environ: Mapping[str, str]) -> Candidate:
    """Give aider, one-shot, without all that it does besides."""
    off = ("auto-commits", "show-model-warnings", "check-update", "analytics", "gitignore", "pretty", "stream")
    words = [str(program), "--model", "openai/instant", "--openai-api-base", url, "--openai-api-key", "none"]
    words += ["--edit-format", "whole", "--yes-always", *(f"--no-{each}" for each in off), "--message", PROMPT]

    def run(repo: Path) -> Round:
        took = run_measured(words, repo, environ)
        for path in (repo / NAME, *repo.glob(".aider*")):
            if not path.is_dir():  # what it knows of the files stays, as it does for its users
                path.unlink(missing_ok=True)
        run_measured(["git", "rm", "--quiet", "--cached", "--ignore-unmatch", NAME], repo, environ)
        return {DRAFT: took}

    return Candidate("aider", run)
