"""Play the game with the words on the command line."""

import sys
from pathlib import Path

from commands import new_player, run


def main(words):
    """Print the answer to each of the words."""
    player = new_player()
    for word in words:
        print(Path("help.txt").read_text().strip() if word == "help" else run(player, word))


if __name__ == "__main__":
    main(sys.argv[1:])
