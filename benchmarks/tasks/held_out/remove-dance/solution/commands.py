"""What a player can do."""

ROOMS = {"hall": "garden", "garden": "hall"}


def new_player():
    """Give a player at the start of the game."""
    return {"room": "hall", "bag": []}


def look(player):
    """Tell where the player is."""
    return f"You are in the {player['room']}."


def go(player):
    """Go to the other room."""
    player["room"] = ROOMS[player["room"]]
    return look(player)


def pick(player):
    """Put a flower into the bag, if there are any."""
    if player["room"] != "garden":
        return "There are no flowers here."
    player["bag"].append("flower")
    return f"You have {len(player['bag'])} now."


COMMANDS = {"look": look, "go": go, "pick": pick}


def run(player, word):
    """Do what the player says, and give the answer."""
    if word not in COMMANDS:
        return "What?"
    return COMMANDS[word](player)
