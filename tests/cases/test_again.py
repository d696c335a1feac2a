"""What `git draft again` takes for the newest prompt, where a run was interrupted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from git_draft.bots.registry import Choice
from git_draft.cli.repeating import Recorded, choose_recorded_model, find_base_draft, get_recorded
from git_draft.config import BotConfig
from git_draft.errors import NoDraftError
from tests.support.bots import write
from tests.support.studio import Studio


def _begin(studio: Studio, prompt: str, *, later_s: float, outcome: str | None = "interrupted") -> None:
    with studio.opened() as project:
        started = studio.clock.now() + timedelta(seconds=later_s)
        run = project.store.begin_run(folio=1, prompt=prompt, bot="b", base="0" * 40, tree="", started=started)
        if outcome:
            project.store.end_run(run, outcome=outcome, ended=started)


def _get_prompt(studio: Studio, name: str | None = None) -> str:
    with studio.command() as drafter, studio.opened() as project:
        return get_recorded(project, drafter, name).prompt


def test_newest_draft_unless_a_later_run_was_interrupted(studio: Studio) -> None:
    studio.draft(write("a", "1\n"), prompt="one")
    studio.draft(write("a", "2\n"), prompt="two")
    assert _get_prompt(studio) == "two"
    _begin(studio, "failed", later_s=60, outcome="failed")
    assert _get_prompt(studio) == "two"
    _begin(studio, "three", later_s=120)
    assert _get_prompt(studio) == "three"
    assert _get_prompt(studio, "1") == "one"


def test_interrupted_sibling_of_the_newest_draft_is_not_later(studio: Studio) -> None:
    studio.draft(write("a", "1\n"), prompt="one")
    _begin(studio, "sibling", later_s=0)
    assert _get_prompt(studio) == "one"


def test_without_a_folio_a_draft_must_be_named(studio: Studio) -> None:
    with pytest.raises(NoDraftError, match="no folio is active, so again needs a draft"):
        _get_prompt(studio)


def test_draft_that_went_on_from_another_does_so_again(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.draft(write("a", "2\n"), on="1")
    with studio.command() as drafter, studio.opened() as project:
        found = [find_base_draft(project, drafter, get_recorded(project, drafter, name)) for name in ("1", "2")]
    assert found == [None, "1/1"]


@pytest.mark.parametrize(
    "recorded, bot, options, model",
    [
        ("small", "b", {}, "small"),
        ("small", "b", {"model": "large"}, "small"),
        ("small", "b", {"model": "small"}, None),
        ("small", "b", {"model": "/models/small.gguf"}, None),
        ("small", "other", {}, None),
        (None, "b", {}, None),
    ],
)
def test_recorded_model(recorded: str | None, bot: str, options: dict[str, str], model: str | None) -> None:
    choice = Choice(BotConfig(name=bot, options=dict(options)), "")
    assert choose_recorded_model(Recorded("draft 1/1", "p", "b", recorded, "0" * 40), choice) == model
