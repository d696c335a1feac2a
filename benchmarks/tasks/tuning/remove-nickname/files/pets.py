"""The pets that come to a clinic."""

from dataclasses import dataclass


@dataclass
class Pet:
    """A pet.

    Args:
        name: what it is called.
        kind: what animal it is.
        kilos: its weight.
        nickname: what its people call it at home, may be empty.
    """

    name: str
    kind: str
    kilos: float
    nickname: str = ""

    def title(self):
        """Give the name for a card, with the nickname if there is one."""
        if self.nickname:
            return f'{self.name} "{self.nickname}"'
        return self.name

    def dose(self, milligrams):
        """Give how much of a medicine it gets; that is meant for each kilo."""
        return round(self.kilos * milligrams, 1)


def card(pet):
    """Write the card of a pet."""
    return f"{pet.title()}, {pet.kind}, {pet.kilos} kg"
