"""A robot on a floor with squares."""

DIRECTIONS = ["north", "east", "south", "west"]
STEPS = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}


class Robot:
    """Stands on a square and looks in some direction."""

    def __init__(self, x=0, y=0, direction="north"):
        self.x = x
        self.y = y
        self.direction = direction

    def forward(self, steps=1):
        """Go some squares in the direction in which it looks."""
        right, up = STEPS[self.direction]
        self.x += right * steps
        self.y += up * steps

    def turn_left(self):
        """Turn by a quarter, against the clock."""
        self.direction = DIRECTIONS[DIRECTIONS.index(self.direction) - 1]

    def turn_right(self):
        """Turn by a quarter, clockwise."""
        self.direction = DIRECTIONS[(DIRECTIONS.index(self.direction) + 1) % len(DIRECTIONS)]

    def sidestep(self):
        """Go to the square on the right without looking there."""
        self.turn_right()
        self.forward()
        self.turn_left()
