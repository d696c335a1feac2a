"""Templates of prompts: what they declare, how they are called, what they see, and what the built-in ones say."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from git_draft.cli.line import Line, find_template, take_arguments
from git_draft.errors import TemplateError, UsageError
from git_draft.templates import FOLDER, Argument, Scope, Settings, Shelf, Template, View, render_template
from tests.support.models import DictWorktree

GOLDEN = Path(__file__).with_name("prompts")
IS_UPDATE = os.environ.get("GIT_DRAFT_UPDATE") == "1"  # read before the tests' environment is sealed
OPTIONS = frozenset({"-t", "--template", "-m", "--model", "-q", "--quiet", "--merge"})

BUILT_IN = {
    "add-docstrings": [("path", "src/shop.py"), ("style", "numpy")],
    "add-test": [("symbol", "parse_port")],
    "explain-in-comments": [("path", "src/shop.py"), ("symbol", "Cart.add")],
    "fix-test-failure": [("command", "make test")],
    "migrate-api": [("old", "assertEquals"), ("new", "assertEqual"), ("notes", "none, but for the name")],
    "refactor-extract": [("path", "src/shop.py"), ("what", "the loop in total()"), ("name", "add_up")],
    "review-fixes": [("path", "src")],
    "update-changelog": [],
}


def make(text: str, settings: str = "") -> Template:
    source = f'+++\ndescription = "what"\n{settings}+++\n{text}'
    return Template("mine", Scope.USER, "mine.jinja", lambda: source)


def render(text: str, **values: str) -> str:
    worktree = DictWorktree({"a.py": "a = 1\n", "b/c.txt": "c\n"})
    return render_template(make(text), values, View(lambda: worktree, ["first\nmore", "second"], "draft/1", "in\n"))


def open_shelf(user: Path, repository: Path | None = None, tracked: Sequence[str] = ()) -> Shelf:
    return Shelf(user, repository, lambda _folder: tracked, frozenset({"model"}))


def test_each_built_in_template_has_a_golden_prompt() -> None:
    names = [template.name for template in open_shelf(Path("none")).list_templates()]
    assert names == sorted(BUILT_IN)
    assert {path.stem for path in GOLDEN.iterdir()} == set(names)


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_template_says_what_is_written_down(name: str) -> None:
    template = open_shelf(Path("none")).get_template(name)
    output = "".join(f"line {number}\n" for number in range(302 if name == "fix-test-failure" else 2))
    has_input = template.settings.stdin is not None
    values = template.parse_arguments(BUILT_IN[name], has_input=has_input)
    worktree = DictWorktree({"src/shop.py": "x\n", "tests/test_shop.py": "x\n", "web/cart.spec.ts": "x\n"})
    view = View(lambda: worktree, ["add a cart\n\nin full", "show its total"], "draft/3", output if has_input else None)
    text = render_template(template, values, view) + "\n"
    if IS_UPDATE:
        (GOLDEN / f"{name}.txt").write_text(text, "utf-8")
    assert text == (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert all(argument.help for argument in template.settings.arguments.values())


def test_what_comes_nearest_counts(tmp_path: Path) -> None:
    repository, user = tmp_path / "repository", tmp_path / "user"
    (repository / FOLDER).mkdir(parents=True)
    user.mkdir()
    for folder, names in ((repository / FOLDER, ("add-test", "new")), (user, ("add-test", "own", "not a name"))):
        for name in names:
            (folder / f"{name}.jinja").write_text(f'+++\ndescription = "{folder.name}"\n+++\nx\n')
    (user / "notes.txt").write_text("x")
    (repository / "elsewhere.jinja").write_text('+++\ndescription = "secret"\n+++\nx\n')
    (repository / FOLDER / "link.jinja").symlink_to(repository / "elsewhere.jinja")
    tracked = [f"{FOLDER}/{name}.jinja" for name in ("add-test", "new", "link", "gone", "deep/er")]
    shelf = open_shelf(user, repository, tracked)
    found = [(each.name, str(each.scope)) for each in shelf.list_templates() if each.name in ("add-test", "new", "own")]
    assert found == [
        ("add-test", "repository"),
        ("add-test", "user"),
        ("add-test", "built in"),
        ("new", "repository"),
        ("own", "user"),
    ]
    assert len(shelf.list_templates()) == len(BUILT_IN) + 4
    assert shelf.get_template("add-test").settings.description == "prompts"
    assert open_shelf(user, repository).get_template("add-test").scope is Scope.USER, "only what is tracked"
    with pytest.raises(UsageError, match="there is no template 'link'") as caught:
        shelf.get_template("link")
    assert "own" in str(caught.value.hint)


@pytest.mark.parametrize(
    "given, has_input, fault",
    [
        ([], True, "needs --old, --new"),
        ([("old", "a")], True, "needs --new"),
        ([("old", "a"), ("new", " ")], True, "needs --new"),
        ([("old", "a"), ("new", None)], True, "needs a value for --new"),
        ([("odl", "a")], True, "has no argument --odl"),
        ([("old", "a"), ("new", "b"), ("how", "fast")], True, "takes slow, careful for --how, not 'fast'"),
        ([("old", "a"), ("new", "b")], False, "reads a log: give it by -"),
    ],
)
def test_wrong_arguments_give_the_usage(given: list[tuple[str, str | None]], has_input: bool, fault: str) -> None:
    settings = (
        'stdin = "a log"\n[arguments]\nold.required = true\nnew.required = true\nhow.choices = ["slow", "careful"]\n'
    )
    with pytest.raises(UsageError) as caught:
        make("x", settings).parse_arguments(given, has_input=has_input)
    assert caught.value.message == f"template mine {fault}"
    assert caught.value.hint == "usage: git draft -t mine --old OLD --new NEW [--how slow|careful] - < FILE"


def test_arguments_have_the_values_that_are_given_or_declared() -> None:
    template = make("x", '[arguments]\nmax-size.default = "3"\nother.help = "x"\n')
    assert template.parse_arguments([], has_input=False) == {"max_size": "3", "other": ""}
    assert template.parse_arguments([("max-size", "1"), ("max-size", "")], has_input=False) == {
        "max_size": "",
        "other": "",
    }
    with pytest.raises(UsageError, match="template mine reads nothing from standard input"):
        template.parse_arguments([], has_input=True)


@pytest.mark.parametrize(
    "settings, fault",
    [
        ("colour = 1\n", "colour: there is no such setting"),
        ("description = 1\n", "Cannot overwrite a value"),
        ("stdin = 1\n", "stdin must be text"),
        ("[arguments.Old]\n", "argument Old: a name has small letters, digits and hyphens"),
        ("[arguments.model]\n", "argument model: git draft itself has an option --model"),
        ("[arguments.read-file]\n", "argument read-file: each template is given something of that name"),
        ('[arguments.a]\nrequired = true\ndefault = "x"\n', "argument a: it is required, so a default says nothing"),
        ('[arguments.a]\ndefault = "x"\nchoices = ["y"]\n', "argument a: the default is none of the choices"),
        ("[arguments.a]\nhelp = 3\n", "arguments.a.help must be text"),
        ("[arguments.a\n", "Expected ']' at the end of a table declaration"),
    ],
)
def test_what_is_declared_is_checked(settings: str, fault: str) -> None:
    template = replace(make("x", settings), taken=frozenset({"model"}))
    with pytest.raises(TemplateError) as caught:
        _ = template.settings
    assert caught.value.message.startswith("mine.jinja: ")
    assert fault in caught.value.message


@pytest.mark.parametrize("source", ["", "text alone\n", "+++\ndescription = 'x'\n", "+++\n+++\n"])
def test_settings_must_be_there(source: str) -> None:
    with pytest.raises(TemplateError):
        _ = Template("mine", Scope.USER, "mine.jinja", lambda: source).settings


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.jinja").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateError, match=r"mine\.jinja can't be read"):
        _ = open_shelf(tmp_path).get_template("mine").settings
    assert open_shelf(tmp_path).get_template("add-test").settings.description, "and in nobody's way"


def test_help_of_a_template() -> None:
    assert open_shelf(Path("none")).get_template("add-docstrings").format_help().splitlines() == [
        "Usage: git draft -t add-docstrings --path PATH [--style google|numpy|sphinx|plain]",
        "",
        "  document what a file offers to others",
        "",
        "  --path   the file [required]",
        "  --style  how arguments and results are written [default: google]",
    ]


@pytest.mark.parametrize(
    "words, name",
    [("", None), ("-t", None), ("-q -t a -h", "a"), ("-ta", "a"), ("--template a", "a"), ("--template=a b", "a")],
)
def test_name_after_the_option(words: str, name: str | None) -> None:
    assert find_template(words.split()) == name


def test_a_template_sees_files_prompts_branch_input_and_arguments() -> None:
    text = (
        "{{ word }} on {{ branch }}: {{ read_file('a.py') }}\n"
        "{% for path in list_files('**/*.txt') %}\n  {% if path %}\n{{ path }}\n  {% endif %}\n{% endfor %}\n"
        "{{ prompts | join(', ') }} <{{ stdin }}> {{ 2 * 3 }} {{ 7 % 4 }}"
    )
    assert render(text, word="say") == "say on draft/1: a = 1\nb/c.txt\nfirst\nmore, second <in> 6 3".replace(
        "a = 1\nb", "a = 1\n\nb"
    ).replace("<in>", "<in\n>")


@pytest.mark.parametrize(
    "text, fault",
    [
        ("x\n{{ nothing }}", "line 5: 'nothing' is undefined"),
        ("x\n\n{{ read_file('../up') }}", "line 6: "),
        ("{{ read_file('none') }}", "line 4: "),
        ("x\n{% for x in %}", "line 5: Expected an expression"),
        ("{{ 'a' * 99999999999 }}", "line 4: * is for numbers"),
        ("{{ 9 ** 99999999 }}", "line 4: ** is for numbers"),
        ("{{ '%99999999999s' % 1 }}", "line 4: % is for numbers"),
        ("{{ ''.__class__.__mro__ }}", "line 4: access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ read_file.__globals__ }}", "line 4: access to attribute '__globals__' of 'function' object is unsafe."),
        ("{{ list_files().append('x') }}", "line 4: "),
        ("{% include '/etc/passwd' %}", "line 4: /etc/passwd"),
        ("{{ 1 / 0 }}", "line 4: division by zero"),
        ("{{ 'a' + 1 }}", "line 4: can only concatenate"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}many words{% endfor %}{% endfor %}", "of more than"),
        ("  \n", "nothing comes of it"),
    ],
)
def test_what_goes_wrong_is_said_with_the_line(text: str, fault: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(text)
    assert caught.value.message.startswith("mine.jinja")
    assert fault in caught.value.message


def test_the_page_about_templates_says_what_they_do() -> None:
    page = (Path(__file__).parents[2] / "docs/templates.md").read_text("utf-8")
    source, expected = re.findall(r"```(?:jinja|text)\n(.*?)```", page, re.DOTALL)
    template = Template("add-endpoint", Scope.REPOSITORY, "add-endpoint.jinja", lambda: source, frozenset({"model"}))
    command = re.search(r"`git draft -t add-endpoint (.*?)` then", page)
    assert command
    line = take_arguments(Line("new", ("-t", "add-endpoint", *command[1].split())), OPTIONS)
    values = template.parse_arguments(line.arguments, has_input=False)
    worktree = DictWorktree(
        {
            "service/customers.py": '@route("/customers/{id}")\ndef f(): ...\n',
            "service/health.py": '@route("/health")\n',
            "setup.py": "",
        }
    )
    assert render_template(template, values, View(lambda: worktree, [], "main", None)) + "\n" == expected
    declared = re.findall(r"^\| `(?:arguments\.NAME\.)?(\w+)` \|", page, re.MULTILINE)
    assert {*Settings.model_fields, *Argument.model_fields} - {"arguments"} <= set(declared)


@pytest.mark.parametrize(
    "words, kept, arguments",
    [
        ("-q --merge theirs", "-q --merge theirs", []),
        ("-t a", "-t a", []),
        ("-t a --x 1 --y=2 -q", "-t a -q", [("x", "1"), ("y", "2")]),
        ("--template a --x 1 --merge theirs", "--template a --merge theirs", [("x", "1")]),
        ("--template=a --x 1", "--template=a", [("x", "1")]),
        ("-ta --x 1", "-ta", [("x", "1")]),
        ("--x 1 -t a --y 2", "--x 1 -t a", [("y", "2")]),
        ("-t a --x - -", "-t a -", [("x", "-")]),
        ("-t a --x --y", "-t a", [("x", None), ("y", None)]),
        ("-t a --x -q", "-t a -q", [("x", None)]),
        ("-t a --x=", "-t a", [("x", "")]),
        ("-t a -m gpt - --x=a=b", "-t a -m gpt -", [("x", "a=b")]),
        ("-t", "-t", []),
    ],
)
def test_what_follows_the_template_belongs_to_it_unless_it_is_ours(
    words: str, kept: str, arguments: list[tuple[str, str | None]]
) -> None:
    line = take_arguments(Line("new", tuple(words.split())), OPTIONS)
    assert (" ".join(line.words), list(line.arguments)) == (kept, arguments)
