"""What was measured as a table, as JSON and for the README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.speed.candidates import DRAFT, LIGHT, SECOND
from benchmarks.speed.growth import Growth
from benchmarks.speed.repositories import Size
from benchmarks.speed.timing import Sample, find_median
from git_draft.columns import align_rows

FLOOR, OURS = "floor", "git-draft"
_NAMES = {
    OURS: "**git-draft**",
    FLOOR: "`python -c 'import openai'`, `git add -A`, `git write-tree`",
    "git-draft 0.53.2": "git-draft 0.53.2",
    "aider": "aider 0.86.2",
}
"""What the README calls the candidates."""
_SHOWN_FILES = 10_000
"""Of repositories of this size the README shows the commands that speak to no model."""


@dataclass(frozen=True)
class Scene:
    """All that was measured in repositories of one kind.

    Args:
        size: how large they are.
        is_dirty: whether they have a user's changes.
        samples: of each candidate, of each command.
    """

    size: Size
    is_dirty: bool
    samples: Mapping[str, Mapping[str, Sequence[Sample]]]

    @property
    def title(self) -> str:
        """What the repositories are like."""
        dirt = f"{self.size.changed} changed, {self.size.untracked} untracked" if self.is_dirty else "clean"
        return f"{self.size.files:,} files, {dirt}"

    def find(self, candidate: str, command: str) -> Sample | None:
        """Give the medians of a command, None where it was not measured."""
        samples = self.samples.get(candidate, {}).get(command)
        return find_median(samples) if samples else None


def format_scene(scene: Scene, candidates: Sequence[str]) -> Iterator[str]:
    """Write a table of a scene: wall seconds, and in brackets how many times the floor that is.

    Args:
        scene: what was measured.
        candidates: the names of those that were to be; one without samples gets a dash.
    """
    yield scene.title
    rows = [["", *candidates, "user", "peak"]]
    for command in (DRAFT, SECOND, *LIGHT):
        floor, ours = scene.find(FLOOR, command), scene.find(OURS, command)
        cells = [_format_cell(scene.find(name, command), None if name == FLOOR else floor) for name in candidates]
        used = [f"{ours.user_s:.2f} s", f"{ours.peak_mib:.0f} MiB"] if ours else ["-", "-"]
        rows.append([command, *cells, *used])
    yield from (f"  {line}" for line in align_rows(rows))


def _format_cell(sample: Sample | None, floor: Sample | None) -> str:
    if sample is None:
        return "-"
    return f"{sample.wall_s:.2f} s" + (f" ({sample.wall_s / floor.wall_s:.2f})" if floor else "")


def format_growth(growth: Growth) -> Iterator[str]:
    """Write a table of what commands take with few drafts and with many: wall seconds, and how many times as long."""
    yield f"{growth.drafts:,} drafts"
    rows = [["", "at first", "in the end"]]
    for command, samples in growth.few.items():
        few, many = find_median(samples), find_median(growth.many[command])
        rows.append([command, _format_cell(few, None), _format_cell(many, few)])
    yield from (f"  {line}" for line in align_rows(rows))


def make_growth_json(growth: Growth) -> dict[str, object]:
    """Give all samples as JSON values, medians with them."""
    return {
        "drafts": growth.drafts,
        "few": {command: _make_figures(samples) for command, samples in growth.few.items()},
        "many": {command: _make_figures(samples) for command, samples in growth.many.items()},
    }


def make_json(scenes: Sequence[Scene]) -> list[dict[str, object]]:
    """Give all samples as JSON values, medians with them."""
    return [
        {
            "files": scene.size.files,
            "changed": scene.size.changed if scene.is_dirty else 0,
            "untracked": scene.size.untracked if scene.is_dirty else 0,
            "candidates": {
                name: {command: _make_figures(samples) for command, samples in commands.items()}
                for name, commands in scene.samples.items()
            },
        }
        for scene in scenes
    ]


def _make_figures(samples: Sequence[Sample]) -> dict[str, object]:
    median = find_median(samples)
    return {
        "wall_s": round(median.wall_s, 4),
        "user_s": round(median.user_s, 4),
        "peak_mib": round(median.peak_mib, 1),
        "runs_wall_s": [round(sample.wall_s, 4) for sample in samples],
    }


def format_markdown(told: Mapping[str, Any]) -> str:
    """Write the README's tables: drafts by the number of files, and commands that speak to no model.

    Args:
        told: what `make bench` wrote as JSON.
    """
    dirty = [scene for scene in told["scenes"] if scene["changed"]]
    rows = [["a draft beside the model", *(f"{scene['files']:,} files" for scene in dirty)]]
    for candidate, name in _NAMES.items():
        rows.append([name, *(_format_times(scene["candidates"], candidate, DRAFT) for scene in dirty)])
    commands = [["a command that speaks to no model", "git-draft", "`python -c 'import pygit2, typer, sqlite3'`"]]
    clean = next(each for each in told["scenes"] if each["files"] == _SHOWN_FILES and not each["changed"])
    for command in LIGHT:
        name = f"`git draft {command}`"
        commands.append([name, *(_format_times(clean["candidates"], each, command) for each in (OURS, FLOOR))])
    return "\n".join([*_iter_markdown(rows), "", *_iter_markdown(commands), ""])


def _format_times(candidates: Mapping[str, Any], name: str, command: str) -> str:
    if command not in candidates.get(name, {}):
        return "-"
    wall_s, ours_s = candidates[name][command]["wall_s"], candidates[OURS][command]["wall_s"]
    return f"{wall_s:.2f} s" + (f" ({wall_s / ours_s:.1f}x)" if name != OURS else "")


def _iter_markdown(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    yield from (head, f"|{'---|' * len(rows[0])}", *body)
