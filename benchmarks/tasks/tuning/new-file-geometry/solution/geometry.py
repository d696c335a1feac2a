"""Points in the plane."""

import math


def distance(a, b):
    """Give how far two points are from each other."""
    return math.hypot(b[0] - a[0], b[1] - a[1])
