"""Simple ways to write a text differently."""

import string


def caesar(text, shift):
    """Move each small letter on in the alphabet; other characters stay."""
    letters = string.ascii_lowercase
    moved = letters[shift % 26 :] + letters[: shift % 26]
    return text.translate(str.maketrans(letters, moved))


def pig_latin(word):
    """Move what comes before the first vowel to the end and add "ay"."""
    for index, letter in enumerate(word):
        if letter in "aeiou":
            return word[index:] + word[:index] + "ay"
    return word + "ay"
