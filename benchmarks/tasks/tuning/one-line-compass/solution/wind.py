"""Say where the wind comes from."""

from compass import compass_point, opposite


def describe(degrees, speed):
    """Describe a wind that blows towards a direction."""
    return f"wind from {compass_point(opposite(degrees))}, {speed} km/h"
