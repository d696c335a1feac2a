"""How many points a player has."""

BONUS = 10


def calc(points, faults):
    """Give the points at the end: each fault costs two, without any there is a bonus."""
    if faults == 0:
        return points + BONUS
    return max(points - 2 * faults, 0)


def grade(score):
    """Give a letter for a score."""
    if score >= 90:
        return "A"
    return "B" if score >= 50 else "C"
