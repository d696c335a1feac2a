"""Show the settings."""

import sys

from settings import load_settings


def main(argv):
    """Print the settings of a file."""
    for key, value in load_settings(argv[0]).items():
        print(key, value)


if __name__ == "__main__":
    main(sys.argv[1:])
