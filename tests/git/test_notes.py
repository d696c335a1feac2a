"""Notes: several writers lose none, git reads and writes them too; a record comes back from its note as it was."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_draft.git.notes import Notes, escape_value, format_note, parse_note, unescape_value
from git_draft.git.objects import Objects
from git_draft.git.refs import NOTES, Refs
from git_draft.git.repo import Repository
from git_draft.git.tree import EMPTY_TREE
from git_draft.model import Changes, DraftName, OutcomeKind, Record, Usage
from tests.support.gitrepo import GitRepo
from tests.support.rivals import PROCESSES, run_rivals

COUNT = 15


def open_notes(folder: Path) -> tuple[Notes, Objects]:
    repo = Repository.open(folder, os.environ)
    objects = Objects(repo)
    return Notes(objects, Refs(repo)), objects


def list_by_git(repo: GitRepo) -> dict[str, str]:
    """Give each commit that has a note, with its text."""
    lines = [line.split() for line in repo.git("notes", "--ref=drafts", "list").splitlines()]
    return {commit: repo.git("cat-file", "blob", blob) for blob, commit in lines}


# In the repository


def write_notes(folder: Path, number: int) -> list[str]:
    notes, objects = open_notes(folder)
    commits = [objects.write_commit(EMPTY_TREE, [], f"{number} {step}") for step in range(COUNT)]
    for commit in commits:
        assert notes.add(commit, f"note of {commit}\n") is not None
    return commits


def test_several_writers_lose_no_note(repo: GitRepo) -> None:
    commits = [commit for commits in run_rivals(write_notes, repo.path) for commit in commits]
    assert len(commits) == PROCESSES * COUNT
    assert list_by_git(repo) == {commit: f"note of {commit}" for commit in commits}
    repo.git("fsck", "--strict")


def test_git_shows_a_note_with_its_commit(repo: GitRepo) -> None:
    notes, _ = open_notes(repo.path)
    head = repo.resolve("HEAD")
    assert notes.find(head) is notes.find_tip() is None
    notes.add(head, "draft 1/1\n\nBot: caf\u00e9\n")
    assert repo.git("notes", "--ref=drafts", "show", "HEAD") == "draft 1/1\n\nBot: caf\u00e9"
    assert repo.git("log", "-1", "--notes=drafts", "--format=%N") == "draft 1/1\n\nBot: caf\u00e9\n"
    assert notes.find(head) == "draft 1/1\n\nBot: caf\u00e9\n"
    assert notes.find_tip() == repo.resolve(NOTES)
    assert repo.list_files(NOTES) == [f"{head[:2]}/{head[2:]}"]


def test_note_takes_the_place_of_an_older_one_unless_told_not_to(repo: GitRepo) -> None:
    notes, _ = open_notes(repo.path)
    head = repo.resolve("HEAD")
    first = notes.add(head, "one\n")
    assert first == (None, repo.resolve(NOTES))
    second = notes.add(head, "two\n")
    assert second == (first[1], repo.resolve(NOTES))
    assert list_by_git(repo) == {head: "two"}
    assert notes.add(head, "three\n", replace=False) is None
    assert list_by_git(repo) == {head: "two"}
    assert repo.subjects(NOTES) == ["Notes added by git-draft"] * 2


def test_notes_of_git_and_ours_stand_side_by_side(repo: GitRepo) -> None:
    commits = [repo.commit() for _ in range(6)]
    notes, _ = open_notes(repo.path)
    for commit in commits[:2]:  # git writes few notes flat, and does so again below
        repo.git("notes", "--ref=drafts", "add", "-m", f"git {commit}", commit)
    assert all("/" not in path for path in repo.list_files(NOTES))
    for commit in commits[2:4]:
        notes.add(commit, f"ours {commit}\n")
    for commit in commits[4:]:
        repo.git("notes", "--ref=drafts", "add", "-m", f"git {commit}", commit)
    notes.add(commits[0], f"ours {commits[0]}\n")
    notes.add(commits[4], f"ours {commits[4]}\n")
    ours = {commits[number] for number in (0, 2, 3, 4)}
    expected = {commit: f"{'ours' if commit in ours else 'git'} {commit}" for commit in commits}
    assert list_by_git(repo) == expected
    assert {commit: (notes.find(commit) or "").strip() for commit in commits} == expected
    assert len(repo.list_files(NOTES)) == len(commits)


def test_note_is_replaced_at_any_depth_of_fan_out(repo: GitRepo) -> None:
    head = repo.resolve("HEAD")
    deep = f"{head[:2]}/{head[2:4]}/{head[4:]}"
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"deep\n")
    script = f"commit {NOTES}\ncommitter A <a@b> 0 +0000\ndata 0\nM 100644 {blob} {deep}\n"
    repo.git("fast-import", "--quiet", stdin=script.encode())
    notes, _ = open_notes(repo.path)
    assert notes.find(head) == "deep\n"
    notes.add(head, "deeper\n")
    assert repo.list_files(NOTES) == [deep]
    assert list_by_git(repo) == {head: "deeper"}


def test_what_is_no_note_stays_beside_the_notes(repo: GitRepo) -> None:
    script = f"commit {NOTES}\ncommitter A <a@b> 0 +0000\ndata 0\nM 100644 inline README\ndata 1\nx\n"
    repo.git("fast-import", "--quiet", stdin=script.encode())
    notes, _ = open_notes(repo.path)
    head = repo.resolve("HEAD")
    assert notes.find(head) is None
    notes.add(head, "note\n")
    assert repo.list_files(NOTES) == sorted(["README", f"{head[:2]}/{head[2:]}"], key=os.fsencode)


def test_note_that_is_not_utf8_is_read(repo: GitRepo) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"draft 1/1\n\nBot: caf\xe9\n")
    repo.git("notes", "--ref=drafts", "add", "-C", blob)
    notes, _ = open_notes(repo.path)
    assert notes.find(repo.resolve("HEAD")) == "draft 1/1\n\nBot: caf\ufffd\n"


# As text

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\n\n\r \xa0\u2028:"), min_size=1)
numbers = st.integers(0, 10**12 - 1)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.integers(0, 2**33).flatmap(lambda s: zones.map(lambda zone: datetime.fromtimestamp(s, zone)))
unknown_keys = st.from_regex(r"X-[A-Za-z0-9-]{0,10}", fullmatch=True)
usages = st.builds(
    Usage,
    st.none() | numbers,
    st.none() | numbers,
    st.none() | numbers,
    st.none() | st.decimals(0, 10**6, places=12, allow_nan=False, allow_infinity=False),
    st.none() | numbers,
    st.none() | numbers,
)
names = st.builds(DraftName, st.integers(1, 9999), st.integers(1, 9999))


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw a record with any of its fields known."""
    maybe = st.none() | texts
    outcome = draw(st.none() | st.sampled_from(OutcomeKind))
    return Record(
        draft=draw(names),
        origin=draw(maybe),
        bot=draw(maybe),
        model=draw(maybe),
        template=draw(maybe),
        base=draw(st.none() | st.just("ab" * 20)),
        outcome=outcome,
        question=draw(maybe),
        detail=draw(maybe) if outcome else None,
        summary=draw(maybe),
        started=draw(st.none() | moments),
        walltime=draw(st.none() | st.integers(0, 10**8).map(lambda tenths: timedelta(seconds=tenths / 10))),
        turns=draw(st.none() | numbers),
        usage=draw(usages),
        changes=draw(st.none() | st.builds(Changes, numbers, numbers, numbers)),
        part_of=draw(maybe),
        recorded_by=draw(maybe),
        unknown=tuple(draw(st.dictionaries(unknown_keys, texts, max_size=3)).items()),
    )


