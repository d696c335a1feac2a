"""Conversions between units."""


def celsius_to_fahrenheit(celsius):
    """Convert a temperature."""
    return celsius * 9 / 5 + 32
