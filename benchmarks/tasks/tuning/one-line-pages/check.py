from checking import keep_definitions, keep_unchanged

import pages

assert pages.page_count(20, 10) == 2
assert pages.page_count(21, 10) == 3
assert pages.page_count(19, 10) == 2
assert pages.page_count(1, 10) == 1
assert pages.page_count(0, 10) in {0, 1}
assert pages.page_of(10, 10) == 2
assert pages.slice_page([1, 2, 3, 4, 5], 2, 2) == [3, 4]
assert pages.describe(2, 50, 10) == "page 2 of 5"
keep_definitions("pages.py")
keep_unchanged("README.md")
