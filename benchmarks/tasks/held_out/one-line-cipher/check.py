from pathlib import Path

from checking import keep_definitions

import cipher

assert cipher.encode("xyz", 3) == "abc"
assert cipher.encode("hello", 3) == "khoor"
assert cipher.encode("a", 25) == "z"
assert cipher.encode("z", 1) == "a"
assert cipher.encode("az", 26) == "az"
assert cipher.encode("Zoo, 7!", 13) == "Zbb, 7!"
assert cipher.encode("", 5) == ""
assert cipher.decode("abc", 3) == "xyz"
assert cipher.decode("khoor", 3) == "hello"
for key in range(26):
    assert cipher.decode(cipher.encode(cipher.LETTERS, key), key) == cipher.LETTERS, key
assert cipher.shift("b", 0) == "b"
assert cipher.LETTERS == "abcdefghijklmnopqrstuvwxyz"
assert cipher.count_letters("Hi there!") == 6
keep_definitions("cipher.py")
assert "prints `khoor`" in Path("README.md").read_text()
