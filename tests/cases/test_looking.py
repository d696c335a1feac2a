"""Looking around where nothing can be written, and where refs are odd: what can be shown is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from git_draft.cli.bots import list_bots
from git_draft.cli.looking import Parts, run_events, run_list, run_log, run_show
from git_draft.errors import NoDraftError, StoreError, UsageError
from git_draft.folios import open_folio
from git_draft.records import Records
from git_draft.sweeping import sweep
from tests.support.bots import write
from tests.support.studio import Studio


@pytest.fixture
def unwritable(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    """Give a repository with two drafts whose index can't be opened; for root, whom permissions do not stop, too."""
    studio.draft(write("a", "1\n"), prompt="first")
    studio.merge()
    studio.draft(write("a", "2\n"), prompt="second")
    folder = studio.repo.path / ".git/git-draft"
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("no folder\n")
    monkeypatch.chdir(studio.repo.path)
    return studio


def test_index_that_can_not_be_opened_stops_nobody_who_looks(
    unwritable: Studio, capfd: pytest.CaptureFixture[str]
) -> None:
    refs = unwritable.repo.list_refs()
    run_list(every=False, is_json=False)
    out, err = capfd.readouterr()
    assert "1/2  second" in out
    assert "1/1  first" in out
    assert "merged" in out
    (warning,) = err.splitlines()
    assert warning.startswith(f"warning: can't make {unwritable.repo.path}/.git/git-draft")
    run_show("1/1", Parts(stat=True))
    run_log(None)
    run_events(None, is_json=False)
    out, err = capfd.readouterr()
    assert "draft! prompt: first" in out
    assert err.count("warning: ") == 3
    assert unwritable.repo.list_refs() == refs


def test_sweeping_waits_until_the_index_can_be_opened(unwritable: Studio, capfd: pytest.CaptureFixture[str]) -> None:
    repo = unwritable.repo
    repo.git("update-ref", "refs/drafts/1/@", "draft/1")
    repo.git("switch", "--quiet", "main")
    refs = repo.list_refs()
    run_list(every=False, is_json=False)
    assert repo.list_refs() == refs
    (repo.path / ".git/git-draft").unlink()
    assert "finished quitting folio 1" in unwritable.tidy_up()


def test_index_that_can_not_be_opened_stops_who_writes(unwritable: Studio) -> None:
    refs = unwritable.repo.list_refs()
    with pytest.raises(StoreError, match="can't make"):
        unwritable.draft(write("a", "3\n"))
    assert unwritable.repo.list_refs() == refs


