"""The spaces of a car park."""


class ParkingLot:
    """A place for a number of cars, which are known by their plates."""

    def __init__(self, capacity):
        self.capacity = capacity
        self._plates = []

    def enter(self, plate):
        """Let a car in."""
        if plate in self._plates:
            raise ValueError(f"{plate} is in already")
        if self.free_spaces() <= 0:
            raise ValueError("there is no space left")
        self._plates.append(plate)

    def leave(self, plate):
        """Let a car out."""
        if plate not in self._plates:
            raise ValueError(f"{plate} is not here")
        self._plates.remove(plate)

    def plates(self):
        """Give the plates of all cars, in the order in which they came."""
        return list(self._plates)

    def free_spaces(self):
        """Give how many cars still fit."""
        return self.capacity - len(self._plates)
