"""Secret writing, as Caesar did it."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def shift(letter, key):
    """Give the small letter that comes some places later in the alphabet, or earlier if the key is below 0."""
    return LETTERS[(LETTERS.index(letter) + key) % len(LETTERS)]


def encode(text, key):
    """Shift all small letters of a text; what else is in it stays."""
    return "".join(shift(letter, key) if letter in LETTERS else letter for letter in text)


def decode(text, key):
    """Undo what encode did with the same key."""
    return encode(text, -key)


def count_letters(text):
    """Count the letters that are shifted."""
    return sum(letter in LETTERS for letter in text)
