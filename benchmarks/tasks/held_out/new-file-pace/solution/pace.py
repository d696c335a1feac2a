"""How many minutes a kilometer takes."""

import math


def mean_pace(runs):
    """Give how many minutes a kilometer took, over all runs."""
    return sum(minutes for km, minutes in runs) / sum(km for km, minutes in runs)


def format_pace(pace):
    """Write a pace with minutes and seconds; a part of a second counts as a whole one."""
    minutes, seconds = divmod(math.ceil(pace * 60), 60)
    return f"{minutes}:{seconds:02d} per km"
