from checking import keep_definitions, run_unittest

from ranges import contains, length, merge_ranges, overlap


def merged(ranges):
    return [tuple(each) for each in merge_ranges(ranges)]


assert merged([(5, 8), (1, 3), (3, 4)]) == [(1, 4), (5, 8)]
assert merged([(1, 3), (5, 7)]) == [(1, 3), (5, 7)]
assert merged([(1, 10), (2, 3)]) == [(1, 10)]
assert merged([(1, 10), (2, 3), (4, 12)]) == [(1, 12)]
assert merged([(7, 9), (4, 7), (0, 4)]) == [(0, 9)]
assert merged([(2, 5), (2, 5)]) == [(2, 5)]
assert merged([(-3, 1), (10, 20), (0, 2)]) == [(-3, 2), (10, 20)]
assert merged([(4, 6)]) == [(4, 6)]
assert merged([]) == []
assert length((2, 5)) == 3
assert contains((2, 5), 4)
assert overlap((1, 5), (3, 9)) == (3, 5)
keep_definitions("ranges.py")
keep_definitions("test_ranges.py")
run_unittest("test_ranges")
