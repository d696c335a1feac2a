"""The desk where books are lent and brought back."""

from library.loans import Loans
from library.rules import may_borrow


class Desk:
    """Answers the readers."""

    def __init__(self, books):
        self.books = {book.number: book for book in books}
        self.loans = Loans()

    def borrow(self, number, reader):
        """Lend a book if that is possible, and say what happened."""
        title = self.books[number].title
        if self.loans.is_lent(number):
            return f"{title} is lent"
        if not may_borrow(self.loans.count_for(reader)):
            return f"{reader} has too many books"
        self.loans.lend(number, reader)
        return f"{reader} takes {title}"

    def bring_back(self, number):
        """Take a book back."""
        self.loans.bring_back(number)
        return f"{self.books[number].title} is back"
