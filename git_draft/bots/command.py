"""The built-in bot that is any program: a formatter, a fixer, an agent with a command line of its own.

The program works in a folder with the files of the worktree; what it made is taken back when it has ended, however that
was. Options, the command line and its environment are here; running it is `programs.py`'s. Made by `registry.py` through
`make_bot`, and never chosen but by name: a program can do all that its user can.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from git_draft.bots.options import check_options
from git_draft.bots.programs import Listener, run_program
from git_draft.bots.turns import format_request
from git_draft.columns import shorten
from git_draft.errors import BotError, ConfigError
from git_draft.events import OutputPrinted
from git_draft.model import Goal, Outcome, OutcomeKind
from git_draft.protocols import Clock, Exported, Exporting, Feedback, Memory, Worktree

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT_VARIABLE = "GIT_DRAFT_PROMPT"
PLACE = "{prompt}"
_HINT = "-o 'command=ruff check --fix .'"
_SHOWN_COLUMNS = 60
_MAX_PROMPT_BYTES = 120_000
"""Linux takes 131,072 bytes for one argument or variable."""

_PASSED = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
        *("VIRTUAL_ENV", "CONDA_PREFIX", "JAVA_HOME", "GOPATH", "GOROOT", "CARGO_HOME", "RUSTUP_HOME", "NVM_DIR"),
    }
)
_PASSED_PREFIXES = ("LC_", "XDG_")
_PROXIES = re.compile(r"(?:all|ftp|http|https|no)_proxy", re.IGNORECASE)
_SECRET = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)
_SECRET_WORD = re.compile(r"((?:key|token|secret|password|passwd)[\w-]*(?:[= ]+))(?!\{prompt\})\S+", re.IGNORECASE)


class CommandOptions(BaseModel):
    """What the configuration and ``--option`` may set.

    Args:
        command: the program and its arguments, cut into words as a shell does; ``{prompt}`` stands for the prompt.
        shell: whether a shell runs it instead.
        env: names of variables that the program is given besides the harmless ones, with commas between them.
        ignore: patterns as in .gitignore, with commas between them, for new files that do not come back.
        timeout_s: how long it may take.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: str
    shell: bool = False
    env: str = ""
    ignore: str = ""
    timeout_s: float = Field(900, gt=0)


def make_bot(options: Mapping[str, object], *, env: Mapping[str, str], clock: Clock, memory: Memory) -> CommandBot:
    """Make the bot from its options; nothing is started yet.

    Args:
        options: as `CommandOptions` describes them.
        env: what the program's environment is taken from.
        clock: not used.
        memory: not used.

    Raises:
        ConfigError: where an option is missing, unknown or wrong, or there is no such program.
    """
    del clock, memory
    if not str(options.get("command", "")).strip():
        raise ConfigError("the command bot has no command", hint=_HINT)
    checked = check_options(CommandOptions, options, bot="command")
    variables, hidden = _make_environment(env, checked.env)
    if checked.shell:
        return CommandBot(checked, ("/bin/sh", "-c", _write_for_shell(checked.command)), variables, hidden)
    return CommandBot(checked, _split(checked.command, variables.get("PATH", os.defpath)), variables, hidden)


