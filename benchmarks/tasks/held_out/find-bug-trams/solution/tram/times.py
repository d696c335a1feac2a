"""Times of a day, as in "9:50"."""


def parts(time):
    """Give the hours and the minutes of a time."""
    return time.split(":")


def to_minutes(time):
    """Give how many minutes after midnight a time is."""
    hours, minutes = parts(time)
    return int(hours) * 60 + int(minutes)


def wait(now, time):
    """Write how long it is until a time."""
    minutes = to_minutes(time) - to_minutes(now)
    return f"{minutes} min" if minutes else "now"
