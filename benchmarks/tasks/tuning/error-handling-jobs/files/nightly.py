"""What is done each night."""

import sys
from pathlib import Path

from jobs import run_all, select


def count_lines():
    """Count the lines of the log."""
    return len(Path("log.txt").read_text().splitlines())


def find_longest():
    """Give the length of the longest line of the log."""
    return max(len(line) for line in Path("log.txt").read_text().splitlines())


JOBS = {"lines": count_lines, "longest": find_longest}


if __name__ == "__main__":
    for job, result in run_all(select(JOBS, sys.argv[1:])).items():
        print(f"{job}: {result}")
