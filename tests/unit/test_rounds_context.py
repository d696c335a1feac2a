"""Rounds whose conversation is too long for the model: begun again with less, once."""

from __future__ import annotations

import pytest

from git_draft.bots.retry import Fault, RequestError
from git_draft.errors import BotError
from git_draft.model import OutcomeKind
from tests.support.bots import RecordingFeedback
from tests.support.models import DictWorktree, ScriptedModel
from tests.support.rounds import FIXED, STATS, block, run, whole

FULL = RequestError(
    "the conversation is too long", status=400, message="maximum context length is 4096", fault=Fault.CONTEXT
)
FILES = {"stats.py": STATS, "test_stats.py": "from stats import mean\n", "notes.md": "mean is odd\n"}


def test_a_first_request_that_is_too_long_is_sent_with_fewer_files() -> None:
    model, feedback = ScriptedModel(FULL, whole("stats.py", FIXED)), RecordingFeedback()
    worktree = DictWorktree(FILES)
    outcome = run(model, worktree, "fix mean in stats.py and test_stats.py", feedback=feedback, is_guided=False)
    assert outcome.kind is OutcomeKind.COMPLETE
    assert worktree.files["stats.py"] == FIXED
    first, second = (messages[-1]["content"] for messages in model.seen[:2])
    assert "from stats import mean" in first
    assert "from stats import mean" not in second
    assert second.endswith(first[first.rindex("fix mean") :])
    assert any("is not shown test_stats.py" in event.describe() for event in feedback.events)


def test_a_later_round_keeps_what_is_to_be_mended() -> None:
    wrong = block("stats.py", "no such line", "x")
    model = ScriptedModel(wrong, FULL, whole("stats.py", FIXED))
    worktree = DictWorktree(FILES)
    outcome = run(model, worktree, "fix mean in stats.py and test_stats.py", is_guided=False)
    assert outcome.kind is OutcomeKind.COMPLETE
    assert worktree.files["stats.py"] == FIXED
    assert len(model.seen[1]) == len(model.seen[0]) + 2
    assert len(model.seen[2]) == len(model.seen[0]) + 1
    assert model.seen[2][-1] == model.seen[1][-1]


def test_what_is_too_long_even_then_is_an_error() -> None:
    with pytest.raises(BotError, match="too long"):
        run(ScriptedModel(FULL), DictWorktree(FILES), is_guided=False)
    with pytest.raises(BotError, match="too long"):
        run(ScriptedModel(FULL), DictWorktree({"stats.py": STATS}), is_guided=False)
