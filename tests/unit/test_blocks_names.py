"""Which words of an answer are the path of a file."""

from __future__ import annotations

import pytest

from git_draft.bots.blocks import parse_answer
from git_draft.bots.edits import WholeFile

KNOWN = ["stats.py", "old.py", "src/app.js", "README.md", "Makefile", "docs/my notes.md", "a/__init__.py"]
CODE = "def mean(x):\n    return sum(x) / len(x)\n"


@pytest.mark.parametrize(
    "line, path",
    [
        ("new_module.py", "new_module.py"),
        ("`pkg/new.rs`", "pkg/new.rs"),
        ("File: `a thing`", "a thing"),
        ("docs/my notes.md", "docs/my notes.md"),
        ("**docs/my notes.md**", "docs/my notes.md"),
        ("Makefile", "Makefile"),
        ("./stats.py", "./stats.py"),
        ("path/to/stats.py", "path/to/stats.py"),
        ("a/__init__.py", "a/__init__.py"),
        ("__init__.py", "__init__.py"),
        (".gitignore", ".gitignore"),
        ("app/[id]/page.tsx", "app/[id]/page.tsx"),
    ],
)
def test_new_files_and_odd_paths(line: str, path: str) -> None:
    assert parse_answer(f"Text.\n\n{line}\n```\nx\n```", KNOWN).edits == (WholeFile(path, "x\n"),)


@pytest.mark.parametrize(
    "answer",
    [
        '```python title="Fix for f"\nx = 1\n```',
        '```js title="See src/app.js now"\nx = 1\n```',
        "```python name=fix\nx = 1\n```",
        '```{.python file="what to do"}\nx = 1\n```',
        '`application/json`:\n```json\n{"a": 1}\n```',
        '`application/vnd.api+json`:\n```json\n{"a": 1}\n```',
        '`GET/users`\n```json\n{"a": 1}\n```',
        "`origin/main`\n```\nabc\n```",
        "`origin/v1.2`\n```\nabc\n```",
        "application/json\n```json\n{}\n```",
        "Input/Output\n```\nabc\n```",
        "3.11\n```\nabc\n```",
        "See main.py\n```\nabc\n```",
        "the tests in main.py\n```\nabc\n```",
        "This is done.\n```\nabc\n```",
        "Output\n```\nabc\n```",
        "I think that\nmath.sqrt\n```python\nabc\n```",
    ],
)
def test_what_names_no_file_makes_none(answer: str) -> None:
    assert parse_answer(answer, KNOWN).edits == ()


@pytest.mark.parametrize("info", ["", "bash", "text"])
@pytest.mark.parametrize(
    "path",
    [
        *(
            "go.mod",
            "Foo/Foo.csproj",
            "deploy/app.service",
            "Pipfile",
            ".eslintrc",
            "py.typed",
            "bin/run",
            ".env.example",
        ),
        *(
            "my notes.txt",
            "src/new dir/notes.txt",
            "Project Plan.md",
            "requirements.in",
            "examples/usage.bicep",
            ".env",
        ),
    ],
)
def test_a_line_of_its_own_right_above_a_fence_names_any_file(path: str, info: str) -> None:
    is_shown = info == "bash" and path.endswith((".txt", ".md", ".csproj", ".bicep"))  # commands to type, it seems
    for before in ("", "Here it is.\n\n", f"stats.py\n```python\n{CODE}```\n"):
        parsed = parse_answer(f"{before}{path}\n```{info}\nx\n```\n", KNOWN)
        edits = [] if is_shown else [WholeFile(path, "x\n")]
        assert (list(parsed.edits)[before.startswith("stats") :], parsed.problems) == (edits, ())
        assert parsed.text == "Here it is." * before.startswith("Here") or is_shown


@pytest.mark.parametrize(
    "answer, path",
    [
        ("`src/run`\n```\nx\n```", "src/run"),
        ("`deploy/app.service`:\n```ini\nx\n```", "deploy/app.service"),
        ('```python title="new.py"\nx\n```', "new.py"),
        ("```bash file=bin/run\nx\n```", "bin/run"),
        ('```md title="docs/my notes.md"\nx\n```', "docs/my notes.md"),
        ('```md title="Notes" docs/new.md\nx\n```', "docs/new.md"),
    ],
)
def test_quoted_paths_and_titles_name_files(answer: str, path: str) -> None:
    assert parse_answer(answer, KNOWN).edits == (WholeFile(path, "x\n"),)


def test_the_example_path_gives_way_to_the_one_in_the_comment() -> None:
    answer = f"path/to/file.py\n```python\n# stats.py\n{CODE}```"
    assert parse_answer(answer, KNOWN).edits == (WholeFile("stats.py", f"# stats.py\n{CODE}"),)