@given(records())
def test_record_comes_back_from_its_note(record: Record) -> None:
    assert parse_note(format_note(record), record.draft) == record


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    return GitRepo.create(tmp_path_factory.mktemp("notes"))


@settings(max_examples=60)
@given(record=records())
def test_git_reads_all_keys_of_a_note(scratch: GitRepo, record: Record) -> None:
    note = format_note(record)
    parsed = scratch.git_bytes("interpret-trailers", "--parse", stdin=note.encode()).decode()
    assert parsed.split("\n") == note.split("\n")[2:]
    assert parse_note(f"draft\n\n{parsed}", record.draft) == record


@given(texts)
def test_value_is_one_line_and_comes_back(value: str) -> None:
    line = escape_value(value)
    assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in line)
    assert line == line.strip(" ")
    assert unescape_value(line) == value


def test_values_are_escaped_as_the_contract_says() -> None:
    assert escape_value("a\\b\nc\rd\te\x00 f") == r"a\\b\nc\rd\x09e\x00 f"
    assert escape_value(" spaces at the ends ") == r"\x20spaces at the ends\x20"
    assert unescape_value(r"no \escape \q, \x4, \\n") == r"no \escape \q, \x4, \n"
    assert escape_value("half a pair \ud800") == "half a pair ?"


