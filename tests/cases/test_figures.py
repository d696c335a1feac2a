"""Statistics of the drafts that are in a repository: what is counted, and that it is what refs and notes say now."""

from __future__ import annotations

from datetime import timedelta

from git_draft.figures import Figures, collect_tallies, sum_tallies
from git_draft.model import Outcome, OutcomeKind, Usage
from tests.support.bots import ScriptedBot, write
from tests.support.studio import Studio


def count(studio: Studio) -> Figures:
    """Give the statistics of all drafts."""
    with studio.opened() as project:
        return sum_tallies(collect_tallies(project))


def list_merged(studio: Studio) -> list[str]:
    with studio.opened() as project:
        return [f"{row.folio}/{row.number}" for row in collect_tallies(project) if row.is_merged]


def test_outcomes_and_tokens_are_those_of_the_records(studio: Studio) -> None:
    used = Usage(tokens_in=100, tokens_out=20)
    studio.draft(bot=ScriptedBot([write("a", "1\n")], outcome=Outcome(usage=used)))
    studio.draft(bot=ScriptedBot([], outcome=Outcome(usage=used)))
    studio.draft(bot=ScriptedBot([], outcome=Outcome(OutcomeKind.QUESTION, question="which?")))
    found = count(studio)
    assert found.outcomes == {OutcomeKind.COMPLETE: 1, OutcomeKind.NO_CHANGE: 1, OutcomeKind.QUESTION: 1}
    assert (found.drafts, found.folios, found.merged) == (3, 1, 0)
    assert (found.tokens_in, found.tokens_out, found.tokens_cached, found.cost_usd) == (200, 40, None, None)


def test_merged_is_what_the_folio_has_now(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.draft(write("b", "1\n"))
    assert list_merged(studio) == []
    studio.merge("1/1")
    assert list_merged(studio) == ["1/1"]
    studio.draft(write("c", "1\n"))
    assert list_merged(studio) == ["1/1"]
    studio.merge()
    assert list_merged(studio) == ["1/1", "1/3"]
    studio.quit()
    assert list_merged(studio) == ["1/1", "1/3"]


def test_an_undone_merge_is_none(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.merge()
    assert list_merged(studio) == ["1/1"]
    studio.undo()
    assert list_merged(studio) == []


def test_a_part_is_no_draft_and_merging_it_merges_the_whole(studio: Studio) -> None:
    studio.draft(write("a", "1\n"), write("b", "1\n"), write("c", "1\n"))
    with studio.command() as drafter:
        part = drafter.pick(drafter.get_draft("1/1"), ["a", "b"], studio.repo.path, by_hunks=False).draft
        drafter.pick(part, ["a"], studio.repo.path, by_hunks=False)
    assert (count(studio).drafts, count(studio).merged) == (1, 0)
    studio.merge("1/3")
    assert (count(studio).drafts, count(studio).merged) == (1, 1)


def test_notes_and_refs_outrank_the_index(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("a", "1\n"))
    studio.draft(write("b", "1\n"))
    studio.draft(write("c", "1\n"))
    assert count(studio).tokens_in is None
    note = repo.git("notes", "--ref=drafts", "show", "drafts/1/1")
    repo.git("notes", "--ref=drafts", "add", "-f", "-m", f"{note}\nTokens: 70 in, 5 out", "drafts/1/1")
    repo.git("update-ref", "-d", "refs/drafts/1/2")
    assert (count(studio).drafts, count(studio).tokens_in) == (2, 70)
    repo.git("update-ref", "refs/drafts/1/2", "refs/drafts/1/3")
    assert count(studio).drafts == 3
    (repo.path / ".git/git-draft/state.sqlite3").unlink()
    assert (count(studio).drafts, count(studio).tokens_in) == (3, 70)


def test_only_drafts_since_a_date(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    with studio.opened() as project:
        (row,) = collect_tallies(project)
        began = project.repo.read_date(f"@{row.started_s:.0f}")
        assert len(collect_tallies(project, began - timedelta(seconds=1))) == 1
        assert collect_tallies(project, began + timedelta(seconds=2)) == []
