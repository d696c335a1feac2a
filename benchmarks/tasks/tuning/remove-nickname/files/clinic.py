"""Print the cards of today."""

from pets import Pet, card

TODAY = [
    Pet("Milo", "cat", 4.2, nickname="Mimi"),
    Pet("Rex", "dog", 31.0),
    Pet("Coco", "parrot", 0.4, nickname="Captain"),
]


def heaviest(pets):
    """Give the pet that weighs most."""
    return max(pets, key=lambda pet: pet.kilos)


if __name__ == "__main__":
    for each in TODAY:
        print(f"{card(each)}: {each.dose(5)} mg")
    print(f"ask for help with {heaviest(TODAY).title()}")
