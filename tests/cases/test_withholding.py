"""Files that the user withholds: by `.draftignore` and by git's attribute, from everything that a bot can do."""

from __future__ import annotations

import pytest

from git_draft.draftignore import NAME
from git_draft.errors import ConfigError, ToolError
from git_draft.model import Goal, Outcome
from git_draft.protocols import Feedback, Worktree
from tests.support.bots import ScriptedBot, write
from tests.support.studio import Studio


class Looker(ScriptedBot):
    """Keeps what a bot can find out about a file, and what it is told when it tries to change it."""

    def __init__(self, path: str, *, first: tuple[str, str] | None = None) -> None:
        super().__init__()
        self.path = path
        self.first = first
        self.found: list[str] = []
        self.refusals: list[str] = []

    async def act(self, goal: Goal, worktree: Worktree, feedback: Feedback) -> Outcome:
        """Look."""
        if self.first:
            worktree.write_file(*self.first)
        self.found = [str(path) for path in worktree.list_files()]
        self.found += [str(path) for path, _, _ in worktree.search("hunter")]
        self.found += [str(path) for path in worktree.list_tracked()]
        self.found += [str(path) for path in worktree.rank_files(["hunter"])]
        self.found += [str(path) for paths in worktree.find_definitions(["hunter"]).values() for path in paths]
        for attempt in (
            lambda: worktree.read_file(self.path),
            lambda: worktree.write_file(self.path, "x"),
            lambda: worktree.check_rewritable(self.path),
            lambda: worktree.delete_file(self.path),
            lambda: worktree.rename_file(self.path, "elsewhere"),
            lambda: worktree.rename_file("README.md", self.path),
        ):
            try:
                attempt()
            except ToolError as refusal:
                self.refusals.append(str(refusal))
        return await super().act(goal, worktree, feedback)


def _look(studio: Studio, path: str = "private/notes.py", **given: tuple[str, str]) -> Looker:
    bot = Looker(path, **given)
    studio.draft(bot=bot)
    return bot


def _check_withheld(bot: Looker, reason: str) -> None:
    assert bot.path not in bot.found
    assert bot.refusals == [f"{bot.path} is withheld, {reason}; go on without it"] * 6


@pytest.fixture
def studio(studio: Studio) -> Studio:
    studio.repo.commit({"private/notes.py": "def hunter(): return 2\n", "open.py": "hunter = 3\n"})
    return studio


def test_without_rules_everything_is_seen(studio: Studio) -> None:
    bot = _look(studio)
    assert bot.found.count("private/notes.py") == 5
    assert not any("withheld" in refusal for refusal in bot.refusals)


@pytest.mark.parametrize("how", ["committed", "uncommitted", "ignored by git"])
def test_draftignore_withholds_however_it_got_there(studio: Studio, how: str) -> None:
    if how == "committed":
        studio.repo.commit({NAME: "private/\n"})
    else:
        studio.repo.write(NAME, "private/\n")
    if how == "ignored by git":
        studio.repo.write(".git/info/exclude", f"{NAME}\n")
    _check_withheld(_look(studio), ".draftignore says so")


def test_the_nearer_file_wins(studio: Studio) -> None:
    studio.repo.write(NAME, "*.py\n")
    studio.repo.write(f"private/{NAME}", "!notes.py\n")
    bot = _look(studio)
    assert bot.found.count("private/notes.py") == 5
    assert "open.py" not in bot.found


@pytest.mark.parametrize(
    "where", [".gitattributes", "private/.gitattributes", ".git/info/attributes", "core.attributesFile"]
)
def test_the_attribute_withholds_wherever_git_reads_it(studio: Studio, where: str) -> None:
    if where == "core.attributesFile":
        studio.repo.git("config", where, str(studio.repo.write(".git/mine", "*.py -draft\nopen.py draft\n")))
    else:
        studio.repo.write(where, "notes.py -draft\nopen.py draft\n")
    bot = _look(studio)
    _check_withheld(bot, "git's attribute -draft says so")
    assert "open.py" in bot.found


def test_only_an_attribute_that_is_unset_withholds(studio: Studio) -> None:
    studio.repo.write(".gitattributes", "notes.py draft=no\nopen.py !draft\n")
    assert {"private/notes.py", "open.py"} <= set(_look(studio).found)


@pytest.mark.parametrize("name, rule", [(NAME, "private/\n"), (".gitattributes", "private/** -draft\n")])
def test_a_bot_does_not_lift_its_own_limits(studio: Studio, name: str, rule: str) -> None:
    studio.repo.commit({name: rule})
    bot = _look(studio, first=(name, "\n"))
    assert len(bot.refusals) == 6
    assert studio.repo.show("drafts/1/1", name) == "\n"  # it may write the file, for later runs
    again = Looker("private/notes.py")
    studio.draft(bot=again, on="1/1")
    assert len(again.refusals) == 6, "a draft that goes on from it is under the user's rules too"


def test_new_files_are_under_the_rules(studio: Studio) -> None:
    studio.repo.write(NAME, "*.tmp\n")
    studio.repo.write(".gitattributes", "*.log -draft\n")
    refusals = []

    def attempt(files: Worktree) -> None:
        for path in ("new.tmp", "new.log", "new.txt"):
            try:
                files.write_file(path, "x\n")
            except ToolError as refusal:
                refusals.append(str(refusal))

    studio.draft(attempt)
    assert [refusal.split(" ")[0] for refusal in refusals] == ["new.tmp", "new.log"]
    assert studio.repo.git("diff", "--name-only", "drafts/1/1^", "drafts/1/1") == "new.txt"


def test_a_draftignore_that_is_a_link_stops_the_run(studio: Studio) -> None:
    (studio.repo.path / NAME).symlink_to("elsewhere")
    with pytest.raises(ConfigError, match=r"\.draftignore is no plain file"):
        studio.draft(write("a", "b"))
    assert studio.list_drafts() == []
    assert studio.head() == "main"
