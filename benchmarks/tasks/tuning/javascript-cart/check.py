from pathlib import Path

from checking import keep_unchanged, run_node

assert run_node("index.js") == "4.00 EUR\n"
script = """
const { addItem, total, formatPrice } = require("./cart");
const cart = addItem(addItem([], "a", 10, 2), "a", 10);
addItem(cart, "b", 5);
console.log(JSON.stringify([cart, total(cart), total([]), formatPrice(1234)]));
"""
assert run_node("-e", script) == (
    '[[{"name":"a","price":10,"quantity":3},{"name":"b","price":5,"quantity":1}],35,0,"12.34 EUR"]\n'
)
text = Path("cart.js").read_text()
assert "/** Sum up what all the items cost. */" in text
assert "/** Write an amount of cents as euros. */" in text
keep_unchanged("index.js", "package.json")
