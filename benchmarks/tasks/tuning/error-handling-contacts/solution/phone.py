"""Look up a phone number."""

import sys

from contacts import read_contacts


def main(path, name):
    """Print the phone number of somebody."""
    print(read_contacts(path).get(name, "unknown"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
