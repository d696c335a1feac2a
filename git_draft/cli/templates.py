"""The command `templates`: list, print and edit the templates of prompts.

Called by `app.py`; where a prompt is made of one is `prompting.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from git_draft.cli.paging import find_columns
from git_draft.cli.prompting import get_user_folder, open_project, open_shelf
from git_draft.cli.render import clean, format_json
from git_draft.cli.terminal import run_editor
from git_draft.cli.words import note_words
from git_draft.columns import fit_columns, measure_columns
from git_draft.errors import TemplateError, UsageError
from git_draft.templates import SUFFIX, Scope, Shelf, Template, is_name

_SKELETON = """\
+++
description = "what it is for, in a line"

[arguments.symbol]
help = "what it means"
required = true
+++
Change {{ symbol }} so that …
"""


def run_templates(name: str | None, options: Iterable[str], *, edit: bool, is_json: bool) -> None:
    """List templates, print one, or open it in the editor.

    Args:
        name: which; None for all.
        options: of git-draft, whose names no argument may have.
        edit: whether it is opened.
        is_json: whether JSON is printed.
    """
    project = open_project()
    shelf = open_shelf(project, options)
    if project is not None:
        note_words(project, shelf)
    if edit:
        if name is None:
            raise UsageError("which template?", hint="git draft templates NAME --edit")
        if project is None:
            raise UsageError("git knows the editor, and this is no git repository")
        _edit(shelf, name, os.fsdecode(project.repo.run("var", "GIT_EDITOR").stdout).strip())
    elif name is not None:
        template = shelf.get_template(name)
        sys.stdout.write(format_json({"template": _make_json(template)}) + "\n" if is_json else template.source)
    elif is_json:
        print(format_json({"templates": [_make_json(each) for each in shelf.list_templates()]}))
    else:
        _print_list(shelf)


def run_help(name: str, options: Iterable[str]) -> None:
    """Print how a template is called; arguments as `run_templates`."""
    print(open_shelf(open_project(), options).get_template(name).format_help())


def _edit(shelf: Shelf, name: str, editor: str) -> None:
    """Open the user's template of a name, which is a copy of the one that counts where there is none yet."""
    if not is_name(name):
        raise UsageError(f"{name!r} is no name for a template: small letters, digits and hyphens")
    file = get_user_folder() / f"{name}{SUFFIX}"
    if not file.exists():
        known = {each.name: each for each in reversed(shelf.list_templates())}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(known[name].source if name in known else _SKELETON, "utf-8")
    run_editor(file, editor, os.environ)
    found = [each for each in shelf.list_templates() if each.name == name]
    for each in found:
        if each.scope is Scope.USER:
            _ = each.settings  # says what is wrong with it
            print(f"{file}: {each.format_usage()}")
    if found and found[0].scope is Scope.REPOSITORY:
        print(f"warning: the repository has a template {name} of its own, which comes first", file=sys.stderr)


def _print_list(shelf: Shelf) -> None:
    templates = shelf.list_templates()
    columns = find_columns()
    width = max(measure_columns(each.name) for each in templates)
    seen = set[str]()
    for each in templates:
        try:
            what = clean(each.settings.description)
        except TemplateError as error:
            what = f"can't be used: {clean(error.message)}"
        scope = f"{each.scope}, hidden" if each.name in seen else str(each.scope)
        seen.add(each.name)
        line = f"{each.name:<{width}}  {scope:<10}  {what}"
        print(fit_columns(line, columns) if columns else line)


def _make_json(template: Template) -> dict[str, object]:
    settings = template.settings
    return {
        "name": template.name,
        "scope": template.scope,
        "file": template.where,
        "description": settings.description,
        "arguments": [
            {"name": name, **argument.model_dump(exclude_none=True)} for name, argument in settings.arguments.items()
        ],
        **({"stdin": settings.stdin} if settings.stdin is not None else {}),
        "usage": template.format_usage(),
    }
