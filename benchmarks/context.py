"""`python -m benchmarks.context`: how long it takes to choose what a model is shown, in a repository of 10,000 files.

Makes the repository from made-up but plausible files, always the same, or takes one that is given; then measures in a
fresh process each time, imports left out: cold (no index), warm, and after some files have changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from git_draft.context import build_context, estimate_tokens
from git_draft.git.objects import Objects
from git_draft.git.repo import Repository
from git_draft.worktree import TreeWorktree
from tests.support.bots import RecordingFeedback

PROMPTS = (
    "rename the function {symbol} to something clearer",
    "fix the rounding of the {word} {other}",
    "the total of the {word} is wrong when {other} is empty, add a test for it",
)
BUDGET_TOKENS = 8000
_FOLDERS, _WORDS = 2000, 6000
_SYLLABLES = [first + second for first in "bdfgklmnprstv" for second in "aeio"]


class _Author:
    """Writes files out of a vocabulary in which few words are frequent and most are rare, as in real code."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # made-up files need no cryptography
        self.words = ["".join(self._random.choices(_SYLLABLES, k=self._random.randint(2, 4))) for _ in range(_WORDS)]
        self._weights = [1 / (rank + 5) for rank in range(_WORDS)]
        self._folders = [self._make_folder() for _ in range(_FOLDERS)]

    def pick(self, count: int) -> list[str]:
        """Give some words, frequent ones more often."""
        return self._random.choices(self.words, self._weights, k=count)

    def _make_folder(self) -> str:
        return "/".join(self.pick(self._random.randint(1, 4)))

    def iter_files(self, count: int) -> Iterator[tuple[str, str]]:
        """Give paths and contents, four kilobytes on average."""
        for number in range(count):
            folder, name = self._random.choice(self._folders), "_".join(self.pick(2))
            suffix, write = self._random.choice(
                [
                    ("py", self._write_python),
                    ("py", self._write_python),
                    ("js", self._write_script),
                    ("md", self._write_prose),
                ]
            )
            yield f"{folder}/{name}_{number}.{suffix}", "\n".join(write() for _ in range(self._random.randint(2, 26)))

    def _write_python(self) -> str:
        a, b, c, d, e, f = self.pick(6)
        return (
            f'def {a}_{b}({c}, {d}=None):\n    """{" ".join(self.pick(9)).capitalize()}."""\n    if {d} is None:\n'
            f"        {d} = {e.capitalize()}{f.capitalize()}({c})\n    for {f} in {d}.{b}_{e}():\n"
            f'        {c}.append({f} + {self._random.randint(0, 99)})\n    return {c}, "{d} {e}"\n\n'
        )

    def _write_script(self) -> str:
        a, b, c, d, e, f = self.pick(6)
        return (
            f"// {' '.join(self.pick(9))}\nexport function {a}{b.capitalize()}({c}, {d}) {{\n"
            f"  const {e} = {c}.map(({f}) => {f}.{d}{a.capitalize()});\n  if (!{e}.length) {{ throw new Error('{b} {f}'); }}\n"
            f"  return {{ {c}, {e}, {f}: {self._random.random():.3f} }};\n}}\n\n"
        )

    def _write_prose(self) -> str:
        a, b = self.pick(2)
        return f"## {a.capitalize()} {b}\n\n" + " ".join(self.pick(35)).capitalize() + f". See `{a}_{b}`.\n"


def make_repository(folder: Path, files: int) -> None:
    """Make a repository with so many files in one commit."""
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(folder)], check=True)
    with subprocess.Popen(["git", "-C", str(folder), "fast-import", "--quiet"], stdin=subprocess.PIPE) as process:
        assert process.stdin  # noqa: S101  # it is a pipe
        process.stdin.write(b"commit refs/heads/main\ncommitter A <a@b.invalid> 1 +0000\ndata 1\nx\n")
        for path, text in _Author(1).iter_files(files):
            data = text.encode()
            process.stdin.write(b"M 644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))


def probe(folder: Path, index: Path, prompt: str, changed: int) -> dict[str, float]:
    """Build one context, and tell how long it took; for a process of its own."""
    objects = Objects(Repository.open(folder, dict(os.environ)))
    tree = objects.read_commit(objects.find_commit("HEAD") or "").tree
    feedback = RecordingFeedback()
    worktree = TreeWorktree(objects, tree, feedback, index_path=index)
    if changed:
        for path in TreeWorktree(objects, tree, feedback).list_tracked()[:changed]:
            worktree.write_file(str(path), f"changed at {time.time_ns()}\n")
        tree = worktree.write_tree()
        worktree = TreeWorktree(objects, tree, feedback, index_path=index)
    start_s = time.perf_counter()
    context = build_context(prompt, worktree, BUDGET_TOKENS)
    took_s = time.perf_counter() - start_s
    tokens = sum(estimate_tokens(file.text) for file in context.files)
    return {
        "ms": took_s * 1000,
        "files": len(context.files),
        "tokens": tokens,
        "indexed": sum(event.count for event in feedback.events if event.kind == "index"),
    }


def _measure(folder: Path, index: Path, prompt: str, changed: int = 0) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.context", "--probe", prompt, "--changed", str(changed)]
    done = subprocess.run([*command, str(folder), str(index)], check=True, capture_output=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _report(folder: Path, scratch: Path, runs: int) -> None:
    index = scratch / "words.sqlite3"
    words = _Author(1).words
    prompts = [
        text.format(symbol=f"{words[20]}_{words[30]}", word=words[400 + n], other=words[900 + n])
        for n, text in enumerate(PROMPTS)
    ]
    cold = _measure(folder, index, prompts[0])
    rounds = 1
    while _measure(folder, index, prompts[0])["indexed"]:
        rounds += 1
    print(f"cold: {cold['ms']:.0f} ms for {cold['indexed']:.0f} files, {rounds} commands until all are known")
    print(f"index: {index.stat().st_size / 1e6:.1f} MB")
    for prompt in prompts:
        results = [_measure(folder, index, prompt) for _ in range(runs)]
        times = [each["ms"] for each in results]
        print(
            f"warm: {statistics.median(times):.0f} ms (from {min(times):.0f} to {max(times):.0f}),"
            f" {results[0]['files']:.0f} files of {results[0]['tokens']:.0f} tokens: {prompt}"
        )
    times = [_measure(folder, index, prompts[0], changed=20)["ms"] for _ in range(runs)]
    print(f"20 files changed: {statistics.median(times):.0f} ms (from {min(times):.0f} to {max(times):.0f})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.context", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("folder", nargs="?", type=Path, help="a repository to measure in, instead of a made-up one")
    parser.add_argument("index", nargs="?", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--probe", help=argparse.SUPPRESS)
    parser.add_argument("--changed", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.probe is not None:
        print(json.dumps(probe(given.folder, given.index, given.probe, given.changed)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch) / "repo"
        if given.folder is None:
            make_repository(folder, given.files)
        _report(folder, Path(scratch), given.runs)


if __name__ == "__main__":
    main()
