from checking import keep_definitions, keep_unchanged

from shop.cart import Cart
from shop.checkout import amount_due
from shop.discounts import PERCENT, apply_discount, is_valid
from shop.products import Product

cart = Cart()
cart.add(Product("lamp", 50), 2)
assert amount_due(cart, "WELCOME") == 90
assert amount_due(cart, "sale") == 75
assert amount_due(cart) == 100
assert amount_due(cart, "NOSUCH") == 100
assert round(apply_discount(200, "FRIEND"), 6) == 170
assert is_valid("friend") and not is_valid("foe")
assert PERCENT == {"WELCOME": 10, "FRIEND": 15, "SALE": 25}
small = Cart()
small.add(Product("pen", 10))
assert amount_due(small) == 14.9
for path in ("shop/discounts.py", "shop/checkout.py"):
    keep_definitions(path)
keep_unchanged("shop/cart.py", "shop/products.py", "shop/shipping.py", "shop/__init__.py")
