"""Series of numbers: summed up, smoothed, compared, put into groups.

All the functions take lists of numbers and give numbers or new lists; none of them changes what it is given. An empty
list is an error wherever there is no sensible answer for it.
"""

import math

DIGITS = 6
"""How many digits `rounded` leaves after the point."""


# One number for all


def mean(values):
    """Give the mean of some numbers."""
    _need(values)
    return sum(values) / len(values)


def median(values):
    """Give the number in the middle of some numbers."""
    _need(values)
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def mode(values):
    """Give the number that comes most often; of several the smallest."""
    _need(values)
    counts = count(values)
    most = max(counts.values())
    return min(value for value, times in counts.items() if times == most)


def spread(values):
    """Give the distance between the smallest and the largest number."""
    _need(values)
    return max(values) - min(values)


def middle(values):
    """Give the number half way between the smallest and the largest."""
    _need(values)
    return (min(values) + max(values)) / 2


def variance(values):
    """Give the mean of the squared distances from the mean."""
    center = mean(values)
    return sum((value - center) ** 2 for value in values) / len(values)


def deviation(values):
    """Give the square root of the variance."""
    return math.sqrt(variance(values))


def product(values):
    """Multiply all the numbers; of no numbers it is 1."""
    result = 1
    for value in values:
        result *= value
    return result


def longest_rise(values):
    """Give how many numbers the longest part has in which each is larger than the one before."""
    longest = length = 0
    previous = None
    for value in values:
        length = length + 1 if previous is not None and value > previous else 1
        longest = max(longest, length)
        previous = value
    return longest


# A new list


def differences(values):
    """Give how much each number is larger than the one before."""
    return [after - before for before, after in zip(values, values[1:])]


def running_totals(values):
    """Give the sum up to each number."""
    totals = []
    total = 0
    for value in values:
        total += value
        totals.append(total)
    return totals


def smooth(values, window):
    """Give the means of all parts of a length."""
    if window < 1:
        raise ValueError("the window must be at least 1")
    return [mean(values[start : start + window]) for start in range(len(values) - window + 1)]


def scale(values, low, high):
    """Stretch the numbers so that the smallest becomes `low` and the largest `high`."""
    width = spread(values)
    if width == 0:
        return [low for _ in values]
    smallest = min(values)
    return [low + (value - smallest) * (high - low) / width for value in values]


def clamp(values, low, high):
    """Replace smaller numbers by `low` and larger ones by `high`."""
    return [min(max(value, low), high) for value in values]


def shares(values):
    """Give which part of the sum each number is."""
    total = sum(values)
    if total == 0:
        raise ValueError("the sum is zero")
    return [value / total for value in values]


def rounded(values):
    """Round each number, so that they can be compared."""
    return [round(value, DIGITS) for value in values]


def ranks(values):
    """Give the place of each number, 1 for the largest; the same numbers have the same place."""
    return [1 + sum(other > value for other in values) for value in values]


def without_outliers(values, limit):
    """Leave out numbers that are more than `limit` deviations away from the mean."""
    center, width = mean(values), deviation(values)
    return [value for value in values if abs(value - center) <= limit * width]


def every(values, step):
    """Give the first number and then each that is `step` further on."""
    if step < 1:
        raise ValueError("the step must be at least 1")
    return values[::step]


def fill_gaps(values):
    """Replace each None by the number before it; at the start they stay."""
    filled = []
    for value in values:
        filled.append(filled[-1] if value is None and filled else value)
    return filled


# Groups


def count(values):
    """Give how often each number comes, as a dictionary."""
    counts = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def split_at(values, limit):
    """Give two lists: the numbers below a limit, and the others."""
    return [value for value in values if value < limit], [value for value in values if value >= limit]


def histogram(values, width):
    """Give how many numbers there are in each group of a width, by the start of the group."""
    if width <= 0:
        raise ValueError("the width must be positive")
    groups = count([math.floor(value / width) * width for value in values])
    return dict(sorted(groups.items()))


def bars(values, width):
    """Draw a histogram, a line for each group."""
    return "\n".join(f"{start} {'#' * times}" for start, times in histogram(values, width).items())


# Two series


def distance(first, second):
    """Give how far two points are from each other."""
    _need_same_length(first, second)
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(first, second)))


def correlation(first, second):
    """Give how much two series go together, from -1 to 1."""
    _need_same_length(first, second)
    center, other = mean(first), mean(second)
    both = sum((a - center) * (b - other) for a, b in zip(first, second)) / len(first)
    return both / (deviation(first) * deviation(second))


def weighted_mean(values, weights):
    """Give the mean of numbers of which some count more."""
    _need_same_length(values, weights)
    return sum(value * weight for value, weight in zip(values, weights)) / sum(weights)


# Helpers


def _need(values):
    """Make sure that there are numbers."""
    if not values:
        raise ValueError("there are no numbers")


def _need_same_length(first, second):
    """Make sure that two series belong together."""
    if len(first) != len(second):
        raise ValueError("the series differ in length")
