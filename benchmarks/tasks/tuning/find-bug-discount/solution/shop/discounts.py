"""Discount codes and what they are worth."""

PERCENT = {"WELCOME": 10, "FRIEND": 15, "SALE": 25}


def is_valid(code):
    """Tell whether a code exists; upper and lower case are the same."""
    return code.upper() in PERCENT


def apply_discount(amount, code):
    """Give what is left to pay of an amount with a discount code."""
    if not is_valid(code):
        return amount
    return amount * (100 - PERCENT[code.upper()]) / 100
