"""The user's configuration file: which bots there are.

``$XDG_CONFIG_HOME/git-draft/config.toml``, checked by pydantic, so that a slip is named and not ignored. git's own
settings (``draft.bot`` and the like) are read where they are used, through `git/config.py`. Called by `bots/` and
`cli/making.py`, and by nothing that must start fast.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

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
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bots: tuple[BotConfig, ...] = ()


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
