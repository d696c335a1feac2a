from checking import expect_error, keep_definitions, run_unittest

from sequences import chunked

assert [list(each) for each in chunked([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
assert [list(each) for each in chunked([1, 2], 2)] == [[1, 2]]
assert [list(each) for each in chunked([1, 2], 5)] == [[1, 2]]
assert list(chunked([], 3)) == []
expect_error(ValueError, lambda: list(chunked([1], 0)))
expect_error(ValueError, lambda: list(chunked([1], -1)))
keep_definitions("sequences.py")
keep_definitions("test_sequences.py")
run_unittest("test_sequences")
