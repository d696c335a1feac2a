"""Texts that grow and shrink at their end."""


class Editor:
    """A text that somebody writes."""

    def __init__(self, text=""):
        self.text = text

    def write(self, words):
        """Put words at the end of the text."""
        self.text += words

    def erase(self, count=1):
        """Take away the last characters, all if there are not that many."""
        self.text = self.text[: max(len(self.text) - count, 0)]

    def count_words(self):
        """Tell how many words the text has."""
        return len(self.text.split())
