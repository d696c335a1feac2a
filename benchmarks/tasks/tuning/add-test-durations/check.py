from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_unittest

keep_unchanged("durations.py")
keep_definitions("test_durations.py")
right = Path("durations.py").read_text()
assert run_unittest("test_durations") >= 3, "no test was added"
wrongs = {
    "an empty text is 0 seconds": right.replace("if not parts or", "if"),
    "an hour has 60 seconds": right.replace("3600", "60"),
    "only the first part counts": right.replace("in parts)\n", "in parts[:1])\n"),
    "minutes count as seconds": right.replace('"m": 60', '"m": 1'),
}
for name, wrong in wrongs.items():
    assert wrong != right
    Path("durations.py").write_text(wrong)
    assert run_unittest("test_durations", fails=True), f"the tests pass although {name}"
