"""`make demo-scripted`: the main job in a scratch repository, each command with its output.

The model's answers are scripted (`scripted_demo.json`); everything else is real. `make docs` takes the README's transcript from
here, with ids and times masked.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.support.environment import seal_environment

CHECKOUT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("scripted_demo.json")
COUNT = 'def count(limit):\n    """Count from 1 to limit."""\n    return range(1, limit)\n'

STEPS = (
    ("cat count.py", "a program with a bug, and a line of our own that is not committed yet:"),
    ("git status --short", ""),
    ('git draft "fix the off-by-one"', "ask for a fix:"),
    ("git status --short", "no file has changed; the draft is a commit, made on our state of now:"),
    ("git show --format=%s drafts/1/1", ""),
    ("sed -i '1s/$/ up to a limit/' count.py", "we go on editing meanwhile, then take the draft in:"),
    ("git draft --merge theirs", ""),
    ("cat count.py", "both changes are there:"),
    ('git draft --merge theirs "add a test"', "another one, merged at once:"),
    ("git log --graph --format=%s draft/1", ""),
    ("git draft list", ""),
    ("git draft --quit", "back to our branch, with everything staged, to be committed as we like:"),
    ("git status --short --branch", ""),
    ("git for-each-ref --format='%(refname) %(subject)' refs/drafts", "the drafts stay:"),
)
"""Each a command for the shell, and what is said before it."""

_TRANSCRIPT = (2, 6, 11)


def _run_steps(folder: Path) -> Iterator[tuple[str, str, str]]:
    home = folder / "home"
    home.mkdir()
    environ = seal_environment(os.environ, home)
    environ["PATH"] = f"{CHECKOUT / 'bin'}:{environ['PATH']}"
    repo = folder / "scratch"
    _shell("git init --quiet scratch", folder, environ)
    (repo / "count.py").write_text(COUNT)
    _shell("git add count.py && git commit --quiet --message 'Count'", repo, environ)
    (repo / "count.py").write_text("# counting, from 1\n" + COUNT)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.server", "--script", str(SCRIPT)],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            environ["OPENAI_BASE_URL"] = server.stdout.readline().strip()
            for command, remark in STEPS:
                yield command, remark, _shell(command, repo, environ)
        finally:
            server.terminate()


def _shell(command: str, folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(  # noqa: S602  # commands as a user types them, none from outside
        command,
        shell=True,
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command}: exit status {done.returncode}\n{done.stdout}")
    return done.stdout


def mask(text: str) -> str:
    """Take out what differs from one time to the next: ids and times."""
    text = re.sub(r"\b[0-9a-f]{7,40}\b", "0000000", text)
    return re.sub(r"\b\d+ (second|minute)s? ago", "now", text)


def make_transcript() -> str:
    """Give the part of the demo that the README shows, with ids and times masked."""
    with tempfile.TemporaryDirectory(prefix="git-draft-demo-") as folder:
        steps = list(_run_steps(Path(folder)))
    return "".join(f"$ {command}\n{mask(output)}" for command, _, output in (steps[number] for number in _TRANSCRIPT))


def main() -> None:
    """Show the demo."""
    say = sys.stdout.write
    say("The model's answers are scripted here; git, git-draft and the server's HTTP are real.\n")
    with tempfile.TemporaryDirectory(prefix="git-draft-demo-") as folder:
        for command, remark, output in _run_steps(Path(folder)):
            say(f"\n# {remark}\n" if remark else "\n")
            say(f"$ {command}\n{output}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
