"""What an answer's edits do to the files, and what is refused of them."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from git_draft.bots.blocks import parse_answer
from git_draft.bots.edits import Deletion, Edit, Renaming, Replacement, WholeFile, format_edits
from git_draft.bots.patching import Applied, apply_answer
from git_draft.errors import ToolError
from tests.support import trees as trees_support
from tests.support.models import DictWorktree

FILES = {"src/stats.py": "def mean(x):\n    return sum(x)\n", "old.py": "x = 1\n", "pkg/__init__.py": "a = 1\nb = 2\n"}


class Bench:
    """Files and what was refused of them before."""

    def __init__(self, files: Mapping[str, str] | None = None, *, shown: Collection[str] | None = None) -> None:
        self.worktree = DictWorktree(FILES if files is None else files)
        self.before = dict(self.worktree.files)
        self.shown = self.before if shown is None else shown
        self.warned: set[str] = set()

    def answer(self, text: str, prompt: str = "fix it") -> Applied:
        """Apply an answer as a model writes it."""
        parsed = parse_answer(text, self.before)
        assert parsed.problems == ()
        return apply_answer(parsed, self.worktree, prompt=prompt, warned=self.warned, shown=self.shown)

    def edit(self, *edits: Edit, prompt: str = "fix it") -> Applied:
        """Apply edits."""
        return self.answer(format_edits(edits), prompt)

    @property
    def changes(self) -> dict[str, str | None]:
        """What is no longer as it was; None for files that went."""
        after = self.worktree.files
        return {path: after.get(path) for path in {*self.before, *after} if self.before.get(path) != after.get(path)}


NEW = "def mean(x):\n    return sum(x) / len(x)\n"


@pytest.mark.parametrize(
    "path",
    [
        "src/stats.py",
        "./src/stats.py",
        "a/src/stats.py",
        "stats.py",
        "path/to/stats.py",
        "/src/stats.py",
        "repo/src/stats.py",
    ],
)
@pytest.mark.parametrize("is_whole", [True, False])
def test_the_file_that_is_meant_is_found(path: str, is_whole: bool) -> None:
    bench = Bench()
    edit = WholeFile(path, NEW) if is_whole else Replacement(path, "return sum(x)\n", "return sum(x) / len(x)\n")
    assert bench.edit(edit) == Applied(("src/stats.py",), ())
    assert bench.changes == {"src/stats.py": NEW}


@pytest.mark.parametrize(
    "path, contents",
    [
        ("lib/stats.py", "def quite(other):\n    return 'things'\n"),
        ("tests/__init__.py", "a = 1\nb = 2\n"),
        ("new.py", "x = 1\n"),
        ("./new.py", "x = 1\n"),
        ("empty.py", ""),
    ],
)
def test_a_new_file_is_made_where_it_was_said(path: str, contents: str) -> None:
    bench = Bench()
    made = (path.removeprefix("./"),)
    assert bench.edit(WholeFile(path, contents)) == Applied(made, (), made=made)
    assert bench.changes == {path.removeprefix("./"): contents}


def test_a_new_file_ends_with_a_line_end() -> None:
    bench = Bench()
    bench.edit(WholeFile("a.txt", "x"), Replacement("b.txt", "", "y\n"))
    assert bench.changes == {"a.txt": "x\n", "b.txt": "y\n"}


@pytest.mark.parametrize(
    "edit, reason",
    [
        (WholeFile("path/to/other.py", "x = 2\n"), "path/to/other.py is no path of this repository"),
        (
            WholeFile("old.py", "\n"),
            "the contents for old.py are empty; to remove it write a line: Delete file: `old.py`",
        ),
        (Replacement("none.py", "x\n", "y\n"), "there is no file none.py"),
        (
            Replacement("old.py", "x = 2\n", "x = 3\n"),
            "the text to find is not in old.py: it begins with 'x = 2'. Nearest lines:\n1: x = 1",
        ),
        (Replacement("old.py", "", "x = 3\n"), "the text to find in old.py is empty"),
        (Deletion("none.py"), "there is no file none.py to delete"),
        (Deletion("src/old.py"), "there is no file src/old.py to delete"),
        (Renaming("none.py", "b.py"), "there is no file none.py to rename"),
        (Renaming("old.py", "src/stats.py"), "exists already"),
    ],
)
def test_what_can_not_be_done_says_why(edit: Edit, reason: str) -> None:
    bench = Bench()
    applied = bench.edit(edit)
    assert applied.changed == ()
    assert len(applied.refusals) == 1
    assert reason in applied.refusals[0]
    assert bench.changes == {}


def test_an_empty_file_is_filled_by_a_block_that_looks_for_nothing() -> None:
    bench = Bench({"empty.py": "", "blank.py": "\n"})
    bench.edit(Replacement("empty.py", "", "x = 1\n"), Replacement("blank.py", "\n", "y = 1\n"))
    assert bench.changes == {"empty.py": "x = 1\n", "blank.py": "y = 1\n"}


def test_what_fits_stays() -> None:
    bench = Bench()
    applied = bench.edit(
        Replacement("old.py", "x = 1\n", "x = 2\n"),
        Replacement("old.py", "none\n", ""),
        Replacement("old.py", "2", "3"),
    )
    assert applied.changed == ("old.py",)
    assert len(applied.refusals) == 1
    assert bench.changes == {"old.py": "x = 3\n"}


def test_files_repeated_unchanged_are_no_change() -> None:
    bench = Bench()
    answer = format_edits([WholeFile(path, text) for path, text in FILES.items()])
    assert bench.answer(answer.replace("src/stats.py", "stats.py")) == Applied((), (), tuple(sorted(FILES)))
    assert bench.edit(Replacement("old.py", "x = 1\n", "x = 1\n")) == Applied((), ())
    assert bench.edit(WholeFile("old.py", "(unchanged)\n")) == Applied((), (), ("old.py",))
    assert Bench(shown=()).answer(answer).refusals == (), "even where they were not shown"
    assert bench.changes == {}


def test_the_words_of_the_format_are_no_contents() -> None:
    bench = Bench({"README.md": "# Title\n"})
    applied = bench.edit(WholeFile("README.md", "the complete new contents of this file\n"))
    assert applied.refusals == ("what you wrote for README.md is no contents; write all of it, or leave it out",)


@pytest.mark.parametrize("comment", ["# old.py", "# path/to/old.py", "# File: old.py"])
def test_a_comment_that_only_names_the_file_is_left_out(comment: str) -> None:
    bench = Bench()
    bench.answer(f"```python\n{comment}\nx = 2\n```")
    assert bench.changes == {"old.py": "x = 2\n"}
    bench = Bench({"old.py": f"{comment}\nx = 1\n"})
    bench.answer(f"old.py\n```python\n{comment}\nx = 2\n```")
    assert bench.changes == {"old.py": f"{comment}\nx = 2\n"}, "the file had it"
    bench = Bench()
    bench.answer(f"old.py\n```python\n{comment}\nx = 2\n```", "add a comment with the name at the top")
    assert bench.changes == {"old.py": f"{comment}\nx = 2\n"}, "it was asked for"


def test_a_file_that_was_not_shown_is_not_written_whole() -> None:
    bench = Bench({"a.py": "def f():\n    pass\n\n\ndef g():\n    pass\n", "b.txt": "1\n"}, shown=["none"])
    applied = bench.edit(WholeFile("b.txt", "2\n"))
    assert applied.refusals == (
        "you have not seen b.txt, so you can't write all of it; change it with search/replace blocks",
    )
    assert (
        bench.edit(Replacement("b.txt", "1\n", "2\n"), WholeFile("c.txt", "3\n"), WholeFile("c.txt", "4\n")).refusals
        == ()
    )
    assert bench.edit(WholeFile("a.py", "def f():\n    return 1\n")).refusals == ()
    assert bench.changes["a.py"] == "def f():\n    return 1\n\n\ndef g():\n    pass\n"


def test_contents_that_leave_things_out_are_refused_once() -> None:
    bench = Bench({"a.md": "text\n" * 20})
    edit = WholeFile("a.md", "text\n... rest of the file ...\n")
    assert "would become shorter and has the line '... rest of the file ...'" in bench.edit(edit).refusals[0]
    assert bench.changes == {}
    assert bench.edit(edit).refusals == ()
    assert bench.changes == {"a.md": edit.contents}
    bench = Bench({"a.md": "text\n" * 40})
    assert "would shrink from 41 to 3 lines" in bench.edit(WholeFile("a.md", "a\nb\n")).refusals[0]
    assert bench.edit(WholeFile("a.md", "a\nb\n")).refusals == ()


def test_a_file_is_written_a_few_times_only() -> None:
    bench = Bench()
    applied = bench.edit(*(WholeFile("old.py", f"x = {number}\n") for number in range(100)))
    assert applied.refusals == ("old.py is written more than 20 times; write each file once",)
    assert bench.changes == {"old.py": "x = 19\n"}


def test_files_are_deleted_and_renamed() -> None:
    bench = Bench()
    applied = bench.edit(
        Renaming("old.py", "lib/new.py"), Deletion("stats.py"), prompt="Move old.py to lib/new.py and delete stats.py."
    )
    assert applied == Applied(("lib/new.py", "old.py", "src/stats.py"), ())
    assert bench.changes == {"old.py": None, "lib/new.py": "x = 1\n", "src/stats.py": None}


@pytest.mark.parametrize(
    "edits",
    [
        [Renaming("old.py", "new.py"), WholeFile("new.py", "x = 2\n")],
        [WholeFile("new.py", "x = 2\n"), Renaming("old.py", "new.py")],
        [Replacement("old.py", "x = 1\n", "x = 2\n"), Renaming("old.py", "new.py")],
        [Renaming("old.py", "new.py"), Replacement("old.py", "x = 1\n", "x = 2\n")],
        [Renaming("old.py", "new.py"), WholeFile("new.py", "x = 2\n"), Deletion("old.py")],
        [WholeFile("new.py", "x = 2\n"), Deletion("old.py")],
    ],
)
def test_a_move_may_be_said_in_many_ways(edits: list[Edit]) -> None:
    bench = Bench()
    applied = bench.edit(*edits, prompt="Rename old.py to new.py")
    assert (applied.changed, applied.refusals) == (("new.py", "old.py"), ())
    assert bench.changes == {"old.py": None, "new.py": "x = 2\n"}


@pytest.mark.parametrize(
    "prompt, is_asked",
    [
        ("Delete old.py", True),
        ("Please remove the file `old.py`, nobody needs it.", True),
        ("Rename stats.py and old.py to new names", True),
        ("Merge a.py and old.py into b.py", True),
        ("remove the old module", True),
        ("old.py is not needed, delete it", True),
        ("`old.py` should go.", True),
        ("old.py has to go, and the import with it", True),
        ("old.py should be called lib/new.py", True),
        ("old.py can be removed", True),
        ("old.py should become new.py", True),
        ("get rid of the good old exporter, fix what breaks", False),
        ("the exporter and its old tests should go", False),
        ("it is not about the old exporter any more", False),
        ("the old exporter should be called new", False),
        ("get rid of the exporter and fix the rest", False),
        ("add a function merge_old(old) to old.py", False),
        ("old.py should not be removed by f()", False),
        ("old.py should be called by main, and x removed", False),
        ("clean up", False),
        ("", False),
        ("delete the files that nobody uses", False),
        ("put all modules into a package", False),
        ("Lösche old.py", False),
    ],
)
@pytest.mark.parametrize("edit", [Deletion("old.py"), Renaming("old.py", "new.py")])
def test_a_file_goes_when_it_was_asked_for_or_is_said_twice(edit: Edit, prompt: str, is_asked: bool) -> None:
    bench = Bench()
    for number in range(1 if is_asked else 2):
        applied = bench.edit(edit, prompt=prompt)
        assert (applied.refusals == ()) is (is_asked or number == 1)
    assert bench.changes["old.py"] is None


@pytest.mark.parametrize(
    "prompt",
    [
        "page_count in old.py gives one page too many. Fix it.",
        "remove send_fax and the fax channel from old.py",
        "remove send_fax and the fax channel from pkg/a.py and old.py",
        "the old one is wrong: remove f from old.py",
        "no x any more: remove it from pkg/a.py and old.py",
        "old things need no x any more: remove it from old.py",
        "remove the function and fix the rest",
        "rename f to g",
        "old.py should call f once and must go on with the rest",
        "the old number is wrong",
        "add f in old.py",
    ],
)
@pytest.mark.parametrize("edit", [Deletion("old.py"), Renaming("old.py", "new.py")])
def test_a_file_that_nobody_wants_gone_stays(edit: Edit, prompt: str) -> None:
    bench = Bench()
    for _ in range(2):
        what = "deleted" if isinstance(edit, Deletion) else "renamed"
        (refusal,) = bench.edit(edit, prompt=f"{prompt} It is in the way.").refusals
        assert refusal == f"the request does not say that old.py is to be {what}"
    assert bench.changes == {}


class Stubborn(DictWorktree):
    """Lets nothing be written."""

    def write_file(self, path: str, contents: str) -> None:
        """Refuse."""
        raise ToolError(f"{path} is withheld")


def test_what_the_worktree_refuses_is_a_refusal() -> None:
    bench = Bench()
    bench.worktree = Stubborn(FILES)
    applied = bench.edit(Replacement("old.py", "x = 1\n", "x = 2\n"), WholeFile(".env", "x\n"))
    assert applied == Applied((), (".env is withheld", "old.py is withheld"))


@pytest.mark.parametrize(
    "before, edit, after",
    [
        (b"a\r\nb\r\n", WholeFile("f", "a\nc\n"), b"a\r\nc\r\n"),
        (b"\xef\xbb\xbfa\nb", WholeFile("f", "a\nc\n"), b"\xef\xbb\xbfa\nc"),
        (b"a\r\nb\nc\n", WholeFile("f", "a\nb\nd\n"), b"a\r\nb\nd\n"),
        (b"\xef\xbb\xbfa\r\nb\r\n", Replacement("f", "b\n", "c\nd\n"), b"\xef\xbb\xbfa\r\nc\r\nd\r\n"),
        (b"a\xe9\nb", Replacement("f", "b\n", "c\n"), b"a\xe9\nc"),
    ],
)
def test_bytes_that_no_edit_means_survive(tmp_path: Path, before: bytes, edit: Edit, after: bytes) -> None:
    trees = trees_support.Bench(tmp_path / "repo", {"f": before})
    answer = parse_answer(format_edits([edit]), ["f"])
    assert apply_answer(answer, trees.files, prompt="", warned=set(), shown=["f"]) == Applied(("f",), ())
    assert trees.bytes_of("f") == after


@pytest.mark.parametrize("kind", ["same", "nearly", "none", "whole", "methods"])
def test_a_long_answer_for_a_long_file_takes_no_time(kind: str) -> None:
    functions = [f"def f{n}(x):\n    y = x + {n}\n    if y:\n        return y\n" for n in range(2500)]
    bench = Bench({"long.py": "".join(functions)})
    if kind == "whole":
        answer = format_edits([WholeFile("long.py", bench.before["long.py"].replace("+ 7\n", "+ 8\n"))])
    elif kind == "methods":
        answer = format_edits([WholeFile("long.py", "".join(functions[::2]).replace("return y", "return x"))])
    else:
        searches = {
            "same": functions,
            "nearly": [f.replace("    ", "  ", 1) for f in functions],
            "none": [f[::-1] + "\n" for f in functions],
        }[kind]
        edits = [Replacement("long.py", search, search.replace("return y", "return x")) for search in searches[:1600]]
        answer = format_edits(edits)
    started_s = time.process_time()
    bench.answer(answer)
    assert time.process_time() - started_s < 5  # its square would take minutes


@pytest.mark.parametrize(
    "files, path, prompt",
    [
        ({"shop/views.py": "def index():\n    return 1\n"}, "blog/views.py", "add an app Blog like shop"),
        ({"shop/views.py": "def index():\n    return 1\n", "blog/x.py": "y = 1\n"}, "blog/views.py", "add views"),
        ({"main.go": "func main() {\n}\n", "a/x.go": "package a\n"}, "a/main.go", "add a second program"),
    ],
)
def test_a_new_file_in_a_folder_that_is_meant_leaves_its_namesake(
    files: dict[str, str], path: str, prompt: str
) -> None:
    bench = Bench(files)
    contents = next(iter(files.values())) + "\n# more\n"
    assert bench.edit(WholeFile(path, contents), prompt=prompt).made == (path,)
    assert bench.changes == {path: contents}


def test_a_new_file_can_be_written_again() -> None:
    bench = Bench(shown=[])
    assert bench.edit(WholeFile("notes.txt", "one\n"), prompt="make notes.txt").made == ("notes.txt",)


def test_a_deletion_that_is_said_again_spares_a_namesake() -> None:
    bench = Bench({"stats.py": "x = 1\n", "lib/stats.py": "y = 1\n"})
    for _ in range(2):
        assert bench.edit(Deletion("stats.py"), prompt="delete stats.py").refusals == ()
    assert bench.changes == {"stats.py": None}
