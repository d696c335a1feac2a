"""Where the prompt of a draft comes from: the command line, standard input, a template, the editor.

Called by `making.py`; how templates are found and rendered is `templates.py`'s.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import cache
from pathlib import Path

from git_draft.cli.terminal import edit_text, has_terminal
from git_draft.config import find_config_path
from git_draft.drafter import Drafter
from git_draft.errors import NotARepositoryError, UsageError
from git_draft.frozen import frozen
from git_draft.model import Draft
from git_draft.project import Project
from git_draft.templates import Shelf, Template, View, render_template

SCISSORS = "# ------------------------ >8 ------------------------"
_HELP = """\
Everything from the line above on is left out. Write above it what to change;
an empty prompt ends the command, and nothing is done.
"""


@frozen
class Source:
    """What the command line says of the prompt.

    Args:
        prompt: the text; ``-`` stands for standard input, None for no text.
        edit: whether it is looked over in the editor.
        template: which it is made of.
        values: of the template's arguments.
    """

    prompt: str | None
    edit: bool
    template: Template | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def choose_template(shelf: Shelf, name: str, given: Sequence[tuple[str, str | None]], source: Source) -> Source:
    """Find the template that the prompt is made of; before a bot is looked for, since it may be called in a wrong way.

    Args:
        shelf: where templates are.
        name: which.
        given: its arguments, as they were written.
        source: what else the command line says.

    Raises:
        UsageError: where there is none, or it is called in a wrong way.
        TemplateError: where what it declares is wrong.
    """
    template = shelf.get_template(name)
    if source.prompt not in (None, "-"):
        raise UsageError(
            "a template and a prompt are two ways to say one thing",
            hint=f"git draft -t {name} -e lets you change what the template says",
        )
    return replace(
        source, template=template, values=template.parse_arguments(given, has_input=source.prompt is not None)
    )


def get_prompt(project: Project, drafter: Drafter, shelf: Shelf, source: Source, on: Draft | None) -> str:
    """Give the whole prompt.

    Args:
        project: the open repository.
        drafter: for the folio's drafts, and for the files that a template reads.
        shelf: where templates are, which the editor lists.
        source: what the command line says.
        on: the draft that is gone on from; its files are a template's.

    Raises:
        UsageError: where there is none.
        TemplateError: where the template can't be rendered.
        AbortError: where the user leaves the editor with an empty one.
    """
    prompt = _render(project, drafter, source.template, source, on) if source.template else _get_text(source)
    if prompt is not None and not prompt.strip():
        raise UsageError("the prompt is empty", hint='git draft "<what to change>"')
    if prompt is not None and not source.edit:
        return prompt
    if not has_terminal() and not (source.edit and prompt is not None):
        raise UsageError("no prompt, and no terminal to open an editor on", hint='git draft "<what to change>"')
    text = prompt if prompt is not None else _find_last_prompt(drafter)
    return _edit(project, text, _describe_templates(shelf), "the prompt is empty, nothing was done")


def edit_answer(project: Project, question: str) -> str:
    """Let the user answer a bot's question in the editor.

    Raises:
        AbortError: where the answer is empty.
    """
    return _edit(project, "", f"# The question:\n#\n{_comment(question)}", "the answer is empty")


def _edit(project: Project, text: str, notes: str, nothing: str) -> str:
    editor = os.fsdecode(project.repo.run("var", "GIT_EDITOR").stdout).strip()
    full = f"{text.rstrip()}\n\n{SCISSORS}\n{notes}"
    return edit_text(full, editor, project.repo.git_dir, os.environ, cut_off=_cut_off, nothing=nothing)


def _comment(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def _get_text(source: Source) -> str | None:
    if source.prompt != "-":
        # bytes that are no UTF-8 come as surrogates; neither SQLite nor a model takes them
        return None if source.prompt is None else _decode(os.fsencode(source.prompt))
    text = _read_input()
    if not text.strip():
        raise UsageError("the prompt on standard input is empty")
    return text


def _render(project: Project, drafter: Drafter, template: Template, source: Source, on: Draft | None) -> str:
    folio = drafter.find_active()
    view = View(
        worktree=cache(lambda: drafter.open_view(on)),
        prompts=[draft.prompt for draft in drafter.list_drafts(folio.number)] if folio else [],
        branch=project.repo.get_head()[0],
        stdin=_read_input() if source.prompt == "-" else None,
    )
    return render_template(template, source.values, view)


def _read_input() -> str:
    return _decode(sys.stdin.buffer.read())


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _find_last_prompt(drafter: Drafter) -> str:
    folio = drafter.find_active()
    drafts = drafter.list_drafts(folio.number) if folio else []
    if not drafts:
        return ""
    question = drafts[-1].record.question
    quoted = "\n".join(f"> {line}" for line in question.splitlines()) if question else ""
    return f"{drafts[-1].prompt}\n\n{quoted}\n" if quoted else drafts[-1].prompt


def _describe_templates(shelf: Shelf) -> str:
    names = dict.fromkeys(template.name for template in shelf.list_templates())
    return _comment("\n".join([_HELP, "Templates, for git draft -t NAME:", *(f"  {name}" for name in names)]))


def _cut_off(text: str) -> str:
    lines = text.splitlines(keepends=True)
    at = next((number for number, line in enumerate(lines) if line.rstrip() == SCISSORS), len(lines))
    return "".join(lines[:at])


# Templates


def open_shelf(project: Project | None, options: Iterable[str]) -> Shelf:
    """Give the places of templates; outside of a repository those that are not a repository's.

    Args:
        project: the open repository.
        options: ours, whose names no argument of a template may have.
    """
    tracked: Callable[[str], Sequence[str]] = project.repo.list_tracked if project else lambda _folder: ()
    taken = frozenset(option.removeprefix("--") for option in options)
    return Shelf(get_user_folder(), project.repo.toplevel if project else None, tracked, taken)


def get_user_folder() -> Path:
    """Give the folder of the user's templates; it need not be there."""
    return find_config_path(os.environ).parent / "prompts"


def open_project() -> Project | None:
    """Open the repository, if the current folder is in one."""
    try:
        return Project.open(Path.cwd(), os.environ)
    except NotARepositoryError:
        return None
