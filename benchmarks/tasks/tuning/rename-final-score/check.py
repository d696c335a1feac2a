import re
from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

import league
import scoring

assert scoring.final_score(80, 0) == 90
assert scoring.final_score(80, 5) == 70
assert scoring.final_score(3, 5) == 0
assert not hasattr(scoring, "calc"), "the old name is still there"
assert not re.search(r"\bcalc\b", Path("league.py").read_text())
assert [scoring.grade(score) for score in (90, 89, 50, 49)] == ["A", "B", "B", "C"]
assert league.winner([("x", 10, 1), ("y", 9, 0)]) == "y"
assert run_python("league.py") == "Ada 90 A\nBob 83 B\nCleo 38 C\nThe winner is Ada.\n"
keep_definitions("scoring.py", but=["calc"])
keep_definitions("league.py")
keep_unchanged("players.csv")
