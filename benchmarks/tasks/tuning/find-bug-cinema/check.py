from checking import expect_error, keep_definitions, keep_unchanged

from cinema.hall import Hall
from cinema.names import clean
from cinema.office import Office

office = Office(Hall(2, 3))
assert office.sell("Annette", 2) == 18
assert office.sell("Ann", 2) == 20
assert office.sell("Joann", 1) == 11
assert office.free_seats() == ["B3"]
assert office.cancel("Ann") == 2
assert office.free_seats() == ["A3", "B1", "B3"]
assert office.cancel("Ann") == 0
assert office.bookings.labels_of("Annette") == ["A1", "A2"]
assert office.sell("Ann  Lee", 1) == 9
assert office.cancel("Ann") == 0
assert office.cancel(" ann lee ") == 1
assert office.cancel("ANNETTE") == 2
assert office.free_seats() == ["A1", "A2", "A3", "B1", "B3"]
expect_error(ValueError, office.sell, "Bob", 6)
assert office.cancel("joann") == 1
assert office.sell("Bob", 6) == 60
assert clean(" Ann   LEE") == "ann lee"
for path in ("cinema/names.py", "cinema/bookings.py", "cinema/office.py"):
    keep_definitions(path)
keep_unchanged("cinema/hall.py", "cinema/prices.py", "cinema/__init__.py")
