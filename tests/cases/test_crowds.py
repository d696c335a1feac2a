"""Many processes in one repository: every finished draft is there, once, with its record, whatever else goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from git_draft.doctor import Doctor
from git_draft.records import Records
from tests.support.crowds import (
    Report,
    commit_and_switch,
    draft_fifteen,
    draft_fifty,
    keep_house,
    merge_again_and_again,
    prune_at_once,
    run_crowd,
    work_alone,
)
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio

Recorder = Callable[[str, object], None]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    repo = GitRepo.create(tmp_path / "repo")
    repo.commit({"shared": "start\n", **{f"folder{n % 7}/file{n}": f"{n}\n" * 20 for n in range(60)}})
    repo.write("mine", "0\n")
    repo.commit({"mine": "0\n"})
    return Studio(repo)


def check_all_there(studio: Studio, reports: Sequence[Report], *, pruned: bool = False) -> dict[str, str]:
    """See that each finished draft is there, and that refs, notes and index agree; give names and commits."""
    repo = studio.repo
    finished = [draft for report in reports for draft in report.done]
    named = dict(finished)
    assert len(named) == len(finished)  # no number was given out twice
    assert len(set(named.values())) == len(finished)
    refs = {ref.removeprefix("refs/drafts/"): oid for ref, oid in repo.list_refs("refs/drafts/").items()}
    assert {name: refs.get(name) for name in named} == named
    assert repo.run("rev-list", "--objects", "--all", "--quiet").returncode == 0
    for name, commit in named.items():
        assert repo.git("notes", "--ref=drafts", "show", commit).startswith(f"draft {name}\n")
    with studio.opened() as project:
        late = {line.split()[1] for report in reports for line in report.said if " is made, but " in line}
        rows = {str(row.name): row.oid for row in project.store.list_drafts()}
        assert {name for name, commit in named.items() if rows.get(name) != commit} <= late
        Records(project).list_drafts()  # as the next command does, which sees to those that were late
        assert project.store.list_runs_under_way() == []
        assert project.store.list_locks() == []
        found = [each.what for each in Doctor(project).examine().disagreements]
        # a draft that could not be kept leaves a record, which is harmless; notes that were gone for a moment, a row
        allowed = ("a record is on", "the index differs") if pruned else ()
        assert [what for what in found if not what.startswith(allowed)] == []
    locks = [file.name for file in (repo.path / ".git").rglob("*.lock") if file.name != "git-draft.lock"]
    assert locks == []
    return named


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_drafts_while_the_user_works(studio: Studio, tmp_path: Path, record_property: Recorder) -> None:
    drafting, (user, house, merger) = run_crowd(
        tmp_path, 8, draft_fifty, (commit_and_switch, keep_house, merge_again_and_again)
    )
    named = check_all_there(studio, drafting)
    refused = [why for report in drafting for why in report.refused]
    for what, count in (("drafts", named), ("refused", refused), ("commits", user.done), ("merges", merger.done)):
        record_property(what, len(count))
    assert len(named) + len(refused) == 400
    assert len(named) > 300, Counter(refused)
    assert studio.repo.run("fsck", "--strict").returncode == 0
    reachable = set(studio.repo.git("rev-list", "--all").splitlines())
    assert {commit for _, commit in (*user.done, *merger.done)} <= reachable
    assert len(user.done) > 10
    assert merger.done, merger.refused  # how many depends on how often the user is on a folio branch
    assert len(house.done) > 10, house.refused


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_drafts_while_everything_loose_is_pruned(studio: Studio, tmp_path: Path, record_property: Recorder) -> None:
    drafting, _ = run_crowd(tmp_path, 4, draft_fifteen, (prune_at_once,))
    named = check_all_there(studio, drafting, pruned=True)
    refused = [why for report in drafting for why in report.refused]
    record_property("drafts", len(named))
    record_property("refused", len(refused))
    assert all("\n" not in why for why in refused)
    assert len(named) > 20, Counter(refused)


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_two_folios_in_two_worktrees(studio: Studio, tmp_path: Path, record_property: Recorder) -> None:
    for number in range(2):
        studio.repo.git("worktree", "add", "--quiet", "-b", f"side{number}", str(tmp_path / f"linked{number}"))
    reports, _ = run_crowd(tmp_path, 2, work_alone, ())
    named = check_all_there(studio, reports)
    record_property("drafts", len(named))
    assert len(named) == 12
    for number, report in enumerate(reports):
        assert report.said == ()
        linked = GitRepo(tmp_path / f"linked{number}")
        assert linked.git("symbolic-ref", "--short", "HEAD") == f"side{number}"
        assert [linked.read(f"made/{turn}") for turn in range(6)] == [f"bot {number}\n"] * 6
