"""Things that are sold to whoever pays most."""


class Auction:
    """A thing for sale, and what people have bid for it."""

    def __init__(self, thing, lowest_price):
        self.thing = thing
        self.lowest_price = lowest_price
        self._bids = []

    def bid(self, name, amount):
        """Note what somebody wants to pay."""
        if amount < self.lowest_price:
            raise ValueError(f"the lowest price is {self.lowest_price}")
        if self._bids and amount <= self._bids[-1][1]:
            raise ValueError(f"there is a bid of {self._bids[-1][1]} already")
        self._bids.append((name, amount))

    def bidders(self):
        """Give the names of all who have bid, each once, sorted."""
        return sorted({name for name, amount in self._bids})

    def history(self):
        """Give all bids, names with amounts, in the order in which they came."""
        return list(self._bids)

    def winner(self):
        """Give the name of who has bid most, None if nobody has bid."""
        return self._bids[-1][0] if self._bids else None
