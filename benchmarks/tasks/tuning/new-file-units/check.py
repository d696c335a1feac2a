from pathlib import Path

from checking import keep_definitions, keep_unchanged

import report
import units

assert units.celsius_to_fahrenheit(0) == 32
assert units.celsius_to_fahrenheit(100) == 212
assert units.celsius_to_fahrenheit(-40) == -40
assert report.format_day("Monday", [10, 20]) == "Monday: 15.0 C, 59.0 F"
assert report.format_week({"Mon": [0], "Tue": [100]}) == "Mon: 0.0 C, 32.0 F\nTue: 100.0 C, 212.0 F"
text = Path("report.py").read_text()
assert "celsius_to_fahrenheit" in text, "report.py does not use it"
assert "def celsius_to_fahrenheit" not in text, "it is defined twice"
assert "9 / 5" not in text, "the formula is still there"
keep_definitions("report.py")
keep_unchanged("README.md")
