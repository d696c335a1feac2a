"""Accounts of a small bank; amounts are whole cents."""


class Account:
    """Money that belongs to somebody."""

    def __init__(self, owner, balance=0):
        self.owner = owner
        self._balance = balance
        self._history = []

    @property
    def balance(self):
        """How much there is."""
        return self._balance

    def deposit(self, amount):
        """Put money in."""
        if amount <= 0:
            raise ValueError("amount must be positive")
        self._balance += amount
        self._history.append(("deposit", amount))

    def withdraw(self, amount):
        """Take money out."""
        if amount <= 0:
            raise ValueError("amount must be positive")
        if amount > self._balance:
            raise ValueError(f"{self.owner} has only {self._balance}")
        self._balance -= amount
        self._history.append(("withdraw", amount))

    def statement(self):
        """Give a line for each thing that happened."""
        return [f"{kind} {amount}" for kind, amount in self._history]
