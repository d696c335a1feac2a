from checking import expect_error, keep_definitions, keep_unchanged

import series
import times

assert series.median([4, 1, 3, 2]) == 2.5
assert series.median([10, 20]) == 15
assert series.median([5, 1, 3]) == 3
assert series.median([7]) == 7
assert series.median([-4, -1, 8, 100, 0, 2]) == 1
expect_error(ValueError, series.median, [])
given = [3, 1, 2, 9]
assert (series.median(given), given) == (2.5, [3, 1, 2, 9])
assert times.describe("x", [1, 2, 4, 9]) == "x: median 3.00, mean 4.00, spread 8.00"
assert series.DIGITS == 6
assert series.mode([2, 1, 2, 1, 3]) == 1
assert series.middle([1, 2, 9]) == 5
assert series.deviation([2, 4, 4, 4, 5, 5, 7, 9]) == 2
assert series.product([2, 3, 4]) == 24
assert series.longest_rise([3, 1, 2, 5, 4]) == 3
assert series.differences([1, 4, 2]) == [3, -2]
assert series.running_totals([1, 2, 3]) == [1, 3, 6]
assert series.smooth([1, 2, 3, 4], 2) == [1.5, 2.5, 3.5]
assert series.scale([1, 2, 3], 0, 10) == [0, 5, 10]
assert series.clamp([1, 5, 9], 2, 8) == [2, 5, 8]
assert series.shares([1, 3]) == [0.25, 0.75]
assert series.rounded([0.1 + 0.2]) == [0.3]
assert series.ranks([10, 30, 30, 20]) == [4, 1, 1, 3]
assert series.without_outliers([1, 1, 1, 1, 50], 1.5) == [1, 1, 1, 1]
assert series.every([1, 2, 3, 4, 5], 2) == [1, 3, 5]
assert series.fill_gaps([None, 1, None, 2]) == [None, 1, 1, 2]
assert series.split_at([1, 5, 3], 3) == ([1], [5, 3])
assert series.bars([1, 2, 11], 10) == "0 ##\n10 #"
assert series.distance([0, 0], [3, 4]) == 5
assert round(series.correlation([1, 2, 3], [6, 4, 2]), 6) == -1
assert series.weighted_mean([1, 4], [2, 1]) == 2
expect_error(ValueError, series.distance, [1], [])
keep_definitions("series.py")
keep_unchanged("times.py")
