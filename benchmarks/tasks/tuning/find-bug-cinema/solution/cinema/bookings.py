"""Which seat is booked for whom."""

from cinema.names import is_same


class Bookings:
    """The names of visitors by seat."""

    def __init__(self):
        self._names = {}

    def add(self, label, name):
        """Book a seat."""
        self._names[label] = name

    def is_taken(self, label):
        """Tell whether a seat is booked."""
        return label in self._names

    def labels_of(self, name):
        """Give the seats of a visitor, in the order in which they were booked."""
        return [label for label, known in self._names.items() if is_same(known, name)]

    def remove(self, labels):
        """Make seats free again."""
        for label in labels:
            del self._names[label]
