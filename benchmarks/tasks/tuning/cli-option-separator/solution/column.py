"""Print a column of a table."""

import argparse
import csv


def read_rows(path, separator=","):
    """Give the rows of a file, each of them a dictionary."""
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def total(values):
    """Give the sum of the values that are whole numbers."""
    return sum(int(value) for value in values if value.isdigit())


def main():
    """Print the cells of a column, one on each line."""
    parser = argparse.ArgumentParser(description="Print a column of a table.")
    parser.add_argument("file", help="the table, with the names of its columns in the first line")
    parser.add_argument("name", help="the name of the column")
    parser.add_argument("--total", action="store_true", help="print the sum below")
    parser.add_argument("--separator", default=",", help="the character between the cells, a comma by default")
    args = parser.parse_args()
    values = [row[args.name] for row in read_rows(args.file, args.separator)]
    for value in values:
        print(value)
    if args.total:
        print(f"total {total(values)}")


if __name__ == "__main__":
    main()
