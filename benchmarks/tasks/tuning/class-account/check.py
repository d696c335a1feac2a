from checking import expect_error, keep_definitions, keep_unchanged, run_python

from bank.account import Account

ada, bob = Account("Ada", 100), Account("Bob")
ada.transfer(bob, 40)
assert (ada.balance, bob.balance) == (60, 40)
expect_error(ValueError, ada.transfer, bob, 61)
assert (ada.balance, bob.balance) == (60, 40)
ada.transfer(bob, 60)
assert (ada.balance, bob.balance) == (0, 100)
bob.withdraw(10)
bob.deposit(5)
assert bob.statement()[-2:] == ["withdraw 10", "deposit 5"]
expect_error(ValueError, bob.deposit, 0)
assert run_python("-m", "bank.main") == "deposit 50\nwithdraw 30\n"
keep_definitions("bank/account.py")
keep_definitions("bank/main.py")
keep_unchanged("bank/__init__.py")
