"""The table of the league."""

import csv

import scoring


def read_players(path):
    """Read names, points and faults from a CSV file."""
    with open(path, newline="") as file:
        return [(name, int(points), int(faults)) for name, points, faults in csv.reader(file)]


def winner(players):
    """Give the name of the player with the highest score."""
    return max(players, key=lambda player: scoring.final_score(player[1], player[2]))[0]


def table(players):
    """Give a line for each player: name, score and grade."""
    lines = []
    for name, points, faults in players:
        score = scoring.final_score(points, faults)
        lines.append(f"{name} {score} {scoring.grade(score)}")
    return lines


if __name__ == "__main__":
    everybody = read_players("players.csv")
    print("\n".join(table(everybody)))
    print(f"The winner is {winner(everybody)}.")
