"""Where a file in an answer ends: fences in fences, and several files in one."""

from __future__ import annotations

import pytest

from git_draft.bots.blocks import parse_answer
from git_draft.bots.edits import WholeFile

KNOWN = ["stats.py", "old.py", "src/app.js", "README.md", "Makefile", "docs/my notes.md", "a/__init__.py"]
CODE = "def mean(x):\n    return sum(x) / len(x)\n"
WHOLE = WholeFile("stats.py", CODE)


@pytest.mark.parametrize("info", ["markdown", "md", ""])
def test_a_markdown_file_holds_fences(info: str) -> None:
    inner = "# T\n\n```bash\nmake\n```\n\nOr:\n\n```\nmake all\n```\n\nEnd.\n"
    parsed = parse_answer(f"README.md\n```{info}\n{inner}```\n\nDone.\n", KNOWN)
    assert (parsed.edits, parsed.text) == ((WholeFile("README.md", inner),), "Done.")


@pytest.mark.parametrize("info", ["", "text", "plaintext"])
@pytest.mark.parametrize("path", ["guide.txt", "docs/api.adoc", "INSTALL", "notes.unknown", "i.yml"])
@pytest.mark.parametrize(
    "inner",
    [
        "Guide\n\nRun:\n\n```\nmake\n```\n\nThen:\n\n```\nmake test\n```\n\nDone.\n",
        "Guide\nRun:\n```\nmake\n```\nThen:\n```\nmake test\n```\nDone.\n",
        "Guide\nRun\n```\nmake\n```\n\nThen\n```\nmake test\n```\n\nDone.\n",
        "Run:\n\n```\nmake\n```\n",
        "Run\n```make```\nor:\n\n```\nmake all\n```\n\n````or not````\n",
        "Run:\n```sh\nmake\n```\n\nOr:\n```\nmake all\n```\n",
    ],
)
def test_every_file_of_text_holds_fences(path: str, inner: str, info: str) -> None:
    for above in (f"File: {path}\n", f"File: {path}\n\n"):
        parsed = parse_answer(f"{above}```{info}\n{inner}```\n\nstats.py\n```python\n{CODE}```\n", KNOWN)
        assert (parsed.edits, parsed.problems, parsed.text) == ((WholeFile(path, inner), WHOLE), (), "")


@pytest.mark.parametrize(
    "after",
    [
        "\nRun it:\n```\nmake\n```",
        "Run it:\n```\nmake\n```\n",
        "\nRun it:\n\n```\nmake\n```\n\nOr:\n\n```\nmake all\n```\n\nDone.",
        "Run it:\n```\nmake\n```\nOr:\n```\nmake all\n```\nDone.",
        "Done.\n",
        "\n```\n",
        "This is what `stats.py` says now.",
        "\nstats.py\n```\n~~~\n```\n",
        f"\nstats.py\n```\n{CODE}```\n```\n",
        "Then:\n\nstats.py\n````\n```\n````\n",
        "Then:\n\nstats.py\n<<<<<<< SEARCH\n```\n=======\n```\n```\n>>>>>>> REPLACE\n",
    ],
)
@pytest.mark.parametrize("contents", ["Guide\n", "Guide\n\nMore.\n"])
def test_fences_behind_a_file_of_text_are_no_part_of_it(contents: str, after: str) -> None:
    parsed = parse_answer(f"guide.txt\n```\n{contents}```\n{after}", KNOWN)
    assert (parsed.edits[:1], parsed.problems) == ((WholeFile("guide.txt", contents),), ())


def test_files_of_text_part_where_the_next_is_named() -> None:
    for end in ("", "\n"):
        answer = f"a.txt\n```\none\n{end}```\nb.txt\n```\ntwo\n{end}```\n`c.txt`\n```\nthree\n```"
        edits = (WholeFile("a.txt", f"one\n{end}"), WholeFile("b.txt", f"two\n{end}"), WholeFile("c.txt", "three\n"))
        assert (parse_answer(answer).edits, parse_answer(answer).problems) == (edits, ())


