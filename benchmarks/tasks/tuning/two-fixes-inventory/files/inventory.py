"""The stock of a small shop."""


class Inventory:
    """Items with a quantity and a price for each."""

    def __init__(self):
        self._items = {}

    def add(self, name, quantity, price):
        """Add some of an item; the price is the one for all of them from now on."""
        if quantity <= 0:
            raise ValueError("quantity must be positive")
        present = self._items.get(name, (0, price))[0]
        self._items[name] = (present + quantity, price)

    def remove(self, name, quantity):
        """Take some of an item out."""
        present, price = self._items[name]
        self._items[name] = (present - quantity, price)

    def quantity(self, name):
        """Give how many there are of an item."""
        return self._items.get(name, (0, 0))[0]

    def total_value(self):
        """Give what all the items are worth together."""
        return sum(price for quantity, price in self._items.values())

    def names(self):
        """Give the names of all items, sorted."""
        return sorted(self._items)
