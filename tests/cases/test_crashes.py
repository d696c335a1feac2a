"""Whole commands killed at every call that writes, and at random moments: nothing is lost, and the next one goes on.

`test_kills.py` kills at the effects that we name; here strace and the clock decide, and git's own processes die too.
"""

from __future__ import annotations

import contextlib
import random
import shlex
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from git_draft.doctor import Doctor
from git_draft.errors import GitDraftError, OperationInProgressError
from tests.support.bots import write
from tests.support.children import wait_for
from tests.support.gitrepo import GitRepo
from tests.support.moments import Ended, Window
from tests.support.studio import Studio
from tests.support.tracing import KillPoint, Tracer, was_killed

DRAFT = ("--bot", "command", "-o", "command=echo bot >> f; echo bot > new", "-o", "shell=true", "do it")
MERGE = ("--merge", "theirs")
QUIT = ("--quit",)
UNDO = ("undo",)
COMMANDS = {
    "draft": DRAFT,
    "merge": MERGE,
    "conflict": ("-a",),
    "quit": QUIT,
    "undo-merge": UNDO,
    "undo-quit": UNDO,
}

Recorder = Callable[[str, object], None]
MOMENTS = 200
"""How many are drawn, all commands together."""
SIGNALS = 6
_SURE = 0.75  # of the time in which a command writes: what comes later may be too late by chance
"""How many of each kind for each command."""


def prepare(folder: Path, command: str) -> Studio:
    """Make a repository in which the command is the next one: staged, changed, untracked and ignored files, a binary."""
    repo = GitRepo.create(folder / "repo")
    studio = Studio(repo)
    repo.commit({"both": "1\n", "staged": "1\n", "f": "1\n2\n3\n4\n5\n", ".gitignore": "*.o\n", "gone": "1\n"})
    studio.draft(write("earlier", "bot\n"))
    studio.quit()
    repo.write("both", "only staged\n")
    repo.git("add", "both")
    repo.write("both", "staged and changed again\n")
    repo.write("staged", "staged\n")
    repo.git("add", "staged")
    repo.write("folder/untracked", "untracked\n")
    repo.write("binary", b"\0\xff\n")
    repo.write("ignored.o", "ignored\n")
    (repo.path / "gone").unlink()
    if command == "draft":
        return studio
    studio.draft(write("f", "1\n2\n3\n4\nbot\n"), write("new", "bot\n"), write("folder/untracked", "bot\n"))
    repo.write("f", "mine\n2\n3\n4\n5\n")
    if command in ("merge", "conflict"):
        if command == "conflict":
            repo.write("f", "1\n2\n3\n4\nmine\n")
        return studio
    studio.merge()
    repo.write("late", "mine too\n")
    if command == "undo-merge":
        (repo.path / "late").unlink()
    elif command == "undo-quit":
        studio.quit()
    return studio


def list_blobs(repo: GitRepo) -> set[str]:
    """Give the ids of all that the user has: in files, and in the index."""
    files = [str(file) for file in repo.path.rglob("*") if file.is_file() and ".git" not in file.parts]
    on_disk = repo.git("hash-object", "--no-filters", "--stdin-paths", stdin="\n".join(files).encode()).splitlines()
    return {*on_disk, *(line.split()[1] for line in repo.git("ls-files", "--stage").splitlines())}


def list_reachable(repo: GitRepo) -> set[str]:
    """Give the ids of all objects that a ref leads to."""
    return {line.split()[0] for line in repo.git("rev-list", "--objects", "--all").splitlines()}


def check_next_command(studio: Studio) -> list[str]:
    """Run the next draft; where it is refused, do what the refusal advises. Gives what was advised."""
    advised: list[str] = []
    while len(advised) < 3:
        try:
            studio.draft(write("next", "bot\n"), prompt="next")
            break
        except GitDraftError as error:
            advised.append(error.hint or str(error))
            _follow(studio, advised[-1])
    return advised


def _follow(studio: Studio, hint: str) -> None:
    _, is_lock, removal = hint.partition("if no git command is running: rm ")
    if is_lock:
        for path in shlex.split(removal.partition(",")[0]):
            Path(path).unlink()
    else:  # a merge that was cut off
        assert hint in ("git commit, or git merge --abort", "resolve them, then git add")
        studio.undo()


def check_nothing_lost(studio: Studio, blobs: set[str], said: Sequence[str]) -> list[str]:
    """See that the user's bytes are there, that git finds nothing wrong, and that git-draft goes on; give what it says.

    Args:
        studio: the repository.
        blobs: what the user had.
        said: the lines that the command printed when it ended.
    """
    repo = studio.repo
    assert blobs <= list_blobs(repo) | list_reachable(repo)
    assert repo.run("status").returncode == 0
    before = len(studio.warnings)
    for line in [*said, *studio.tidy_up()]:
        if "if no git command is running" in line:
            _follow(studio, line)
    advised = check_next_command(studio)
    told = [*studio.warnings[before:], *advised]
    assert blobs <= list_blobs(repo) | list_reachable(repo)
    assert repo.run("fsck", "--strict").returncode == 0
    git_dir = repo.path / ".git"
    if (git_dir / "index.lock").exists():
        with pytest.raises(OperationInProgressError) as caught:
            studio.merge()
        _follow(studio, str(caught.value.hint))
    assert [file.name for file in git_dir.rglob("*.lock") if file.name != "git-draft.lock"] == []
    assert list((git_dir / "git-draft/tmp").iterdir()) == []
    with studio.opened() as project:
        assert project.store.list_locks() == []
        assert project.store.list_runs_under_way() == []
        assert Doctor(project).examine().disagreements == ()
    return told