def test_note_reads_well() -> None:
    record = Record(
        draft=DraftName(3, 2),
        origin="main",
        bot="gpt",
        model="gpt-5",
        base="0" * 40,
        outcome=OutcomeKind.LIMIT,
        detail="40 turns",
        started=datetime(2024, 5, 17, 12, 0, tzinfo=UTC),
        walltime=timedelta(seconds=74.25),
        turns=40,
        usage=Usage(3000, 210, 2048, Decimal("0.012300"), tokens_reasoning=64),
        changes=Changes(2, 10, 3),
        recorded_by="git-draft 0.1.0",
    )
    assert format_note(record).splitlines() == [
        "draft 3/2",
        "",
        "Draft: 3/2",
        "Origin: main",
        "Bot: gpt",
        "Model: gpt-5",
        f"Base: {'0' * 40}",
        "Outcome: limit reached: 40 turns",
        "Started: 2024-05-17T12:00:00+00:00",
        "Walltime: 74.2 s",
        "Turns: 40",
        "Tokens: 3000 in, 210 out, 2048 cached, 64 reasoning",
        "Cost: 0.0123 USD",
        "Files: 2 changed, +10 -3",
        "Recorded-by: git-draft 0.1.0",
    ]


def test_note_written_by_hand_is_read_leniently() -> None:
    note = "whatever\n\nx-later: kept\nBot : one\nturns: many\nDraft: 9/9\nBOT: two\nno key\nTokens: 7 reasoning, 5 out, 1 lost\nCOST: 0.5\nX-later: kept too\n"
    record = parse_note(note, DraftName(1, 1))
    assert record == Record(
        draft=DraftName(1, 1),
        bot="two",
        usage=Usage(tokens_out=5, tokens_reasoning=7, cost_usd=Decimal("0.5")),
        unknown=(("x-later", "kept"), ("X-later", "kept too")),
    )


@pytest.mark.parametrize(
    "line",
    [
        *("Outcome: great", "Started: yesterday", "Started: 2024-05-17T12:00:00", "Walltime: long", "Walltime: 1e9 s"),
        *(
            "Turns: -1",
            "Tokens: none",
            "Cost: free",
            "Cost: NaN USD",
            "Cost: -1 USD",
            "Cost: 1E+999 USD",
            "Files: some",
            "Walltime: 9999999999 s",
        ),
    ],
)
def test_value_that_makes_no_sense_is_left_out(line: str) -> None:
    assert parse_note(f"draft 1/1\n\n{line}\n", DraftName(1, 1)) == Record(draft=DraftName(1, 1))


def test_unknown_is_left_out_and_never_zero() -> None:
    assert format_note(Record(draft=DraftName(1, 1))) == "draft 1/1\n\nDraft: 1/1\n"
    zero = Record(draft=DraftName(1, 1), turns=0, usage=Usage(0, 0, 0, Decimal(0)), changes=Changes(0, 0, 0))
    assert parse_note(format_note(zero), DraftName(1, 1)) == zero
    assert dataclasses.replace(zero, turns=None) != zero