@pytest.mark.parametrize(
    "rest",
    [
        "Guide\nRun\n```\nmake\n```\nThen go\n```",  # no blank line tells what opens and what closes
        "Guide\nRun:\n```\nmake\n```",
        "Guide\n\nRun:\n\n```\nmake\n```\n\nDone.\n",
    ],
)
def test_a_file_of_text_is_not_cut_off_in_silence(rest: str) -> None:
    parsed = parse_answer(f"stats.py\n```python\n{CODE}```\n\nguide.txt\n```\n{rest}", KNOWN)
    assert parsed.edits == (WHOLE,)
    assert len(parsed.problems) == 1
    assert "guide.txt" in parsed.problems[0]


def test_code_holds_fences_in_its_documentation() -> None:
    inner = 'def f():\n    """Do.\n\n    ```\n    f()\n    ```\n    """\n'
    assert parse_answer(f"stats.py\n```python\n{inner}```", KNOWN).edits == (WholeFile("stats.py", inner),)


def test_comments_part_a_fence_with_several_files() -> None:
    answer = f"```python\n# stats.py\n{CODE}\n# old.py\nx = 1\n# stats.py is used\n\n# new_test.py\n\ny = 1\n```"
    assert parse_answer(answer, KNOWN).edits == (
        WholeFile("stats.py", f"# stats.py\n{CODE}"),
        WholeFile("old.py", "# old.py\nx = 1\n# stats.py is used\n"),
        WholeFile("new_test.py", "# new_test.py\n\ny = 1\n"),
    )
    inner = f"{CODE}\n# old.py\nx = 1\n"
    assert parse_answer(f"stats.py\n```\n{inner}```", KNOWN).edits == (WholeFile("stats.py", inner),)
    close = f"# stats.py\n{CODE}# old.py\nx = 1\n"
    assert parse_answer(f"```python\n{close}```", KNOWN).edits == (WholeFile("stats.py", close),)


@pytest.mark.parametrize(
    "info, first, second, is_parted",
    [
        ("bash", "# setup.sh", "# app.py", False),
        ("", "# setup.sh", "# app.py", False),
        ("", "# Makefile", "# stats.py", False),
        ("", "# conf/app.toml", "# stats.py", False),
        ("python", "# stats.py", "# README.md", False),
        ("bash", "# setup.sh", "# deploy.sh", True),
        ("js", "// src/app.js", "// src/view.jsx", True),
        ("", "# stats.py", "// src/app.js", True),
        ("", "# conf/a.toml", "# conf/b.toml", True),
        ("yaml", "# a.yml", "# b.yaml", True),
    ],
)
def test_a_comment_parts_files_of_one_language(info: str, first: str, second: str, is_parted: bool) -> None:
    answer = f"```{info}\n{first}\n\none\n\n{second}\n\ntwo\n```"
    parsed = parse_answer(answer, [*KNOWN, "setup.sh", "app.py", "conf/app.toml"])
    paths = [first.split()[1], *([second.split()[1]] if is_parted else [])]
    assert [edit.path for edit in parsed.edits if isinstance(edit, WholeFile)] == paths


def test_marks_of_a_merge_are_contents() -> None:
    text = "a\n<<<<<<<\nb\n=======\nc\n>>>>>>>\nd\n"
    assert parse_answer(f"README.md\n```\n{text}```", KNOWN).edits == (WholeFile("README.md", text),)
    text = "a\n<<<<<<<\nb\n"
    assert parse_answer(f"README.md\n```\n{text}```", KNOWN).edits == (WholeFile("README.md", text),)


@pytest.mark.parametrize("depth", [2, 3000])
def test_fences_in_fences_are_read_once(depth: int) -> None:
    assert parse_answer("```\nstats.py\nx\n" * depth, KNOWN).edits == ()
    assert parse_answer("```\nstats.py\n```python\nx\n```\nDelete file: `old.py`\n```", KNOWN).edits == (
        WholeFile("stats.py", "x\n"),
    )
