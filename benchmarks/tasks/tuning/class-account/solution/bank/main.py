"""Show what accounts can do."""

from bank.account import Account


def main():
    """Print a statement."""
    account = Account("Ada", 100)
    account.deposit(50)
    account.withdraw(30)
    print("\n".join(account.statement()))


if __name__ == "__main__":
    main()
