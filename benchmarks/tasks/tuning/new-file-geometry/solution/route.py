"""Plan a walk over points on a map, which are pairs of x and y."""

import math

from geometry import distance

STOPS = [("gate", (0, 0)), ("well", (3, 4)), ("mill", (3, 10)), ("hut", (11, 16))]


def route_length(points):
    """Give the length of a walk from each point to the next one."""
    total = 0
    for start, end in zip(points, points[1:]):
        total += distance(start, end)
    return total


def nearest(stops, place):
    """Give the name of the stop that is nearest to a place."""
    best = None
    for name, point in stops:
        away = distance(point, place)
        if best is None or away < best[0]:
            best = (away, name)
    return best[1]


def walking_hours(points, speed=4):
    """Give the time that a walk takes, rounded up to full hours."""
    return math.ceil(route_length(points) / speed)


if __name__ == "__main__":
    everything = [point for _, point in STOPS]
    print(f"{route_length(everything):.1f} km in {walking_hours(everything)} hours")
    print(f"from (4, 8) go to the {nearest(STOPS, (4, 8))}")
