"""What a model means that writes a part of a file that has no definitions, and how short a file may become."""

from __future__ import annotations

import pytest

from git_draft.bots.fragments import check_shrinking, fit_contents
from git_draft.errors import ToolError


@pytest.mark.parametrize(
    "path, old, new",
    [
        ("a.js", "let x = 10;\n", "let x = 11;\n"),
        ("a.rb", "def f\n  1\nend\n", "def f\n  3\nend\n\ndef g\nend\n"),
        ("a.md", "# A\n\nB\n", "# A\n"),
        ("a.json", '{"a": 1}', '{"b": 1}'),
        ("a.js", "", "x();\n"),
        ("LICENSE", "a\n", "b\n"),
    ],
)
def test_all_of_another_file_is_taken_as_it_is(path: str, old: str, new: str) -> None:
    fitted = fit_contents(path, old, new, "fix it", set())
    assert (fitted.contents, fitted.is_merged) == (new, False)


@pytest.mark.parametrize(
    "path, before, after, prompt, is_refused",
    [
        ("a.md", 40, 10, "fix it", True),
        ("a.md", 40, 10, "make it shorter", False),
        ("a.md", 40, 10, "empty the file", False),
        ("a.md", 40, 10, "say what an empty text gives", True),
        ("a.md", 40, 10, "strip blanks from names, and replace the old address", True),
        ("a.md", 40, 10, "cut it down", False),
        ("a.md", 40, 25, "fix it", False),
        ("a.md", 20, 2, "fix it", True),
        ("a.yml", 6, 2, "fix it", True),
        ("a.yml", 4, 1, "fix it", False),
        ("a.rb", 20, 2, "fix it", True),
        ("a.py", 20, 2, "fix it", True),
        ("a.py", 20, 2, "remove the rest", False),
    ],
)
def test_a_file_that_loses_most_of_its_lines_is_refused_once(
    path: str, before: int, after: int, prompt: str, is_refused: bool
) -> None:
    warned: set[str] = set()
    if is_refused:
        with pytest.raises(ToolError, match=rf"would shrink from {before + 1} to {after + 1} lines"):
            check_shrinking(path, "a()\n" * before, "b()\n" * after, prompt, warned)
    check_shrinking(path, "a()\n" * before, "b()\n" * after, prompt, warned)


README = "# Title\n\n## Install\n\nmake\n\n## Use\n\nrun\n\n## Licence\n\nMIT\n"
STYLE = "a {\n  top: 1;\n}\n\nb {\n  top: 2;\n}\n"
SHELL = "f() {\n  a\n}\nf\necho done\n"


@pytest.mark.parametrize(
    "path, old, new, prompt, reason",
    [
        ("a.md", README, "## Install\n\nmake\n\n## Use\n\nrun it\n", "run it", "looks like a piece of it"),
        ("a.md", README, README.replace("# Title\n\n", ""), "fix it", ""),
        ("a.md", README, README.partition("## Licence")[0], "fix it", "looks like a piece of it"),
        ("a.md", README, README.partition("## Licence")[0], "remove the licence", ""),
        ("a.md", README, README.replace("make", "make\nmake test"), "fix it", ""),
        ("a.md", README, "# Title\n\nRun make, then run it.\n\nIt is free.\n\nSee LICENCE.\n", "fix it", ""),
        ("a.css", STYLE, "b {\n  top: 3;\n}\n\nc {\n  top: 2;\n}\n", "fix it", ""),
        ("a.css", STYLE * 2, "b {\n  top: 3;\n}\na {\n  top: 1;\n}\nb {\n  top: 2;\n}\n", "fix it", "a piece of it"),
        ("a.sh", SHELL, "f() {\n  b\n}\n", "fix it", "looks like a piece of it"),
        ("a.json", '{"name": 1, "run": {}}', '{"run": {"a": 1}}', "fix it", "a.json would lose name; "),
        ("a.json", '{"name": 1, "run": {}}', '{"run": {"a": 1}}', "clean up run", "a.json would lose name; "),
        ("a.json", '{"name": 1, "run": {}}', '{"run": {"a": 1}}', "remove the name", ""),
        ("a.json", '{"name": 1}', "[1]", "fix it", ""),
        ("a.json", '{"name": 1}', "{", "fix it", ""),
        ("a.toml", "name = 1\n\n[run]\na = 1\n", "[run]\na = 2\n", "fix it", "a.toml would lose name; "),
    ],
)  # fmt: skip
def test_a_piece_of_a_file_without_definitions_is_refused_once(
    path: str, old: str, new: str, prompt: str, reason: str
) -> None:
    warned: set[str] = set()
    if reason:
        with pytest.raises(ToolError, match=reason):
            check_shrinking(path, old, new, prompt, warned)
    check_shrinking(path, old, new, prompt, warned)
