import re
from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

import dance
from robot import DIRECTIONS, Robot

robot = Robot()
robot.forward()
assert (robot.x, robot.y, robot.direction) == (0, 1, "north")
robot.turn_left()
robot.forward(3)
assert (robot.x, robot.y, robot.direction) == (-3, 1, "west")
robot.forward(steps=2)
assert (robot.x, robot.y) == (-5, 1)
robot.turn_right()
robot.sidestep()
assert (robot.x, robot.y, robot.direction) == (-4, 1, "north")
assert not hasattr(robot, "fwd"), "the old name is still there"
for path in ("robot.py", "dance.py"):
    assert not re.search(r"\bfwd\b", Path(path).read_text()), f"{path} still speaks of fwd"
dance.square(robot, 3)
assert (robot.x, robot.y, robot.direction) == (-4, 1, "north")
dance.follow(robot, "FRFFLS")
assert (robot.x, robot.y, robot.direction) == (-1, 2, "north")
assert run_python("dance.py") == "FFRF ends at 1, 2, east\nLFS ends at -1, 1, west\n"
assert DIRECTIONS == ["north", "east", "south", "west"]
assert Robot.forward.__doc__ == "Go some squares in the direction in which it looks."
keep_definitions("robot.py", but=["Robot.fwd"])
keep_definitions("dance.py")
keep_unchanged("dances.txt")