def test_damaged_index_is_named_with_the_way_out(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    studio.draft(write("a", "1\n"))
    path = studio.repo.path / ".git/git-draft/state.sqlite3"
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xff" * (len(data) - 100))
    monkeypatch.chdir(studio.repo.path)
    run_list(every=False, is_json=False)
    out, err = capfd.readouterr()
    assert "1/1  do it" in out
    assert err.startswith("warning: ")


# Refs that are named like drafts


def _make_odd(studio: Studio, kind: str) -> None:
    """Put something that is no draft into refs/drafts/1/8."""
    repo = studio.repo
    if kind == "missing":
        (repo.path / ".git/refs/drafts/1/8").write_text("1" * 40 + "\n")
        return
    if kind == "symbolic":
        repo.git("symbolic-ref", "refs/drafts/1/8", "refs/heads/main")
        return
    repo.git("tag", "--annotate", "--message=x", "annotated")
    objects = {
        "blob": repo.git("hash-object", "-w", "README.md"),
        "tree": repo.resolve("HEAD^{tree}"),
        "tag": repo.resolve("annotated"),
        "orphan": repo.git("commit-tree", "-m", "no parent", "HEAD^{tree}"),
    }
    repo.git("update-ref", "refs/drafts/1/8", objects[kind])


@pytest.mark.parametrize("kind", ["blob", "tree", "tag", "orphan", "missing", "symbolic"])
def test_ref_that_holds_no_draft_is_skipped_everywhere(
    studio: Studio, kind: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    studio.draft(write("a", "1\n"))
    _make_odd(studio, kind)
    monkeypatch.chdir(studio.repo.path)
    run_list(every=False, is_json=False)
    out, err = capfd.readouterr()
    assert "1/1  do it" in out
    assert "1/8" not in out
    assert err == "warning: refs/drafts/1/8 is skipped, it holds no commit that a draft could be\n"
    run_show(None, Parts(stat=True))
    run_log(None)
    with studio.command() as drafter:
        assert str(drafter.get_draft("@").name) == "1/1"
        for text in ("8", "refs/drafts/1/8"):
            with pytest.raises(NoDraftError):
                drafter.get_draft(text)
    assert str(studio.merge().draft.name) == "1/1"
    assert str(studio.draft(write("a", "2\n")).draft.name) == "1/9"
    studio.quit()


def test_draft_whose_commit_is_lost_is_skipped_though_the_index_knows_it(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    commit = studio.draft(write("a", "2\n")).draft.commit
    assert len(studio.list_drafts()) == 2
    (studio.repo.path / ".git/objects" / commit[:2] / commit[2:]).unlink()
    assert [str(draft.name) for draft in studio.list_drafts()] == ["1/1"]
    assert str(studio.merge().draft.name) == "1/1"


def test_final_state_that_is_no_commit_counts_as_none(studio: Studio) -> None:
    studio.draft(write("a", "1\n"))
    studio.quit()
    studio.repo.git("update-ref", "refs/drafts/1/@", studio.repo.git("hash-object", "-w", "README.md"))
    assert [str(draft.name) for draft in studio.list_drafts()] == ["1/1"]
    with studio.opened() as project:
        assert Records(project).list_merged(1, Records(project).list_drafts()) == set()


# A folio branch that was removed by hand


def test_upstream_of_a_folio_branch_removed_by_hand_is_swept(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    repo = studio.repo
    studio.draft(write("a", "1\n"))
    repo.git("switch", "--quiet", "main")
    repo.git("branch", "--quiet", "-D", "draft/1")
    assert studio.tidy_up() == ["removed the upstream of folio 1, whose branch is gone"]
    assert studio.tidy_up() == []
    assert list(repo.list_refs()) == ["refs/drafts/1/1", "refs/heads/main", "refs/notes/drafts"]
    monkeypatch.chdir(repo.path)
    run_list(every=True, is_json=False)
    assert "folio 1 on main (closed)" in capfd.readouterr().out
    assert str(studio.draft(write("a", "1\n")).draft.name) == "2/1"
    studio.quit()
    run_list(every=True, is_json=False)
    assert "folio 2 on main (quit)" in capfd.readouterr().out


def test_upstream_of_an_empty_folio_removed_by_hand_is_swept(studio: Studio) -> None:
    with studio.command(), studio.opened() as project:
        open_folio(project, project.workdir.take_snapshot())
    studio.repo.git("switch", "--quiet", "main")
    studio.repo.git("branch", "--quiet", "-D", "draft/1")
    studio.tidy_up()
    assert list(studio.repo.list_refs()) == ["refs/heads/main"]


@pytest.mark.parametrize("reason", ["only ref", "checked out", "run under way", "unborn"])
def test_upstream_that_is_of_use_stays(studio: Studio, reason: str) -> None:
    repo = studio.repo
    studio.draft(write("a", "1\n"))
    if reason == "only ref":
        studio.merge()
    repo.git("switch", "--quiet", "draft/1+" if reason == "checked out" else "main")
    repo.git("branch", "--quiet", "-D", "draft/1")
    if reason == "unborn":
        repo.git("symbolic-ref", "HEAD", "refs/heads/draft/1")
    with studio.opened() as project:
        if reason == "run under way":
            project.store.begin_run(folio=1, prompt="p", bot="b", base="", tree="", started=datetime.now(UTC))
        assert sweep(project, datetime.now(UTC)) == []
    assert repo.find("draft/1+")


# Where a folio is checked out


def test_checkout_of_a_folio_is_found_from_every_worktree(studio: Studio, tmp_path: Path) -> None:
    studio.draft(write("a", "1\n"))
    main, linked = studio.repo.path, tmp_path / "a tree"
    studio.repo.git("worktree", "add", "--quiet", "--force", str(linked), "main")
    for folder in (main, linked):
        with Studio(studio.repo, folder).opened() as project:
            assert Records(project).find_checkout(1) == main.resolve()
            assert Records(project).find_checkout(2) is None
    studio.repo.git("switch", "--quiet", "--ignore-other-worktrees", "main")
    studio.repo.git("-C", str(linked), "switch", "--quiet", "draft/1")
    with studio.opened() as project:
        assert Records(project).find_checkout(1) == linked.resolve()
        branch = "refs/heads/draft/1"
        assert project.find_checkout(branch, elsewhere=True) == linked.resolve()
    with Studio(studio.repo, linked).opened() as project:
        assert project.find_checkout(branch, elsewhere=True) is None


def test_checkout_with_a_working_directory_of_its_own_is_found(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    studio.repo.git("config", "core.worktree", "../../files")
    studio.repo.git("symbolic-ref", "HEAD", "refs/heads/draft/1")
    with studio.opened() as project:
        assert Records(project).find_checkout(1) == (studio.repo.path / ".git/../../files").resolve()


# Bots


def _list_bots(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], **environ: str) -> list[str]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    list_bots(is_json=False)
    return capfd.readouterr().out.splitlines()


def test_bots_tell_where_the_environment_leads(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert _list_bots(monkeypatch, capfd, OPENAI_API_KEY="s3cret") == [
        "* openai  openai  base_url=https://api.openai.com/v1",
        "git draft would use openai: OPENAI_API_KEY is set",
    ]
    url = "http://me:s3cret@there:1/v1"
    assert _list_bots(monkeypatch, capfd, OPENAI_BASE_URL=url, OPENAI_MODEL="m")[0] == (
        "* openai  openai  base_url=http://there:1/v1, model=m"
    )


def test_bots_of_the_file_outrank_the_environment_and_hide_their_keys(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    config = home / ".config/git-draft/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        '[[bots]]\nname = "a"\noptions = { base_url = "http://me:s3cret@a", api_key = "s3cret" }\n'
        '[[bots]]\nname = "b"\nfactory = "x:y"\noptions = { loud = true, token = "$TOKEN" }\n'
    )
    assert _list_bots(monkeypatch, capfd, OPENAI_BASE_URL="http://other", OPENAI_MODEL="m")[:2] == [
        "* a  openai  base_url=http://a, model=m, api_key=(hidden)",
        "  b  x:y     loud=True, token=$TOKEN",
    ]


def test_one_folio_is_listed_whether_it_was_left_or_not(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(studio.repo.path)
    for _ in range(2):
        studio.draft(write("a", "1\n"))
        studio.quit()
    capfd.readouterr()
    run_list(every=False, is_json=False, folio="1")
    out, err = capfd.readouterr()
    assert out.startswith("folio 1 on main (quit)\n  1/1  ")
    assert ("folio 2" in out, err) == (False, "")
    for name in ("9", "0", "x", "³"):
        with pytest.raises(NoDraftError, match=f"there is no folio {name}"):
            run_list(every=False, is_json=False, folio=name)
    with pytest.raises(UsageError, match="two things to ask for"):
        run_list(every=True, is_json=False, folio="1")


def test_parts_of_a_draft_are_shown_alone(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(studio.repo.path)
    studio.draft(write("a", "1\n"), prompt="do it\n\n\tall of it")
    capfd.readouterr()
    run_show("1/1", Parts(prompt=True))
    assert capfd.readouterr().out == "do it\n\n\tall of it\n"
    run_show("1/1", Parts(record=True))
    record = capfd.readouterr().out
    assert record.startswith("draft 1/1\n\nDraft: 1/1\n")
    assert "diff --git" not in record
    with pytest.raises(UsageError, match="different things to show"):
        run_show("1/1", Parts(stat=True, prompt=True))


def test_events_say_more_where_they_are_asked_to(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(studio.repo.path)
    studio.draft(write("a", "x" * 300))
    capfd.readouterr()
    run_events("1/1", is_json=False, is_verbose=True)
    lines = capfd.readouterr().out.splitlines()
    assert "    path: a" in lines
    assert "    size_bytes: 300" in lines
    assert all(len(line) <= 200 for line in lines)
