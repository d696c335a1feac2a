from checking import keep_definitions, run_unittest

from codes import caesar, pig_latin, run_lengths


def runs(text):
    return [tuple(each) for each in run_lengths(text)]


assert runs("aabaaa") == [("a", 2), ("b", 1), ("a", 3)]
assert runs("abc") == [("a", 1), ("b", 1), ("c", 1)]
assert runs("zzzz") == [("z", 4)]
assert runs("x") == [("x", 1)]
assert runs("Aa  ") == [("A", 1), ("a", 1), (" ", 2)]
assert runs("") == []
assert caesar("abc xyz", 3) == "def abc"
assert pig_latin("hmm") == "hmmay"
keep_definitions("codes.py")
keep_definitions("test_codes.py")
run_unittest("test_codes")
