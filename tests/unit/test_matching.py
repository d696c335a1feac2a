"""Where the lines stand that a model means, and what a text keeps."""

from __future__ import annotations

import time

import pytest

from git_draft.bots.matching import Document
from git_draft.errors import ToolError
from git_draft.lines import align_lines, describe_nearest, find_elision, keep_form

TEXT = "class A:\n    def f(self):\n        x = 1  \n        return x\n\n    def g(self):\n        y = 2\n        return y\n"


def change(text: str, search: str, replace: str) -> str:
    """Give a text with one replacement."""
    document = Document("f.py", text)
    document.replace(search, replace)
    return document.text


@pytest.mark.parametrize(
    "search, replace, old, new",
    [
        ("        y = 2\n", "        y = 3\n", "        y = 2\n", "        y = 3\n"),
        ("        y = 2\n        return y\n", "", "        y = 2\n        return y\n", ""),
        ("        x = 1\n        return x\n", "        x = 1\n        return 2\n", "        return x\n", "        return 2\n"),
        ("        x = 1\n", "        x = 2\n", "        x = 1  \n", "        x = 2\n"),
        ("y = 2\nreturn y\n", "y = 3\nif y:\n    return y\n", "2\n        return y\n", "3\n        if y:\n            return y\n"),
        ("            y = 2\n", "            y = 3\n        z = 1\n", "y = 2\n", "y = 3\n    z = 1\n"),
        ("\n\n        y = 2\n\n", "\n\n        y = 3\n\n", "y = 2", "y = 3"),
        ("        y = 2\n\n", "        y = 3\n", "y = 2", "y = 3"),
        ("y = 2", "y = 3", "y = 2", "y = 3"),
        ("f(self", "f(self, z", "f(self", "f(self, z"),
        ("f(self):\n        x", "h(self):\n        x", "f(self)", "h(self)"),
        ("def g(self", "def h(self", "g(self", "h(self"),
        ("class A:\n    ...\n        return x\n", "class B:\n    ...\n        return x\n", "class A", "class B"),
        ("    def g(self):\n        # ...\n        return y\n", "    def g(self):\n        # ...\n        return 0\n", "return y", "return 0"),
        ("def f(self):\n    ...\n    return x\n", "def f(self):\n    ...\n    return 0\n", "return x", "return 0"),
        ("    def g(self):\n        ...\n        return y\n", "    g = None\n", TEXT[TEXT.index("    def g") :], "    g = None\n"),
        ("...\n    def g(self):\n", "...\n    def h(self):\n", "g(self", "h(self"),
        ("        y = 2\n…\n", "        y = 3\n…\n", "y = 2", "y = 3"),
        ("class A:\n    # ... existing code ...\n        y = 2\n", "class A:\n    # ... existing code ...\n        y = 3\n", "y = 2", "y = 3"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_meant_is_found(search: str, replace: str, old: str, new: str, end: str) -> None:
    assert TEXT.count(old) == 1
    expected = TEXT.replace(old, new).replace("\n", end)
    assert change(TEXT.replace("\n", end), search, replace) == expected


@pytest.mark.parametrize(
    "search, reason",
    [
        ("    x = 9\n", "the text to find is not in f.py"),
        ("", "the text to find in f.py is empty"),
        ("\n  \n", "the text to find in f.py is empty"),
        ("...\n", "the text to find is not in f.py"),
        ("return\n", "several times, at lines 4, 8; include more"),
        ("self", "several times, at lines 2, 6; include more"),
        ("def f(self):\n  x = 1\n", "the text to find is not in f.py"),
        ("    def g(self):\n...\n    def f(self):\n", "the text to find is not in f.py"),
    ],
)
def test_what_is_not_certain_is_refused(search: str, reason: str) -> None:
    document = Document("f.py", TEXT)
    with pytest.raises(ToolError, match=reason):
        document.replace(search, "x\n")
    assert document.text == TEXT


def test_what_is_found_often_is_not_looked_for_more_loosely() -> None:
    with pytest.raises(ToolError, match="at lines 1, 2; include"):
        change("a\na\n  b\n", "a\n", "c\n")
    with pytest.raises(ToolError, match="at lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and more; include"):
        change("a\n" * 12, "a\n", "c\n")
    assert change("xa\na\n", "a", "c") == "xa\nc\n", "as a whole line it stands there once"


@pytest.mark.parametrize(
    "text, search, new",
    [
        ("max = 10\n", "x = 1\n", None),
        ("max = 1\n", "x = 1", None),
        ("x = 1.5\n", "x = 1", None),
        ("  background-color: red;\n", "color: red\n", None),
        ("self.x = 1\n", "x = 1\n", None),
        ("return n-1\n", "return n\n", None),
        ("max = 10\nx = 1  # one\nx = 12\n", "x = 1\n", "max = 10\nY  # one\nx = 12\n"),
        ("See x.\n", "x\n", "See Y.\n"),
        ("call(max(1), 2)\n", "(1)", "call(maxY, 2)\n"),
    ],
)
def test_a_piece_of_a_line_is_of_whole_words(text: str, search: str, new: str | None) -> None:
    if new is not None:
        assert change(text, search, "Y\n" if search.endswith("\n") else "Y") == new
        return
    with pytest.raises(ToolError, match=r"the text to find is not in f\.py"):
        change(text, search, "Y\n")


@pytest.mark.parametrize(
    "search, replace",
    [
        ("        y = 2\n        return y\n", "        # ... existing code ...\n        return 0\n"),
        ("        y = 2\n", "        y = 3\n        # ...\n"),
        ("    def g(self):\n...\n        return y\n", "    def g(self):\n...\n    x\n...\n        return y\n"),
    ],
)
def test_a_mark_in_the_replacement_alone_stands_for_nothing(search: str, replace: str) -> None:
    with pytest.raises(ToolError, match=r"the replacement in f\.py leaves lines out"):
        change(TEXT, search, replace)


def test_real_dots_are_only_dots() -> None:
    assert (
        change("def f():\n    ...\n", "def f():\n    ...\n", "def f():\n    return 1\n") == "def f():\n    return 1\n"
    )


@pytest.mark.parametrize(
    "text, search, replace, expected",
    [
        ("a\nb", "b\n", "c\n", "a\nc"),
        ("a\nb", "b\n", "c\nd\n", "a\nc\nd"),
        ("a\nb", "a\nb\n", "b\na\n", "b\na"),
        ("a\r\nb", "b\n", "c\nd\n", "a\r\nc\r\nd"),
        ("a\r\nb\nc\r\n", "a\nb\nc\n", "a\nb\nx\nc\n", "a\r\nb\nx\nc\r\n"),
        ("a\r\nb\nc\r\n", "b\n", "x\n", "a\r\nx\nc\r\n"),
        ("\tif a:\n\t\tb\n", "if a:\n\tb\n", "if c:\n\tb\n", "\tif c:\n\t\tb\n"),
        ("a \nb\n", "a\nb\n", "a\nc\n", "a \nc\n"),
        ("a\x0cb\u2028c\n", "a\x0cb\u2028c\n", "d\n", "d\n"),
    ],
)
def test_the_form_of_the_text_survives(text: str, search: str, replace: str, expected: str) -> None:
    assert change(text, search, replace) == expected


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("a\nb\n", "a\nc", "a\nc\n"),
        ("a\nb", "a\nc\n", "a\nc"),
        ("a\r\nb", "a\nc\n", "a\r\nc"),
        ("", "a", "a"),
        ("a\n", "", ""),
        ("a\r\nb\r\n", "a\nb\nc\n", "a\r\nb\r\nc\r\n"),
        ("a\nb\n", "a\r\nb\r\nc\r\n", "a\nb\nc\n"),
        ("a\r\nb\nc\n", "a\nx\nb\nc\nd\n", "a\r\nx\r\nb\nc\nd\n"),
        ("a\r\nb\nc\r\n", "a\nb\nc\nd\n", "a\r\nb\nc\r\nd\r\n"),
        ("a\r\nb\n", "x\ny\n", "x\r\ny\n"),
    ],
)
def test_new_contents_keep_the_form_of_the_old(old: str, new: str, expected: str) -> None:
    assert keep_form(old, new) == expected


def test_lines_are_aligned() -> None:
    assert align_lines("abcd", "abxcd") == [(0, True), (1, True), (1, False), (2, True), (3, True)]
    assert align_lines("ab", "ba") in ([(0, False), (0, True)], [(1, True), (1, False)])
    assert align_lines("", "ab") == [(0, False), (0, False)]
    assert align_lines("ab", "") == []


@pytest.mark.parametrize(
    "new, mark",
    [
        ("x\n# ... rest of the code ...\n", "# ... rest of the code ..."),
        ("// … existing code\n", "// … existing code"),
        ("x\n# ...\n", None),
        ("# ... rest of the code ...\n" * 9, None),
        ("... other old mark\n", None),
    ],
)
def test_a_mark_for_what_was_left_out_is_found(new: str, mark: str | None) -> None:
    assert find_elision("... other old mark\n" + "a = 1\n" * 10, new) == mark


def test_the_nearest_lines_of_a_long_file_are_found_fast() -> None:
    text = "".join(f"    value_{n} = compute(item_{n}, other_{n * 7})\n" for n in range(20_000))
    started_s = time.process_time()
    near = describe_nearest(text, "value_1234 = compute(item_1234, other_)\n")
    assert time.process_time() - started_s < 0.5
    assert "\n1235: value_1234 = compute(item_1234" in near.replace("    ", "")
    assert describe_nearest(text, "completely different") == ""


@pytest.mark.parametrize("line", ["}\n", "\n", "x = 1\n", "...\n", "  \n"])
def test_looking_takes_as_long_as_the_text(line: str) -> None:
    document = Document("f", line * 20_000 + "end\n")
    started_s = time.process_time()
    for _ in range(20):
        with pytest.raises(ToolError):
            document.replace(line * 30 + "other\n" + line * 30, "x\n")
    assert time.process_time() - started_s < 1
