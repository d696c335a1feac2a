"""The plot of docs/speed.png: how long a draft takes around the model, over the number of files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.speed.candidates import DRAFT
from benchmarks.speed.report import Scene


def draw(scenes: Sequence[Scene], path: Path) -> None:
    """Draw the first draft of a folio in repositories with a user's changes, both axes logarithmic.

    Args:
        scenes: what was measured.
        path: the PNG file.
    """
    import matplotlib as mpl  # installed for `make bench` alone

    mpl.use("agg")
    from matplotlib import pyplot as plt

    dirty = [scene for scene in scenes if scene.is_dirty]
    figure, axes = plt.subplots(figsize=(7, 4), dpi=120)
    for name in dict.fromkeys(name for scene in dirty for name in scene.samples):
        points = [(scene.size.files, sample.wall_s) for scene in dirty if (sample := scene.find(name, DRAFT))]
        axes.plot(*zip(*points, strict=True), marker="o", label=name, linestyle="--" if name == "floor" else "-")
    axes.set(xscale="log", yscale="log", xlabel="files", ylabel="seconds beside the model")
    axes.set_title("a draft, 500 files changed and 500 untracked")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})
    plt.close(figure)
