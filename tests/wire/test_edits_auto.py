"""How the openai bot finds out whether a model calls tools, and what it remembers of that."""

from __future__ import annotations

import pytest

from git_draft.model import OutcomeKind
from tests.support.bots import Notebook
from tests.support.models import DictWorktree
from tests.support.server import Turn
from tests.wire.conftest import Bench, Serve

STATS = "def mean(x):\n    return sum(x)\n\n\ndef low(x):\n    return min(x)\n"
QUOTE = "It adds up:\n\nstats.py\n```python\ndef mean(x):\n    return sum(x)\n```\n\nThat is all."
ALL = f"stats.py\n```python\n{STATS}```\n"
FIXED = STATS.replace("sum(x)", "sum(x) / len(x)")
FIX = Turn(text=f"stats.py\n```python\n{FIXED}```\n")
CALL = Turn(calls=[{"name": "edit_file", "arguments": {"path": "stats.py", "old": "sum(x)", "new": "sum(x) / len(x)"}}])
FINISH = Turn(calls=[{"name": "finish", "arguments": {"title": "Fix mean"}}])
REFUSAL = Turn(status=400, error="scripted does not support tools")


def make(url: str, memory: Notebook | None = None, **options: object) -> Bench:
    return Bench(url, options, worktree=DictWorktree({"stats.py": STATS}), memory=memory or Notebook())


def learned(bench: Bench) -> list[str]:
    return list(bench.memory.pages.values())


@pytest.mark.parametrize(
    "prompt, text",
    [
        ("explain mean in stats.py", QUOTE),
        ("What does mean do?", QUOTE),
        ("Please explain low", FIX.text),  # what it would look like
        ("mean seems odd to me", ALL),
    ],
)
def test_an_answer_in_words_with_a_quotation_is_no_edit(serve: Serve, prompt: str, text: str) -> None:
    bench = make(serve(Turn(text=text)).url)
    outcome = bench.act(prompt)
    assert (outcome.kind, outcome.turns) == (OutcomeKind.COMPLETE, 1)
    assert outcome.summary == text.strip()
    assert bench.worktree.files == {"stats.py": STATS}
    assert learned(bench) == []
    assert "warning" not in bench.feedback.kinds


def test_edits_as_text_are_done_and_learned_when_they_change_something(serve: Serve) -> None:
    server = serve(FIX, FIX, FIX)  # the first one is refused: it writes a file that nobody showed it
    bench = make(server.url)
    bench.act("fix mean in stats.py")
    assert bench.worktree.files == {"stats.py": FIXED}
    assert learned(bench) == ["blocks"]
    bench.act("fix mean in stats.py")
    assert ["tools" in request.body for request in server.completions] == [True, False, False]


def test_a_quotation_that_reads_as_an_edit_is_not_learned(serve: Serve) -> None:
    bench = make(serve(Turn(text=QUOTE)).url)
    assert bench.act("mean seems odd to me").kind is OutcomeKind.COMPLETE
    assert (bench.worktree.files, learned(bench)) == ({"stats.py": STATS}, [])


def test_a_server_that_refuses_tools_is_remembered_at_once(serve: Serve) -> None:
    server = serve(REFUSAL, Turn(text=QUOTE), Turn(text=QUOTE))
    bench = make(server.url)
    bench.act("explain mean in stats.py")
    assert learned(bench) == ["blocks"]
    assert [event for event in bench.told if "does not call tools" in event]
    bench.act("explain mean in stats.py")
    assert ["tools" in request.body for request in server.completions] == [True, False, False]


def test_a_model_that_calls_tools_is_taken_for_one(serve: Serve) -> None:
    bench = make(serve(CALL, FINISH, FIX, FIX).url)
    bench.act("fix mean in stats.py")
    assert learned(bench) == ["tools"]
    bench.worktree.files["stats.py"] = STATS
    bench.act("fix mean in stats.py")  # for once as text
    assert (bench.worktree.files, learned(bench)) == ({"stats.py": FIXED}, ["tools"])


def test_calls_that_work_let_be_forgotten_that_edits_are_text(serve: Serve) -> None:
    server = serve(CALL, FINISH, CALL, FINISH)
    memory = Notebook()
    memory.learn(server.url, "scripted", "edits", "blocks")
    bench = make(server.url, memory, edits="tools")
    bench.act("fix mean in stats.py")
    assert learned(bench) == ["tools"]
    make(server.url, memory).act("fix mean in stats.py")
    assert "tools" in server.completions[-1].body
