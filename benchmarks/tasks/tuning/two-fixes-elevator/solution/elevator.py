"""An elevator that goes to the floors where somebody waits."""


class Elevator:
    """Knows its floor, and the floors where it has to go."""

    def __init__(self, lowest, highest):
        self.lowest = lowest
        self.highest = highest
        self.floor = lowest
        self._waiting = []
        self._travelled = 0

    def press(self, floor):
        """Note that somebody wants the elevator to come to a floor."""
        if not self.lowest <= floor <= self.highest:
            raise ValueError(f"there is no floor {floor}")
        if floor not in self._waiting:
            self._waiting.append(floor)

    def waiting(self):
        """Give the floors where it still has to go, in the order in which they were pressed."""
        return list(self._waiting)

    def step(self):
        """Go to the next floor that was pressed and give it, or stay if there is none."""
        if self._waiting:
            target = self._waiting.pop(0)
            self._travelled += abs(target - self.floor)
            self.floor = target
        return self.floor

    def travelled(self):
        """Give how many floors it has passed until now."""
        return self._travelled
