from checking import expect_error, keep_definitions, keep_unchanged, run_python

from parking.lot import ParkingLot

lot = ParkingLot(3)
assert lot.free_spaces() == 3
lot.enter("A")
lot.enter("B")
assert lot.free_spaces() == 1
expect_error(ValueError, lot.enter, "A")
assert lot.free_spaces() == 1
lot.enter("C")
assert lot.free_spaces() == 0
expect_error(ValueError, lot.enter, "D")
assert lot.plates() == ["A", "B", "C"]
assert lot.free_spaces() == 0
expect_error(ValueError, lot.leave, "D")
lot.leave("B")
assert lot.free_spaces() == 1
lot.enter("D")
assert lot.plates() == ["A", "C", "D"]
assert lot.capacity == 3
expect_error(ValueError, ParkingLot(0).enter, "A")
assert run_python("-m", "parking.main") == "CD 2\n"
keep_definitions("parking/lot.py")
keep_definitions("parking/main.py")
keep_unchanged("parking/__init__.py")
