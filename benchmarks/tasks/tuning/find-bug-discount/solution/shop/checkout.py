"""How much there is to pay."""

from shop.discounts import apply_discount
from shop.shipping import shipping_cost


def amount_due(cart, code=None):
    """Give what a customer pays for a cart, with a discount code or without."""
    amount = cart.subtotal()
    if code:
        amount = apply_discount(amount, code)
    return round(amount + shipping_cost(cart), 2)
