from checking import keep_definitions, keep_unchanged

import years

for year in (1900, 2100, 2200, 2023, 1999):
    assert not years.is_leap(year), f"{year} is no leap year"
for year in (2000, 1600, 2024, 1904):
    assert years.is_leap(year), f"{year} is a leap year"
assert years.days_in_year(1900) == 365
assert years.days_in_year(2000) == 366
assert years.days_in_month(1900, 2) == 28
assert years.days_in_month(2000, 2) == 29
assert years.days_in_month(2023, 12) == 31
assert years.day_of_year(1900, 3, 1) == 60
assert years.day_of_year(2024, 3, 1) == 61
keep_definitions("years.py")
keep_unchanged("README.md")
