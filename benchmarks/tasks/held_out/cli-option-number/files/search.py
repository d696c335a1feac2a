"""Print the lines of a file that have a word in them."""

import argparse
from pathlib import Path


def find_lines(path, word):
    """Give the lines with a word, in the order of the file."""
    return [line for line in Path(path).read_text().splitlines() if word in line]


def main():
    """Print what was found."""
    parser = argparse.ArgumentParser(description="Print the lines of a file that have a word in them.")
    parser.add_argument("word", help="what to look for")
    parser.add_argument("file", help="where to look for it")
    parser.add_argument("--count", action="store_true", help="print only how many lines there are")
    args = parser.parse_args()
    found = find_lines(args.file, args.word)
    if args.count:
        print(len(found))
        return
    for line in found:
        print(line)


if __name__ == "__main__":
    main()
