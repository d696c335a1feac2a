"""What readers may do."""

MOST_BOOKS = 3


def may_borrow(count):
    """Tell whether a reader who has so many books may take another one."""
    return count < MOST_BOOKS
