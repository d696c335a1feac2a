"""`make bench`: git-draft's overhead around the model, beside git, the earlier git-draft and aider, in one run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.speed.candidates import Candidate, make_aider, make_earlier, make_floor, make_ours
from benchmarks.speed.growth import Growth, measure_growth
from benchmarks.speed.peers import AIDER, EARLIER, install, write_wrapper
from benchmarks.speed.report import Scene, format_growth, format_scene, make_growth_json, make_json
from benchmarks.speed.repositories import Size, make_repository
from benchmarks.speed.timing import RunError, Sample
from tests.support.environment import seal_environment

CHECKOUT = Path(__file__).resolve().parents[2]
_AIDERS_MOST_FILES = 10_000
"""In larger repositories aider is not measured: a run takes minutes."""
_FEW_FILES = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the tables, write JSON and plot where asked."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000], metavar="FILES")
    parser.add_argument("--runs", type=int, default=9, metavar="N", help="rounds of each kind of repository")
    parser.add_argument(
        "--drafts", type=int, default=1000, metavar="N", help="see what it costs to have so many; 0: don't"
    )
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="compare with others, installed there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a plot there, as PNG; needs matplotlib")
    args = parser.parse_args(argv)
    with TemporaryDirectory(prefix="git-draft-bench-") as folder, _opened_server() as url:
        bench = _Bench(Path(folder), url, args.peers)
        scenes = []
        for size in map(Size.of, args.sizes):
            for is_dirty in (False, True):
                scenes.append(bench.measure(size, args.runs, is_dirty=is_dirty))
                print("\n".join(format_scene(scenes[-1], bench.names)), end="\n\n", flush=True)
        growth = bench.measure_growth(args.drafts) if args.drafts else None
        if growth:
            print("\n".join(format_growth(growth)))
    if args.json:
        found = {"machine": _describe_machine(), "scenes": make_json(scenes)}
        found |= {"growth": make_growth_json(growth)} if growth else {}
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    if args.plot:
        from benchmarks.speed.plot import draw

        draw(scenes, args.plot)
    return 0


class _Bench:
    """Measures scenes.

    Args:
        folder: for repositories, one scene's at a time.
        url: the server's.
        peers: where the peers are installed, None for none.
    """

    def __init__(self, folder: Path, url: str, peers: Path | None) -> None:
        self._folder = folder
        home = folder / "home"
        home.mkdir()
        self._environ = seal_environment(os.environ, home) | {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"}
        ours = self._environ | {"PATH": f"{CHECKOUT / 'bin'}:{self._environ['PATH']}", "OPENAI_MODEL": "instant"}
        self._ours = ours
        self._candidates = [make_floor(sys.executable, self._environ), make_ours(ours)]
        self.names = ["floor", "git-draft"]
        if peers is not None:
            self.names += ["git-draft 0.53.2", "aider"]
            self._candidates += self._iter_peers(peers.resolve(), url)

    def _iter_peers(self, folder: Path, url: str) -> Iterator[Candidate]:
        problem = install(EARLIER, folder / "earlier", (3, 12), (3, 13))
        if problem:
            _say(f"git-draft 0.53.2 can't be installed: {problem}")
        else:
            path = f"{write_wrapper(folder / 'wrapper')}:{self._environ['PATH']}"
            yield make_earlier(folder / "earlier/bin/git-draft", self._environ | {"PATH": path})
        problem = install(AIDER, folder / "aider", (3, 10), (3, 12))
        if problem:
            _say(f"aider can't be installed: {problem}")
        else:
            offline = self._environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # else it asks the network for prices
            yield make_aider(folder / "aider/bin/aider", url, offline)

    def measure(self, size: Size, runs: int, *, is_dirty: bool) -> Scene:
        """Measure all candidates in one kind of repository, round by round, each in a repository of its own."""
        samples: dict[str, dict[str, list[Sample]]] = {}
        with TemporaryDirectory(dir=self._folder) as folder:
            repos = {}
            for candidate in self._candidates:
                if candidate.name != "aider" or size.files <= _AIDERS_MOST_FILES:
                    _say(f"{size.files:,} files: preparing for {candidate.name}")
                    repo = make_repository(Path(folder) / candidate.name, size, self._environ, is_dirty=is_dirty)
                    repos[candidate] = repo
            for number in range(runs + 1):  # the first is for the caches
                for candidate in [*repos]:
                    _say(f"{size.files:,} files: round {number} of {runs}, {candidate.name}")
                    try:
                        took = candidate.run(repos[candidate])
                    except RunError as error:
                        if candidate.name in ("floor", "git-draft"):
                            raise
                        _say(f"{candidate.name} failed and is left out: {error}")
                        del repos[candidate]
                        samples.pop(candidate.name, None)
                        continue
                    if number:
                        for command, sample in took.items():
                            samples.setdefault(candidate.name, {}).setdefault(command, []).append(sample)
        return Scene(size, is_dirty, samples)

    def measure_growth(self, drafts: int) -> Growth:
        """Measure what it costs to have many drafts."""
        _say(f"making {drafts:,} drafts")
        with TemporaryDirectory(dir=self._folder) as folder:
            repo = make_repository(Path(folder) / "many", Size.of(_FEW_FILES), self._environ, is_dirty=False)
            return measure_growth(repo, self._ours, drafts)


@contextmanager
def _opened_server() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.speed.server"],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None and server.stdin is not None  # noqa: PT018, S101  # both are pipes
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def _describe_machine() -> Mapping[str, object]:
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return {"system": platform.system(), "cores": os.cpu_count(), "python": platform.python_version(), "git": git}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
