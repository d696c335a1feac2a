"""What the sensors of a weather station measure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """A temperature that was measured at some place."""

    place: str
    celsius: float

    def is_frost(self):
        """Tell whether water freezes."""
        return self.celsius < 0


class Recorder:
    """Keeps all that was measured."""

    def __init__(self):
        self.records = []

    def record(self, place, celsius):
        """Note a temperature."""
        self.records.append(Reading(place, celsius))


def parse(line):
    """Take a line apart, as in "roof: -2.5"."""
    place, _, celsius = line.partition(":")
    return Reading(place.strip(), float(celsius))
