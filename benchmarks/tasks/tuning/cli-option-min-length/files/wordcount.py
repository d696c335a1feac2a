"""Count the words of a text."""

import argparse
import re
from collections import Counter
from pathlib import Path


def split_words(text):
    """Give the words of a text in small letters."""
    return re.findall("[a-z]+", text.lower())


def rank(words):
    """Give words with their counts, the most frequent first, then by the alphabet."""
    return sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))


def main():
    """Print each word with its count on a line."""
    parser = argparse.ArgumentParser(description="Count words.")
    parser.add_argument("file", help="the text")
    parser.add_argument("--top", type=int, help="how many words to print, all by default")
    args = parser.parse_args()
    words = split_words(Path(args.file).read_text())
    for word, times in rank(words)[: args.top]:
        print(f"{word} {times}")


if __name__ == "__main__":
    main()
