"""Playing cards, and what a hand of them is worth.

A card is a tuple of a rank and a suit, as in (12, "H") for the queen of hearts. Ranks are numbers from 2 to 14, with 11
for the jack, 12 for the queen, 13 for the king and 14 for the ace. A hand is a list of cards, in any order. No function
changes the cards that it is given, except for those which say so.
"""

import random
from collections import Counter

SUITS = "CDHS"
RANKS = range(2, 15)
JACK, QUEEN, KING, ACE = 11, 12, 13, 14

LETTERS = {"J": JACK, "Q": QUEEN, "K": KING, "A": ACE}
SUIT_NAMES = {"C": "clubs", "D": "diamonds", "H": "hearts", "S": "spades"}
RANK_NAMES = {JACK: "jack", QUEEN: "queen", KING: "king", ACE: "ace"}

HAND_NAMES = [
    "high card",
    "pair",
    "two pairs",
    "three of a kind",
    "straight",
    "flush",
    "full house",
    "four of a kind",
    "straight flush",
]


# Decks


def make_deck():
    """Give all 52 cards, by suits and then by ranks."""
    return [(rank, suit) for suit in SUITS for rank in RANKS]


def make_small_deck(lowest=7):
    """Give the cards from some rank on, 32 of them if that is the seven."""
    return [card for card in make_deck() if card[0] >= lowest]


def shuffle(deck, seed=None):
    """Give the cards of a deck in another order, always the same one for the same seed."""
    shuffled = list(deck)
    random.Random(seed).shuffle(shuffled)
    return shuffled


def cut(deck, count):
    """Put the first cards of a deck below the others."""
    return deck[count:] + deck[:count]


def draw(deck, count=1):
    """Take the first cards away from this very deck, and give them."""
    if count > len(deck):
        raise ValueError(f"there are only {len(deck)} cards")
    drawn = deck[:count]
    del deck[:count]
    return drawn


def deal(deck, players, count):
    """Take cards away from this very deck and give each player a hand, one card after the other."""
    dealt = draw(deck, players * count)
    return [dealt[player::players] for player in range(players)]


def without(deck, cards):
    """Give a deck that has none of some cards."""
    return [card for card in deck if card not in cards]


# Reading and writing cards


def parse_card(text):
    """Make a card of its short name, as in "10H" or "QS"."""
    rank, suit = text[:-1].upper(), text[-1].upper()
    number = LETTERS.get(rank) or int(rank)
    if number not in RANKS or suit not in SUITS:
        raise ValueError(f"there is no card {text}")
    return number, suit


def parse_hand(text):
    """Make a hand of short names with spaces between them."""
    return [parse_card(word) for word in text.split()]


def format_card(card):
    """Write a card with its short name."""
    rank, suit = card
    letters = {number: letter for letter, number in LETTERS.items()}
    return f"{letters.get(rank, rank)}{suit}"


def format_hand(hand):
    """Write a hand with the short names of its cards."""
    return " ".join(format_card(card) for card in hand)


def name_rank(rank):
    """Give the name of a rank, which is the number up to the ten."""
    return RANK_NAMES.get(rank, str(rank))


def name_card(card):
    """Give the long name of a card, as in "queen of spades"."""
    return f"{name_rank(card[0])} of {SUIT_NAMES[card[1]]}"


# What is in a hand


def ranks_of(hand):
    """Give the ranks of the cards, the lowest first."""
    return sorted(rank for rank, suit in hand)


def suits_of(hand):
    """Give the suits that are in a hand, each once, sorted."""
    return sorted({suit for rank, suit in hand})


def highest(hand):
    """Give the card with the highest rank, the first one if there are several."""
    return max(hand, key=lambda card: card[0])


def count_suit(hand, suit):
    """Count the cards of a suit."""
    return sum(card[1] == suit for card in hand)


def longest_suit(hand):
    """Give the suit with the most cards, the first one in SUITS if there are several."""
    return max(SUITS, key=lambda suit: count_suit(hand, suit))


def has_rank(hand, rank):
    """Tell whether there is a card of a rank."""
    return any(card[0] == rank for card in hand)


def count_faces(hand):
    """Count the jacks, queens and kings."""
    return sum(JACK <= rank <= KING for rank, suit in hand)


def is_red(card):
    """Tell whether a card is a heart or a diamond."""
    return card[1] in "HD"


def sort_hand(hand):
    """Give the cards by suits, in each suit with the highest first."""
    return sorted(hand, key=lambda card: (SUITS.index(card[1]), -card[0]))


def split_suits(hand):
    """Give the cards of each suit that is in a hand, by suits."""
    return {suit: [card for card in hand if card[1] == suit] for suit in suits_of(hand)}


# What a hand is worth in poker


def group_sizes(hand):
    """Give how many cards there are of each rank, the largest number first."""
    return sorted(Counter(ranks_of(hand)).values(), reverse=True)


def is_flush(hand):
    """Tell whether all cards have the same suit."""
    return len(suits_of(hand)) == 1


def is_straight(hand):
    """Tell whether the ranks follow each other without a gap."""
    ranks = ranks_of(hand)
    return all(high - low == 1 for low, high in zip(ranks, ranks[1:]))


def is_full_house(hand):
    """Tell whether a hand has three cards of one rank and two of another."""
    return group_sizes(hand) == [3, 2]


def name_hand(hand):
    """Give what five cards are called, one of HAND_NAMES."""
    sizes = group_sizes(hand)
    if is_straight(hand) and is_flush(hand):
        return "straight flush"
    if sizes[0] == 4:
        return "four of a kind"
    if is_full_house(hand):
        return "full house"
    if is_flush(hand):
        return "flush"
    if is_straight(hand):
        return "straight"
    if sizes[0] == 3:
        return "three of a kind"
    pairs = sizes.count(2)
    return ["high card", "pair", "two pairs"][pairs]


def is_better(hand, other):
    """Tell whether a hand has a better name than another one."""
    return HAND_NAMES.index(name_hand(hand)) > HAND_NAMES.index(name_hand(other))


# What a hand is worth in other games


def blackjack_value(hand):
    """Add up a hand: faces count 10, an ace counts 11, or 1 if it would be more than 21 otherwise."""
    value = sum(11 if rank == ACE else min(rank, 10) for rank, suit in hand)
    aces = sum(rank == ACE for rank, suit in hand)
    while value > 21 and aces:
        value -= 10
        aces -= 1
    return value


def bridge_points(hand):
    """Count 4 points for each ace, 3 for kings, 2 for queens and 1 for jacks."""
    return sum(max(rank - 10, 0) for rank, suit in hand)


def trick_winner(cards, trump=None):
    """Give the index of the card that wins a trick, in which the first card says what suit is played."""
    lead = cards[0][1]
    strength = [(suit == trump, suit == lead, rank) for rank, suit in cards]
    return strength.index(max(strength))
