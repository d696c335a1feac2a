"""What sending costs."""

FREE_FROM = 50
COST = 4.9


def shipping_cost(cart):
    """Give the cost of sending a cart; large orders are free."""
    return 0 if cart.subtotal() >= FREE_FROM else COST
