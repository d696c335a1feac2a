from pathlib import Path

from checking import keep_definitions, run_python

import commands

HELP = [
    "You can say:",
    "look to see where you are",
    "go to go to the other room",
    "pick to pick a flower",
    "help to see this",
]
assert "dance" not in commands.COMMANDS
assert not hasattr(commands, "dance")
assert "dance" not in Path("commands.py").read_text().lower(), "commands.py still speaks of it"
assert sorted(commands.COMMANDS) == ["go", "look", "pick"]
player = commands.new_player()
assert player == {"room": "hall", "bag": []}
assert commands.run(player, "dance") == "What?"
assert commands.run(player, "sing") == "What?"
assert commands.run(player, "look") == "You are in the hall."
assert commands.run(player, "pick") == "There are no flowers here."
assert commands.run(player, "go") == "You are in the garden."
assert commands.run(player, "pick") == "You have 1 now."
assert commands.run(player, "go") == "You are in the hall."
assert run_python("game.py", "go", "pick", "dance") == "You are in the garden.\nYou have 1 now.\nWhat?\n"
lines = [" ".join(line.split()) for line in run_python("game.py", "help").splitlines()]
assert lines == HELP, lines
keep_definitions("commands.py", but=["dance"])
keep_definitions("game.py")
