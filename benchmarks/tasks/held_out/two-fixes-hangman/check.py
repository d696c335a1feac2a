from checking import keep_definitions

from hangman import Hangman

game = Hangman("paper")
assert (game.word, game.lives, game.shown()) == ("paper", 6, "-----")
assert game.guess("p") is True
assert game.shown() == "p-p--"
assert not game.is_won()
assert game.guess("x") is False
assert game.lives == 5
assert not game.guess("x")
assert not game.guess("x")
assert game.lives == 5
assert not game.guess("b")
assert game.lives == 4
assert not game.guess("x")
assert game.lives == 4
assert game.guess("p")
assert game.lives == 4
assert game.guess("a") and game.guess("e")
assert not game.is_won()
assert game.guess("r")
assert game.is_won()
assert game.shown() == "paper"
assert game.wrong_letters() == ["b", "x"]
assert not game.is_lost()
other = Hangman("cat", 2)
other.guess("z")
other.guess("z")
assert not other.is_lost()
for letter in "cat":
    assert not other.is_won()
    assert other.guess(letter)
assert other.is_won()
other.guess("y")
assert other.lives == 0
assert other.is_lost()
keep_definitions("hangman.py")
