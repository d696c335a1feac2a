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


@pytest.mark.parametrize(
    "words",
    ["I changed it using a loop, as before.", "For example:", "Usage:", "Then run `stats.py`.", "It might look like:"],
)
def test_the_only_code_of_an_answer_is_not_passed_by(words: str) -> None:
    parsed = parse_answer(f"{words}\n```python\nx = 1\n```", ["stats.rs"])
    assert (parsed.edits, len(parsed.problems)) == ((), 1)


@pytest.mark.parametrize(
    "aside, count",
    [
        ("A test might look like:\n```python\nassert mean([1]) == 1\n```", 0),
        ("You could also write a test:\n```python\ndef test_mean():\n    assert mean([1]) == 1\n```", 0),
        ("With that you get:\n```python\nassert mean([1]) == 1\n```", 0),
        ("Then it is so:\n```js\nconst m = mean([1]);\n```", 0),
        ("The tests:\n```python\ndef test_mean():\n    assert mean([1]) == 1\n```", 1),
        ("I updated the caller as well:\n```python\nprint(mean([1]))\n```", 1),
        ("In main.py:\n\nThe rest.\n```python\nprint(mean([1]))\n```", 1),
        ("```python\nprint(mean([1]))\n```", 1),
        ("```\nmean\n```", 0),
    ],
)
def test_besides_edits_only_what_looks_like_one_is_asked_about(aside: str, count: int) -> None:
    parsed = parse_answer(f"stats.py\n```python\n{BLOCK}```\n\n{aside}", ["stats.py"])
    assert (parsed.edits, len(parsed.problems)) == ((CHANGE,), count)


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


def test_a_program_is_no_wrapped_answer() -> None:
    parsed = parse_answer("```python\nstats.py\n```python\nx\n```\n```", KNOWN)
    assert parsed.edits == ()
    assert len(parsed.problems) == 1


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
        [WholeFile("stats.py", "# old.py\n\n# old.py\n\n# x.py\n")],
        [WholeFile("stats.py", "# old.py\nx = 1\n"), WholeFile("stats.py", "Delete file: `old.py`\n")],
        [WholeFile("x.py", "\x0b\u2028\x85 \t\n"), WholeFile("x.unknown-type", "\ufeffa\n")],
    ],
)
@pytest.mark.parametrize("known", [[], KNOWN])
def test_our_own_form_is_read_back(edits: Sequence[Edit], known: Sequence[str]) -> None:
    parsed = parse_answer(f"Some text.\n\n{format_edits(edits)}", known)
    assert (parsed.edits, parsed.problems, parsed.text) == (tuple(edits), (), "Some text.")
