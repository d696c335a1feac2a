"""What a customer is about to buy."""


class Cart:
    """Products with their quantities."""

    def __init__(self):
        self.lines = []

    def add(self, product, quantity=1):
        """Put some of a product into the cart."""
        self.lines.append((product, quantity))

    def subtotal(self):
        """Give the price of all that is in the cart."""
        return sum(product.price * quantity for product, quantity in self.lines)
