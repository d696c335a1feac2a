"""`make demo`: the main job with a real model, in a scratch repository with a failing test.

With nothing to be set up before: the model runs on this machine, and its weights are pulled once. A key or a server of
the environment is used only with DEMO_BOT=env: a newcomer's money is not spent unasked. `scripted_demo.py` is the same
job with answers out of a file; it is never fallen back to.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from git_draft.catalogue import CATALOGUE, DEFAULT_MODEL, find_cache_dir, find_model
from tests.support.environment import seal_environment

CHECKOUT = Path(__file__).resolve().parents[2]
STATS = '''\
"""Statistics over lists of numbers."""


def mean(values):
    """Give the arithmetic mean."""
    return sum(values) / len(values)


def median(values):
    """Give the middle value; of an even number of values the mean of the two in the middle."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
'''
TEST = """\
import unittest

from stats import mean, median


class StatsTest(unittest.TestCase):
    def test_mean(self):
        self.assertEqual(mean([1, 2, 6]), 3)

    def test_median_of_an_odd_number(self):
        self.assertEqual(median([5, 1, 3]), 3)

    def test_median_of_an_even_number(self):
        self.assertEqual(median([4, 1, 3, 2]), 2.5)
"""
PROMPT = "median in stats.py is wrong for an even number of values: fix it"
_NOTE = "remember: ask for the mode next"
_SAMPLE = "-o temperature=0.7"
_MEANWHILE_S = 2.0
_UNFINISHED = 3
"""Exit status where the bot stopped early, at a limit or with a question: there is a draft all the same."""


@dataclass(frozen=True)
class Shell:
    """Runs commands as a user types them, and shows each with what it prints.

    Args:
        folder: where.
        environ: with what.
    """

    folder: Path
    environ: Mapping[str, str]

    def run(self, command: str, *, meanwhile: str = "") -> int:
        """Run a command; give its exit status.

        Args:
            command: a line for the shell.
            meanwhile: another one, started a little later, while the first runs.
        """
        _say(f"$ {command}")
        with self._start(command) as process:
            if meanwhile:
                time.sleep(_MEANWHILE_S)
                was_running = process.poll() is None
                self._start(meanwhile).wait()
            status = process.wait()
        if meanwhile:
            _say(f"# {'while it ran' if was_running else 'just after'}: {meanwhile}")
        return status

    def must(self, *commands: str) -> None:
        """Run commands that can't fail.

        Raises:
            SystemExit: where one does.
        """
        for command in commands:
            if status := self.run(command):
                raise SystemExit(f"demo: exit status {status}: {command}")

    def _start(self, command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["sh", "-c", command], cwd=self.folder, env=self.environ)


def main() -> int:
    """Show the demo; give the exit status: 1 where the test stays red."""
    use_env = os.environ.get("DEMO_BOT") == "env"
    started_s = time.monotonic()
    _get_ready(use_env=use_env)
    ready_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="git-draft-demo-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        environ = _make_environ(home, use_env=use_env)
        repo = Path(folder) / "scratch"
        repo.mkdir()
        (repo / "stats.py").write_text(STATS)
        (repo / "test_stats.py").write_text(TEST)
        (repo / "notes.txt").write_text("notes\n")
        (repo / ".gitignore").write_text("__pycache__/\n")
        status = _show(Shell(repo, environ))
    download = f", after {ready_s - started_s:.0f} s for the model" if ready_s - started_s > 1 else ""
    _say(f"\n# that took {time.monotonic() - ready_s:.0f} s{download}")
    return status


def _get_ready(*, use_env: bool) -> None:
    """See to it that there is a bot; pull the model's weights where they are not here yet.

    Raises:
        SystemExit: where there is none to be had.
    """
    if use_env:
        if not (os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL")):
            raise SystemExit("demo: DEMO_BOT=env, and neither OPENAI_API_KEY nor OPENAI_BASE_URL is set")
        return
    if find_model(DEFAULT_MODEL, os.environ):
        return
    size = CATALOGUE[DEFAULT_MODEL].size_bytes / 1e9
    _say(f"# the model {DEFAULT_MODEL}, {size:.1f} GB, is downloaded once, into {find_cache_dir(os.environ)}:")
    _say(f"$ git draft models pull {DEFAULT_MODEL}")
    pull = [sys.executable, "-m", "git_draft", "models", "pull", DEFAULT_MODEL]
    if subprocess.run(pull, check=False).returncode:
        raise SystemExit("demo: there is no model; `make demo-scripted` shows the same without one")


def _make_environ(home: Path, *, use_env: bool) -> dict[str, str]:
    """Make the environment: nothing of the user's but the weights, or what DEMO_BOT=env asks for."""
    environ = seal_environment(os.environ, home)
    environ["XDG_CACHE_HOME"] = str(find_cache_dir(os.environ).parents[1])
    environ["PATH"] = f"{CHECKOUT / 'bin'}:{Path(sys.executable).parent}:{environ['PATH']}"
    environ["TERM"] = os.environ.get("TERM", "dumb")
    if use_env:
        environ |= {name: value for name, value in os.environ.items() if name.startswith("OPENAI_")}
    return environ


def _show(shell: Shell) -> int:
    test = "python3 -m unittest --quiet"
    shell.must("git init --quiet && git add . && git commit --quiet --message 'Statistics'", "cat stats.py")
    _say("\n# its test fails:")
    if not shell.run(test):
        raise SystemExit("demo: the test passes already")
    _say("\n# we ask for a fix, and go on working meanwhile:")
    if not _draft(shell, meanwhile=f"echo '{_NOTE}' >>notes.txt"):
        return _give_up("no draft was made")
    if not _take_in(shell, test):
        _say("\n# still red: the model gets one further try, with some chance in its answer:")
        if not _draft(shell, _SAMPLE) or not _take_in(shell, test):
            return _give_up("the test stays red")
    _say("\n# back to our branch; the fix and our own note are there, staged:")
    shell.must("git draft --quit", "git status --short --branch", "git draft log", "git draft list --all")
    return 0


def _draft(shell: Shell, options: str = "", *, meanwhile: str = "") -> bool:
    """Ask for the fix and show it; tell whether there is a draft."""
    status = shell.run(" ".join(["git draft", *filter(None, [options]), f'"{PROMPT}"']), meanwhile=meanwhile)
    if status not in {0, _UNFINISHED}:
        return False
    _say("\n# no file of ours was touched; the draft is a commit:")
    shell.must("git draft show")
    return True


def _take_in(shell: Shell, test: str) -> bool:
    """Merge the draft; tell whether the test passes now."""
    _say("\n# we take it into what we have now:")
    if shell.run("git draft --merge theirs"):
        return False
    _say("\n# is the test green now?")
    return shell.run(test) == 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _give_up(reason: str) -> int:
    _say(f"\n# {reason}. A small model fails at times; `make demo-scripted` shows the same with scripted answers.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
