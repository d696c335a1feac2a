"""Deal two hands of poker and tell which is the better one."""

import sys

from cards import deal, format_hand, is_better, make_deck, name_hand, shuffle


def describe(hand):
    """Write a hand with what it is called."""
    return f"{format_hand(hand)}: {name_hand(hand)}"


def main(seed):
    """Print both hands and who wins."""
    first, second = deal(shuffle(make_deck(), seed), 2, 5)
    print(describe(first))
    print(describe(second))
    print("first" if is_better(first, second) else "second" if is_better(second, first) else "nobody")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
