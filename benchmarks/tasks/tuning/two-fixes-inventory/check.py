from checking import expect_error, keep_definitions

from inventory import Inventory

stock = Inventory()
stock.add("nail", 100, 2)
stock.add("hammer", 3, 50)
assert stock.total_value() == 350
stock.remove("nail", 40)
assert stock.quantity("nail") == 60
assert stock.total_value() == 270
expect_error(ValueError, stock.remove, "hammer", 4)
assert stock.quantity("hammer") == 3
stock.remove("hammer", 3)
assert stock.quantity("hammer") == 0
expect_error((KeyError, ValueError), stock.remove, "saw", 1)
expect_error(ValueError, stock.add, "saw", 0, 1)
assert stock.names() == ["hammer", "nail"] or stock.names() == ["nail"]
keep_definitions("inventory.py")
