"""A bot is added to the configuration file: what is there stays, what is added is read back as it was meant."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_draft.config import BotConfig, OptionValue, add_bot, read_user_config
from git_draft.errors import ConfigError

COMMENTED = '# mine\n[[bots]]\nname = "one"  # first\noptions = { model = "m" }'

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
values: st.SearchStrategy[OptionValue] = (
    texts | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)


@given(texts, texts, st.dictionaries(texts, values, max_size=4))
def test_what_is_added_is_read_back(name: str, factory: str, options: dict[str, OptionValue]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        add_bot(path, BotConfig(name="first"))
        if name == "first":
            return
        bot = BotConfig(name=name, factory=factory, options=options)
        add_bot(path, bot)
        assert read_user_config(path).bots == (BotConfig(name="first"), bot)


def test_what_is_there_stays_and_the_file_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    add_bot(path, BotConfig(name="a"))
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(COMMENTED, "utf-8")
    path.chmod(0o640)
    add_bot(path, BotConfig(name="two"))
    assert path.read_text("utf-8") == COMMENTED + '\n\n[[bots]]\nname = "two"\nfactory = "openai"\n'
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["config.toml"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    link.symlink_to(target)
    add_bot(link, BotConfig(name="a"))
    assert link.is_symlink()
    assert read_user_config(target).bots[0].name == "a"


@pytest.mark.parametrize(
    "text, reason",
    [(COMMENTED, "has a bot named one"), ('bots = [{ name = "x" }]', "can't add to"), ("[[bots", "can't read")],
)
def test_a_file_that_can_not_be_added_to_stays_as_it_is(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=reason):
        add_bot(path, BotConfig(name="one"))
    assert path.read_text("utf-8") == text
