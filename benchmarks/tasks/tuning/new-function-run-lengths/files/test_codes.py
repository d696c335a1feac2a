"""Tests for codes.py."""

import unittest

from codes import caesar, pig_latin


class CodesTest(unittest.TestCase):
    """The codes, one by one."""

    def test_caesar(self):
        """Letters move on, and from z to a."""
        self.assertEqual(caesar("xyz!", 2), "zab!")

    def test_pig_latin(self):
        """The first consonants go to the end."""
        self.assertEqual(pig_latin("string"), "ingstray")


if __name__ == "__main__":
    unittest.main()
