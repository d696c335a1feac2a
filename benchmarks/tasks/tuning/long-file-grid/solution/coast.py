"""Measure the coast of an island."""

from grid import find_cells, neighbors


def coast_length(island, land="#", sea="."):
    """Count the sides where land meets the sea."""
    return sum(neighbors(island, row, column).count(sea) for row, column in find_cells(island, land))
