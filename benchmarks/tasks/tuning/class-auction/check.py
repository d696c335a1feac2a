from checking import expect_error, keep_definitions, keep_unchanged, run_python

from auction.sale import Auction

vase = Auction("vase", 10)
assert vase.winner() is None
expect_error(ValueError, vase.bid, "Ada", 9)
assert vase.winner() is None
vase.bid("Ada", 10)
assert vase.winner() == "Ada"
vase.bid("Bob", 12)
assert vase.winner() == "Bob"
expect_error(ValueError, vase.bid, "Cleo", 12)
expect_error(ValueError, vase.bid, "Cleo", 11)
expect_error(ValueError, vase.bid, "Cleo", 5)
assert vase.winner() == "Bob"
assert vase.history() == [("Ada", 10), ("Bob", 12)]
assert vase.bidders() == ["Ada", "Bob"]
vase.bid("Ada", 13)
assert vase.winner() == "Ada"
assert vase.history() == [("Ada", 10), ("Bob", 12), ("Ada", 13)]
assert (vase.thing, vase.lowest_price) == ("vase", 10)
assert run_python("-m", "auction.main").startswith("Ada 50\nBob 65\nAda 80\nAda, Bob\n")
keep_definitions("auction/sale.py")
keep_definitions("auction/main.py")
keep_unchanged("auction/__init__.py")
