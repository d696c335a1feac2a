"""Size: a hundred thousand files, one huge file, thousands of drafts, a long answer; memory, and time by git's own."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from git_draft.cli.completion import SHELLS
from git_draft.cli.dispatch import main
from tests.support import server
from tests.support.big import make_dirty, make_drafts, make_wide
from tests.support.gitrepo import GitRepo
from tests.support.measuring import Measured, measure, measure_git
from tests.support.server import ScriptedServer, Turn
from tests.support.shells import complete

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

Recorder = Callable[[str, object], None]
MOST_MIB = 120
FINISH = Turn(calls=[{"name": "finish", "arguments": {"title": "Done"}}])
EDIT = Turn(calls=[{"name": "write_file", "arguments": {"path": "made/by-bot.txt", "contents": "new\n"}}])
LOOP = (("one",), ("two",), ("list",), ("--merge", "theirs"), ("--quit",), ("undo",))


def serve(*turns: Turn) -> ScriptedServer:
    return ScriptedServer([*turns, FINISH], models=["scripted"])


@pytest.fixture
def served() -> Iterator[Mapping[str, str]]:
    with serve(EDIT) as serving:
        yield {"OPENAI_BASE_URL": serving.url, "OPENAI_MODEL": "scripted"}


def run_loop(repo: GitRepo, env: Mapping[str, str], record_property: Recorder) -> dict[str, Measured]:
    """Draft twice, list, merge, leave and undo; each command must do, and stay within its memory."""
    found = {}
    for words in LOOP:
        found[" ".join(words)] = measured = measure(repo.path, *words, env=env)
        assert measured.status == 0, measured.stderr
        assert 10 < measured.peak_mib < MOST_MIB, (words, measured.peak_mib)
    record_property("peak", round(max(each.peak_mib for each in found.values())))
    return found


def time_git(repo: GitRepo, folder: Path) -> float:
    """Time what git needs for a snapshot: the index copied, `git add -A`, `git write-tree`."""
    copy = folder / "index-copy"
    spans = []
    for _ in range(3):
        copy.write_bytes((repo.path / ".git/index").read_bytes())
        spans.append(measure_git(repo.path, [["add", "-A"], ["write-tree"]], {"GIT_INDEX_FILE": str(copy)}))
    return statistics.median(spans)


def test_a_hundred_thousand_files(tmp_path: Path, served: Mapping[str, str], record_property: Recorder) -> None:
    spans = {}
    for name, files, folders in (("small", 100, 10), ("wide", 100_000, 2_000)):
        repo = make_wide(tmp_path / name, files, folders)
        make_dirty(repo, min(500, files // 2), min(500, folders))
        git_s = time_git(repo, tmp_path)
        spans[name] = git_s, run_loop(repo, served, record_property)
        assert repo.run("fsck", "--connectivity-only").returncode == 0
    looking = [Turn(calls=[{"name": "list_files", "arguments": {"glob": glob}}]) for glob in ("**/*", "**/*1*")]
    looking += [Turn(calls=[{"name": "search", "arguments": {"pattern": "new"}}]), EDIT, *looking]
    with serve(*looking) as serving:
        env = {"OPENAI_BASE_URL": serving.url, "OPENAI_MODEL": "scripted"}
        looked = measure(tmp_path / "wide", "look around", env=env)
    record_property("looking", round(looked.peak_mib))
    assert (looked.status, looked.peak_mib < MOST_MIB) == (0, True), looked
    with serve(*[Turn(text="made/by-bot.txt\n```\nnew again\n```\n")] * 2) as serving:
        env = {"OPENAI_BASE_URL": serving.url, "OPENAI_MODEL": "scripted"}
        answered = measure(tmp_path / "wide", "-o", "edits=blocks", "say Thing4711 in made/by-bot.txt", env=env)
    record_property("answering", round(answered.peak_mib))  # an index of words is made for that
    assert (answered.status, answered.peak_mib < 1.15 * MOST_MIB) == (0, True), answered
    more_git_s = spans["wide"][0] - spans["small"][0]
    # the faster of two: something else may have its turn meanwhile
    more_s = min(spans["wide"][1][words].seconds - spans["small"][1][words].seconds for words in ("one", "two"))
    record_property("ratio", round(more_s / more_git_s, 1))
    assert more_s < 6 * more_git_s


def test_a_huge_file(tmp_path: Path, served: Mapping[str, str], record_property: Recorder) -> None:
    repo = make_wide(tmp_path / "repo", 100, 10)
    subprocess.run(["sh", "-c", "yes line | head -c 209715200 > huge.txt"], cwd=repo.path, check=True)
    repo.git("add", "huge.txt")
    repo.git("commit", "--quiet", "--message", "huge")
    with (repo.path / "huge.txt").open("a") as file:
        file.write("mine\n")
    search = Turn(calls=[{"name": "search", "arguments": {"pattern": "line"}}])
    read = Turn(calls=[{"name": "read_file", "arguments": {"path": "huge.txt"}}])
    with serve(search, read, EDIT) as serving:
        run_loop(repo, {"OPENAI_BASE_URL": serving.url, "OPENAI_MODEL": "scripted"}, record_property)
        told = [message["content"] for request in serving.completions for message in request.messages]
    assert any("huge.txt is too large: 209715205 bytes" in str(text) for text in told)
    assert repo.run("diff", "--quiet", "HEAD:huge.txt", "refs/drafts/1/1:huge.txt").returncode == 0


def test_a_long_answer(tmp_path: Path, record_property: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_PIECE", 4096)  # chunks of a few characters make 70 MB of it on the wire
    repo = make_wide(tmp_path / "repo", 100, 10)
    contents = "".join(f"line {number} of the answer\n" for number in range(140_000))
    long = Turn(
        text="".join(f"thought {number}\n" for number in range(110_000)),
        calls=[{"name": "write_file", "arguments": {"path": "f", "contents": contents}}],
    )
    with serve(long) as serving:
        env = {"OPENAI_BASE_URL": serving.url, "OPENAI_MODEL": "scripted"}
        cut = measure(repo.path, "one", env=env)  # by default an answer ends at 32,000 tokens
    assert (cut.status, cut.peak_mib < MOST_MIB) == (1, True), cut
    assert "the model generates without end" in cut.stderr
    with serve(long) as serving:
        env = {"OPENAI_BASE_URL": serving.url, "OPENAI_MODEL": "scripted"}
        whole = measure(repo.path, "-o", "max_tokens=4000000", "one", env=env)
    record_property("peak", round(cut.peak_mib))
    record_property("whole", round(whole.peak_mib))
    assert (whole.status, whole.peak_mib < MOST_MIB) == (0, True), whole  # sent back with the next request, too
    assert repo.show("refs/drafts/1/1", "f") == contents


def test_ten_thousand_drafts(tmp_path: Path, served: Mapping[str, str], record_property: Recorder) -> None:
    spans: dict[str, dict[str, Measured]] = {}
    for name, folios, drafts in (("few", 2, 5), ("long", 1, 1_000), ("many", 500, 20)):
        repo = make_wide(tmp_path / name, 100, 10)
        make_drafts(repo, folios, drafts)
        repo.git("pack-refs", "--all")
        first = measure(repo.path, "list", env=served)  # makes the index
        assert (first.status, first.peak_mib < MOST_MIB) == (0, True), first
        spans[name] = {"first list": first, **run_loop(repo, served, record_property)}
        assert str(max(folios, 2) + 1) in spans[name]["one"].stderr or folios == 1
    totals = {
        name: sum(each[words].seconds for words in ("one", "two", "--merge theirs", "--quit"))
        for name, each in spans.items()
    }
    for name in ("long", "many"):  # each alone is too short for a noisy machine
        record_property("ratio", round(totals[name] / totals["few"], 1))
        assert totals[name] < 2 * totals["few"], totals


@pytest.fixture(scope="module")
def few_and_many(tmp_path_factory: pytest.TempPathFactory) -> list[GitRepo]:
    """Give a repository with ten drafts, and one with ten thousand in 500 folios."""
    repos = []
    for name, folios, drafts in (("few", 2, 5), ("many", 500, 20)):
        repo = make_wide(tmp_path_factory.mktemp(name) / "repo", 100, 10)
        make_drafts(repo, folios, drafts)
        repo.git("pack-refs", "--all")
        assert measure(repo.path, "stats").status == 0  # makes the index
        repos.append(repo)
    return repos


@pytest.mark.parametrize("words", ["list", "stats", "stats --by day", "stats --json"])
def test_looking_around_among_ten_thousand_drafts(
    few_and_many: list[GitRepo], words: str, record_property: Recorder
) -> None:
    """Twice the time of ten at most; by turns, since the machine may be busy with other things."""
    spans = [[measure(repo.path, *words.split()).seconds for repo in few_and_many] for _ in range(9)]
    few, many = map(min, zip(*spans, strict=True))
    record_property("ratio", round(many / few, 2))
    assert many < 2 * few


@pytest.mark.parametrize("words", ["", "show ", "show 1/", "log "])
@pytest.mark.parametrize("shell", SHELLS)
def test_completing_among_ten_thousand_drafts(
    few_and_many: list[GitRepo], shell: str, words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = tmp_path / "script"
    script.write_text(capfd.readouterr().out)
    spans: list[list[float]] = [[], []]
    for _ in range(9):
        for repo, span in zip(few_and_many, spans, strict=True):
            began = time.monotonic()
            complete(shell, script, f"git draft {words}", repo.path)
            span.append(time.monotonic() - began)
    few, many = map(min, spans)
    assert many < 2 * few
