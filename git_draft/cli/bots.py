"""What `git draft bots` does: list the bots, check one, add one to the configuration.

Called by `app.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from git_draft.bots.registry import Choice, choose_bot, describe_options, list_configured, make_bot
from git_draft.cli.render import clean, format_json
from git_draft.cli.terminal import TerminalFeedback
from git_draft.cli.words import note_bots
from git_draft.clock import SystemClock
from git_draft.columns import align_rows
from git_draft.config import BotConfig, OptionValue, add_bot, find_config_path, parse_option, read_user_config
from git_draft.errors import BotError, ConfigError, GitDraftError, NotARepositoryError, UsageError
from git_draft.frozen import frozen
from git_draft.git.repo import Repository
from git_draft.log import opened_log
from git_draft.model import Finding
from git_draft.project import Project
from git_draft.protocols import Checkable
from git_draft.store import Store


@frozen
class BotsWish:
    """The options of `bots`, as they were written."""

    action: str | None
    name: str | None
    base_url: str | None
    model: str | None
    api_key: str | None
    factory: str | None
    options: tuple[str, ...]
    bot: str | None
    checks: bool
    resets: bool


def run_bots(wish: BotsWish, *, is_json: bool) -> None:
    """List the bots, check one, or add one.

    Raises:
        UsageError: where the options do not go together.
    """
    if wish.action not in (None, "add"):
        raise UsageError(f"git draft bots does not know {wish.action!r}", hint="git draft bots add NAME --base-url URL")
    if wish.action == "add":
        if wish.name is None:
            raise UsageError("the bot has no name", hint="git draft bots add NAME --base-url URL --model NAME")
        if wish.checks or wish.resets or wish.bot:
            raise UsageError("add it first, then check it", hint=f"git draft bots --check -b {wish.name}")
        options = {"base_url": wish.base_url, "model": wish.model, "api_key": wish.api_key}
        run_add(wish.name, options, wish.options, factory=wish.factory or "openai")
        _note_for_completion()
        return
    for value, option in ((wish.base_url, "--base-url"), (wish.api_key, "--api-key"), (wish.factory, "--factory")):
        if value is not None:
            raise UsageError(f"{option} is for git draft bots add", hint="git draft bots add NAME --base-url URL")
    if wish.checks or wish.resets:
        run_check(wish.bot, wish.model, wish.options, resets=wish.resets, checks=wish.checks, is_json=is_json)
        return
    if wish.bot or wish.model or wish.options:
        raise UsageError("-b, -m and -o are for --check", hint="git draft bots --check")
    _note_for_completion()
    list_bots(is_json=is_json)


def _note_for_completion() -> None:
    with contextlib.suppress(GitDraftError):  # outside of a repository there is nowhere to write them
        note_bots(Project.open(Path.cwd(), os.environ))


def list_bots(*, is_json: bool) -> None:
    """Print the bots that are configured, and which would be used and why."""
    setting = _find_setting()
    configured = list_configured(os.environ)
    try:
        choice = choose_bot(None, setting, os.environ)
    except ConfigError as error:
        if setting:
            raise
        choice, problem = None, error
    bots = list(configured) + ([choice.config] if choice and choice.config not in configured else [])
    if is_json:
        items = [
            {"name": bot.name, "factory": bot.factory, "used": bool(choice and bot == choice.config)} for bot in bots
        ]
        print(format_json({"bots": items, **({"reason": choice.reason} if choice else {})}))
        return
    rows = []
    for bot in bots:
        mark = "*" if choice and bot == choice.config else " "
        options = ", ".join(f"{key}={_mask(key, value)}" for key, value in describe_options(bot, os.environ).items())
        rows.append((f"{mark} {bot.name}", bot.factory, options))
    for line in align_rows(rows):
        print(line)
    if choice is None:
        raise problem
    print(f"git draft would use {choice.config.name}: {choice.reason}")


def _find_setting() -> str | None:
    try:
        return Repository.open(Path.cwd(), os.environ).config.get("draft.bot")
    except NotARepositoryError:
        return None


def run_check(
    bot: str | None, model: str | None, options: Sequence[str], *, resets: bool, checks: bool, is_json: bool
) -> None:
    """Find out what a bot's server and model can do, by a tiny request, and print it.

    Args:
        bot: its name; else the one that would be used.
        model: in place of the configured one.
        options: likewise, ``KEY=VALUE`` each.
        resets: forget before what was learned.
        checks: whether to find out anew.
        is_json: print JSON.

    Raises:
        BotError: where it would not work.
    """
    choice = choose_bot(bot, _find_setting(), os.environ)
    level = read_user_config(find_config_path(os.environ)).log_level
    terminal = TerminalFeedback(os.environ, is_quiet=False, is_verbose=False, can_ask=False)
    with opened_log(os.environ, level), terminal as feedback:
        chosen = _make_checkable(choice, model, dict(map(parse_option, options)))
        if resets:
            chosen.forget()
        findings = asyncio.run(chosen.check(feedback)) if checks else ()
    if not checks:
        print(f"forgot what was learned of {clean(choice.config.name)}")
        return
    if is_json:
        print(format_json({"bot": choice.config.name, "findings": [_make_json(finding) for finding in findings]}))
    else:
        print(clean(choice.config.name))
        width = max((len(finding.name) for finding in findings), default=0)
        for finding in findings:
            print(f"  {finding.name:<{width}}  {clean(finding.value)}")
    for finding in findings:
        if not finding.is_ok:
            raise BotError(f"{choice.config.name} would not work: {finding.value}", hint=finding.hint)


def _make_checkable(choice: Choice, model: str | None, options: Mapping[str, OptionValue]) -> Checkable:
    try:
        store = Project.open(Path.cwd(), os.environ).store
    except NotARepositoryError:
        store = Store(None)  # what is learned is of use in repositories only
    bot = make_bot(choice, model=model, options=options, env=os.environ, clock=SystemClock(), memory=store).bot
    if not isinstance(bot, Checkable):
        raise UsageError(f"{choice.config.name} can't be checked", hint="it is checked by using it")
    return bot


def _make_json(finding: Finding) -> dict[str, object]:
    values = {"name": finding.name, "value": finding.value, "ok": finding.is_ok, "hint": finding.hint}
    return {key: value for key, value in values.items() if value is not None}


def run_add(name: str, options: Mapping[str, str | None], more: Sequence[str], *, factory: str) -> None:
    """Add a bot to the configuration.

    Args:
        name: what it is called.
        options: those that have an option of their own, None where it was not given.
        more: others, ``KEY=VALUE`` each.
        factory: what makes it.

    Raises:
        ConfigError: where there is one of this name, or the file is wrong.
    """
    path = find_config_path(os.environ)
    given: dict[str, OptionValue] = {key: value for key, value in options.items() if value is not None}
    bot = BotConfig(name=name, factory=factory, options=given | dict(map(parse_option, more)))
    key = bot.options.get("api_key")
    add_bot(path, bot)
    print(f"added {clean(name)} to {path}")
    if isinstance(key, str) and not key.startswith("$"):
        print(
            f"warning: the key stands in {path} as it is; --api-key '$NAME' would read it from the environment",
            file=sys.stderr,
        )
    print(f'  check: git draft bots --check -b {clean(name)}   use: git draft -b {clean(name)} "<what to change>"')


def _mask(key: str, value: object) -> str:
    text = str(value)
    if any(word in key.lower() for word in ("key", "token", "secret", "password", "header")) and text[:1] != "$":
        return "(hidden)"
    return clean(re.sub(r"//[^/]*@", "//", text))  # a URL may hold user and password
