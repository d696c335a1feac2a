"""How long the runs of a program took."""

from series import mean, median, spread


def describe(name, seconds):
    """Write a line about some runs."""
    return f"{name}: median {median(seconds):.2f}, mean {mean(seconds):.2f}, spread {spread(seconds):.2f}"
