"""Directions on a compass, in degrees and as names."""

POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]


def normalize(degrees):
    """Give the same direction as an angle from 0 up to, but without, 360."""
    return degrees % 360


def compass_point(degrees):
    """Give the name of the nearest point for an angle from 0 to 360."""
    return POINTS[int((degrees + 22.5) // 45) % len(POINTS)]


def opposite(degrees):
    """Give the direction that one comes from."""
    return normalize(degrees + 180)


def turn(start, end):
    """Say by how many degrees to turn, to the right; to the left it is negative."""
    return (end - start + 180) % 360 - 180
