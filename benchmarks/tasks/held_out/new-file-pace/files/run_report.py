"""Report how fast somebody ran."""

import math
from pathlib import Path


def read_runs(path):
    """Give the kilometers and the minutes of each run in a file."""
    runs = []
    for line in Path(path).read_text().splitlines():
        km, minutes = line.split()
        runs.append((float(km), float(minutes)))
    return runs


def mean_pace(runs):
    """Give how many minutes a kilometer took, over all runs."""
    return sum(minutes for km, minutes in runs) / sum(km for km, minutes in runs)


def format_pace(pace):
    """Write a pace with minutes and seconds; a part of a second counts as a whole one."""
    minutes, seconds = divmod(math.ceil(pace * 60), 60)
    return f"{minutes}:{seconds:02d} per km"


def main():
    """Print the pace of each run and that of all."""
    runs = read_runs("runs.txt")
    for km, minutes in runs:
        print(f"{km:g} km, {format_pace(minutes / km)}")
    print(f"all, {format_pace(mean_pace(runs))}")


if __name__ == "__main__":
    main()
