"""What the shop sells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """A product and its price in euros."""

    name: str
    price: float
