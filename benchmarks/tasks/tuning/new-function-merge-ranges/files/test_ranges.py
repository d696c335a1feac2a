"""Tests for ranges.py."""

import unittest

from ranges import contains, overlap


class RangesTest(unittest.TestCase):
    """The functions, one by one."""

    def test_contains(self):
        """The start is in, the end is not."""
        self.assertTrue(contains((2, 5), 2))
        self.assertFalse(contains((2, 5), 5))

    def test_overlap(self):
        """Ranges that only touch have nothing in common."""
        self.assertEqual(overlap((1, 5), (3, 9)), (3, 5))
        self.assertIsNone(overlap((1, 3), (3, 9)))


if __name__ == "__main__":
    unittest.main()
