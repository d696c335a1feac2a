"""What each tool gives back, and what it does to the files."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from git_draft.protocols import MAX_HITS
from git_draft.toolbox import MAX_RESULT_CHARS, TOOLS, Finish, Toolbox
from tests.support.bots import RecordingFeedback
from tests.support.models import DictWorktree


class Bench:
    """A toolbox over a few files."""

    def __init__(self, files: Mapping[str, str], *answers: str) -> None:
        self.worktree = DictWorktree(files)
        self.feedback = RecordingFeedback([*answers])
        self.toolbox = Toolbox(self.worktree, self.feedback)

    def call(self, name: str, **arguments: Any) -> str:
        """Do a call."""
        return asyncio.run(self.toolbox.call(name, arguments))


def test_names_and_arguments_are_those_of_the_contract() -> None:
    assert {tool.name: list(tool.parameters["properties"]) for tool in TOOLS} == {
        "list_files": ["glob"],
        "read_file": ["path", "start_line", "end_line"],
        "search": ["pattern", "glob"],
        "edit_file": ["path", "old", "new"],
        "write_file": ["path", "contents"],
        "delete_file": ["path"],
        "rename_file": ["src_path", "dst_path"],
        "ask_user": ["question"],
        "finish": ["title", "summary"],
    }
    required = {tool.name: tool.parameters["required"] for tool in TOOLS}
    assert required["list_files"] == []
    assert required["finish"] == ["title"]


def test_schemas_are_plain_enough_for_small_servers() -> None:
    text = json.dumps([tool.parameters for tool in TOOLS])
    assert not [word for word in ("anyOf", "$ref", "$defs", "null", "default", 'title": "') if word in text]
    for tool in TOOLS:
        for schema in tool.parameters["properties"].values():
            assert set(schema) == {"type", "description"}


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ({}, "<file>\none\ntwo\nthree\n</file>"),
        ({"start_line": None, "end_line": None}, "<file>\none\ntwo\nthree\n</file>"),
        ({"start_line": 2}, "<file>\ntwo\nthree\n</file>\n[lines 2-3 of 3]"),
        ({"start_line": "2", "end_line": 2.0}, "<file>\ntwo\n</file>\n[lines 2-2 of 3; read on with start_line=3]"),
        ({"end_line": 99}, "<file>\none\ntwo\nthree\n</file>"),
        ({"start_line": 4}, "error: no such lines: f has 3"),
        ({"start_line": 3, "end_line": 2}, "error: no such lines: f has 3"),
        ({"start_line": 0}, "error: bad arguments: start_line: Input should be greater than or equal to 1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_read_file_shows_lines_as_they_stand(arguments: Mapping[str, Any], expected: str, end: str) -> None:
    result = Bench({"f": "one\ntwo\nthree\n".replace("\n", end)}).call("read_file", path="f", **arguments)
    assert result.partition("; read_file takes")[0] == expected


def test_read_file_says_how_to_read_on() -> None:
    bench = Bench({"f": "0123456789abcde\n" * 5000, "long": "x" * (MAX_RESULT_CHARS + 5), "empty": ""})
    result = bench.call("read_file", path="f")
    assert len(result) < MAX_RESULT_CHARS + 100
    assert result.endswith("\n[lines 1-2500 of 5000; read on with start_line=2501]")
    assert bench.call("read_file", path="f", start_line=2501).endswith("\n[lines 2501-5000 of 5000]")
    assert bench.call("read_file", path="long").endswith("x…\n</file>")
    assert bench.call("read_file", path="empty") == "(the file is empty)"


def test_lists_and_searches_are_cut_with_advice() -> None:
    bench = Bench({f"dir/file-{number:05}": "needle " + "x" * 500 for number in range(3000)})
    listed = bench.call("list_files")
    assert listed.startswith("<paths>\ndir/file-00000\ndir/file-00001\n")
    assert "of 3000 lines shown; use a narrower glob]" in listed
    found = bench.call("search", pattern="needle")
    assert found.startswith("<lines>\ndir/file-00000:1:needle xxx")
    assert found.split("\n")[1].endswith("x…")
    assert "use a narrower pattern or glob]" in found
    assert "stopped after" not in found
    few = Bench({"f": "x\n" * MAX_HITS}).call("search", pattern="x")
    assert few.endswith(f"f:{MAX_HITS}:x\n</lines>\n[stopped after {MAX_HITS} lines; use a narrower pattern or glob]")
    assert bench.call("list_files", glob="*.py") == "no files"
    assert bench.call("search", pattern="nothing") == "nothing found"


@pytest.mark.parametrize(
    "before, old, new, after",
    [
        ("a\nb\nc\n", "b", "x", "a\nx\nc\n"),
        ("a\nb\nc\n", "b\nc\n", "x\n", "a\nx\n"),
        ("a\nb\nc", "c", "", "a\nb\n"),
        ("a\r\nb\r\nc\r\n", "a\nb\n", "a\nx\ny\n", "a\r\nx\r\ny\r\nc\r\n"),
        ("a\r\nb\r\nc\r\n", "b", "x\ny", "a\r\nx\r\ny\r\nc\r\n"),
        ("a\nb\n", "a\r\nb", "a\r\nx", "a\nx\n"),
        ("a\r\nb\nc\n", "b\nc", "x\ny", "a\r\nx\ny\n"),
        ("f(.*)\n", "(.*)", "(\\1)", "f(\\1)\n"),
    ],
)
def test_edit_file_replaces_the_one_place(before: str, old: str, new: str, after: str) -> None:
    bench = Bench({"f": before})
    assert bench.call("edit_file", path="f", old=old, new=new) == "edited f"
    assert bench.worktree.files["f"] == after


@pytest.mark.parametrize(
    "old, reason",
    [
        ("a", "old is in f 3 times, at lines 1, 3, 4; include more lines around it"),
        ("aa", "old is not in f"),
        ("", "old is empty"),
        ("same", "old and new are the same"),
    ],
)
def test_edit_file_says_why_it_does_not(old: str, reason: str) -> None:
    bench = Bench({"f": "a\nb\na\nxax\n"})
    assert reason in bench.call("edit_file", path="f", old=old, new="same")
    assert bench.worktree.files["f"] == "a\nb\na\nxax\n"
    assert bench.feedback.kinds == ["tool-error"]


def test_edit_file_counts_places_that_overlap() -> None:
    assert "old is in f 2 times" in Bench({"f": "ababa"}).call("edit_file", path="f", old="aba", new="x")


def test_edit_file_shows_the_nearest_lines() -> None:
    result = Bench({"f": "def run():\n    return value_of(x)\n"}).call(
        "edit_file", path="f", old="  return valueof(x)", new="y"
    )
    assert result.endswith("Nearest lines:\n<lines>\n2: return value_of(x)\n</lines>")


def test_a_write_that_leaves_things_out_is_refused_once() -> None:
    bench = Bench({"f.py": "a = 1\n" * 50})
    contents = "a = 2\n# ... rest of the code unchanged ...\n"
    assert "would become shorter" in bench.call("write_file", path="f.py", contents=contents)
    assert bench.worktree.files["f.py"] == "a = 1\n" * 50
    assert bench.call("write_file", path="f.py", contents=contents) == "wrote f.py"
    assert bench.call("write_file", path="new.py", contents=contents) == "wrote new.py"


@pytest.mark.parametrize("line", ["\n", "{\n", "...\n", "# ...\n", "... the\n", " "])
def test_looking_for_what_was_left_out_takes_as_long_as_the_text(line: str) -> None:
    def measure_s(lines: int) -> float:
        bench = Bench({"f": "x" * lines * 9})
        started_s = time.process_time()
        assert bench.call("write_file", path="f", contents=line * lines) == "wrote f"
        return time.process_time() - started_s

    assert measure_s(16_000) < 30 * (min(measure_s(2000) for _ in range(3)) + 0.001), "8 times the text, 64 the time"


def test_files_come_and_go() -> None:
    bench = Bench({"a": "1"})
    assert bench.call("write_file", path="b", contents="2") == "wrote b"
    assert bench.call("rename_file", src_path="b", dst_path="c") == "renamed b to c"
    assert bench.call("delete_file", path="a") == "deleted a"
    assert bench.worktree.files == {"c": "2"}


def test_a_question_goes_to_the_user() -> None:
    bench = Bench({}, "blue")
    assert bench.call("ask_user", question="which?") == "blue"
    assert "Nobody can answer now" in bench.call("ask_user", question="which one?")
    assert bench.toolbox.open_question == "which one?"
    assert bench.feedback.events == [], "the feedback itself records what was asked"


def test_finish_is_kept() -> None:
    bench = Bench({})
    bench.call("finish", title=" Fix\nit ", summary="")
    assert bench.toolbox.finish == Finish("Fix it", None)


@pytest.mark.parametrize(
    "name, arguments, reason",
    [
        ("run_command", {"cmd": "ls"}, "there is no tool 'run_command'; the tools are list_files, read_file"),
        ("read_file", {}, "bad arguments: path: Field required; read_file takes path, start_line, end_line"),
        ("read_file", {"path": 3}, "path: Input should be a valid string"),
        ("read_file", {"path": "none"}, "there is no file none"),
        ("ask_user", {"question": ""}, "at least 1 character"),
    ],
)
def test_a_call_that_fails_says_why(name: str, arguments: Mapping[str, Any], reason: str) -> None:
    bench = Bench({})
    result = bench.call(name, **arguments)
    assert result.startswith("error: ")
    assert reason in result
    assert bench.feedback.kinds == ["tool-error"]
    assert bench.call("list_files", surplus=1) == "no files"
