"""Invite the guests to a party."""

from mailer import send_all

GUESTS = {"ada@example.org": "Ada", "bob@example.org": "Bob"}


def print_letter(address, letter):
    """Print a letter in place of sending it."""
    print(f"To {address}: {letter}")
    return len(letter)


if __name__ == "__main__":
    print(send_all(print_letter, GUESTS, "come at eight!"))
