from checking import expect_error, keep_definitions, keep_unchanged, run_python

import cards
from cards import is_straight, name_hand, parse_hand

assert is_straight(parse_hand("AS 2H 3D 4C 5S"))
assert is_straight(parse_hand("4C AS 3D 5S 2H"))
assert is_straight(parse_hand("2S 3S 4S 5S AS"))
assert is_straight(parse_hand("2H 3D 4C 5S 6S"))
assert is_straight(parse_hand("10S JH QD KC AS"))
assert is_straight(parse_hand("9S 7H 8D 6C 5S"))
assert not is_straight(parse_hand("KC AS 2H 3D 4C"))
assert not is_straight(parse_hand("QD KC AS 2H 3D"))
assert not is_straight(parse_hand("JD QD KC AS 2H"))
assert not is_straight(parse_hand("AS 2H 3D 4C 6S"))
assert not is_straight(parse_hand("AS 3H 4D 5C 6S"))
assert not is_straight(parse_hand("AS AH 2D 3C 4S"))
assert not is_straight(parse_hand("AS 2H 3D 4C 4S"))
assert not is_straight(parse_hand("2S 3H 4D 5C 5S"))
assert not is_straight(parse_hand("7S 7H 8D 9C 10S"))
names = {
    "AS 2H 3D 4C 5S": "straight",
    "AS 2S 3S 4S 5S": "straight flush",
    "AS 2S 3S 4S 6S": "flush",
    "AS 2H 3D 4C 6S": "high card",
    "AS AH 3D 4C 6S": "pair",
    "AS AH 3D 3C 6S": "two pairs",
    "AS AH AD 3C 6S": "three of a kind",
    "AS AH AD 3C 3S": "full house",
    "AS AH AD AC 3S": "four of a kind",
}
for text, name in names.items():
    assert name_hand(parse_hand(text)) == name, text
assert cards.is_better(parse_hand("AS 2H 3D 4C 5S"), parse_hand("KS KH KD 4C 5S"))
hand = parse_hand("5S AS 4C")
is_straight(hand)
assert hand == [(5, "S"), (14, "S"), (4, "C")]
assert len(set(cards.make_deck())) == 52
assert len(cards.make_small_deck()) == 32
assert sorted(cards.shuffle(hand, 1)) == sorted(hand)
assert cards.shuffle(cards.make_deck(), 3) == cards.shuffle(cards.make_deck(), 3)
assert cards.cut([1, 2, 3], 1) == [2, 3, 1]
deck = cards.make_deck()
assert cards.deal(deck, 2, 2) == [[(2, "C"), (4, "C")], [(3, "C"), (5, "C")]]
assert cards.draw(deck) == [(6, "C")]
assert len(deck) == 47
expect_error(ValueError, cards.draw, deck, 48)
assert cards.without(hand, [(14, "S")]) == [(5, "S"), (4, "C")]
expect_error(ValueError, cards.parse_card, "1H")
assert cards.format_hand(parse_hand("10h qs")) == "10H QS"
assert cards.name_card((12, "S")) == "queen of spades"
assert cards.ranks_of(hand) == [4, 5, 14]
assert cards.suits_of(hand) == ["C", "S"]
assert cards.highest(hand) == (14, "S")
assert cards.longest_suit(hand) == "S"
assert cards.has_rank(hand, 4) and not cards.has_rank(hand, 1)
assert cards.count_faces(parse_hand("JH KD AS 10C")) == 2
assert cards.is_red((3, "D")) and not cards.is_red((3, "C"))
assert cards.sort_hand(hand) == [(4, "C"), (14, "S"), (5, "S")]
assert cards.split_suits(hand) == {"C": [(4, "C")], "S": [(5, "S"), (14, "S")]}
assert cards.group_sizes(parse_hand("AS AH AD 3C 3S")) == [3, 2]
assert cards.blackjack_value(parse_hand("AS AH 9D")) == 21
assert cards.bridge_points(parse_hand("AS KH JD 9C")) == 8
assert cards.trick_winner(parse_hand("5S KS AH 2D")) == 1
assert cards.trick_winner(parse_hand("5S KS AH 2D"), "D") == 3
assert cards.ACE == 14 and len(cards.HAND_NAMES) == 9
assert len(run_python("game.py", "4").splitlines()) == 3
keep_definitions("cards.py")
keep_unchanged("game.py")
