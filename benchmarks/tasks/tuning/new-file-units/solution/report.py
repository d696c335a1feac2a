"""The daily report of a weather station."""

from units import celsius_to_fahrenheit


def average(values):
    """Give the mean of some numbers."""
    return sum(values) / len(values)


def format_day(name, celsius):
    """Write a line for a day: its name, its mean temperature in Celsius and in Fahrenheit."""
    mean = average(celsius)
    return f"{name}: {mean:.1f} C, {celsius_to_fahrenheit(mean):.1f} F"


def format_week(days):
    """Write a line for each day; `days` holds lists of temperatures by the day's name."""
    return "\n".join(format_day(name, celsius) for name, celsius in days.items())
