"""The board at a stop."""

from tram.lines import describe
from tram.times import wait


def show(timetable, now, rows=3):
    """Give the lines of text on the board, one for each of the next trams."""
    return [f"{time} {describe(line)} ({wait(now, time)})" for time, line in timetable.departures(now)[:rows]]


def show_lines(timetable):
    """Give the line of text with all that stops here."""
    return ", ".join(describe(line) for line in timetable.lines())
