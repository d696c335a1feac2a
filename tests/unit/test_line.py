"""The split of the command line before typer."""

from __future__ import annotations

import pytest

from git_draft.cli.line import COMMANDS, Line, find_meant, get_prompt, split_line
from git_draft.errors import UsageError


@pytest.mark.parametrize(
    "argv, line",
    [
        ([], Line("new")),
        (["fix the bug"], Line("new", ("fix the bug",))),
        (["new", "fix"], Line("new", ("fix",))),
        (["list", "--all"], Line("list", ("--all",))),
        (["--quit"], Line("new", ("--quit",))),
        (["-q", "list"], Line("new", ("-q", "list"))),
        (["listen"], Line("new", ("listen",))),
        (["--", "list"], Line("new", (), ("list",))),
        (["-q", "--", "a", "--"], Line("new", ("-q",), ("a", "--"))),
        (["-h"], Line("", wants_help=True)),
        (["--help"], Line("", wants_help=True)),
        (["help"], Line("", wants_help=True)),
        (["help", "me"], Line("new", ("help", "me"))),
        (["merge", "-h"], Line("merge", ("-h",), wants_help=True)),
        (["--", "-h"], Line("new", (), ("-h",))),
        (["--version"], Line("--version")),
        (["pick", "1/1", "--", "a", "-b"], Line("pick", ("1/1",), ("a", "-b"))),
    ],
)
def test_split(argv: list[str], line: Line) -> None:
    assert split_line(argv) == line


@pytest.mark.parametrize("name", COMMANDS)
def test_a_prompt_that_is_a_command(name: str) -> None:
    assert split_line(["--", name]) == Line("new", (), (name,))


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ("new", "pick")])
def test_only_prompts_and_paths_follow_two_dashes(name: str) -> None:
    with pytest.raises(UsageError, match=f"git draft {name} takes nothing after --"):
        split_line([name, "--", "x"])


@pytest.mark.parametrize(
    "words, rest, prompt",
    [([], None, None), (["fix it"], None, "fix it"), ([], ["list"], "list"), ([], ["lsit"], "lsit"), ([], [], None)],
)
def test_prompt(words: list[str], rest: list[str] | None, prompt: str | None) -> None:
    assert get_prompt(words, rest) == prompt


@pytest.mark.parametrize(
    "words, rest, reason",
    [
        (["fix", "it"], None, "quote the prompt: 2 words were given"),
        (["fix"], ["it"], "quote the prompt"),
        ([], ["fix", "it"], "quote the prompt"),
        (["list"], None, "did you mean git draft list"),
        (["lsit"], None, "did you mean git draft list"),
        (["mergee"], None, "did you mean git draft merge"),
        (["undo"], None, "did you mean git draft undo"),
    ],
)
def test_no_prompt(words: list[str], rest: list[str] | None, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        get_prompt(words, rest)


@pytest.mark.parametrize(
    "word, meant",
    [
        ("lst", "list"),
        ("liist", "list"),
        ("lisd", "list"),
        ("ilst", "list"),
        ("qui", "quit"),
        ("uqit", "quit"),
        ("shows", "show"),
        ("tsil", None),
        ("test", None),
        ("refactor", None),
        ("l", None),
        ("", None),
    ],
)
def test_one_slip(word: str, meant: str | None) -> None:
    assert find_meant(word) == meant
