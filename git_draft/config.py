"""The user's configuration file: which bots there are.

``$XDG_CONFIG_HOME/git-draft/config.toml``, checked by pydantic, so that a slip is named and not ignored. git's own
settings (``draft.bot`` and the like) are read where they are used, through `git/config.py`. Called by `bots/` and
`cli/making.py`, and by nothing that must start fast.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from git_draft.errors import ConfigError, UsageError

OptionValue = str | int | float | bool


class BotConfig(BaseModel):
    """One ``[[bots]]`` table.

    Args:
        name: what ``--bot`` and ``draft.bot`` call it.
        factory: ``openai``, the name of an entry point of group ``git_draft.bots``, or ``module:callable``.
        options: handed to the factory; a text ``$NAME`` is read from the environment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    factory: str = "openai"
    options: dict[str, OptionValue] = {}


class UserConfig(BaseModel):
    """The whole file.

    Args:
        bots: the first is the default.
        log_level: ``DEBUG`` to have the contents of requests and replies in the log.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    bots: tuple[BotConfig, ...] = ()
    log_level: Literal["DEBUG", "INFO", "WARNING"] = "INFO"


_SCALARS = frozenset({"str", "int", "float", "bool"})
_COMPLAINTS = {  # pydantic's own speak of inputs, tuples and parsing
    "extra_forbidden": "{where}: there is no such setting",
    "missing": "{where} is missing",
    "string_type": "{where} must be text",
    "string_too_short": "{where} must not be empty",
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "{where} must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "{where} must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "{where} must be true or false"),
    **dict.fromkeys(("dict_type", "model_type"), "{where} must be a table"),
    "tuple_type": "{where} must be a list of tables: [[{where}]]",
    "literal_error": "{where} must be {expected}",
    "greater_than": "{where} must be more than {gt:g}",
    "greater_than_equal": "{where} must be at least {ge:g}",
}


def describe_invalid(error: ValidationError) -> str:
    """Say in a short line what is wrong with the first value that is; the value itself is left out."""
    first = error.errors(include_url=False, include_input=False)[0]
    parts = [str(part) for part in first["loc"]]
    if parts[1:] and parts[-1] in _SCALARS:  # one complaint for each type that an option may have
        return f"{'.'.join(parts[:-1])} must be text, a number, or true or false"
    complaint = _COMPLAINTS.get(first["type"])
    where = ".".join(parts)
    if complaint is None:
        return f"{where}: {first['msg'].lower()}"
    return complaint.format(where=where, **first.get("ctx", {}))


def find_config_path(env: Mapping[str, str]) -> Path:
    """Give the place of the user's configuration file, whether it is there or not."""
    folder = Path(env["XDG_CONFIG_HOME"]) if env.get("XDG_CONFIG_HOME") else Path("~/.config").expanduser()
    return folder / "git-draft" / "config.toml"


def read_user_config(path: Path) -> UserConfig:
    """Read the configuration file; one that is not there is empty.

    Raises:
        ConfigError: naming file and key where it can't be read or is wrong.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return UserConfig()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"can't read {path}: {error}") from error
    try:
        config = UserConfig.model_validate(values)
    except ValidationError as error:
        raise ConfigError(f"{path}: {describe_invalid(error)}") from None
    names = [bot.name for bot in config.bots]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ConfigError(f"{path}: two bots are named {min(twice)}")
    return config


def add_bot(path: Path, bot: BotConfig) -> None:
    """Add a bot at the end of the configuration file, which is made where it is not there; the rest stays as it is.

    Raises:
        ConfigError: where there is one of this name, or the file is wrong or can't be written.
    """
    if any(each.name == bot.name for each in read_user_config(path).bots):
        raise ConfigError(f"{path} has a bot named {bot.name}", hint=f"edit {path}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8") if path.exists() else ""
        text = f"{text.rstrip()}\n\n{_format_bot(bot)}".lstrip("\n")
        tomllib.loads(text)  # a list of bots on one line can't be added to so
        _replace_file(path, text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"can't add to {path}: {error}", hint=f"edit {path}") from error
    except OSError as error:
        raise ConfigError(f"can't write {path}: {error.strerror}") from error


def _format_bot(bot: BotConfig) -> str:
    lines = ["[[bots]]", f"name = {_format_value(bot.name)}", f"factory = {_format_value(bot.factory)}"]
    if bot.options:
        lines += [
            "[bots.options]",
            *(f"{_format_key(key)} = {_format_value(value)}" for key, value in bot.options.items()),
        ]
    return "\n".join([*lines, ""])


def _format_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _format_value(key)


def _format_value(value: OptionValue) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # as TOML has it, too
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _replace_file(path: Path, text: str) -> None:
    """Write a file whole or not at all; it may hold a key, so it is for its owner alone."""
    target = path.resolve()  # where it is a link, into a folder of dotfiles for example, the link stays
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    new = target.with_name(f".{target.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(target)


def expand_options(options: Mapping[str, OptionValue], env: Mapping[str, str]) -> dict[str, OptionValue]:
    """Put the environment's values in place of ``$NAME``.

    Raises:
        ConfigError: where a variable is not set.
    """
    expanded: dict[str, OptionValue] = {}
    for key, value in options.items():
        if isinstance(value, str) and value.startswith("$") and len(value) > 1:
            if value[1:] not in env:
                raise ConfigError(f"option {key} reads {value}, which is not set", hint=f"export {value[1:]}=...")
            value = env[value[1:]]
        expanded[key] = value
    return expanded


def parse_option(text: str) -> tuple[str, OptionValue]:
    """Read ``KEY=VALUE`` of the command line: numbers and booleans as such; no ``=VALUE`` means true.

    Raises:
        UsageError: where there is no key.
    """
    key, has_value, value = text.partition("=")
    if not key:
        raise UsageError(f"no option name in {text!r}", hint="-o KEY=VALUE")
    if not has_value:
        return key, True
    if value in ("true", "false"):
        return key, value == "true"
    for kind in (int, float):
        try:
            return key, kind(value)
        except ValueError:
            continue
    return key, value
