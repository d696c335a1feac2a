"""What a command costs, by counting: git processes, modules, objects, SQL statements; one ratio for the start.

A count that grows is either a mistake, or a decision that belongs into the commit which changes the number here.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from git_draft.cli.looking import collect_listing
from git_draft.sweeping import sweep
from tests.support.bots import write
from tests.support.gitrepo import GitRepo
from tests.support.server import ScriptedServer, Turn
from tests.support.studio import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROGRAM = Path(__file__).resolve().parents[2] / "bin/git-draft"
FINISH = Turn(calls=[{"name": "finish", "arguments": {"title": "Done"}}])
EDIT = Turn(calls=[{"name": "write_file", "arguments": {"path": "a/b/new.txt", "contents": "new\n"}}])


@pytest.fixture
def served() -> Iterator[Mapping[str, str]]:
    """Give an environment with a model that adds a file, then is done."""
    with ScriptedServer([EDIT, FINISH], models=["scripted"]) as server:
        yield {"OPENAI_BASE_URL": server.url, "OPENAI_MODEL": "scripted"}


def run_program(repo: GitRepo, *args: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the program as the shell does; a failure fails the test."""
    done = subprocess.run(
        [PROGRAM, *args], cwd=repo.path, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def git_log(tmp_path: Path) -> Path:
    """Put a git on PATH that writes down how it was called; give the file."""
    log = tmp_path / "git.log"
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    shim = tmp_path / "shim" / "git"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$@" >>{log}\nexec {real} "$@"\n')
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    return log


def test_git_processes(repo: GitRepo, git_log: Path, served: Mapping[str, str]) -> None:
    environ = {**served, "PATH": f"{git_log.parent / 'shim'}:{os.environ['PATH']}"}
    found = {}
    repo.write("README.md", "changed\n")
    commands = (
        ["first draft"],
        ["second draft"],
        ["list"],
        ["show"],
        ["events"],
        ["--merge", "theirs"],
        ["--quit"],
        ["undo"],
    )
    for command in commands:
        git_log.write_text("")
        run_program(repo, *command, environ=environ)
        found[command[0]] = len(git_log.read_text().splitlines())
    assert found == {
        # where, settings; ident; what differs, added, as a tree, where rules are; attributes of a new file; its lines
        "first draft": 9,
        "second draft": 9,
        "list": 2,
        "show": 3,
        "events": 2,
        "--merge": 12,
        "--quit": 6,
        "undo": 12,
    }


def test_git_processes_do_not_grow_with_the_repository(repo: GitRepo, git_log: Path, served: Mapping[str, str]) -> None:
    environ = {**served, "PATH": f"{git_log.parent / 'shim'}:{os.environ['PATH']}"}
    counts = []
    for number in (1, 40):
        for each in range(number):
            repo.write(f"folder{each}/file{each}.txt", f"{number}\n")
        git_log.write_text("")
        run_program(repo, "draft", environ=environ)
        counts.append(len(git_log.read_text().splitlines()))
    assert counts[0] == counts[1]


def list_modules(repo: GitRepo, *args: str, environ: Mapping[str, str]) -> set[str]:
    """Give the modules that a command has loaded at its end."""
    code = (
        "import sys; from git_draft.cli.dispatch import main; status = main(sys.argv[1:]);"
        "print('MODULES', *sys.modules); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=repo.path,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("MODULES ")[2].split())


@pytest.mark.parametrize(
    "command",
    [
        ["list"],
        ["list", "--all", "--json"],
        ["show", "1/1"],
        ["log"],
        ["events"],
        ["bots"],
        ["-h"],
        ["--version"],
        ["quit"],
        ["--quit"],
        ["--merge", "theirs"],
        ["undo"],
        ["drop", "1/1", "-f"],
        ["fsck"],
    ],
    ids=" ".join,
)
def test_only_what_talks_to_a_model_loads_httpx2(repo: GitRepo, served: Mapping[str, str], command: list[str]) -> None:
    run_program(repo, "a draft", environ=served)
    if command[0] == "undo":
        run_program(repo, "--quit", environ=served)
    modules = list_modules(repo, *command, environ=served)
    assert "httpx2" not in modules
    assert "rich" not in modules
    if command[0] not in ("events", "bots"):
        assert "pydantic" not in modules
        assert "asyncio" not in modules
        assert "git_draft.log" not in modules


def test_a_draft_by_tools_loads_nothing_for_edits_as_text(repo: GitRepo, served: Mapping[str, str]) -> None:
    modules = list_modules(repo, "a draft", environ=served)
    assert "httpx2" in modules
    assert not modules & {f"git_draft.bots.{name}" for name in ("rounds", "blocks", "intents", "braces", "checking")}
    assert "git_draft.definitions" not in modules


def test_objects_of_a_draft(repo: GitRepo, served: Mapping[str, str]) -> None:
    repo.commit({f"a/b/{number}.txt": f"{number}\n" for number in range(50)})
    before = count_objects(repo)
    run_program(repo, "a draft", environ=served)
    # the new blob, its three trees, the commit; of the note: blob, two trees, commit
    assert count_objects(repo) - before == 9
    repo.write("README.md", "changed\n")
    before = count_objects(repo)
    run_program(repo, "a draft", environ=served)
    # and the snapshot: blob, tree, commit; the trees a and a/b of the draft are there already
    assert count_objects(repo) - before == 9 + 3 - 3


def count_objects(repo: GitRepo) -> int:
    """Give the number of loose objects."""
    return int(repo.git("count-objects").split()[0])


def test_statements_of_list_do_not_grow_with_drafts(repo: GitRepo) -> None:
    studio = Studio(repo)

    def count() -> int:
        with studio.opened() as project:
            sweep(project, NOW)
            statements: list[str] = []
            project.store.trace(statements.append)
            collect_listing(project, every=True, now=NOW)
            return len(statements)

    studio.draft(write("new.txt", "1\n"))
    first = count()
    for number in range(2, 12):
        studio.draft(write("new.txt", f"{number}\n"))
    assert count() == first == 4  # notes, drafts, folios, runs


def test_list_starts_fast(repo: GitRepo) -> None:
    """At most 1.4 times what importing its three packages takes, measured turn by turn."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTHON"))}
    floor = [sys.executable, "-c", "import pygit2, typer, sqlite3"]
    spans: dict[str, list[float]] = {"list": [], "floor": []}
    for _ in range(15):
        for name, command in (("list", [str(PROGRAM), "list"]), ("floor", floor)):
            spans[name].append(measure_cpu_s(command, repo, environ))
    assert min(spans["list"]) <= 1.4 * min(spans["floor"])  # the least of each: that is what nothing else disturbed


def measure_cpu_s(command: list[str], repo: GitRepo, environ: Mapping[str, str]) -> float:
    """Run a command and give the processor time of it and of all that it started."""
    process = subprocess.Popen(
        command, cwd=repo.path, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime
