"""Rounds with a model that writes its edits as text, with a scripted model and no server."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from git_draft.bots.replies import Reply, Token
from git_draft.bots.rounds import Manner, format_context, run_rounds
from git_draft.bots.turns import Limits, Turns
from git_draft.context import build_context
from git_draft.events import Warned
from git_draft.model import Goal, Outcome, OutcomeKind, Usage
from tests.support.bots import RecordingFeedback
from tests.support.clock import FakeClock
from tests.support.models import DictWorktree, ScriptedModel, reply

STATS = "def mean(values):\n    return sum(values) / (len(values) - 1)\n"
FIXED = STATS.replace("(len(values) - 1)", "len(values)")
USAGE = {"prompt_tokens": 10, "completion_tokens": 4}


def whole(path: str, text: str, words: str = "") -> Reply:
    return reply(f"{words}\n\n{path}\n```\n{text}```\n", usage=USAGE)


def block(path: str, old: str, new: str) -> Reply:
    return reply(f"{path}\n```\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n", usage=USAGE)


def run(
    model: ScriptedModel,
    worktree: DictWorktree,
    prompt: str = "fix mean in stats.py",
    *,
    feedback: RecordingFeedback | None = None,
    first: Reply | None = None,
    goes_on: bool = False,
) -> Outcome:
    feedback = feedback or RecordingFeedback()
    turns = Turns(model, feedback, FakeClock(), Limits())
    manner = Manner("whole", 4000, goes_on)
    return asyncio.run(run_rounds(turns, Goal(prompt), worktree, feedback, manner, first=first))


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
    run(model, worktree, first=whole("stats.py", FIXED))
    assert (model.seen, worktree.files) == ([], {"stats.py": FIXED})


def test_files_that_are_not_shown_are_named() -> None:
    worktree = DictWorktree({f"part{number:02}.py": "x = 1\n" * 300 for number in range(40)})
    text = format_context(build_context("change part03.py", worktree, 2000))
    assert text.startswith("Files of the repository:\n\npart03.py\n```\nx = 1\n")
    assert "\n\nOther files, which you have not been shown:\npart" in text
    assert text.endswith("\n\nThe request:\n\n")


def sure(text: str, *places: tuple[str, str, float]) -> Reply:
    """Make a reply with its tokens; at each place, after some text, another token was so likely."""
    tokens, at = [], 0
    for after, other, probability in places:
        end = text.index(after) + len(after)
        tokens += [Token(text[at:end]), Token(text[end : end + 1], ((other, probability),))]
        at = end + 1
    return replace(reply(text, usage=USAGE), tokens=(*tokens, Token(text[at:])))


def test_a_repeated_file_is_begun_again_where_the_model_was_least_sure() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    copied = whole("stats.py", STATS).text
    copy = sure(copied, ("def ", "x", 0.1), ("sum(values) / ", "len", 0.4))
    model = ScriptedModel(copy, reply("(values)\n```\n", usage=USAGE))
    assert run(model, worktree, goes_on=True).kind is OutcomeKind.COMPLETE
    assert worktree.files["stats.py"] == FIXED
    start = model.seen[1][-1]
    assert start["role"] == "assistant"
    assert start["content"].endswith("return sum(values) / len")
    assert model.seen[1][:-1] == model.seen[0]


def test_a_second_choice_that_breaks_the_file_is_not_taken() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    copied = whole("stats.py", STATS).text
    copy = sure(copied, ("def ", "x", 0.1), ("sum(values) / ", ")", 0.4))
    model = ScriptedModel(
        copy, reply("(values)\n```\n"), reply("(values):\n    return 1\n\n\ndef mean():\n    pass\n```")
    )
    assert run(model, worktree, goes_on=True).kind is OutcomeKind.COMPLETE
    assert worktree.files["stats.py"].startswith("def x(values):")


def test_a_model_that_only_repeats_files_is_believed_in_the_end() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    copied = whole("stats.py", STATS).text
    model = ScriptedModel(sure(copied, *((part, "?", 0.1) for part in ("def ", "return ", "sum(", "len("))))
    outcome = run(model, worktree, goes_on=True)
    assert (outcome.kind, outcome.turns, worktree.files) == (OutcomeKind.COMPLETE, 4, {"stats.py": STATS})
    without = ScriptedModel(whole("stats.py", STATS))
    assert run(without, worktree).turns == 1


def test_where_the_request_names_nothing_the_model_is_asked_for_the_place_first() -> None:
    files = {"a.py": "import stats\n\n\ndef show(x):\n    return stats.mean(x)\n", "b.py": "b = 1\n", "stats.py": STATS}
    worktree = DictWorktree(files)
    model = ScriptedModel(reply("`show()` in `a.py` is wrong."), whole("stats.py", FIXED))
    assert run(model, worktree, "the average is too large").kind is OutcomeKind.COMPLETE
    assert worktree.files["stats.py"] == FIXED
    plan, answer = model.seen
    assert plan[-1]["content"].endswith("which function of which file has to change, and how.")
    assert "b.py" in plan[-1]["content"]
    assert "a.py\n```" in answer[-1]["content"]
    assert "stats.py\n```" in answer[-1]["content"]  # which `show` calls
    assert "b.py" not in answer[-1]["content"]


def test_only_the_named_files_are_shown() -> None:
    model = ScriptedModel(whole("stats.py", FIXED))
    run(model, DictWorktree({"a.py": "a = 1\n", "stats.py": STATS}))
    assert "a.py" not in model.seen[0][-1]["content"]


def test_a_file_that_was_shown_in_part_is_not_written_whole() -> None:
    rest = "".join(f"\n\ndef part{number}(values):\n    return {number}\n" for number in range(150))
    worktree = DictWorktree({"stats.py": STATS + rest})
    model = ScriptedModel(whole("stats.py", FIXED))
    run(model, worktree, "fix mean() in stats.py")
    assert "part7" not in model.seen[0][-1]["content"]
    assert worktree.files["stats.py"] == FIXED + rest
    short = ScriptedModel(whole("stats.py", "x = 1\n"))
    worktree = DictWorktree({"stats.py": STATS + rest})
    run(short, worktree, "fix mean() in stats.py, which has unused functions")
    assert worktree.files["stats.py"] == STATS + rest


def test_a_wish_that_was_left_out_is_asked_for_by_itself() -> None:
    lot = "class Lot:\n    def enter(self, car):\n        self.cars.append(car)\n"
    more = lot + "\n    def free(self):\n        return 9 - len(self.cars)\n"
    prompt = "Do this. Give Lot a method free(). With none enter() should raise ValueError. Nothing else."
    worktree = DictWorktree({"lot.py": lot})
    done = more.replace(
        "        self.cars", "        if not self.free():\n            raise ValueError\n        self.cars", 1
    )
    model = ScriptedModel(whole("lot.py", more), whole("lot.py", done))
    assert run(model, worktree, prompt).kind is OutcomeKind.COMPLETE
    assert worktree.files["lot.py"] == done
    assert model.seen[1][-1]["content"].endswith(
        "The request:\n\nGive Lot a method free(). With none enter() should raise ValueError."
    )
    assert f"lot.py\n```\n{more}```" in model.seen[1][-1]["content"]


def test_a_named_file_that_was_left_out_is_asked_for_by_itself() -> None:
    worktree = DictWorktree({"stats.py": STATS, "README.md": "old\n"})
    prompt = "Fix stats.py and update README.md."
    model = ScriptedModel(whole("README.md", "new\n"), whole("stats.py", FIXED))
    assert run(model, worktree, prompt).kind is OutcomeKind.COMPLETE
    assert worktree.files == {"stats.py": FIXED, "README.md": "new\n"}
    shown = model.seen[1][-1]["content"]
    assert shown == f"Files of the repository:\n\nstats.py\n```\n{STATS}```\n\nThe request:\n\n{prompt}"
    copy = sure(whole("stats.py", STATS).text, ("def ", "x", 0.5))
    worktree = DictWorktree({"stats.py": STATS, "README.md": "old\n"})
    model = ScriptedModel(whole("README.md", "new\n"), copy)
    assert run(model, worktree, prompt, goes_on=True).turns == 2  # perhaps it needs no change
    assert worktree.files["stats.py"] == STATS


def test_what_a_follow_up_does_not_show_is_not_written() -> None:
    files = {"units.py": "def double(x):\n    return 2 * x\n", "report.py": "x = 2 * 3\n", "README.md": "old\n"}
    worktree = DictWorktree(files)
    answers = whole("report.py", "from units import double\n\nx = double(3)\n"), whole("README.md", "new\n")
    both = "\n\n".join(answer.text for answer in answers)
    prompt = "in report.py use double of units.py, as README.md says"
    outcome = run(ScriptedModel(whole("report.py", "x = double(3)\n"), reply(both)), worktree, prompt)
    assert (outcome.kind, outcome.turns) == (OutcomeKind.COMPLETE, 2)
    assert worktree.files["README.md"] == "old\n"
    assert "from units" in worktree.files["report.py"]


def test_a_file_of_the_example_is_not_made() -> None:
    answers = whole("stats.py", FIXED), whole("main.py", "from hello import greet\n")
    both = reply("\n\n".join(answer.text for answer in answers))
    worktree = DictWorktree({"stats.py": STATS})
    run(ScriptedModel(both), worktree)
    assert worktree.files == {"stats.py": FIXED}
    run(ScriptedModel(both), worktree, "fix stats.py and make main.py")
    assert worktree.files == {"stats.py": FIXED, "main.py": "from hello import greet\n"}


def test_a_follow_up_that_does_not_fit_ends_well() -> None:
    worktree = DictWorktree({"units.py": "def double(x):\n    return 2 * x\n", "report.py": "x = 2 * 3\n"})
    feedback = RecordingFeedback()
    model = ScriptedModel(whole("report.py", "x = double(3)\n"), block("report.py", "nowhere = 1", "x"))
    outcome = run(model, worktree, "use double() in report.py", feedback=feedback)
    assert (outcome.kind, outcome.turns) == (OutcomeKind.COMPLETE, 3)
    assert [event.message for event in feedback.events if isinstance(event, Warned)] == [
        "report.py uses double of units.py and does not import it."
    ]


def test_a_call_that_no_longer_fits_is_asked_about() -> None:
    files = {
        "backup.py": "def copy(src, verbose=False):\n    return src\n",
        "main.py": "import backup\n\nbackup.copy(1, verbose=True)\n",
    }
    worktree = DictWorktree(files)
    model = ScriptedModel(
        whole("backup.py", "def copy(src):\n    return src\n"), whole("main.py", "import backup\n\nbackup.copy(1)\n")
    )
    assert run(model, worktree, "copy in backup.py needs no verbose").kind is OutcomeKind.COMPLETE
    assert worktree.files["main.py"] == "import backup\n\nbackup.copy(1)\n"
    assert model.seen[1][-1]["content"].endswith(
        "copy of backup.py takes src now. main.py still has the call `backup.copy(1, verbose=True)`. Correct it in main.py."
    )


def test_an_import_that_was_forgotten_is_named() -> None:
    worktree = DictWorktree({"units.py": "def double(x):\n    return 2 * x\n", "report.py": "x = 2 * 3\n"})
    model = ScriptedModel(whole("report.py", "x = double(3)\n"))
    run(model, worktree, "use double in report.py")
    assert "report.py uses double of units.py and does not import it." in model.seen[1][-1]["content"]


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
