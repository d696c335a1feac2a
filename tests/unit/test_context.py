"""What a model that can't ask is shown: which files are named, which come along, and what fits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pytest

from git_draft.context import MAX_FILES, TINY_FILES, Context, build_context, estimate_json_tokens, estimate_tokens
from git_draft.worktree import TreeWorktree
from tests.support.models import DictWorktree
from tests.support.trees import Bench

PROSE = {f"docs/page{number}.md": f"Page {number} is about gardens.\n" for number in range(TINY_FILES)}
SHOP: Mapping[str, str] = {
    **PROSE,
    "README.md": "A shop.\n",
    "Makefile": "all:\n\techo\n",
    "shop/__init__.py": "",
    "shop/cart.py": "from shop.money import round_cents\n\nclass CartItem:\n    pass\n\ndef add_item(cart):\n    return cart\n",
    "shop/money.py": "RATE = 3\n\ndef round_cents(amount):\n    return amount\n",
    "shop/report.py": "from . import money\n\ndef summarize(items):\n    return items\n",
    "shop/data/list.py": "def variance(numbers):\n    return 0\n",
    "web/__init__.py": "",
    "web/api.js": "export function fetchCart() {\n  return 1;\n}\n",
    "web/index.js": "export const START = 1;\n",
    "admin/index.js": "export const STOP = 1;\n",
    "tests/test_cart.py": "from shop import cart\nfrom tests.fixtures import make\n\ndef test_add_item(): ...\n",
    "tests/fixtures.py": "def make(): ...\n",
    "tests/test_money.py": "def test_round_cents(): ...\n",
}


def build(prompt: str, files: Mapping[str, str] = SHOP, budget_tokens: int = 4000, **more: int) -> Context:
    return build_context(prompt, DictWorktree(files), budget_tokens, **more)


def list_named(context: Context) -> list[str]:
    return [file.path for file in context.files if file.named]


def list_shown(context: Context) -> list[str]:
    return [file.path for file in context.files]


@pytest.mark.parametrize(
    "prompt, named",
    [
        ("fix shop/cart.py", "shop/cart.py"),
        ("fix ./shop/cart.py.", "shop/cart.py"),
        ("fix `shop/cart.py`: it fails", "shop/cart.py"),
        ('File "/home/me/src/shop/cart.py", line 3, in add', "shop/cart.py"),
        ("shop\\cart.py is wrong", "shop/cart.py"),
        ("data/list.py:12: no such name", "shop/data/list.py"),
        ("see shop/money.py#L3", "shop/money.py"),
        ("cart.py has a bug", "shop/cart.py"),
        ("Cart.PY has a bug", "shop/cart.py"),
        ("money.py and cart.py have bugs", "shop/money.py shop/cart.py"),
        ("the cart in report.py, not shop/cart.py", "shop/cart.py shop/report.py"),
        ("index.js is wrong", "admin/index.js web/index.js"),
        ("web/index.js is wrong", "web/index.js"),
        ("the Makefile is wrong", "Makefile"),
        ("the README should say more", "README.md"),
        ("look at shop.cart", "shop/cart.py"),
        ("look at shop/cart", "shop/cart.py"),
        ("shop.money.round_cents is off", "shop/money.py"),
        ("money.round_cents is off", "shop/money.py"),
        ("the cart is empty", "shop/cart.py"),
        ("the list is empty", ""),
        ("fix `list`", ""),
        ("round_cents is off", "shop/money.py"),
        ("call round_cents() once", "shop/money.py"),
        ("`round_cents` is off", "shop/money.py"),
        ("fetchCart fails", "web/api.js"),
        ("CartItem needs a price", "shop/cart.py"),
        ("RATE should be 4", "shop/money.py"),
        ("make the variance right", "shop/data/list.py"),
        ("`summarize` drops items", "shop/report.py"),
        ("test_round_cents fails", "tests/test_money.py"),
        ("tests/test_money.py fails", "tests/test_money.py"),
        ("see https://host.invalid/shop/cart.py", ""),
        ("fix nothing.py", ""),
        ("please fix the bug", ""),
        ("__init__.py", "shop/__init__.py web/__init__.py"),
        ("", ""),
    ],
)
def test_files_are_named_by_path_by_name_or_by_what_they_define(prompt: str, named: str) -> None:
    assert list_named(build(prompt)) == named.split()


def test_a_name_that_many_files_share_names_none_of_them() -> None:
    files = {
        **PROSE,
        **{f"p{number}/views.py": f"def show{number}(): ...\n\ndef render_all(): ...\n" for number in range(4)},
    }
    assert list_named(build("fix views.py", files)) == []
    assert list_named(build("fix render_all", files)) == []
    assert list_named(build("fix p2/views.py", files)) == ["p2/views.py"]
    assert list_named(build("fix views.py", {**files, "views.py": ""})) == ["views.py"], "the one at the top is meant"


def test_a_definition_outweighs_one_in_a_test() -> None:
    files = {**PROSE, "x.py": "def make_tea(): ...\n", "tests/test_x.py": "def make_tea(): ...\n"}
    assert list_named(build("fix make_tea", files)) == ["x.py"]


def test_a_mere_word_names_no_file_that_has_little_to_do_with_the_rest() -> None:
    files = {**PROSE, "apple_cherry_tomato_plum.py": "apple cherry tomato plum\n", "zebra.py": "", "bin/run": ""}
    assert list_named(build("zebra", files)) == ["zebra.py"]
    assert list_named(build("apple cherry tomato plum zebra", files)) == []
    assert list_named(build("run it", files)) == []


def test_a_common_word_with_a_definition_names_no_file_that_has_little_to_do_with_it() -> None:
    files = {**PROSE, "a.py": "def gardens(): ...\n" + "x = 1\n" * 500, "tomato.py": "tomato = 'tomato'\n"}
    assert list_named(build("tomato gardens", files)) == ["tomato.py"]


@pytest.mark.parametrize(
    "prompt, shown",
    [
        ("add a test of shop/cart.py", ["shop/cart.py", "tests/test_cart.py"]),
        ("tests/test_cart.py fails", ["tests/test_cart.py", "shop/cart.py", "tests/fixtures.py"]),
        ("round the cents in shop/report.py", ["shop/report.py", "shop/money.py"]),
        ("add a test of `RATE`", ["shop/money.py", "tests/test_money.py"]),
    ],
)
def test_what_belongs_to_a_named_file_comes_along(prompt: str, shown: list[str]) -> None:
    assert list_shown(build(prompt))[: len(shown)] == shown


def test_what_a_named_file_imports_comes_before_what_is_more_relevant() -> None:
    files = {**PROSE, "a.py": "import b\n", "b.py": "x = tomato + 1\n", "c.py": "def tomato(): ...\ntomato()\n"}
    assert list_shown(build("peel in a.py each Tomato", files)) == ["a.py", "b.py", "c.py"]
    assert list_shown(build("peel each Tomato", files)) == ["c.py", "b.py"]


def test_tests_are_left_out_of_what_does_not_speak_of_them() -> None:
    assert list_shown(build("round cents differently")) == ["shop/money.py"]
    assert "tests/test_money.py" in list_shown(build("round cents differently, with tests"))


def test_files_are_found_by_the_words_of_the_prompt() -> None:
    files = {**SHOP, "shop/vat.py": "def apply(sum):\n    # adds the value added tax\n    return sum\n"}
    context = build("The tax is added twice", files)
    assert list_shown(context)[0] == "shop/vat.py"
    assert not context.files[0].named
    assert context.files[0].text == files["shop/vat.py"]


def test_words_that_say_what_to_do_find_files_only_if_there_are_no_others() -> None:
    files = {**PROSE, "notes.md": "please fix, fix, fix\n", "x.py": "tomato = 1\n"}
    assert list_shown(build("please fix the tomato", files)) == ["x.py"]
    assert list_shown(build("please fix", files)) == ["notes.md"]


def test_no_more_files_are_relevant_than_a_small_model_can_use() -> None:
    files = {f"f{number}.py": f"tomato = {number}\n" for number in range(20)}
    assert len(build("tomato", files).files) == MAX_FILES
    assert len(build("tomato", files, max_files=2).files) == 2
    calls = "red() + green() + blue()\n"
    files = {
        path: f"{calls}def {name}(): ...\n"
        for path, name in zip(files, ["red", "green", "blue", *"abcdefghijklmnopq"], strict=True)
    }
    context = build("call red(), green() and blue()", files, max_files=2)
    assert len(context.files) == 5
    assert list_named(context) == ["f0.py", "f1.py", "f2.py"], "what is named does not count"


def test_a_tiny_repository_is_shown_whole() -> None:
    files = {f"f{number}.py": "x = 1\n" for number in range(TINY_FILES)}
    context = build("fix f3.py", {**files, "yarn.lock": "x\n"})
    assert list_shown(context) == ["f3.py", *(path for path in files if path != "f3.py")]
    assert list_named(context) == ["f3.py"]
    assert (context.others, context.left_out) == ((), 0)
    assert len(build("fix f3.py", {**files, "g.py": "y = 1\n"}).files) == 1
    assert len(build("fix f3.py", {**files, "f4.py": "y = 1\n" * 600}).files) == 1, "too much of the budget"


def test_hidden_files_of_a_tiny_repository_are_shown_where_they_are_named() -> None:
    files = {"f.py": "x = 1\n", ".gitignore": "build/\n"}
    context = build("fix x", files)
    assert (list_shown(context), context.others) == (["f.py"], (".gitignore",))
    assert list_shown(build("add dist/ to .gitignore", files)) == [".gitignore", "f.py"]


def measure(context: Context) -> int:
    files = sum(estimate_tokens(file.path) + estimate_tokens(file.text) for file in context.files)
    return files + sum(map(estimate_tokens, context.others))


@pytest.mark.parametrize("budget_tokens", [0, 1, 50, 120, 300, 700, 1500, 5000])
def test_the_budget_is_kept_and_no_file_is_cut(budget_tokens: int) -> None:
    files = {f"p{number % 5}/f{number}.py": f"tomato = {number}\n" * number for number in range(60)}
    context = build("tomato in f9.py, f30.py and f59.py", files, budget_tokens)
    assert measure(context) <= budget_tokens
    assert all(file.text == files[file.path] for file in context.files)
    assert not {file.path for file in context.files} & set(context.others)
    assert len(context.files) + len(context.others) + context.left_out == len(files)


def test_a_named_file_may_take_all_and_one_that_does_not_fit_is_listed() -> None:
    files = {**SHOP, "shop/big.py": "x = 1\n" * 2000, "shop/cart.py": "y = 1\n" * 600}
    tokens = estimate_tokens(files["shop/cart.py"]) + 20
    context = build("big.py and cart.py, with round_cents", files, tokens)
    assert list_shown(context) == ["shop/cart.py"]
    context = build("big.py and cart.py, with round_cents", files, tokens + 200)
    assert list_shown(context) == ["shop/cart.py", "shop/money.py"]
    assert "shop/big.py" in context.others


def test_paths_of_other_files_are_near_ones_first() -> None:
    far = {f"deep/p{number}/{name}.py": "x = 1\n" for number in range(300) for name in ("a", "b")}
    context = build("fix shop/cart.py", {**SHOP, **far}, 2000)
    others = list(context.others)
    assert others == sorted(others, key=lambda path: path.split("/"))
    assert {"shop/money.py", "shop/report.py", "README.md", "Makefile", "web/__init__.py"} <= set(others)
    assert any(path.endswith("/a.py") for path in others)
    assert not any(path.endswith("/b.py") for path in others), "one of each folder before two of one"
    assert context.left_out == len(SHOP) + len(far) - 1 - len(others)


def test_what_may_not_be_shown_is_not_even_named(tmp_path: Path) -> None:
    unshown = [".env", "secrets/shop.txt", "notes.py", "poetry.lock", "js/shop.min.js"]
    bench = Bench(
        tmp_path / "repo", {**dict.fromkeys(unshown, b"tomato = 1\n"), **{p: t.encode() for p, t in SHOP.items()}}
    )
    files = TreeWorktree(bench.objects, bench.base, bench.feedback, untracked=[PurePosixPath("notes.py")])
    context = build_context(f"fix {', '.join(unshown)}, link, lib and shop/cart.py, tomato", files, 4000)
    assert list_shown(context) == ["shop/cart.py"]
    assert context.left_out == 0
    assert sorted(context.others) == sorted({*SHOP, "run.sh"} - {"shop/cart.py"})
    assert [event.describe() for event in bench.feedback.events if event.kind == "read"] == ["shop/cart.py"]


def test_named_files_that_are_no_text_are_passed_by(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo", {"logo.png": b"\0", "big.js": b"x" * 9000, "a.py": b"x = 1\n"})
    assert list_shown(build_context("logo.png big.js a.py", bench.files, 4000)) == ["a.py", "run.sh"]


def test_tokens_are_counted_by_bytes() -> None:
    assert estimate_tokens("") == 1
    assert estimate_tokens("x" * 35) == 11
    assert estimate_tokens("字" * 35) == 31
    assert estimate_tokens("\udcff") == 1


def test_json_is_estimated_as_its_text_is() -> None:
    value = [{"role": "user", "content": "née \ud800 " * 500}, {"n": 1.5, "path": PurePosixPath("a")}, None, []]
    assert estimate_json_tokens(value) == estimate_tokens(json.dumps(value, ensure_ascii=False, default=str))
