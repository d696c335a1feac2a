from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

from column import total

Path("semi.csv").write_text('tree;height\noak;20\n"fir; old";31\nbirch, white;9\n')
Path("bars.csv").write_text("a|b\n1|2\n3|4\n")
Path("tabs.csv").write_text("a\tb c\n1\t2 x\n")
assert run_python("column.py", "semi.csv", "height", "--separator", ";") == "20\n31\n9\n"
assert run_python("column.py", "--separator", ";", "semi.csv", "tree") == "oak\nfir; old\nbirch, white\n"
assert run_python("column.py", "--total", "--separator=;", "semi.csv", "height") == "20\n31\n9\ntotal 60\n"
assert run_python("column.py", "bars.csv", "b", "--separator", "|", "--total") == "2\n4\ntotal 6\n"
assert run_python("column.py", "tabs.csv", "b c", "--separator", "\t") == "2 x\n"
assert run_python("column.py", "fruits.csv", "count") == "12\n5\n"
assert run_python("column.py", "fruits.csv", "fruit") == "apple\npear, green\n"
assert run_python("column.py", "fruits.csv", "count", "--total") == "12\n5\ntotal 17\n"
assert run_python("column.py", "fruits.csv", "count", "--separator", ",") == "12\n5\n"
assert "--separator" in run_python("column.py", "--help")
assert total(["1", "x", "20"]) == 21
keep_definitions("column.py")
keep_unchanged("fruits.csv")
assert "python column.py fruits.csv count --total" in Path("README.md").read_text()
