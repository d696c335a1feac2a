"""The speed benchmark: what it runs, what it counts, how it tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.speed.candidates import LIGHT
from benchmarks.speed.growth import Growth
from benchmarks.speed.peers import find_python, install, write_wrapper
from benchmarks.speed.report import Scene, format_growth, format_markdown, format_scene, make_growth_json, make_json
from benchmarks.speed.repositories import Size, make_repository
from benchmarks.speed.timing import RunError, Sample, find_median, run_measured
from tests.support.gitrepo import GitRepo

CHECKOUT = Path(__file__).resolve().parents[2]


def sample(wall_s: float) -> Sample:
    return Sample(wall_s, wall_s / 2, 10 * wall_s)


def test_medians_are_of_each_figure() -> None:
    found = find_median([Sample(1, 30, 200), Sample(3, 10, 100), Sample(2, 20, 300)])
    assert found == Sample(2, 20, 200)


def test_one_after_the_other() -> None:
    assert Sample(1, 2, 30) + Sample(10, 20, 3) == Sample(11, 22, 30)


def test_a_table_shows_medians_and_how_many_times_the_floor_they_are() -> None:
    samples = {
        "floor": {"first draft": [sample(1), sample(1)], "list": [sample(0.25)]},
        "git-draft": {"first draft": [sample(0.5), sample(1.5), sample(0.8)], "list": [sample(0.3)]},
    }
    scene = Scene(Size.of(1000), is_dirty=True, samples=samples)
    lines = list(format_scene(scene, ["floor", "git-draft", "aider"]))
    assert lines[0] == "1,000 files, 500 changed, 500 untracked"
    assert lines[1].split() == ["floor", "git-draft", "aider", "user", "peak"]
    assert lines[2].split() == ["first", "draft", "1.00", "s", "0.80", "s", "(0.80)", "-", "0.40", "s", "8", "MiB"]
    assert next(line for line in lines if "list" in line).split()[:6] == ["list", "0.25", "s", "0.30", "s", "(1.20)"]
    assert next(line for line in lines if "--quit" in line).split() == ["--quit", "-", "-", "-", "-", "-"]


def test_json_has_every_run() -> None:
    scene = Scene(Size.of(100), is_dirty=False, samples={"git-draft": {"list": [sample(1), sample(2), sample(9)]}})
    (told,) = make_json([scene])
    assert told == {
        "files": 100,
        "changed": 0,
        "untracked": 0,
        "candidates": {
            "git-draft": {"list": {"wall_s": 2, "user_s": 1, "peak_mib": 20, "runs_wall_s": [1, 2, 9]}},
        },
    }


@pytest.mark.parametrize("is_dirty", [False, True])
def test_repositories_are_as_large_and_as_dirty_as_they_say(tmp_path: Path, *, is_dirty: bool) -> None:
    folder = make_repository(tmp_path / "repo", Size(120, 7, 5), os.environ, is_dirty=is_dirty)
    repo = GitRepo(folder)
    assert len(repo.list_files()) == 120
    lines = repo.git("status", "--porcelain", "--untracked-files=all").splitlines()
    expected = [" M"] * 7 + ["??"] * 5 if is_dirty else []
    assert sorted(line[:2] for line in lines) == expected


def test_what_fails_is_said_with_its_words(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"(?s)exit status 3.*no such thing"):
        run_measured(["sh", "-c", "echo no such thing >&2; exit 3"], tmp_path, os.environ)


def test_what_a_command_reads_and_takes(tmp_path: Path) -> None:
    took = run_measured(["sh", "-c", "cat >read; sleep 0.2"], tmp_path, os.environ, stdin="a prompt")
    assert (tmp_path / "read").read_text() == "a prompt"
    assert took.wall_s >= 0.2
    assert took.peak_mib > 0.5


def test_the_readme_shows_how_many_times_as_long_the_others_take() -> None:
    def figures(**walls: float) -> dict[str, Any]:
        return {command: {"wall_s": wall_s} for command, wall_s in walls.items()}

    draft = {"first draft": {"wall_s": 0.4}}
    light = figures(**dict.fromkeys(LIGHT, 0.125))
    scenes = [
        {
            "files": 10_000,
            "changed": 0,
            "candidates": {"git-draft": light, "floor": figures(**dict.fromkeys(LIGHT, 0.1))},
        },
        {
            "files": 10_000,
            "changed": 5,
            "candidates": {"git-draft": draft, "floor": figures(), "aider": {"first draft": {"wall_s": 5}}},
        },
    ]
    lines = format_markdown({"scenes": scenes}).splitlines()
    assert lines[0] == "| a draft beside the model | 10,000 files |"
    assert "| **git-draft** | 0.40 s |" in lines
    assert "| git-draft 0.53.2 | - |" in lines
    assert "| aider 0.86.2 | 5.00 s (12.5x) |" in lines
    assert "| `git draft --quit` | 0.12 s | 0.10 s (0.8x) |" in lines


def test_growth_is_told_as_a_ratio() -> None:
    growth = Growth(1000, {"list": [sample(0.2)]}, {"list": [sample(0.3), sample(0.3)]})
    assert list(format_growth(growth)) == [
        "1,000 drafts",
        "        at first  in the end",
        "  list  0.20 s    0.30 s (1.50)",
    ]
    assert make_growth_json(growth)["drafts"] == 1000


def test_a_python_that_fits_is_found() -> None:
    assert find_python(sys.version_info[:2], sys.version_info[:2]) == sys.executable
    assert find_python((3, 98), (3, 99)) is None


def test_a_peer_without_its_python_is_a_reason(tmp_path: Path) -> None:
    assert install("x==1", tmp_path, (3, 98), (3, 99)) == "no Python from 3.98 to 3.99"


def test_a_peer_that_is_not_to_be_had_is_a_reason(tmp_path: Path) -> None:
    problem = install("./nowhere", tmp_path / "peer", (3, 11), sys.version_info[:2])
    assert problem
    assert "nowhere" in problem


def test_the_wrapper_is_a_git_that_knows_what_newer_ones_do(tmp_path: Path) -> None:
    git = str(write_wrapper(tmp_path / "wrapper") / "git")
    repo = GitRepo.create(tmp_path / "repo")

    def run(*words: str) -> str:
        return subprocess.run([git, *words], cwd=repo.path, capture_output=True, text=True, check=True).stdout

    run("config", "set", "draft.bot", "one two")
    assert run("config", "get", "draft.bot") == "one two\n"
    assert run("rev-parse", "--is-inside-work-tree") == "true\n"


@pytest.mark.deep
def test_a_whole_run(tmp_path: Path) -> None:
    """In a repository of a few files, each command of git-draft once, all with exit status 0."""
    file = tmp_path / "speed.json"
    command = [sys.executable, "-m", "benchmarks.speed", "--sizes", "4", "--runs", "1", "--drafts", "4"]
    done = subprocess.run([*command, "--json", str(file)], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(file.read_text())
    assert [scene["changed"] for scene in told["scenes"]] == [0, 2]
    for scene in told["scenes"]:
        ours = scene["candidates"]["git-draft"]
        assert set(ours) == {"first draft", "second draft", "--merge theirs", "undo", "--quit", "list", "show --record", "-h"}  # fmt: skip
        assert all(len(figures["runs_wall_s"]) == 1 for figures in ours.values())
    assert "  first draft" in done.stdout
    assert [len(figures["runs_wall_s"]) for figures in told["growth"]["many"].values()] == [2, 2]
    assert "\n4 drafts\n" in done.stdout
