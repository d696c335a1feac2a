"""What leaves from a stop in the course of a day."""

from tram.times import to_minutes


class Timetable:
    """The departures from a stop, each of them a time and a line."""

    def __init__(self):
        self._departures = []

    def add(self, line, *times):
        """Note when the trams of a line leave."""
        for time in times:
            self._departures.append((time, line))

    def lines(self):
        """Give the lines that stop here, sorted."""
        return sorted({line for time, line in self._departures})

    def departures(self, now):
        """Give the departures from now on, the next one first."""
        coming = [(time, line) for time, line in self._departures if to_minutes(time) >= to_minutes(now)]
        return sorted(coming, key=lambda departure: to_minutes(departure[0]))
