"""The box office."""

from cinema.bookings import Bookings
from cinema.hall import LETTERS
from cinema.prices import price_of


class Office:
    """Sells the seats of a hall."""

    def __init__(self, hall):
        self.hall = hall
        self.bookings = Bookings()

    def free_seats(self):
        """Give the seats that nobody has."""
        return [label for label in self.hall.labels() if not self.bookings.is_taken(label)]

    def sell(self, name, count):
        """Give somebody the first seats that are free, and tell the price."""
        labels = self.free_seats()[:count]
        if len(labels) < count:
            raise ValueError("there are not enough seats")
        for label in labels:
            self.bookings.add(label, name)
        return sum(price_of(label, LETTERS[self.hall.rows - 1]) for label in labels)

    def cancel(self, name):
        """Take back all seats of somebody, and tell how many there were."""
        labels = self.bookings.labels_of(name)
        self.bookings.remove(labels)
        return len(labels)
