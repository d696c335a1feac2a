"""The user's configuration file, options of the command line, and which bot they lead to."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from git_draft.bots.registry import Choice, choose_bot, list_configured, make_bot
from git_draft.catalogue import CATALOGUE, DEFAULT_MODEL
from git_draft.config import (
    BotConfig,
    OptionValue,
    expand_options,
    find_config_path,
    parse_option,
    read_user_config,
)
from git_draft.errors import ConfigError, UsageError
from git_draft.protocols import Clock, Memory
from tests.support.bots import Notebook, ScriptedBot
from tests.support.clock import FakeClock

TWO = '[[bots]]\nname = "one"\noptions = { model = "m" }\n[[bots]]\nname = "two"\nfactory = "x:y"\n'


def write_config(home: Path, text: str) -> Path:
    """Write the configuration file and give its place."""
    path = home / ".config/git-draft/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_the_place(home: Path) -> None:
    assert find_config_path({}) == home / ".config/git-draft/config.toml"
    assert find_config_path({"XDG_CONFIG_HOME": "/etc/me"}) == Path("/etc/me/git-draft/config.toml")


def test_bots_are_read(home: Path) -> None:
    config = read_user_config(write_config(home, TWO))
    assert config.bots == (BotConfig(name="one", options={"model": "m"}), BotConfig(name="two", factory="x:y"))


def test_no_file_is_no_bots(home: Path) -> None:
    assert read_user_config(home / "none").bots == ()


@pytest.mark.parametrize(
    "text, reason",
    [
        ("[[bots]", "can't read .*: Expected"),
        ('[[bots]]\nname = "a"\nmodle = "b"', r"bots\.0\.modle: there is no such setting"),
        ("[[bots]]\n", r"bots\.0\.name is missing"),
        ('[[bots]]\nname = ""', r"bots\.0\.name must not be empty"),
        ("[[bots]]\nname = 1", r"bots\.0\.name must be text"),
        ('log_level = "LOUD"', "log_level must be 'DEBUG', 'INFO' or 'WARNING'"),
        ("bots = 1", r"bots must be a list of tables: \[\[bots\]\]"),
        ("[bots]", r"bots must be a list of tables: \[\[bots\]\]"),
        ("bots = [1]", r"bots\.0 must be a table"),
        ('[[bots]]\nname = "a"\noptions = 1', r"bots\.0\.options must be a table"),
        ('[[bots]]\nname = "a"\noptions.x = [1]', r"bots\.0\.options\.x must be text, a number, or true or false"),
        ("bot = 1", "bot: there is no such setting"),
        ('[[bots]]\nname = "a"\n[[bots]]\nname = "a"', "two bots are named a"),
    ],
)
def test_slips_are_named(home: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        read_user_config(write_config(home, text))


def test_a_file_that_is_not_text(home: Path) -> None:
    path = write_config(home, "")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="can't read"):
        read_user_config(path)


def test_options_read_the_environment() -> None:
    options: Mapping[str, OptionValue] = {"key": "$KEY", "cost": "$", "plain": "a$b", "number": 3}
    assert expand_options(options, {"KEY": "k"}) == {"key": "k", "cost": "$", "plain": "a$b", "number": 3}
    with pytest.raises(ConfigError, match=r"option key reads \$KEY, which is not set"):
        expand_options(options, {})


@pytest.mark.parametrize(
    "text, option",
    [
        ("a=b", ("a", "b")),
        ("a=", ("a", "")),
        ("a=b=c", ("a", "b=c")),
        ("a", ("a", True)),
        ("a=true", ("a", True)),
        ("a=false", ("a", False)),
        ("a=12", ("a", 12)),
        ("a=0.5", ("a", 0.5)),
        ("a=1x", ("a", "1x")),
    ],
)
def test_options_of_the_command_line(text: str, option: tuple[str, OptionValue]) -> None:
    assert parse_option(text) == option
    assert type(parse_option(text)[1]) is type(option[1])


def test_an_option_without_a_name() -> None:
    with pytest.raises(UsageError, match="no option name in '=x'"):
        parse_option("=x")


@pytest.mark.parametrize(
    "flag, setting, env, name, reason",
    [
        ("two", "one", {}, "two", "--bot"),
        (None, "two", {}, "two", "git config draft.bot"),
        (None, None, {"OPENAI_API_KEY": "k"}, "one", "the first bot of"),
        ("openai", None, {}, "openai", "--bot"),
    ],
)
def test_what_decides(
    home: Path, flag: str | None, setting: str | None, env: Mapping[str, str], name: str, reason: str
) -> None:
    write_config(home, TWO)
    choice = choose_bot(flag, setting, env)
    assert choice.config.name == name
    assert choice.reason.startswith(reason)
    assert [bot.name for bot in list_configured(env)] == ["one", "two"]


def test_the_environment_decides_where_nothing_is_configured() -> None:
    assert choose_bot(None, None, {"OPENAI_API_KEY": "k"}).reason == "OPENAI_API_KEY is set"
    assert choose_bot(None, None, {"OPENAI_BASE_URL": "u"}).reason == "OPENAI_BASE_URL is set"


def put_weights(home: Path, name: str) -> None:
    """Put a file of the size of a model's where its weights are looked for; it takes no room."""
    path = home / ".cache/git-draft/models" / CATALOGUE[name].file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(CATALOGUE[name].size_bytes)


