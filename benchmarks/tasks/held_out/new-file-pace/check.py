import re
from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

import pace
import run_report

assert pace.mean_pace([(10, 60)]) == 6
assert pace.mean_pace([(10, 60), (5, 15)]) == 5
assert pace.format_pace(5) == "5:00 per km"
assert pace.format_pace(4.125) == "4:08 per km"
assert pace.format_pace(12.75) == "12:45 per km"
assert pace.mean_pace.__doc__ == "Give how many minutes a kilometer took, over all runs."
assert "a part of a second counts as a whole one" in pace.format_pace.__doc__
assert pace.mean_pace.__module__ == pace.format_pace.__module__ == "pace", "they were not moved"
assert run_report.read_runs("runs.txt") == [(10, 55), (5, 24.25), (4, 23)]
text = Path("run_report.py").read_text()
assert "def mean_pace" not in text, "mean_pace is still in run_report.py"
assert "def format_pace" not in text, "format_pace is still in run_report.py"
assert re.search(r"^\s*(from pace import|import pace)\b", text, re.MULTILINE), "run_report.py does not import them"
assert run_python("run_report.py") == (
    "10 km, 5:30 per km\n5 km, 4:51 per km\n4 km, 5:45 per km\nall, 5:23 per km\n"
)
keep_definitions("run_report.py", but=["mean_pace", "format_pace"])
keep_unchanged("runs.txt")
