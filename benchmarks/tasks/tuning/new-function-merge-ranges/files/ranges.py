"""Ranges of whole numbers: pairs of a start and an end, where the end is no part of the range."""


def length(pair):
    """Give how many numbers are in a range."""
    start, end = pair
    return max(end - start, 0)


def contains(pair, number):
    """Tell whether a number is in a range."""
    start, end = pair
    return start <= number < end


def overlap(first, second):
    """Give the range that two ranges have in common, None if there is none."""
    start = max(first[0], second[0])
    end = min(first[1], second[1])
    return (start, end) if start < end else None
