"""The pets that come to a clinic."""

from dataclasses import dataclass


@dataclass
class Pet:
    """A pet.

    Args:
        name: what it is called.
        kind: what animal it is.
        kilos: its weight.
    """

    name: str
    kind: str
    kilos: float

    def title(self):
        """Give the name for a card."""
        return self.name

    def dose(self, milligrams):
        """Give how much of a medicine it gets; that is meant for each kilo."""
        return round(self.kilos * milligrams, 1)


def card(pet):
    """Write the card of a pet."""
    return f"{pet.title()}, {pet.kind}, {pet.kilos} kg"
