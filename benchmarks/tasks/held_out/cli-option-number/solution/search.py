"""Print the lines of a file that have a word in them."""

import argparse
from pathlib import Path


def find_lines(path, word):
    """Give the lines with a word, in the order of the file, each with its number."""
    lines = Path(path).read_text().splitlines()
    return [(number, line) for number, line in enumerate(lines, start=1) if word in line]


def main():
    """Print what was found."""
    parser = argparse.ArgumentParser(description="Print the lines of a file that have a word in them.")
    parser.add_argument("word", help="what to look for")
    parser.add_argument("file", help="where to look for it")
    parser.add_argument("--count", action="store_true", help="print only how many lines there are")
    parser.add_argument("--number", action="store_true", help="print the number of each line before it")
    args = parser.parse_args()
    found = find_lines(args.file, args.word)
    if args.count:
        print(len(found))
        return
    for number, line in found:
        print(f"{number}: {line}" if args.number else line)


if __name__ == "__main__":
    main()
