"""What was measured as a table, as JSON and for the README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.speed.candidates import DRAFT, LIGHT, SECOND
from benchmarks.speed.repositories import Size
from benchmarks.speed.timing import Sample, find_median
from git_draft.columns import align_rows

FLOOR, OURS = "floor", "git-draft"


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
