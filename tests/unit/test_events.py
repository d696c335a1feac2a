"""Which events are told and kept: pieces of a reply are not kept, a file is told as read once for each state."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from git_draft.errors import ToolError
from git_draft.events import FileRead, ModelReplied, TextArrived, parse_event
from git_draft.model import Goal, Outcome
from git_draft.protocols import Feedback, Worktree
from tests.support.bots import ScriptedBot, write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio
from tests.support.trees import Bench


def told(bench: Bench) -> list[str]:
    """Give what was told of reading."""
    return [event.path for event in bench.feedback.events if isinstance(event, FileRead)]


def test_a_file_is_told_as_read_once_for_each_state(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo")
    files = bench.files
    files.read_file("README")
    files.read_file("./README")
    files.read_file("src/app.py")
    assert told(bench) == ["README", "src/app.py"]
    files.write_file("README", "new\n")
    files.read_file("README")
    files.read_file("src/app.py")
    assert told(bench) == ["README", "src/app.py", "README"]


def test_a_file_put_in_the_place_of_one_that_was_read_is_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo")
    files = bench.files
    files.read_file("README")
    files.delete_file("README")
    files.rename_file("src/app.py", "README")
    files.read_file("README")
    files.rename_file("README", "other")
    files.read_file("other")
    files.rename_file("src/deep/util.py", "README")
    files.read_file("README")
    assert told(bench) == ["README", "README", "other", "README"]


def test_a_file_that_was_not_read_after_all_is_not_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo")
    for path in ("logo.png", "link", "nothing"):
        with pytest.raises(ToolError):
            bench.files.read_file(path)
    assert told(bench) == []


@pytest.mark.parametrize(
    "event, said",
    [
        (TextArrived(text="Hello"), "5 characters of the answer"),
        (TextArrived(text="Hm.", is_thought=True), "3 characters of a thought"),
        (TextArrived(text='{"path"', tool="write_file"), "7 characters of a call of write_file"),
        (ModelReplied(turn=2, calls=1, tokens_cached=5, cost_usd=Decimal("0.0123")), "turn 2, 1 call"),
    ],
)
def test_an_event_says_what_happened_and_is_the_same_in_json(event: TextArrived | ModelReplied, said: str) -> None:
    assert event.describe() == said
    assert parse_event(event.model_dump_json()) == parse_event(json.dumps(event.model_dump())) == event


def test_pieces_of_a_reply_are_handed_on_but_not_kept(repo: GitRepo) -> None:
    studio = Studio(repo)

    class Talker(ScriptedBot):
        async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
            feedback.emit(TextArrived(text="I see"))
            feedback.emit(ModelReplied(turn=1, text="I see"))
            return await super().act(goal, worktree, feedback)

    studio.draft(bot=Talker([write("a", "a\n")]))
    assert "text" in studio.feedback.kinds
    with studio.opened() as project:
        kept = [parse_event(body).kind for _, _, body in project.store.list_events(1)]
    assert kept == ["open", "start", "reply", "write", "end"]