def kill_everywhere(tmp_path: Path, command: str, points: Sequence[KillPoint], tracer: Tracer) -> list[list[str]]:
    """Kill a command at each of the points, in a copy of the repository each; give what was said after each."""
    template = prepare(tmp_path, command)
    blobs = list_blobs(template.repo)
    told = []
    for point in points:
        studio = Studio(GitRepo(tmp_path / "killed"))
        shutil.copytree(template.repo.path, studio.repo.path, symlinks=True)
        done = tracer.kill(studio.repo.path, COMMANDS[command], point)
        if point.git is None or point.both:
            assert was_killed(done) or done.returncode in (0, 3), (point, done.stderr)
        try:
            told.append(check_nothing_lost(studio, blobs, done.stderr.splitlines()))
        except BaseException as error:
            error.add_note(f"killed at {point}: {done.stdout}{done.stderr}")
            raise
        shutil.rmtree(studio.repo.path)
    return told


@pytest.mark.deep
@pytest.mark.timeout(900)
@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "conflict"])  # of ours it is a merge
def test_killed_at_each_write(tmp_path: Path, command: str, record_property: Recorder) -> None:
    tracer = Tracer(tmp_path)
    points = list(tracer.iter_points(prepare(tmp_path / "counted", command).repo.path, COMMANDS[command], git=False))
    told = kill_everywhere(tmp_path, command, points, tracer)
    record_property("kills", len(told))
    assert len(told) > 50


@pytest.mark.deep
@pytest.mark.timeout(900)
@pytest.mark.parametrize("command", COMMANDS)
def test_git_killed_at_each_write(tmp_path: Path, command: str, record_property: Recorder) -> None:
    """By turns git alone, of which we tell the user, and both of us."""
    tracer = Tracer(tmp_path)
    found = tracer.iter_points(prepare(tmp_path / "counted", command).repo.path, COMMANDS[command], git=True)
    points = [replace(point, both=bool(turn % 2)) for turn, point in enumerate(found)]
    told = kill_everywhere(tmp_path, command, points, tracer)
    record_property("kills", len(told))
    assert len(told) > 12


def iter_ended(tmp_path: Path, command: str, number: signal.Signals, count: int) -> Iterator[tuple[Studio, Ended]]:
    """Send a command a signal at drawn moments, in a copy of the repository each, and see that nothing is lost."""
    template = prepare(tmp_path, command)
    blobs = list_blobs(template.repo)

    def copy() -> Path:
        shutil.rmtree(tmp_path / "copied", ignore_errors=True)
        return Path(shutil.copytree(template.repo.path, tmp_path / "copied", symlinks=True))

    window = Window.measure(COMMANDS[command], copy)
    source = random.Random(command)  # noqa: S311  # the same moments each time
    for moment in ((part + source.random()) / count for part in range(count)):
        for attempt in range(3):
            if attempt:  # the machine has become faster since
                window = Window.measure(COMMANDS[command], copy)
            studio = Studio(GitRepo(copy()))
            ended = window.send(number, moment, COMMANDS[command], studio.repo.path)
            try:
                yield studio, ended
                check_nothing_lost(studio, blobs, ended.stderr.splitlines())
            except BaseException as error:
                error.add_note(f"{number.name} at {moment:.3f}: {ended}")
                raise
            if ended.was_running or moment > _SURE:
                break


@pytest.mark.deep
@pytest.mark.timeout(900)
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_random_moments(tmp_path: Path, command: str, record_property: Recorder) -> None:
    ended = []
    states = Counter[str]()
    for studio, each in iter_ended(tmp_path, command, signal.SIGKILL, MOMENTS // len(COMMANDS)):
        _wait_for_git(studio.repo)
        ended.append(each)
        states[str(studio.repo.list_refs())] += 1
    record_property("kills", sum(each.was_running for each in ended))
    assert all(each.status in (-signal.SIGKILL, 0, 3) for each in ended)
    quarters = Counter(int(each.moment * 4) for each in ended if each.was_running)
    assert all(quarters[number] >= len(ended) / 12 for number in range(3)), quarters
    assert len(states) > 1, states


@pytest.mark.deep
@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
@pytest.mark.parametrize("command", COMMANDS)
def test_asked_to_end_at_random_moments(
    tmp_path: Path, command: str, number: signal.Signals, record_property: Recorder
) -> None:
    record_property("signals", SIGNALS)
    for studio, ended in iter_ended(tmp_path, command, number, SIGNALS):
        # 1: a signal to all processes may end a git that is just being started, before it has a session of its own
        assert ended.status in (0, 1, 3, 130, 128 + number, -number), ended
        assert [line for line in studio.tidy_up() if "was killed" in line or "finished" in line] == []
        assert list((studio.repo.path / ".git").rglob("index.lock")) == []


def _wait_for_git(repo: GitRepo) -> None:
    """Wait for a git that outlived what started it, as one that writes the user's files does."""

    def is_done() -> bool | None:
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (folder / "cwd").readlink() == repo.path:
                    return None
        return True

    wait_for(is_done, "end of git")
