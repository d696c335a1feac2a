"""Texts that grow and shrink at their end."""


class Editor:
    """A text that somebody writes."""

    def __init__(self, text=""):
        self.text = text
        self._earlier = []

    def write(self, words):
        """Put words at the end of the text."""
        self._earlier.append(self.text)
        self.text += words

    def erase(self, count=1):
        """Take away the last characters, all if there are not that many."""
        self._earlier.append(self.text)
        self.text = self.text[: max(len(self.text) - count, 0)]

    def undo(self):
        """Take back the last change, if there is one."""
        if self._earlier:
            self.text = self._earlier.pop()

    def count_words(self):
        """Tell how many words the text has."""
        return len(self.text.split())
