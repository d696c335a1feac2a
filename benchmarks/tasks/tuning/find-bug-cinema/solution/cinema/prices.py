"""What seats cost."""

PRICE = 9
BACK_ROW_EXTRA = 2


def price_of(label, back_row):
    """Give the price of a seat; the back row costs more."""
    return PRICE + (BACK_ROW_EXTRA if label.startswith(back_row) else 0)
