"""Rounds with a model that writes its edits as text, with a scripted model and no server."""

from __future__ import annotations

import pytest

from git_draft.bots.wording import format_context
from git_draft.context import build_context
from git_draft.events import Warned
from git_draft.model import Outcome, OutcomeKind, Usage
from tests.support.bots import RecordingFeedback
from tests.support.models import DictWorktree, ScriptedModel, reply
from tests.support.rounds import FIXED, STATS, block, run, whole


def test_one_answer_that_fits_is_enough() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    outcome = run(ScriptedModel(whole("stats.py", FIXED, "The divisor was wrong.")), worktree)
    assert outcome == Outcome(OutcomeKind.COMPLETE, summary="The divisor was wrong.", usage=Usage(10, 4), turns=1)
    assert worktree.files == {"stats.py": FIXED}


def test_the_model_is_shown_the_files_and_no_tools() -> None:
    model = ScriptedModel(whole("stats.py", FIXED))
    run(model, DictWorktree({"stats.py": STATS}))
    system, asked, answered, user = model.seen[0]
    assert "complete new contents in a fence" in system["content"]
    assert asked["content"].startswith("Files of the repository:\n\nhello.py\n```\n")
    assert answered["content"].startswith("hello.py\n```\n")
    assert (
        user["content"]
        == f"Files of the repository:\n\nstats.py\n```\n{STATS}```\n\nThe request:\n\nfix mean in stats.py"
    )
    assert model.tools == [()]


def test_an_answer_in_words_changes_nothing() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    outcome = run(ScriptedModel(reply("It divides by one too few.")), worktree, "what does mean do?")
    assert (outcome.kind, outcome.summary) == (OutcomeKind.COMPLETE, "It divides by one too few.")
    assert worktree.files == {"stats.py": STATS}


def test_what_does_not_fit_goes_back_and_what_fits_stays() -> None:
    worktree = DictWorktree({"stats.py": STATS, "b.txt": "b\n"})
    model = ScriptedModel(
        reply(whole("b.txt", "new\n").text + "\n" + block("stats.py", "nowhere = 1", "x").text),
        whole("stats.py", FIXED),
    )
    feedback = RecordingFeedback()
    assert run(model, worktree, "fix stats.py and b.txt", feedback=feedback).kind is OutcomeKind.COMPLETE
    assert worktree.files == {"stats.py": FIXED, "b.txt": "new\n"}
    problem = model.seen[1][-1]["content"]
    assert problem.startswith("Not all of your answer could be used:")
    assert "stats.py" in problem
    assert "tool-error" in feedback.kinds


def test_three_answers_and_no_more() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    model = ScriptedModel(block("stats.py", "nowhere = 1", "x"))
    outcome = run(model, worktree)
    assert (outcome.kind, outcome.turns, len(model.seen)) == (OutcomeKind.LIMIT, 3, 3)
    assert outcome.detail is not None
    assert worktree.files == {"stats.py": STATS}


def test_an_empty_answer_is_asked_for_again() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    model = ScriptedModel(reply(""), whole("stats.py", FIXED))
    assert run(model, worktree).kind is OutcomeKind.COMPLETE
    assert "Your answer was empty." in model.seen[1][-1]["content"]


def test_a_file_that_an_edit_broke_is_as_it_was() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    model = ScriptedModel(block("stats.py", "def mean(values):", "def mean(values)"), reply("I can't."))
    run(model, worktree)
    assert worktree.files == {"stats.py": STATS}
    assert "With your change stats.py is broken" in model.seen[1][-1]["content"]
    new = DictWorktree({"stats.py": STATS})
    run(ScriptedModel(whole("new.py", "def f(:\n"), reply("I can't.")), new, "make new.py")
    assert new.files == {"stats.py": STATS}


def test_a_name_that_is_gone_is_asked_about_once() -> None:
    files = {"stats.py": STATS, "report.py": "from stats import mean\n\nprint(mean([1]))\n"}
    renamed = whole("stats.py", FIXED.replace("mean", "average"))
    model = ScriptedModel(renamed, whole("report.py", files["report.py"].replace("mean", "average")))
    worktree = DictWorktree(files)
    assert run(model, worktree, "rename mean to average in stats.py and report.py").kind is OutcomeKind.COMPLETE
    request = model.seen[1][-1]["content"].partition("The request:\n\n")[2]
    assert request == (
        "stats.py does not define mean any more, but report.py uses it in line 1: from stats import mean\n\n"
        "Correct report.py."
    )
    assert worktree.files["report.py"] == "from stats import average\n\nprint(average([1]))\n"

    feedback, stubborn = RecordingFeedback(), ScriptedModel(renamed)
    assert (
        run(stubborn, DictWorktree(files), "rename mean() to average()", feedback=feedback).kind is OutcomeKind.COMPLETE
    )
    assert len(stubborn.seen) == 2


def test_a_name_that_is_not_known_is_warned_of_in_the_end() -> None:
    feedback = RecordingFeedback()
    lost = STATS.replace("sum(values)", "total(values)")
    model = ScriptedModel(whole("stats.py", lost), whole("stats.py", lost + "# x\n"))
    worktree = DictWorktree({"stats.py": STATS})
    assert run(model, worktree, feedback=feedback).kind is OutcomeKind.COMPLETE
    left = "stats.py uses total, which it does not define or import."
    assert model.seen[1][-1]["content"].endswith(f"The request:\n\n{left} Correct stats.py.")
    assert f"stats.py\n```\n{lost}```" in model.seen[1][-1]["content"]  # as it is now
    assert [event.message for event in feedback.events if isinstance(event, Warned)] == [left]


def test_an_answer_that_is_there_already_is_the_first() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    model = ScriptedModel(reply("not asked"))
    old, new = "    return sum(values) / (len(values) - 1)", "    return sum(values) / len(values)"
    run(model, worktree, first=block("stats.py", old, new))
    assert (model.seen, worktree.files) == ([], {"stats.py": FIXED})


def test_a_first_answer_replaces_no_file_that_nobody_showed() -> None:
    worktree = DictWorktree({"README.md": "old\n" * 5, "stats.py": STATS})
    model = ScriptedModel(whole("README.md", "new\n" * 5))
    run(model, worktree, "fix README.md", first=whole("README.md", "made up\n" * 5))
    assert "you have not seen README.md" in model.seen[0][-1]["content"]
    assert worktree.files["README.md"] == "new\n" * 5


def test_files_that_are_not_shown_are_named() -> None:
    worktree = DictWorktree({f"part{number:02}.py": "x = 1\n" * 300 for number in range(40)})
    text = format_context(build_context("change part03.py", worktree, 2000))
    assert text.startswith("Files of the repository:\n\npart03.py\n```\nx = 1\n")
    assert "\n\nOther files, which you have not been shown:\npart" in text
    assert text.endswith("\n\nThe request:\n\n")


BREAKING = block("stats.py", "def mean(values):", "def mean(values)")


@pytest.mark.parametrize(
    "files, answer, after",
    [
        ({"stats.py": STATS}, BREAKING.text, {"stats.py": STATS}),
        ({"lib/stats.py": STATS}, BREAKING.text.replace("stats.py", "lib\\stats.py"), {"lib/stats.py": STATS}),
        (
            {"lib/stats.py": STATS},
            "Rename file: stats.py -> lib/means.py\n\n" + BREAKING.text.replace("stats.py", "lib/means.py"),
            {"lib/means.py": STATS},
        ),
    ],
    ids=["untracked", "backslash", "renamed"],
)
def test_a_file_that_an_edit_broke_is_never_lost(files: dict[str, str], answer: str, after: dict[str, str]) -> None:
    worktree = DictWorktree(files, untracked=["stats.py"])
    run(ScriptedModel(reply(answer), reply("I can't.")), worktree, "rename stats.py to lib/means.py, and fix it")
    assert worktree.files == after


@pytest.mark.parametrize("line", ["Delete file: a.json", "Rename file: a.json -> b.json"])
def test_a_file_that_went_is_not_looked_over(line: str) -> None:
    worktree = DictWorktree({"a.json": "{}\n", "c.py": "c = 1\n"})
    outcome = run(ScriptedModel(reply(line)), worktree, "delete a.json or rename a.json to b.json")
    assert (outcome.kind, "a.json" in worktree.files) == (OutcomeKind.COMPLETE, False)


def test_a_file_that_was_made_can_be_written_again() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    first = reply(whole("notes.txt", "one\n").text + "\n" + BREAKING.text)
    model = ScriptedModel(first, reply(whole("notes.txt", "two\n").text + "\n" + whole("stats.py", FIXED).text))
    assert run(model, worktree, "fix stats.py and write notes.txt").turns == 2
    assert worktree.files == {"stats.py": FIXED, "notes.txt": "two\n"}


def test_half_a_change_is_not_complete() -> None:
    files = {"stats.py": STATS, "a.py": "a = 1\n"}
    half = reply(whole("a.py", "a = 2\n").text + "\n" + BREAKING.text)
    outcome = run(ScriptedModel(half, reply("Sorry, I can't.")), DictWorktree(files), "fix stats.py and a.py")
    assert (outcome.kind, outcome.detail) == (
        OutcomeKind.LIMIT,
        "some edits did not fit, and the model did not write them again",
    )


def test_of_a_named_file_that_is_too_long_the_meant_part_is_shown() -> None:
    rest = "".join(f"\n\ndef part{number}(values):\n    return {number}\n" for number in range(900))
    worktree, feedback = DictWorktree({"stats.py": STATS + rest}), RecordingFeedback()
    model = ScriptedModel(whole("stats.py", FIXED))
    run(model, worktree, "fix mean() in stats.py", feedback=feedback)
    assert f"stats.py\n```\n{STATS}```" in model.seen[0][-1]["content"]
    assert worktree.files["stats.py"] == FIXED + rest
    assert "warning" not in feedback.kinds
    run(ScriptedModel(reply("?")), worktree, "fix stats.py", feedback=feedback)
    warned = [event.message for event in feedback.events if isinstance(event, Warned)]
    assert [text.partition(" (-o context_tokens=")[0] for text in warned] == [
        "stats.py is too long to be shown to the model"
    ]


def test_how_a_file_goes_is_said_where_one_is_to_go() -> None:
    for prompt, is_said in [("delete stats.py", True), ("fix stats.py", False)]:
        model = ScriptedModel(reply("?"))
        run(model, DictWorktree({"stats.py": STATS}), prompt)
        assert ("Delete file: path" in model.seen[0][0]["content"]) == is_said


def test_a_file_that_was_renamed_and_broken_keeps_its_name_and_its_old_text() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    text = "Rename file: stats.py -> means.py\n\n" + block("means.py", "def mean(values):", "def mean(values)").text
    run(ScriptedModel(reply(text), reply("I can't.")), worktree, "rename stats.py to means.py")
    assert worktree.files == {"means.py": STATS}


def test_an_answer_that_never_ends_is_cut_twice_at_most() -> None:
    model = ScriptedModel(reply("stats.py\n```\n" + "x = 1\n" * 50, reason="length"))
    worktree = DictWorktree({"stats.py": STATS})
    outcome = run(model, worktree)
    assert (outcome.kind, outcome.turns) == (OutcomeKind.LIMIT, 2)
    assert outcome.detail == "the model's answer was cut off at its length limit twice"
    assert worktree.files == {"stats.py": STATS}
