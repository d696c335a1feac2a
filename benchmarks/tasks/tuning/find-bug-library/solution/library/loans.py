"""Which book was lent to whom."""

from dataclasses import dataclass


@dataclass
class Loan:
    """A book that was lent; it stays in the list when it is back."""

    number: int
    reader: str
    returned: bool = False


class Loans:
    """All loans, old and new."""

    def __init__(self):
        self._loans = []

    def lend(self, number, reader):
        """Note that a reader takes a book."""
        self._loans.append(Loan(number, reader))

    def bring_back(self, number):
        """Note that a book is back."""
        for loan in self._loans:
            if loan.number == number:
                loan.returned = True

    def is_lent(self, number):
        """Tell whether somebody has a book."""
        return any(loan.number == number and not loan.returned for loan in self._loans)

    def count_for(self, reader):
        """Give how many books a reader has at the moment."""
        return sum(loan.reader == reader and not loan.returned for loan in self._loans)

    def times_lent(self, number):
        """Give how often a book was lent until now."""
        return sum(loan.number == number for loan in self._loans)
