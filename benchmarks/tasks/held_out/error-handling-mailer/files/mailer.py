"""Send letters."""


class DeliveryError(Exception):
    """A letter did not reach anybody."""


def compose(name, text):
    """Write a letter to somebody."""
    return f"Dear {name},\n{text}"


def send(post, address, letter):
    """Send a letter, and give its number.

    Args:
        post: a function that takes an address and a letter, and gives a number.
        address: to whom it goes.
        letter: the text.
    """
    return post(address, letter)


def send_all(post, names, text):
    """Send a letter to each of some people, given as names by addresses, and give the numbers of the letters."""
    return [send(post, address, compose(name, text)) for address, name in names.items()]
