"""Small helpers for lists."""


def flatten(lists):
    """Put the items of several lists into one list."""
    return [item for each in lists for item in each]


def unique(items):
    """Drop repeated items; the first of each stays, in order."""
    return list(dict.fromkeys(items))


def last(items, default=None):
    """Give the last item, or the default if there is none."""
    return items[-1] if items else default


def chunked(items, size):
    """Cut a list into lists of at most `size` items."""
    if size < 1:
        raise ValueError("size must be at least 1")
    return [items[start : start + size] for start in range(0, len(items), size)]
