from checking import keep_definitions, keep_unchanged

from library.books import Book
from library.desk import Desk
from library.rules import may_borrow

desk = Desk([Book(number, f"Book {number}") for number in range(1, 6)])
assert desk.borrow(1, "Ada") == "Ada takes Book 1"
assert desk.borrow(1, "Bob") == "Book 1 is lent"
assert desk.bring_back(1) == "Book 1 is back"
assert desk.borrow(1, "Bob") == "Bob takes Book 1"
assert desk.borrow(1, "Ada") == "Book 1 is lent"
desk.bring_back(1)
assert desk.borrow(1, "Bob") == "Bob takes Book 1"
assert desk.loans.times_lent(1) == 3
assert (desk.loans.count_for("Bob"), desk.loans.count_for("Ada")) == (1, 0)
desk.borrow(2, "Bob")
desk.borrow(3, "Bob")
assert desk.borrow(4, "Bob") == "Bob has too many books"
desk.bring_back(2)
assert not desk.loans.is_lent(2) and desk.loans.is_lent(3)
assert desk.borrow(4, "Bob") == "Bob takes Book 4"
assert may_borrow(2) and not may_borrow(3)
keep_definitions("library/loans.py")
keep_definitions("library/desk.py")
keep_unchanged("library/books.py", "library/rules.py", "library/__init__.py")
