"""From a name to a bot: the user's configuration, the built-in factories, entry points, the environment.

The first of these that says something decides: ``--bot``, ``git config draft.bot``, the first bot of the file that is
no command, the environment, a model that is on this machine. Called by the cli; a bot's own module is imported only when it is made.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path

from git_draft.catalogue import CATALOGUE, DEFAULT_MODEL, find_model
from git_draft.config import BotConfig, OptionValue, expand_options, find_config_path, read_user_config
from git_draft.errors import ConfigError, UsageError
from git_draft.frozen import frozen
from git_draft.protocols import Bot, Clock, Memory

ENTRY_POINTS = "git_draft.bots"
_BUILT_IN = {name: f"git_draft.bots.{name}:make_bot" for name in ("openai", "local", "command")}

BotFactory = Callable[..., Bot]
"""Called as ``factory(options, env=…, clock=…, memory=…)``; raises ConfigError for options that it can't take."""


@frozen
class Choice:
    """Which bot would be used.

    Args:
        config: its configuration.
        reason: what decided, for `git draft bots`.
        is_found: whether nobody named it: it was found in the environment or on this machine.
    """

    config: BotConfig
    reason: str
    is_found: bool = False


@frozen
class ChosenBot:
    """A bot, ready to work.

    Args:
        name: for the record.
        bot: the bot itself.
        reason: why this one, where nobody named it.
    """

    name: str
    bot: Bot
    reason: str | None = None


def list_configured(env: Mapping[str, str]) -> tuple[BotConfig, ...]:
    """Give the bots of the user's configuration file, in its order.

    Raises:
        ConfigError: where the file is wrong.
    """
    return read_user_config(find_config_path(env)).bots


def choose_bot(flag: str | None, git_setting: str | None, env: Mapping[str, str]) -> Choice:
    """Decide which bot is used.

    Args:
        flag: the value of ``--bot``.
        git_setting: the value of ``draft.bot``.
        env: the environment.

    Raises:
        UsageError: where ``--bot`` names none.
        ConfigError: where nothing decides, with a hint for each way.
    """
    path = find_config_path(env)
    configured = {bot.name: bot for bot in list_configured(env)}
    for name, reason in ((flag, "--bot"), (git_setting, "git config draft.bot")):
        if not name:
            continue
        if name in configured:
            return Choice(configured[name], reason)
        if name in _BUILT_IN or name in _list_entry_points():
            return Choice(BotConfig(name=name, factory=name), reason)
        known = ", ".join([*configured, *_BUILT_IN])
        kind = UsageError if name == flag else ConfigError
        raise kind(f"{reason} names no bot: {name}", hint=f"known are {known}; more go into {path}")
    first = next((bot for bot in configured.values() if not _is_command(bot)), None)
    if first:
        return Choice(
            first, f"the first bot of {path}" + ("" if first.name == next(iter(configured)) else " but for commands")
        )
    found = _find_in_environment(env) or _find_on_this_machine(env)
    if found is None and configured:  # a program can do all that its user can: it is run only where it is meant
        name = next(iter(configured))
        raise ConfigError("only commands are configured, which are used by name only", hint=f"git draft -b {name} ...")
    if found is None:
        raise ConfigError("no bot is configured, and none was found", hint=_list_ways(path))
    return found


def _is_command(bot: BotConfig) -> bool:
    return _BUILT_IN.get(bot.factory, bot.factory) == _BUILT_IN["command"]


def _find_in_environment(env: Mapping[str, str]) -> Choice | None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        if env.get(variable):
            return Choice(BotConfig(name="openai"), f"{variable} is set", is_found=True)
    return None


def _find_on_this_machine(env: Mapping[str, str]) -> Choice | None:
    """Find weights that are here, the default model's first; nothing is downloaded unasked."""
    if not _can_run_models():
        return None
    for name in (DEFAULT_MODEL, *CATALOGUE):
        if find_model(name, env):
            config = BotConfig(name="local", factory="local", options={"model": name})
            return Choice(config, "its model is on this machine", is_found=True)
    return None


def _can_run_models() -> bool:
    return importlib.util.find_spec("xllamacpp") is not None


def _list_ways(path: Path) -> str:
    """List the ways to get a bot, a line each."""
    install = "" if _can_run_models() else "make install-local, then "
    size = f"{CATALOGUE[DEFAULT_MODEL].size_bytes / 1e9:.1f} GB"
    return "\n".join(
        [
            f"{install}git draft models pull: a model for this machine, {size}, once",
            "export OPENAI_BASE_URL=http://localhost:11434/v1: a server on this machine",
            "export OPENAI_API_KEY=...: OpenAI",
            f"a [[bots]] table in {path}: anything else",
        ]
    )


def make_bot(
    choice: Choice,
    *,
    model: str | None,
    options: Mapping[str, OptionValue],
    env: Mapping[str, str],
    clock: Clock,
    memory: Memory,
) -> ChosenBot:
    """Make the bot that was chosen.

    Args:
        choice: the bot.
        model: the value of ``--model``; outranks the configuration.
        options: the values of ``--option``, likewise.
        env: the environment, for ``$NAME`` in the configuration and for the factory.
        clock: the time.
        memory: what was learned of endpoints.

    Raises:
        ConfigError: where the factory can't be found, is none, or refuses the options.
    """
    chosen = {**choice.config.options, **options, **({"model": model} if model else {})}
    name = choice.config.factory
    factory = _load_factory(name)
    bot: object = factory(expand_options(chosen, env), env=env, clock=clock, memory=memory)
    if not isinstance(bot, Bot):
        raise ConfigError(f"{name} is no bot factory: it gives {type(bot).__name__}, which is no bot")
    return ChosenBot(choice.config.name, bot, choice.reason if choice.is_found else None)


def describe_options(config: BotConfig, env: Mapping[str, str]) -> dict[str, OptionValue]:
    """Give a bot's options as configured, for openai with the endpoint and model that the environment adds; no key of it."""
    if config.factory != "openai":
        return dict(config.options)
    from git_draft.bots.address import DEFAULT_BASE_URL

    model = env.get("OPENAI_MODEL")
    found = {"base_url": env.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL, **({"model": model} if model else {})}
    return {**found, **config.options}


def _list_entry_points() -> dict[str, importlib.metadata.EntryPoint]:
    return {point.name: point for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}


def _load_factory(name: str) -> BotFactory:
    module, colon, attribute = _BUILT_IN.get(name, name).partition(":")
    if not colon:
        point = _list_entry_points().get(name)
        if point is None:
            raise ConfigError(f"no bot factory named {name}", hint='factory = "openai", or "module:callable"')
        module, attribute = point.module, point.attr
    try:
        factory: BotFactory = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"can't load the bot factory {module}:{attribute}: {error}") from error
    _check_callable(factory, f"{module}:{attribute}")
    return factory


def _check_callable(factory: object, name: str) -> None:
    """See to it that a factory can be called as bots are made, before it is; what it raises inside is its own."""
    hint = "docs/bots.md: factory(options, env=..., clock=..., memory=...)"
    if not callable(factory):
        raise ConfigError(f"{name} is no bot factory: it can't be called", hint=hint)
    try:
        inspect.signature(factory).bind({}, env={}, clock=None, memory=None)
    except TypeError as error:
        raise ConfigError(f"{name} is no bot factory: {error}", hint=hint) from error
    except ValueError:  # some that are written in C do not say what they take
        return
