"""The task benchmark: each check tells right from wrong, and the harness says what became of an answer."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.tasks.cases import SETS, Task, list_tasks
from benchmarks.tasks.checks import check_tree, find_reason
from tests.support.server import Conversation, ScriptedServer, Turn
from tests.support.skips import require_program
from tests.support.sources import CHECKOUT

TASKS = [task for name in SETS for task in list_tasks(name)]
NAMED = {task.name: task for task in TASKS}


@pytest.fixture(params=TASKS, ids=lambda task: task.name)
def task(request: pytest.FixtureRequest) -> Task:
    task: Task = request.param
    if "run_node" in task.check.read_text("utf-8"):
        require_program("node", package="nodejs")
    return task


def _read_files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _is_solved(task: Task, folder: Path, files: Mapping[str, str]) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return check_tree(task, folder).is_solved


def _iter_changed(task: Task) -> Iterator[tuple[str, str, str]]:
    before, after = _read_files(task.files), _read_files(task.solution)
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield path, before.get(path, ""), after.get(path, "")


def _cut_fragment(path: str, before: str, after: str) -> str:
    """Give what careless models send in place of the whole file: the functions or methods they changed, or the lines."""
    if path.endswith(".py"):
        known = {ast.unparse(node) for node in ast.walk(ast.parse(before)) if isinstance(node, ast.FunctionDef)}
        found = [node for node in ast.walk(ast.parse(after)) if isinstance(node, ast.FunctionDef)]
        changed = [ast.unparse(node) for node in found if ast.unparse(node) not in known]
        return "\n\n\n".join(changed) + "\n"
    blocks = re.findall(r"^function .*?^}\n", after, re.DOTALL | re.MULTILINE)
    lines = [line for line in after.splitlines(keepends=True) if line not in before.splitlines(keepends=True)]
    return "".join([block for block in blocks if block not in before] or lines)


def test_there_are_tasks_to_tune_on_and_others_to_report() -> None:
    assert [len(list_tasks(name)) for name in ("tuning", "held-out")] == [39, 12]
    assert len(NAMED) == len(TASKS), "two tasks of one name"


def test_a_right_answer_is_solved(task: Task, tmp_path: Path) -> None:
    shutil.copytree(task.solution, tmp_path / "tree")
    verdict = check_tree(task, tmp_path / "tree")
    assert verdict.is_solved, verdict.output


def test_no_answer_is_wrong(task: Task, tmp_path: Path) -> None:
    assert not _is_solved(task, tmp_path / "tree", _read_files(task.files))


def test_a_fragment_in_place_of_the_file_is_wrong(task: Task, tmp_path: Path) -> None:
    before, after = _read_files(task.files), _read_files(task.solution)
    for path, old, new in _iter_changed(task):
        if path not in before or path not in after:
            continue
        fragment = _cut_fragment(path, old, new)
        assert not _is_solved(task, tmp_path / "tree", {**after, path: fragment}), f"{path}:\n{fragment}"


def test_a_part_of_the_answer_is_wrong(task: Task, tmp_path: Path) -> None:
    before, after = _read_files(task.files), _read_files(task.solution)
    for path, _, _ in _iter_changed(task):
        files = {name: text for name, text in {**after, path: before.get(path, "")}.items() if name in before or text}
        assert not _is_solved(task, tmp_path / "tree", files), f"without the change to {path}"


def test_a_lost_file_is_wrong(task: Task, tmp_path: Path) -> None:
    after = _read_files(task.solution)
    for path in after:
        files = {name: text for name, text in after.items() if name != path}
        assert not _is_solved(task, tmp_path / "tree", files), f"without {path}"


def test_lost_docstrings_are_wrong(task: Task, tmp_path: Path) -> None:
    after = _read_files(task.solution)
    for path in task.files.rglob("*.py"):
        name = path.relative_to(task.files).as_posix()
        bare = re.sub(r'^ *""".*?"""\n', "", after[name], flags=re.DOTALL | re.MULTILINE)
        if bare != after[name]:
            assert not _is_solved(task, tmp_path / "tree", {**after, name: bare}), name


def test_a_right_answer_that_looks_different_is_solved(task: Task, tmp_path: Path) -> None:
    after = _read_files(task.solution)
    for path, _, new in _iter_changed(task):
        if path.endswith(".py"):
            after[path] = ast.unparse(ast.parse(new))  # single quotes, other empty lines, no line break at the end
    assert _is_solved(task, tmp_path / "tree", after)


def test_a_prompt_is_what_a_user_types(task: Task) -> None:
    assert 20 <= len(task.prompt) <= 400
    assert "\n" not in task.prompt
    assert 1 <= len(_read_files(task.files)) <= 8


@pytest.mark.parametrize(
    "errors, reason",
    [
        (
            "Traceback (most recent call last):\n  File x\n    assert f(1) == 2\n           ^^^^\nAssertionError\n",
            "assert f(1) == 2",
        ),
        ("Traceback (most recent call last):\n  File x\nAssertionError: no f\nmore of it\n", "AssertionError: no f"),
        ("Segmentation fault\n", "Segmentation fault"),
        ("", "the check failed without a word"),
    ],
)
def test_the_reason_is_the_line_that_says_most(errors: str, reason: str) -> None:
    assert find_reason(errors) == reason


@pytest.mark.parametrize(
    "line, reason",
    [
        ("keep_unchanged('a.py')", "AssertionError: a.py was changed"),
        ("keep_definitions('a.py')", "AssertionError: a.py has no A.gone any more"),
        ("keep_definitions('a.py', but=['A.gone'])", "AssertionError: the docstring of f in a.py is gone"),
        ("keep_definitions('a.py', but=['A.gone', 'f'])", ""),
        ("assert 'gone' in original('a.py')", ""),
        ("assert str(expect_error(OSError, open, 'no')).endswith(\"'no'\")", ""),
        ("expect_error(OSError, len, 'no')", "AssertionError: no error but 2"),
        (
            "run_python('-c', 'raise SystemExit(3)')",
            "AssertionError: ('-c', 'raise SystemExit(3)') ended with status 3",
        ),
        ("assert run_python('-c', 'import a; print(a.f())') == '1\\n'", ""),
        ("assert run_unittest('passing') == 2", ""),
        ("run_unittest('passing', fails=True)", "AssertionError: the tests of passing: passed"),
        ("assert run_unittest('failing', fails=True) == 1", ""),
        ("run_unittest('failing')", "AssertionError: no good"),
        ("run_unittest('nosuch', fails=True)", "ModuleNotFoundError: No module named 'nosuch'"),
    ],
)
def test_checks_find_what_is_missing(tmp_path: Path, line: str, reason: str) -> None:
    task, tree = Task(tmp_path / "task"), tmp_path / "tree"
    tree.mkdir()
    task.files.mkdir(parents=True)
    (task.files / "a.py").write_text("class A:\n    def gone(self): ...\n\ndef f():\n    'Give 1.'\n    return 1\n")
    (tree / "a.py").write_text("class A: ...\n\ndef f():\n    return 1\n")
    test_case = "from unittest import TestCase\nclass T(TestCase):\n    def test_1(self):\n        "
    (tree / "passing.py").write_text(test_case + "pass\n    def test_2(self): pass\n")
    (tree / "failing.py").write_text(test_case + "self.fail('no good')\n")
    task.check.write_text(f"from checking import *\n{line}\n")
    verdict = check_tree(task, tree)
    assert (verdict.is_solved, verdict.reason) == (not reason, reason), verdict.output


# The harness

RIGHT = (NAMED["one-line-slug"].solution / "blog/slugs.py").read_text("utf-8")


def _write(path: str, contents: str) -> tuple[Turn, Turn]:
    return (
        Turn(calls=[{"name": "write_file", "arguments": {"path": path, "contents": contents}}]),
        Turn(calls=[{"name": "finish", "arguments": {"title": "Do it"}}]),
    )


def _run(server: ScriptedServer, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.tasks", *args],
        cwd=CHECKOUT,
        env={**os.environ, "OPENAI_BASE_URL": server.url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_harness_tells_solved_from_wrong(tmp_path: Path) -> None:
    answers = [
        Conversation(_write("blog/slugs.py", RIGHT), when="slugify"),
        Conversation(_write("notify.py", "def notify(person, text):\n    return text\n"), when="fax"),
        Conversation([Turn(text="It is fine as it is.")], when="load_cfg"),
        Conversation([Turn(status=401, error="no such key")], when="8080"),
    ]
    names = ("one-line-slug", "remove-fax", "rename-two-files", "docs-port")
    only = [word for name in names for word in ("--only", name)]
    with ScriptedServer(conversations=answers) as server:
        done = _run(server, *only, "--json", "--keep", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)["runs"]
    found: list[dict[str, Any]] = run["answers"]
    assert [(each["task"], each["mark"]) for each in found] == [
        ("one-line-slug", "solved"),
        ("remove-fax", "wrong"),
        ("rename-two-files", "no change"),
        ("docs-port", "error"),
    ]
    assert (run["solved"], run["total"], run["tokens_in"], run["tokens_out"]) == (1, 4, 600, 150)
    assert found[1]["reason"] == "AttributeError: module 'notify' has no attribute 'CHANNELS'"
    assert found[2]["reason"] == "It is fine as it is."
    assert "refuses the API key" in found[3]["reason"]
    kept = tmp_path / "kept" / "run-1"
    assert "+def notify(person, text):" in (kept / "remove-fax" / "change.diff").read_text("utf-8")
    assert "CHANNELS" in (kept / "remove-fax" / "check.txt").read_text("utf-8")
    assert "It is fine" in (kept / "rename-two-files" / "reply-1.txt").read_text("utf-8")


def test_the_harness_goes_on_for_several_runs() -> None:
    with ScriptedServer(conversations=[Conversation(_write("blog/slugs.py", RIGHT))]) as server:
        done = _run(server, "--only", "one-line-slug", "--runs", "2", "--bot", "openai", "-o", "model=other")
    assert done.returncode == 0, done.stderr
    *lines, total = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["solved", "run", "solved", "run"]
    assert re.fullmatch(r"all runs: 2 of 2 solved, \d+ s, 480 tokens in, 120 out", total)
    assert {request.body["model"] for request in server.completions} == {"other"}


def test_a_task_that_takes_too_long_is_ended() -> None:
    with ScriptedServer([Turn(end="hang", text="I")]) as server:
        done = _run(server, "--only", "one-line-slug", "--timeout", "3")
    assert done.returncode == 0, done.stderr
    assert re.match(r"limit +one-line-slug .* took more than 3 s\n", done.stdout)


def test_a_harness_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with ScriptedServer([Turn(end="hang", text="I")]) as server:
        environ["OPENAI_BASE_URL"] = server.url
        command = [sys.executable, "-m", "benchmarks.tasks", "--only", "one-line-slug"]
        with subprocess.Popen(command, cwd=CHECKOUT, env=environ) as harness:
            while not server.completions:
                time.sleep(0.02)
            harness.terminate()
    assert harness.returncode == 143
    assert list(tmp_path.iterdir()) == []  # the scratch folder goes after the program in it was ended


def test_the_harness_knows_its_tasks() -> None:
    with ScriptedServer() as server:
        done = _run(server, "--only", "no-such")
    assert done.returncode == 2
    assert "no such task: no-such" in done.stderr
