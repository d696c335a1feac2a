from checking import keep_definitions, keep_unchanged

import download
import texts

assert texts.format_seconds(65) == "1:05"
assert texts.format_seconds(0) == "0:00"
assert texts.format_seconds(75) == "1:15"
assert texts.format_seconds(3909) == "1:05:09"
assert download.describe("x", 500, 1000, 7) == "x [##########..........] 50% 500 B in 0:07"
assert texts.shorten("abcdefgh", 6) == "abc..."
assert texts.shorten_middle("abcdefgh", 7) == "ab...gh"
assert texts.center("ab", 5) == " ab  "
assert texts.quote('a"b') == '"a\\"b"'
assert texts.plural("city", 2) == "cities"
assert texts.enumerate_words("abc") == "a, b and c"
assert texts.bullets(["one two", "three"], 6) == "- one\n  two\n- three"
assert texts.number_lines("a\nb") == "1 a\n2 b"
assert texts.frame("a") == "+---+\n| a |\n+---+"
assert texts.format_table(["a", "b"], [["cc", "d"]]) == "a   b\n--  -\ncc  d"
assert texts.format_bytes(1500000) == "1.5 MB"
assert texts.format_thousands(1234567) == "1,234,567"
keep_definitions("texts.py")
keep_unchanged("download.py")
