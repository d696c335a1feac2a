"""Report how fast somebody ran."""

from pathlib import Path

from pace import format_pace, mean_pace


def read_runs(path):
    """Give the kilometers and the minutes of each run in a file."""
    runs = []
    for line in Path(path).read_text().splitlines():
        km, minutes = line.split()
        runs.append((float(km), float(minutes)))
    return runs


def main():
    """Print the pace of each run and that of all."""
    runs = read_runs("runs.txt")
    for km, minutes in runs:
        print(f"{km:g} km, {format_pace(minutes / km)}")
    print(f"all, {format_pace(mean_pace(runs))}")


if __name__ == "__main__":
    main()
