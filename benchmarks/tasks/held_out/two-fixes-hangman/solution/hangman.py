"""The game of hangman: somebody guesses a word, letter by letter."""


class Hangman:
    """A word, and what was guessed so far."""

    def __init__(self, word, lives=6):
        self.word = word
        self.lives = lives
        self._guessed = set()

    def guess(self, letter):
        """Guess a letter, and tell whether it is in the word."""
        is_new = letter not in self._guessed
        self._guessed.add(letter)
        if letter in self.word:
            return True
        if is_new:
            self.lives -= 1
        return False

    def shown(self):
        """Give the word with a dash for each letter that is not known yet."""
        return "".join(letter if letter in self._guessed else "-" for letter in self.word)

    def wrong_letters(self):
        """Give the letters that were guessed but are not in the word, sorted."""
        return sorted(self._guessed - set(self.word))

    def is_won(self):
        """Tell whether all letters of the word are known."""
        return set(self.word) <= self._guessed

    def is_lost(self):
        """Tell whether no life is left."""
        return self.lives <= 0
