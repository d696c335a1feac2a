"""What an answer is read as: real-looking answers of small models, and the form that we write ourselves."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from git_draft.bots.blocks import parse_answer
from git_draft.bots.edits import Deletion, Edit, Renaming, Replacement, WholeFile, format_edits

KNOWN = ["stats.py", "old.py", "src/app.js", "README.md", "Makefile", "docs/my notes.md", "a/__init__.py"]
CODE = "def mean(x):\n    return sum(x) / len(x)\n"
WHOLE = WholeFile("stats.py", CODE)


@pytest.mark.parametrize(
    "answer",
    [
        f"stats.py\n```python\n{CODE}```",
        f"**stats.py**\n```python\n{CODE}```",
        f"**stats.py:**\n\n```python\n{CODE}```",
        f"`stats.py`\n```python\n{CODE}```",
        f"`stats.py`:\n```python\n{CODE}```",
        f"### stats.py\n```python\n{CODE}```",
        f"#### `stats.py`\n\n```python\n{CODE}```",
        f"File: stats.py\n```python\n{CODE}```",
        f"**File: `stats.py`**\n```python\n{CODE}```",
        f"**File:** stats.py\n```python\n{CODE}```",
        f"File name: stats.py\n```\n{CODE}```",
        f"Updated file: `stats.py`\n```python\n{CODE}```",
        f"Here is the updated stats.py:\n```python\n{CODE}```",
        f"In `stats.py`:\n```python\n{CODE}```",
        f"1. `stats.py`\n```python\n{CODE}```",
        f"- stats.py:\n```python\n{CODE}```",
        f"> stats.py\n```python\n{CODE}```",
        f'"stats.py"\n```python\n{CODE}```',
        f"stats.py (updated)\n```python\n{CODE}```",
        f"[stats.py](stats.py)\n```python\n{CODE}```",
        f"```\nstats.py\n```\n\n```python\n{CODE}```",
        f"```\nstats.py\n```\n```python\n{CODE}```\n",
        f"stats.py\n```\nstats.py\n```\n```\n{CODE}```",
        f"```python stats.py\n{CODE}```",
        f"```stats.py\n{CODE}```",
        f"```python:stats.py\n{CODE}```",
        f"```python:stats.py:1-9\n{CODE}```",
        f"```1:9:stats.py\n{CODE}```",
        f"```\nstats.py\n```python\n{CODE}```\n```",
        f"```markdown\n**stats.py**\n\n```python\n{CODE}```\n```\n",
        f"```\nstats.py\n```python\n{CODE}```",
        f'```python title="stats.py"\n{CODE}```',
        f"```python filename=stats.py\n{CODE}```",
        f"```{{.python file='stats.py'}}\n{CODE}```",
        f"The function in `stats.py` divides now:\n\n```python\n{CODE}```",
        f"I fixed `stats.py`. It was the `mean` that\ndid not divide.\n\n```python\n{CODE}```",
        f"~~~python stats.py\n{CODE}~~~",
        f"stats.py\n````python\n{CODE}````",
        f"stats.py\r\n```python\r\n{CODE}```\r\n".replace("\r", "").replace("\n", "\r\n"),
        f"1. stats.py\n   ```python\n   {CODE.replace(chr(10) + '    ', chr(10) + '       ')}   ```",
    ],
)
def test_a_whole_file_is_found_wherever_its_path_stands(answer: str) -> None:
    parsed = parse_answer(answer, KNOWN)
    assert (parsed.edits, parsed.problems) == ((WHOLE,), ())


@pytest.mark.parametrize("comment", ["# stats.py", "# File: stats.py", "#stats.py", "# path/to/stats.py"])
def test_a_path_in_the_first_comment_names_the_file(comment: str) -> None:
    path = comment.removeprefix("# path/to/") if "/" not in comment else "path/to/stats.py"
    path = path.removeprefix("# File: ").strip("# ")
    parsed = parse_answer(f"Sure!\n```python\n{comment}\n{CODE}```", KNOWN)
    assert parsed.edits == (WholeFile(path, f"{comment}\n{CODE}"),), "whether it is taken out the file decides"


@pytest.mark.parametrize(
    "language, comment",
    [("javascript", "// src/app.js"), ("js", "/* src/app.js */"), ("", "// src/app.js"), ("html", "<!-- new.html -->")],
)
def test_comments_of_other_languages_name_files_too(language: str, comment: str) -> None:
    (edit,) = parse_answer(f"```{language}\n{comment}\nx\n```", KNOWN).edits
    assert isinstance(edit, WholeFile)
    assert edit.path in comment


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
        "Run it:\n```bash\npython stats.py\n```",
        "Run `stats.py`:\n```bash\npython stats.py\n```",
        "```bash\n# stats.py\npython stats.py\n```",
        "```console\n$ python stats.py\n3\n```",
        "stats.py\n```console\n$ python stats.py\n3\n```",
        "It prints:\n```\n3\n```",
        "`stats.py` gives:\n```text\n3\n```",
        "The value of `x`:\n```text\n3\n```",
        "For example:\n```python\nmean([1])\n```",
        "Version 3.11:\n```text\nx\n```",
        "Node.js\n```text\nx\n```",
        "```sh\nmake\n```",
        "Input/Output:\n```text\nx\n```",
    ],
)
def test_examples_and_commands_are_no_edits(answer: str) -> None:
    parsed = parse_answer(f"{answer}\n\nstats.py\n```python\n{CODE}```", KNOWN)
    assert (parsed.edits, parsed.problems) == ((WHOLE,), ())
    assert parsed.text == answer


@pytest.mark.parametrize(
    "answer, reason",
    [
        ("```python\nx = 1\n```", "a python code block names no file"),
        ("```\nx = 1\n```", "a code block names no file"),
        ("```plaintext\nx = 1\n```", "a code block names no file"),
        ("Rename file: stats.py to mean everywhere.", "the line 'Rename file: stats.py to mean everywhere.' can't be"),
        ("- **Rename file:** stats.py", "`Delete file: path` or `Rename file: old -> new`"),
        ("Delete file: other.py", "the line 'Delete file: other.py' can't be done"),
        ("stats.py\n```python\ndef mean(x):\n    ret", "the contents of stats.py were cut off"),
        ("```diff\n--- a/stats.py\n+++ b/stats.py\n@@ -1 +1 @@\n-x\n+y\n```", "a diff can't be applied"),
        ("stats.py\n```diff\n-x\n+y\n```", "a diff can't be applied"),
        ("stats.py\n```\n<<<<<<< SEARCH\nx\n=======\ny\n```", "a search/replace block is broken"),
        ("stats.py\n```\n<<<<<<< SEARCH\nx\n>>>>>>> REPLACE\n```", "a search/replace block is broken"),
        ("stats.py\n<<<<<<< SEARCH\nx\n=======\ny\n", "a search/replace block is broken"),
        ("<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n", "a search/replace block names no file"),
        ("```\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n```", "a search/replace block names no file"),
    ],
)
def test_what_can_not_be_read_is_a_reason_for_the_model(answer: str, reason: str) -> None:
    parsed = parse_answer(answer, KNOWN)
    assert parsed.edits == ()
    assert len(parsed.problems) == 1
    assert reason in parsed.problems[0]


@pytest.mark.parametrize("before, count", [("", 1), ("\n", 1), ("```sh\nmake\n```\n", 0), ("Words.\n", 0)])
def test_a_fence_that_opens_the_answer_is_no_example(before: str, count: int) -> None:
    parsed = parse_answer(f"{before}```\nx\n```\n\nstats.py\n```python\n{CODE}```", KNOWN)
    assert (parsed.edits, len(parsed.problems)) == ((WHOLE,), count)


BLOCK = "<<<<<<< SEARCH\nreturn 1\n=======\nreturn 2\n>>>>>>> REPLACE\n"
CHANGE = Replacement("stats.py", "return 1\n", "return 2\n")


@pytest.mark.parametrize(
    "answer",
    [
        f"stats.py\n```python\n{BLOCK}```",
        f"stats.py\n{BLOCK}",
        f"**stats.py**\n\n{BLOCK}",
        f"```python stats.py\n{BLOCK}```",
        f"```\nstats.py\n{BLOCK}```",
        f"```python\n# stats.py\n{BLOCK}```",
        f"```\nstats.py\n```\n```python\n{BLOCK}```",
        f"In `stats.py` the result is wrong:\n\n```python\n{BLOCK}```",
        "stats.py\n```\n<<<<<\nreturn 1\n=====\nreturn 2\n>>>>>\n```",
        "stats.py\n```\n<<<<<<<<< SEARCH\nreturn 1\n=========\nreturn 2\n>>>>>>>>> REPLACE\n```",
        "stats.py\n```\n<<<<<<< SEARCH\nreturn 1\n======\nreturn 2\n>>>>>>>> REPLACE\n```",
        "stats.py\n```\n<<<<<<< ORIGINAL\nreturn 1\n=======\nreturn 2\n>>>>>>> UPDATED\n```",
        "stats.py\n```\n<<<<<<< SEARCH\nreturn 1\n=======\nreturn 2\n=======\n>>>>>>> REPLACE\n```",
        "```\n<<<<<<< SEARCH stats.py\nreturn 1\n=======\nreturn 2\n>>>>>>> REPLACE\n```",
        f"stats.py\n```python\n{BLOCK}",
        f"stats.py\n```python\n{BLOCK}```".replace("\n", "\r\n"),
    ],
)
def test_search_replace_blocks_are_found_in_fences_and_bare(answer: str) -> None:
    parsed = parse_answer(answer, KNOWN)
    assert (parsed.edits, parsed.problems) == ((CHANGE,), ())


def test_several_blocks_share_a_path_until_another_is_named() -> None:
    answer = f"stats.py\n```python\n{BLOCK}{BLOCK}\nold.py\n{BLOCK}```\nAnd:\n```\n{BLOCK}```\nsrc/app.js\n{BLOCK}"
    paths = [edit.path for edit in parse_answer(answer, KNOWN).edits if isinstance(edit, Replacement)]
    assert paths == ["stats.py", "stats.py", "old.py", "old.py", "src/app.js"]


def test_a_broken_block_spoils_no_other() -> None:
    answer = f"stats.py\n```\n<<<<<<< SEARCH\nx\n=======\ny\n```\nold.py\n```\n{BLOCK}```"
    parsed = parse_answer(answer, KNOWN)
    assert parsed.edits == (Replacement("old.py", "return 1\n", "return 2\n"),)
    assert len(parsed.problems) == 1


@pytest.mark.parametrize("info", ["markdown", "md", ""])
def test_a_markdown_file_holds_fences(info: str) -> None:
    inner = "# T\n\n```bash\nmake\n```\n\nOr:\n\n```\nmake all\n```\n\nEnd.\n"
    parsed = parse_answer(f"README.md\n```{info}\n{inner}```\n\nDone.\n", KNOWN)
    assert (parsed.edits, parsed.text) == ((WholeFile("README.md", inner),), "Done.")


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


def test_marks_of_a_merge_are_contents() -> None:
    text = "a\n<<<<<<<\nb\n=======\nc\n>>>>>>>\nd\n"
    assert parse_answer(f"README.md\n```\n{text}```", KNOWN).edits == (WholeFile("README.md", text),)
    text = "a\n<<<<<<<\nb\n"
    assert parse_answer(f"README.md\n```\n{text}```", KNOWN).edits == (WholeFile("README.md", text),)


def test_a_program_is_no_wrapped_answer() -> None:
    parsed = parse_answer("```python\nstats.py\n```python\nx\n```\n```", KNOWN)
    assert parsed.edits == ()
    assert len(parsed.problems) == 1


@pytest.mark.parametrize("depth", [2, 3000])
def test_fences_in_fences_are_read_once(depth: int) -> None:
    assert parse_answer("```\nstats.py\nx\n" * depth, KNOWN).edits == ()
    assert parse_answer("```\nstats.py\n```python\nx\n```\nDelete file: `old.py`\n```", KNOWN).edits == (
        WholeFile("stats.py", "x\n"),
    )


def test_the_example_path_gives_way_to_the_one_in_the_comment() -> None:
    answer = f"path/to/file.py\n```python\n# stats.py\n{CODE}```"
    assert parse_answer(answer, KNOWN).edits == (WholeFile("stats.py", f"# stats.py\n{CODE}"),)


@pytest.mark.parametrize(
    "line, edit",
    [
        ("Delete file: old.py", Deletion("old.py")),
        ("Delete file: `old.py`", Deletion("old.py")),
        ("**Delete file:** `old.py`", Deletion("old.py")),
        ("- Delete file: **old.py**", Deletion("old.py")),
        ("DELETE old.py", Deletion("old.py")),
        ("Delete `old.py`.", Deletion("old.py")),
        ("Remove the file old.py", Deletion("old.py")),
        ("DELETE FILE: docs/my notes.md", Deletion("docs/my notes.md")),
        ("Rename file: old.py -> new.py", Renaming("old.py", "new.py")),
        ("rename old.py to new.py", Renaming("old.py", "new.py")),
        ("Rename file: `old.py` -> `new.py`", Renaming("old.py", "new.py")),
        ("**Rename** `old.py` → `lib/new.py`", Renaming("old.py", "lib/new.py")),
        ("Move old.py to lib/old.py", Renaming("old.py", "lib/old.py")),
    ],
)
def test_deletions_and_renamings_stand_on_lines_of_their_own(line: str, edit: Edit) -> None:
    parsed = parse_answer(f"I did this:\n{line}\nDone.", KNOWN)
    assert (parsed.edits, parsed.text) == ((edit,), "I did this:\nDone.")


@pytest.mark.parametrize(
    "text",
    [
        "I would delete old.py if you like.",
        "Delete old.py if it is not used.",
        "You can delete old.py",
        "Delete the cache",
        "Delete it.",
        "Remove unused imports",
        "Rename the function to total",
        "rename mean to average",
        "Should I rename old.py to new.py?",
        "Delete nothing.py",
        "```\nDelete file: old.py\n```",
        "```python\n# Delete file: old.py\n```",
    ],
)
def test_prose_deletes_nothing(text: str) -> None:
    assert parse_answer(text, KNOWN).edits == ()


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [WholeFile("stats.py", CODE), Replacement("old.py", "a\n", "b\n"), Deletion("x.py"), Renaming("a.py", "b c")],
        [WholeFile("README.md", "```python\n````\n~~~\n")],
        [WholeFile("README.md", BLOCK), WholeFile("a b", f"x\n{BLOCK}\ny"), WholeFile("e.py", "")],
        [WholeFile("x", "stats.py\n"), WholeFile("stats.py", "\n")],
        [Replacement("x.py", BLOCK, f"{BLOCK}{'=' * 8}\n"), Replacement("x.py", "a", ""), Replacement("x.py", "", "")],
        [WholeFile("x.py", "a\r\nb\r\n"), WholeFile("y.py", "a\r\nb"), Replacement("y.py", "a\r\n", "b\r")],
        [WholeFile("stats.py", "# old.py\nx = 1\n"), WholeFile("stats.py", "Delete file: `old.py`\n")],
        [WholeFile("x.py", "\x0b\u2028\x85 \t\n"), WholeFile("x.unknown-type", "\ufeffa\n")],
    ],
)
@pytest.mark.parametrize("known", [[], KNOWN])
def test_our_own_form_is_read_back(edits: Sequence[Edit], known: Sequence[str]) -> None:
    parsed = parse_answer(f"Some text.\n\n{format_edits(edits)}", known)
    assert (parsed.edits, parsed.problems, parsed.text) == (tuple(edits), (), "Some text.")


@pytest.mark.parametrize(
    "path",
    [
        "go.mod",
        "Foo/Foo.csproj",
        "deploy/app.service",
        ".eslintrc",
        "py.typed",
        "my notes.txt",
        "bin/run",
        ".env.example",
    ],
)
def test_a_line_of_its_own_right_before_a_fence_names_a_new_file_of_any_kind(path: str) -> None:
    for before in ("", "I made it.\n\n", "Use it before you run it:\n\n"):
        parsed = parse_answer(f"{before}{path}\n```\nx\n```", KNOWN)
        assert (parsed.edits, parsed.problems) == ((WholeFile(path, "x\n"),), ())


@pytest.mark.parametrize(
    "start",
    [
        '```python title="Fix for f"\n',
        "The answer is\n`application/json`:\n```json\n",
        "`origin/main`\n```\n",
        "As before, e.g.\n```\n",
        "It is GET/users\nas you said\n```\n",
    ],
)
def test_what_only_looks_like_a_path_names_no_file(start: str) -> None:
    assert parse_answer(f"{start}x\n```", KNOWN).edits == ()


def test_a_text_holds_fences_after_a_colon() -> None:
    text = "Guide\n\nRun:\n```\nmake\n```\n\nThen:\n\n```\nmake install\n```\nThat is all.\n"
    parsed = parse_answer(f"guide.txt\n```\n{text}```\nI added a word.\n", [*KNOWN, "guide.txt"])
    assert (parsed.edits, parsed.problems) == ((WholeFile("guide.txt", text),), ())


def test_code_that_is_shown_beside_a_change_is_no_problem() -> None:
    answer = f"stats.py\n```python\n{CODE}```\n\nA test might look like this:\n\n```python\nassert mean([1]) == 1\n```"
    parsed = parse_answer(answer, KNOWN)
    assert (parsed.edits, parsed.problems) == ((WHOLE,), ())
    alone = parse_answer(answer.partition("```\n\n")[2], KNOWN)
    assert (alone.edits, len(alone.problems)) == ((), 1)


def test_a_comment_that_names_another_kind_of_file_parts_no_script() -> None:
    script = "# setup.sh\npip install x\n\n# app.py\npython app.py\n"
    parsed = parse_answer(f"```bash setup.sh\n{script}```", KNOWN)
    assert parsed.edits == (WholeFile("setup.sh", script),)
