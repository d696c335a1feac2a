"""Let a robot dance."""

from pathlib import Path

from robot import Robot


def square(robot, size):
    """Go around a square, back to where it began."""
    for _ in range(4):
        robot.fwd(size)
        robot.turn_right()


def follow(robot, letters):
    """Do what letters say: F means a step, L and R turn, S is a step aside."""
    moves = {"F": robot.fwd, "L": robot.turn_left, "R": robot.turn_right, "S": robot.sidestep}
    for letter in letters:
        moves[letter]()


def main():
    """Print where each dance in the file ends."""
    for line in Path("dances.txt").read_text().splitlines():
        robot = Robot()
        square(robot, 2)
        follow(robot, line)
        print(f"{line} ends at {robot.x}, {robot.y}, {robot.direction}")


if __name__ == "__main__":
    main()
