"""Templates of prompts: found in three places, described by what they declare, rendered by jinja2, confined.

A template is a file ``NAME.jinja``: settings in TOML between two lines ``+++``, then the text. Those of the repository
come before the user's, and these before the built-in ones. What a template sees of the files it sees through a worktree,
so secrets are kept from it as from a bot. How a command line is split is the cli's, which calls this.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from git_draft.config import describe_invalid
from git_draft.errors import TemplateError, ToolError, UsageError
from git_draft.frozen import frozen
from git_draft.protocols import Worktree

SUFFIX = ".jinja"
FOLDER = ".git-draft/prompts"
"""Where a repository has its own."""

_FENCE = "+++"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_ARGUMENT = re.compile(r"[a-z][a-z0-9-]{0,31}")
_GIVEN = frozenset({"list_files", "read_file", "prompts", "branch", "stdin"})
"""What each template is given beside its arguments."""
_MAX_CHARACTERS = 1 << 20
"""No prompt is longer; a template that makes one is stopped before the memory is full."""


class Scope(StrEnum):
    """Where a template comes from; the first that has one of a name counts."""

    REPOSITORY = "repository"
    USER = "user"
    BUILT_IN = "built in"


class Argument(BaseModel):
    """What a template declares of an argument.

    Args:
        help: what it means.
        required: whether it must be given.
        default: what it is where it is not given; empty if that is left out.
        choices: what it may be; anything if there are none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    help: str = ""
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()

    def describe(self) -> str:
        """Say what it means, and what it is where it is not given."""
        default = f" [default: {self.default}]" if self.default is not None else ""
        return f"{self.help}{' [required]' if self.required else default}"


class Settings(BaseModel):
    """What a template declares.

    Args:
        description: what it is for, in a line.
        arguments: by name; each is an option ``--name`` after ``-t``.
        stdin: what it reads from standard input, in a word or two; None where it reads nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: str
    arguments: dict[str, Argument] = {}
    stdin: str | None = None


@dataclass(frozen=True)
class Template:
    """A template that was found.

    Args:
        name: what ``-t`` calls it.
        scope: where it comes from.
        where: its file, for messages.
        read: gives all of it, settings included.
        taken: names that its arguments may not have.
    """

    name: str
    scope: Scope
    where: str
    read: Callable[[], str]
    taken: frozenset[str] = frozenset()

    @cached_property
    def source(self) -> str:
        """All of it, read when it is first asked for: one that can't be read is in nobody's way.

        Raises:
            TemplateError: where it can't be read.
        """
        try:
            return self.read()
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateError(f"{self.where} can't be read: {error}") from error

    @cached_property
    def settings(self) -> Settings:
        """What it declares.

        Raises:
            TemplateError: where that is wrong.
        """
        text, _ = self._split()
        try:
            settings = Settings.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise TemplateError(f"{self.where}: {error}") from error
        except ValidationError as error:
            raise TemplateError(f"{self.where}: {describe_invalid(error)}") from error
        for name, argument in settings.arguments.items():
            if fault := _find_fault(name, argument, self.taken):
                raise TemplateError(f"{self.where}: argument {name}: {fault}")
        return settings

    @property
    def body(self) -> str:
        """The text that is rendered; empty lines stand for the settings, so that lines keep their numbers.

        Raises:
            TemplateError: where there are no settings before it.
        """
        _, body = self._split()
        return "\n" * (self.source.count("\n") - body.count("\n")) + body

    def _split(self) -> tuple[str, str]:
        first, *rest = (line.rstrip() for line in self.source.split("\n"))
        if first != _FENCE or _FENCE not in rest:
            raise TemplateError(
                f"{self.where}: it has to begin with its settings, between two lines {_FENCE}",
                hint="git draft templates add-test shows how",
            )
        end = rest.index(_FENCE)
        return "\n".join(rest[:end]), "\n".join(self.source.split("\n")[end + 2 :])

    def format_help(self) -> str:
        """Write what it is for, how it is called, and what its arguments mean."""
        declared = self.settings.arguments
        width = max(map(len, declared), default=0)
        rows = [f"  --{name:<{width}}  {argument.describe()}".rstrip() for name, argument in declared.items()]
        return "\n".join([f"Usage: {self.format_usage()}", "", f"  {self.settings.description}", "", *rows]).rstrip()

    def format_usage(self) -> str:
        """Write how it is called."""
        words = [f"git draft -t {self.name}"]
        for name, argument in self.settings.arguments.items():
            value = "|".join(argument.choices) or name.upper()
            words.append(f"--{name} {value}" if argument.required else f"[--{name} {value}]")
        if self.settings.stdin is not None:
            words.append("- < FILE")
        return " ".join(words)

    def parse_arguments(self, given: Sequence[tuple[str, str | None]], *, has_input: bool) -> dict[str, str]:
        """Give the value of each argument.

        Args:
            given: names and values as they were written; None where there was no value.
            has_input: whether standard input was given, by ``-``.

        Raises:
            UsageError: where one is missing, unknown or wrong; its hint is how the template is called.
            TemplateError: where what the template declares is wrong.
        """
        declared = self.settings.arguments
        values = {name: argument.default or "" for name, argument in declared.items()}
        fault = None
        for name, value in given:
            if name not in declared:
                fault = f"has no argument --{name}"
            elif value is None:
                fault = f"needs a value for --{name}"
            elif declared[name].choices and value not in declared[name].choices:
                fault = f"takes {', '.join(declared[name].choices)} for --{name}, not {value!r}"
            if fault:
                break
            values[name] = value or ""
        missing = [name for name, argument in declared.items() if argument.required and not values[name].strip()]
        if not fault and missing:
            fault = f"needs {', '.join(f'--{name}' for name in missing)}"
        if not fault and (self.settings.stdin is not None) is not has_input:
            fault = "reads nothing from standard input" if has_input else f"reads {self.settings.stdin}: give it by -"
        if fault:
            raise UsageError(f"template {self.name} {fault}", hint=f"usage: {self.format_usage()}")
        return {name.replace("-", "_"): value for name, value in values.items()}


def _find_fault(name: str, argument: Argument, taken: Collection[str]) -> str | None:
    if not _ARGUMENT.fullmatch(name):
        return "a name has small letters, digits and hyphens"
    if name in taken:
        return f"git draft itself has an option --{name}"
    if name.replace("-", "_") in _GIVEN:
        return "each template is given something of that name"
    if argument.required and argument.default is not None:
        return "it is required, so a default says nothing"
    if argument.choices and argument.default is not None and argument.default not in argument.choices:
        return "the default is none of the choices"
    return None


def is_name(text: str) -> bool:
    """Tell whether a text can be a template's name."""
    return _NAME.fullmatch(text) is not None


