"""Months and years of the Gregorian calendar."""

MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year):
    """Tell whether a year has a 29th of February."""
    return year % 4 == 0


def days_in_year(year):
    """Give the number of days of a year."""
    return 366 if is_leap(year) else 365


def days_in_month(year, month):
    """Give the number of days of a month; January is 1."""
    if month == 2 and is_leap(year):
        return 29
    return MONTHS[month - 1]


def day_of_year(year, month, day):
    """Give the place of a day in its year; the first of January is 1."""
    return sum(days_in_month(year, each) for each in range(1, month)) + day
