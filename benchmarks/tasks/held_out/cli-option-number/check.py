from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

birds = "".join(f"bird {number}\n" for number in range(1, 12))
Path("birds.txt").write_text(birds + "\nbird 3: again\nbird 3: again\n")
assert run_python("search.py", "egg", "cake.txt", "--number") == "2: two eggs\n5: one more egg for the top\n"
assert run_python("search.py", "--number", "flour", "cake.txt") == "1: half a pound of flour\n"
assert run_python("search.py", "bird 3", "birds.txt", "--number") == "3: bird 3\n13: bird 3: again\n14: bird 3: again\n"
assert run_python("search.py", "--number", "11", "birds.txt") == "11: bird 11\n"
assert run_python("search.py", "milk", "cake.txt", "--number") == ""
assert run_python("search.py", "egg", "cake.txt") == "two eggs\none more egg for the top\n"
assert run_python("search.py", "bird 3", "birds.txt") == "bird 3\nbird 3: again\nbird 3: again\n"
assert run_python("search.py", "egg", "cake.txt", "--count") == "2\n"
assert run_python("search.py", "milk", "cake.txt", "--count") == "0\n"
assert "--number" in run_python("search.py", "--help")
keep_definitions("search.py")
keep_unchanged("cake.txt")
assert "python search.py egg cake.txt" in Path("README.md").read_text()
