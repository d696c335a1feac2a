"""Make a backup of the notes."""

import sys

from backup import copy_notes, list_notes


def main(source, target):
    """Copy the notes and print how many there were."""
    copied = copy_notes(source, target, verbose=True)
    for name in copied:
        print(f"copied {name}")
    print(f"{len(copied)} of {len(list_notes(source))} notes")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
