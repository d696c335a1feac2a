"""The books of the library."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Book:
    """A book; two copies of a title have different numbers."""

    number: int
    title: str
