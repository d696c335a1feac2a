"""The seats of a hall."""

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Hall:
    """Rows with letters, in each row the same number of seats."""

    def __init__(self, rows, seats):
        self.rows = rows
        self.seats = seats

    def labels(self):
        """Give the names of all seats, as in "A1", row by row."""
        return [f"{letter}{number}" for letter in LETTERS[: self.rows] for number in range(1, self.seats + 1)]
