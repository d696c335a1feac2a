from checking import expect_error, keep_definitions

from elevator import Elevator

lift = Elevator(0, 9)
lift.press(5)
lift.press(2)
lift.press(5)
assert lift.waiting() == [5, 2]
assert lift.step() == 5
assert lift.travelled() == 5
assert lift.step() == 2
assert lift.travelled() == 8
lift.press(5)
assert lift.waiting() == [5]
assert lift.step() == 5
assert lift.travelled() == 11
assert (lift.step(), lift.waiting(), lift.travelled()) == (5, [], 11)
expect_error(ValueError, lift.press, 10)
expect_error(ValueError, lift.press, -1)
assert lift.waiting() == []
cellar = Elevator(-2, 3)
cellar.press(3)
cellar.press(-1)
cellar.press(-1)
cellar.press(0)
assert cellar.waiting() == [3, -1, 0]
assert [cellar.step() for _ in range(4)] == [3, -1, 0, 0]
assert cellar.travelled() == 10
assert (cellar.lowest, cellar.highest, cellar.floor) == (-2, 3, 0)
keep_definitions("elevator.py")
