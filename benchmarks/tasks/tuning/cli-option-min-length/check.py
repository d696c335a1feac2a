from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

from wordcount import rank, split_words

assert run_python("wordcount.py", "poem.txt", "--min-length", "4") == "rain 4\nwind 2\nsong 1\n"
assert run_python("wordcount.py", "--min-length", "3", "--top", "2", "poem.txt") == "rain 4\nthe 3\n"
assert run_python("wordcount.py", "--top", "2", "--min-length", "4", "poem.txt") == "rain 4\nwind 2\n"
assert run_python("wordcount.py", "poem.txt", "--min-length", "5") == ""
assert run_python("wordcount.py", "poem.txt") == "rain 4\nthe 3\na 2\nof 2\nwind 2\nand 1\nsong 1\n"
assert run_python("wordcount.py", "poem.txt", "--top", "1") == "rain 4\n"
assert "--min-length" in run_python("wordcount.py", "--help")
assert split_words("A b, C!") == ["a", "b", "c"]
assert rank(["b", "a", "b"]) == [("b", 2), ("a", 1)]
keep_definitions("wordcount.py")
keep_unchanged("poem.txt")
assert "python wordcount.py poem.txt --top 3" in Path("README.md").read_text()
