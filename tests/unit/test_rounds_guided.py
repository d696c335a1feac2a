"""Rounds with a small model: what it is shown, and asked again."""

from __future__ import annotations

from git_draft.events import Warned
from git_draft.model import OutcomeKind
from tests.support.bots import RecordingFeedback
from tests.support.models import DictWorktree, ScriptedModel, reply
from tests.support.rounds import FIXED, STATS, USAGE, block, run, sure, whole


def test_a_repeated_file_is_begun_again_where_the_model_was_least_sure() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    copied = whole("stats.py", STATS).text
    copy = sure(copied, ("def ", "x", 0.1), ("sum(values) / ", "len", 0.4))
    model = ScriptedModel(copy, reply("(values)\n```\n", usage=USAGE))
    assert run(model, worktree).kind is OutcomeKind.COMPLETE
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
    assert run(model, worktree).kind is OutcomeKind.COMPLETE
    assert worktree.files["stats.py"].startswith("def x(values):")


def test_a_model_that_only_repeats_files_is_believed_in_the_end() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    copied = whole("stats.py", STATS).text
    model = ScriptedModel(sure(copied, *((part, "?", 0.1) for part in ("def ", "return ", "sum(", "len("))))
    outcome = run(model, worktree)
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
    assert run(model, worktree, prompt).turns == 2  # perhaps it needs no change
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


def test_a_file_of_the_name_of_one_in_the_example_may_be_made() -> None:
    worktree = DictWorktree({"stats.py": STATS})
    run(ScriptedModel(whole("main.py", "import stats\n\nprint(stats.mean([1]))\n")), worktree, "write a program")
    assert "main.py" in worktree.files


def test_nothing_stays_of_a_second_choice_that_is_not_taken() -> None:
    files = {"stats.py": STATS, "a.py": "a = 1\n"}
    worktree = DictWorktree(files)
    copy = sure(whole("stats.py", STATS).text, ("return sum(values) / ", "len", 0.4))
    model = ScriptedModel(copy, reply(f"(values)\n```\n\n{whole('a.py', 'def f(:').text}"))
    run(model, worktree, "fix mean in stats.py and a in a.py")
    assert worktree.files == files


def test_a_model_that_is_not_guided_sees_what_there_is_and_is_asked_once() -> None:
    files = {"a.py": "a = 1\n", "stats.py": STATS}
    model = ScriptedModel(whole("stats.py", FIXED))
    outcome = run(model, DictWorktree(files), "fix mean in stats.py, as a.py does", is_guided=False)
    assert (outcome.turns, len(model.seen[0])) == (1, 2)
    assert "a.py\n```" in model.seen[0][-1]["content"]


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
