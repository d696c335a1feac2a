"""Which files, and which parts of long ones, a model is shown when it answers."""

from __future__ import annotations

import pytest

from git_draft.bots.focus import MAX_WHOLE_CHARS, add_called, cut_excerpt, find_focus
from git_draft.context import ContextFile

FILES = (
    ContextFile("app.py", "from shop import pay_for, Cart\n\n\ndef main():\n    return pay_for(Cart())\n", named=False),
    ContextFile("shop.py", "def pay_for(cart):\n    return 1\n\n\nclass Cart:\n    pass\n", named=False),
    ContextFile("page.js", "function showTotal() {\n  return 1;\n}\n", named=False),
    ContextFile("README.md", "Call pay_for.\n", named=False),
)


@pytest.mark.parametrize(
    "text, paths",
    [
        ("it is wrong", []),
        ("pay_for gives 1", ["shop.py"]),
        ("the function `Cart` is wrong", ["shop.py"]),
        ("showTotal is wrong", ["page.js"]),
        ("correct app.py", ["app.py"]),
        ("rename pay_for to pay", ["app.py", "shop.py", "README.md"]),
        ("rename main to start", ["app.py"]),
        ("the function main is wrong", ["app.py"]),
        ("main is wrong", []),
        ("remove pay_for", ["app.py", "shop.py", "README.md"]),
        ("nobody knows_this", []),
    ],
)
def test_files_that_are_meant(text: str, paths: list[str]) -> None:
    assert [file.path for file in find_focus(text, FILES)] == paths


def test_what_a_named_definition_calls_is_near() -> None:
    focus = find_focus("`main` in app.py", FILES)
    assert [file.path for file in add_called(focus, "`main` in app.py", FILES)] == ["app.py", "shop.py"]
    assert add_called(focus, "app.py", FILES) == focus


LONG = (
    '"""Texts."""\n\nimport re\nfrom os import path\n\nWIDTH = 70\nOTHER = 1\n\n\n'
    "# Cuts\ndef cut(text):\n    return text[:WIDTH]\n\n\n" + "def other():\n    return OTHER\n\n\n" * 200
)


def test_of_a_long_file_the_named_definitions_are_shown() -> None:
    excerpt = cut_excerpt(ContextFile("texts.py", LONG, named=True), "cut() is wrong")
    assert excerpt.text == (
        "import re\nfrom os import path\nWIDTH = 70\n\n\n# Cuts\ndef cut(text):\n    return text[:WIDTH]\n"
    )


@pytest.mark.parametrize(
    "path, text, words",
    [
        ("texts.py", LONG[: MAX_WHOLE_CHARS // 2].rpartition("def ")[0], "cut() is wrong"),
        ("texts.py", LONG, "something is wrong"),
        ("texts.py", LONG, "WIDTH is wrong"),
        ("texts.py", LONG, "remove cut()"),
        ("texts.py", LONG + "def (:\n", "cut() is wrong"),
        ("texts.txt", LONG, "cut() is wrong"),
    ],
)
def test_other_files_are_shown_whole(path: str, text: str, words: str) -> None:
    file = ContextFile(path, text, named=True)
    assert cut_excerpt(file, words) is file


def test_a_method_brings_its_class() -> None:
    text = LONG + "class Lot:\n    def enter(self):\n        pass\n"
    assert cut_excerpt(ContextFile("lot.py", text, named=True), "enter() is wrong").text.endswith(
        "class Lot:\n    def enter(self):\n        pass\n"
    )


def test_a_function_of_javascript_is_cut_too() -> None:
    text = 'const fs = require("fs");\n\nfunction cut() {\n  return fs;\n}\n\n' + "function other() {\n}\n\n" * 300
    shown = cut_excerpt(ContextFile("a.js", text, named=True), "cut() is wrong").text
    assert "function cut() {\n  return fs;\n}\n" in shown
    assert "other" not in shown