class CommandBot:
    """Implements `git_draft.protocols.Bot` and `Running` with a program.

    Args:
        options: as they were given.
        words: the program and its arguments, with places for the prompt.
        variables: its environment, less what the prompt adds.
        hidden: values that must not be shown, with what stands for them.
    """

    model = None
    host = None

    def __init__(
        self,
        options: CommandOptions,
        words: Sequence[str],
        variables: Mapping[str, str],
        hidden: Mapping[str, str],
    ) -> None:
        self._options = options
        self._words = words
        self._variables = variables
        self._hidden = hidden

    @property
    def program(self) -> str:
        """The command as it was given, in a short line, without what looks like a key."""
        return shorten(_SECRET_WORD.sub(r"\1***", self._options.command), _SHOWN_COLUMNS)

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Run the program on the files, and take what it made.

        Raises:
            BotError: where it can't be run, or failed before it changed anything.
        """
        prompt = _check_prompt(format_request(goal))
        if not isinstance(worktree, Exporting):
            raise BotError("the files can't be put into a folder for a program")
        listener = Listener(lambda line: feedback.emit(OutputPrinted(line=line)), self._hidden)
        with worktree.exported() as files:
            outcome = await self._run(prompt, files, listener)
            is_changed = files.take_in(_split_list(self._options.ignore))
        if outcome.kind is OutcomeKind.FAILED and not is_changed:
            said = f": {listener.last_line}" if listener.last_line else ""
            raise BotError(f"{self.program} failed with {outcome.detail}{said}", hint="-v shows all that it prints")
        return outcome

    async def _run(self, prompt: str, files: Exported, listener: Listener) -> Outcome:
        words = self._words if self._options.shell else [word.replace(PLACE, prompt) for word in self._words]
        folder, limit_s = files.folder, self._options.timeout_s
        env = {
            **self._variables,
            "TERM": "dumb",
            "PWD": str(folder),
            "GIT_CEILING_DIRECTORIES": str(folder.parent),  # also without its .git, this is no part of another one
            PROMPT_VARIABLE: prompt,
        }
        try:
            await asyncio.sleep(0)  # a Ctrl-C from before
            status = await run_program(words, folder, env, listener=listener, timeout_s=limit_s)
        except TimeoutError:
            return Outcome(OutcomeKind.LIMIT, detail=f"{limit_s:g} s of time")
        except asyncio.CancelledError:
            return Outcome(OutcomeKind.INTERRUPTED)
        if status:
            how = f"exit status {status}" if status > 0 else f"signal {-status}"
            return Outcome(OutcomeKind.FAILED, detail=how)
        return Outcome()


def _split_list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _check_prompt(prompt: str) -> str:
    if "\0" in prompt:
        raise BotError("the prompt has a NUL character, which no program can be given")
    if len(prompt.encode("utf-8", "surrogateescape")) > _MAX_PROMPT_BYTES:
        raise BotError(f"the prompt is too long for a program, it has more than {_MAX_PROMPT_BYTES} bytes")
    return prompt


# The command line


def _split(command: str, path: str) -> tuple[str, ...]:
    """Cut a command into words, the first one the path of a program that is there.

    A path with a folder is looked up in the folder of the files, since it may be one of them, later.
    """
    try:
        program, *arguments = shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"the command makes no sense: {str(error).lower()}: {command}", hint=_HINT) from None
    if PLACE in program:
        raise ConfigError("the command begins with {prompt}, it must begin with a program", hint=_HINT)
    program = os.path.expanduser(program)  # noqa: PTH111  # ~name of nobody must not raise
    if "/" in program and not program.startswith("/"):
        return (program, *arguments)
    found = shutil.which(program, path=path)
    if found is None:
        raise ConfigError(f"there is no program {program}", hint=f"command -v {shlex.quote(program)}")
    return (str(Path(found).absolute()), *arguments)


def _write_for_shell(command: str) -> str:
    """Put the variable in place of ``{prompt}``, quoted, so that a shell never reads what a prompt says.

    Raises:
        ConfigError: where the place is within quotes with other text, as in ``sh -c "echo {prompt}"``: the inner shell
            would run the prompt.
    """
    written, at = "", 0
    for start, end in _iter_places(command):
        written += command[at:start] + f'"${PROMPT_VARIABLE}"'
        at = end
    return written + command[at:]


def _iter_places(command: str) -> Iterator[tuple[int, int]]:
    quote, at = "", 0
    while at < len(command):
        each = command[at]
        if match := re.compile(r"""(["'])\{prompt\}\1""").match(command, at) if not quote else None:
            yield at, match.end()
            at = match.end()
            continue
        if command.startswith(PLACE, at):
            if quote:
                raise ConfigError(
                    f"{PLACE} is quoted with other text, where a shell could run what the prompt says",
                    hint=f"write {PLACE} outside of quotes, it is quoted by itself",
                )
            yield at, at + len(PLACE)
            at += len(PLACE)
            continue
        if each == "\\" and quote != "'":
            at += 1
        elif each in "\"'" and quote in ("", each):
            quote = "" if quote else each
        at += 1


# The environment


def _make_environment(env: Mapping[str, str], names: str) -> tuple[dict[str, str], dict[str, str]]:
    """Take from the environment what a program needs, no keys but those that are named, and nothing of git's.

    Returns:
        The variables, and for the values of those that are named, so that they are never shown, what stands for them.

    Raises:
        ConfigError: where one that is named is not set, or is git's.
    """
    variables = {name: value for name, value in env.items() if _is_harmless(name, value)}
    hidden = {}
    for name in _split_list(names):
        if name.startswith("GIT_"):
            raise ConfigError(f"option env names {name}: git's own variables would lead the program to your repository")
        if name not in env:
            raise ConfigError(f"option env names {name}, which is not set", hint=f"export {name}=...")
        variables[name] = env[name]
        if _SECRET.search(name) and env[name].strip():
            hidden[env[name]] = f"[{name}]"
    return variables, hidden


def _is_harmless(name: str, value: str) -> bool:
    if _PROXIES.fullmatch(name):
        return "@" not in value  # a user and a password
    return name in _PASSED or (name.startswith(_PASSED_PREFIXES) and not _SECRET.search(name))