def test_a_model_on_this_machine_is_taken_last(home: Path) -> None:
    put_weights(home, "qwen2.5-coder-0.5b")
    choice = choose_bot(None, None, {"OPENAI_API_KEY": ""})
    assert (choice.config.name, choice.config.options) == ("local", {"model": "qwen2.5-coder-0.5b"})
    put_weights(home, DEFAULT_MODEL)
    choice = choose_bot(None, None, {})
    assert (choice.config.options, choice.reason) == ({"model": DEFAULT_MODEL}, "its model is on this machine")
    assert choose_bot(None, None, {"OPENAI_BASE_URL": "u"}).config.name == "openai"


def test_with_no_bot_at_all_each_way_to_one_is_named(home: Path) -> None:
    with pytest.raises(ConfigError, match="no bot is configured, and none was found") as raised:
        choose_bot(None, None, {"OPENAI_API_KEY": ""})
    assert raised.value.hint is not None
    ways = raised.value.hint.splitlines()
    assert [way.partition(":")[0].partition("=")[0] for way in ways[:3]] == [
        "git draft models pull",
        "export OPENAI_BASE_URL",
        "export OPENAI_API_KEY",
    ]
    assert "1.1 GB" in ways[0]
    assert ways[3].startswith(f"a [[bots]] table in {home}/.config/git-draft/config.toml")


def test_only_a_bot_that_nobody_named_says_why(home: Path) -> None:
    write_config(home, '[[bots]]\nname = "one"\noptions = { api_key = "k" }\n')
    for choice, reason in (
        (choose_bot(None, None, {}), None),
        (Choice(BotConfig(name="openai"), "OPENAI_API_KEY is set", is_found=True), "OPENAI_API_KEY is set"),
    ):
        env = {"OPENAI_API_KEY": "k"}
        bot = make_bot(choice, model=None, options={}, env=env, clock=FakeClock(), memory=Notebook())
        assert bot.reason == reason


def test_names_that_are_none() -> None:
    with pytest.raises(UsageError, match="--bot names no bot: x"):
        choose_bot("x", None, {})
    with pytest.raises(ConfigError, match=r"git config draft\.bot names no bot: x"):
        choose_bot(None, "x", {})


@pytest.fixture
def plug_in(tmp_path: Path) -> Iterator[None]:
    """Put a module with a factory on the path, and a distribution with an entry point."""
    (tmp_path / "plug_in_bots.py").write_text("from tests.unit.test_config import make_scripted as make\n")
    info = tmp_path / "plug_in-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plug-in\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[git_draft.bots]\nplugged = plug_in_bots:make\n")
    sys.path.insert(0, str(tmp_path))
    yield
    sys.path.remove(str(tmp_path))
    sys.modules.pop("plug_in_bots", None)


def make_scripted(
    options: Mapping[str, object], *, env: Mapping[str, str], clock: Clock, memory: Memory
) -> ScriptedBot:
    """Make a bot as a plug-in does; `volume` is its only option."""
    assert set(options) <= {"volume", "model"}, options
    assert isinstance(clock, FakeClock), env
    return ScriptedBot()


@pytest.mark.usefixtures("plug_in")
@pytest.mark.parametrize("factory", ["plug_in_bots:make", "plugged"])
def test_plug_ins(home: Path, factory: str) -> None:
    write_config(home, f'[[bots]]\nname = "mine"\nfactory = "{factory}"\noptions = {{ volume = "$VOLUME" }}\n')
    choice = choose_bot("mine", None, {})
    chosen = make_bot(choice, model="big", options={"volume": 3}, env={}, clock=FakeClock(), memory=Notebook())
    assert chosen.name == "mine"
    assert isinstance(chosen.bot, ScriptedBot)


@pytest.mark.usefixtures("plug_in")
def test_an_entry_point_by_its_own_name() -> None:
    assert choose_bot("plugged", None, {}).config == BotConfig(name="plugged", factory="plugged")


@pytest.mark.parametrize("factory", ["none", "no_such_module:make", "os:no_such_function"])
def test_factories_that_are_not_there(home: Path, factory: str) -> None:
    write_config(home, f'[[bots]]\nname = "mine"\nfactory = "{factory}"\n')
    with pytest.raises(ConfigError, match="bot factory"):
        make_bot(choose_bot("mine", None, {}), model=None, options={}, env={}, clock=FakeClock(), memory=Notebook())


def make_nothing(options: Mapping[str, object], **_rest: object) -> None:
    """Forget to give the bot."""


def make_wrongly(options: Mapping[str, object], *, env: Mapping[str, str], clock: Clock, memory: Memory) -> ScriptedBot:
    """Have a bug inside."""
    raise TypeError(f"a bug, {len(options)}")


@pytest.mark.parametrize(
    "factory, reason",
    [
        ("os.path:join", r"os\.path:join is no bot factory: got an unexpected keyword argument 'env'"),
        ("os:sep", "os:sep is no bot factory: it can't be called"),
        ("tests.unit.test_config:make_nothing", "it gives NoneType, which is no bot"),
    ],
)
def test_factories_that_are_none(home: Path, factory: str, reason: str) -> None:
    write_config(home, f'[[bots]]\nname = "mine"\nfactory = "{factory}"\n')
    with pytest.raises(ConfigError, match=reason):
        make_bot(choose_bot("mine", None, {}), model=None, options={}, env={}, clock=FakeClock(), memory=Notebook())


def test_bug_inside_a_factory_is_not_taken_for_a_wrong_factory(home: Path) -> None:
    write_config(home, '[[bots]]\nname = "mine"\nfactory = "tests.unit.test_config:make_wrongly"\n')
    with pytest.raises(TypeError, match="a bug, 0"):
        make_bot(choose_bot("mine", None, {}), model=None, options={}, env={}, clock=FakeClock(), memory=Notebook())
