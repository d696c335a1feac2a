"""Rules for the code itself: sizes, docstrings, who may import, print and catch what."""

from __future__ import annotations

import ast
import re
import statistics
from graphlib import TopologicalSorter

import grimp

from tests.support.sources import FunctionNode, Source, list_sources

PACKAGE = list_sources("git_draft")
TESTS = list_sources("tests")

LINES_IN_A_MODULE = 400
LINES_IN_A_FUNCTION = 60

ONLY_IN = {  # module: the rooms, or files, that may import it
    "pygit2": {"git"},
    # besides git: the user's editor and pager; pip; llama.cpp, which may end the process that it runs in; a program as a bot
    "subprocess": {
        *(
            "git",
            "git_draft/cli/paging.py",
            "git_draft/cli/terminal.py",
            "git_draft/sources.py",
            "git_draft/bots/serving.py",
        ),
        "git_draft/bots/keeper.py",
    },
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli"},
    "httpx2": {"bots", "git_draft/sources.py"},  # models are asked, and downloaded
    "genai_prices": {"git_draft/bots/prices.py"},
    "xllamacpp": {"git_draft/bots/llama.py"},
    "sqlite3": {"store", "word_index"},  # the records; a cache in a file of its own, which may be lost
}
ONLY_INSIDE_FUNCTIONS = {
    "httpx2",
    "xllamacpp",
    "genai_prices",
}  # they take longer to load than most commands run

CATCH_ALL = {  # file: why it may catch every exception
    "git_draft/cli/failures.py": "the one place where a bug becomes a line and a log",
}


def _count_lines(function: FunctionNode) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_modules_are_read_in_one_sitting() -> None:
    lengths = {source.path: len(source.text.splitlines()) for source in PACKAGE + TESTS}
    assert {path: length for path, length in lengths.items() if length > LINES_IN_A_MODULE} == {}


def test_functions_fit_on_a_screen() -> None:
    lengths = {
        f"{source.locate(function)} {function.name}": _count_lines(function)
        for source in PACKAGE + TESTS
        for function in source.iter_functions()
    }
    assert {name: length for name, length in lengths.items() if length > LINES_IN_A_FUNCTION} == {}


def test_most_functions_are_short() -> None:
    lengths = [_count_lines(function) for source in PACKAGE for function in source.iter_functions()]
    assert statistics.median(lengths) <= 10
    assert statistics.quantiles(lengths, n=10)[-1] <= 30


def test_everything_public_has_a_docstring_with_a_one_line_summary() -> None:
    support = [source for source in TESTS if source.path.startswith("tests/support/")]
    missing = []
    for source in PACKAGE + support:
        for name, node in source.iter_public():
            summary, _, rest = (ast.get_docstring(node) or "").partition("\n")
            if not summary.endswith((".", "?", ":")) or (rest and not rest.startswith("\n")):
                missing.append(name)
    assert missing == []


def test_modules_import_what_their_room_may() -> None:
    assert [
        f"{source.locate(node)} imports {name}"
        for source in PACKAGE
        for node, name, _ in source.iter_imports()
        if name in ONLY_IN and not {source.room, source.path} & ONLY_IN[name]
    ] == []


def test_slow_modules_are_imported_where_they_are_used() -> None:
    assert [
        f"{source.locate(node)} imports {name}"
        for source in PACKAGE
        for node, name, is_inside in source.iter_imports()
        if name in ONLY_INSIDE_FUNCTIONS and not is_inside and not _is_for_types(source, node)
    ] == []


def _is_for_types(source: Source, node: ast.stmt) -> bool:
    guards = [each for each in ast.walk(source.tree) if isinstance(each, ast.If)]
    return any(ast.unparse(guard.test) == "TYPE_CHECKING" and node in guard.body for guard in guards)


def test_nothing_prints_outside_cli() -> None:
    writers = {"print", "input", "sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"}
    assert [
        source.locate(node)
        for source in PACKAGE
        if source.room != "cli"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in writers
    ] == []


def test_only_the_error_boundary_catches_everything() -> None:
    everything = {"Exception", "BaseException"}
    assert [
        source.locate(node)
        for source in PACKAGE
        if source.path not in CATCH_ALL
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or any(ast.unparse(each) in everything for each in ast.walk(node.type)))
        and ast.unparse(node.body[-1]) != "raise"  # cleaning up on the way is fine
    ] == []


def test_there_are_no_import_cycles() -> None:
    graph = grimp.build_graph("git_draft", exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the cycle


def test_every_error_is_met_in_a_test() -> None:
    errors = {node.name for node in Source("git_draft/errors.py").tree.body if isinstance(node, ast.ClassDef)}
    met = {
        node.id
        for source in TESTS
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert sorted(errors - met) == []


def test_tests_substitute_by_passing_not_by_patching() -> None:
    assert [
        source.locate(node)
        for source in TESTS
        for node, name, _ in source.iter_imports()
        if name in {"mock", "unittest"}
    ] == []


def test_silenced_warnings_are_explained() -> None:
    silenced = re.compile(r"# (noqa|type: ignore|pragma: no)\b")
    rule = r"noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[\w, -]+\]|pragma: no (cover|branch)"
    explained = re.compile(rf"# ({rule})  # \S")
    assert [
        f"{source.path}:{number}"
        for source in PACKAGE + TESTS
        if source.path != "tests/rules/test_code.py"
        for number, line in enumerate(source.text.splitlines(), 1)
        if silenced.search(line) and not explained.search(line)
    ] == []
