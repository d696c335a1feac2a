"""The daily report of a weather station."""


def average(values):
    """Give the mean of some numbers."""
    return sum(values) / len(values)


def format_day(name, celsius):
    """Write a line for a day: its name, its mean temperature in Celsius and in Fahrenheit."""
    mean = average(celsius)
    return f"{name}: {mean:.1f} C, {mean * 9 / 5 + 32:.1f} F"


def format_week(days):
    """Write a line for each day; `days` holds lists of temperatures by the day's name."""
    return "\n".join(format_day(name, celsius) for name, celsius in days.items())