# Where they are


@frozen
class Shelf:
    """The places where templates are.

    Args:
        user: the user's folder.
        repository: the top of the working directory; None outside of a repository.
        tracked: gives the paths below a folder that git tracks, from the top.
        taken: names that no argument may have.
    """

    user: Path
    repository: Path | None
    tracked: Callable[[str], Sequence[str]]
    taken: frozenset[str] = frozenset()

    def list_templates(self) -> list[Template]:
        """Give all templates by name, and of a name the one that counts first."""
        found = sorted(self._iter_all(), key=lambda item: (item[0], list(Scope).index(item[1])))
        return [self._open(*item) for item in found]

    def get_template(self, name: str) -> Template:
        """Give the template of a name.

        Raises:
            UsageError: where there is none.
        """
        for template in self.list_templates():
            if template.name == name:
                return template
        known = ", ".join(dict.fromkeys(template.name for template in self.list_templates()))
        raise UsageError(f"there is no template {name!r}", hint=f"one of {known}")

    def _iter_all(self) -> Iterator[tuple[str, Scope, Any]]:
        for path in _choose_files(self._find_tracked()):
            yield path.stem, Scope.REPOSITORY, path
        for path in _choose_files(self.user.glob(f"*{SUFFIX}")):
            yield path.stem, Scope.USER, path
        for each in files("git_draft").joinpath("prompts").iterdir():
            if each.name.endswith(SUFFIX):
                yield each.name.removesuffix(SUFFIX), Scope.BUILT_IN, each

    def _find_tracked(self) -> list[Path]:
        if self.repository is None or not (self.repository / FOLDER).is_dir():  # most have none: git need not be asked
            return []
        folder = self.repository / FOLDER
        paths = [path for text in self.tracked(FOLDER) if (path := self.repository / text).parent == folder]
        return [path for path in paths if not any(map(Path.is_symlink, (path, folder, folder.parent)))]  # nor elsewhere

    def _open(self, name: str, scope: Scope, file: Any) -> Template:  # noqa: ANN401  # a path, or what a package has
        where = f"{FOLDER}/{file.name}" if scope is Scope.REPOSITORY else str(file)
        return Template(name, scope, where, lambda: str(file.read_text("utf-8")), self.taken)


def _choose_files(paths: Iterable[Path]) -> list[Path]:
    named = (path for path in paths if path.suffix == SUFFIX and _NAME.fullmatch(path.stem))
    return [path for path in named if path.is_file()]


# Rendering


@frozen
class View:
    """What a template sees.

    Args:
        worktree: opens the files when they are first asked for: a snapshot takes time.
        prompts: those of the folio until now, oldest first.
        branch: the short name of the branch.
        stdin: what standard input had; None where it was not given.
    """

    worktree: Callable[[], Worktree]
    prompts: Sequence[str]
    branch: str
    stdin: str | None


def render_template(template: Template, values: Mapping[str, str], view: View) -> str:
    """Render a template.

    Args:
        template: which.
        values: of its arguments, as `Template.parse_arguments` gives them.
        view: what it sees.

    Raises:
        TemplateError: where it can't be rendered, or nothing comes of it; with the line.
    """
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Environment(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401  # as jinja2 has it
            if not isinstance(left, int | float) or not isinstance(right, int | float) or operator == "**":
                raise jinja2.TemplateRuntimeError(f"{operator} is for numbers")  # a text a billion times over
            return super().call_binop(context, operator, left, right)

    environment = Environment(
        loader=jinja2.FunctionLoader(lambda name: (template.body, name, None) if name == template.where else None),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # a prompt is no page
        trim_blocks=True,
        lstrip_blocks=True,
    )
    given = {
        "list_files": lambda glob=None: list(view.worktree().list_files(glob)),
        "read_file": lambda path: view.worktree().read_file(path),
        "prompts": tuple(view.prompts),
        "branch": view.branch,
        "stdin": view.stdin,
    }
    pieces: list[str] = []
    left = _MAX_CHARACTERS
    try:
        for piece in environment.get_template(template.where).generate({**given, **values}):
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                raise TemplateError(f"{template.where}: it makes a prompt of more than {_MAX_CHARACTERS:,} characters")
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{template.where}, line {error.lineno}: {error.message}") from error
    except (jinja2.TemplateError, ToolError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        line = _find_line(error, template.where)
        raise TemplateError(f"{template.where}, line {line}: {error}") from error
    text = "".join(pieces).strip()
    if not text:
        raise TemplateError(f"{template.where}: nothing comes of it")
    return text


def _find_line(error: BaseException, where: str) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == where:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
