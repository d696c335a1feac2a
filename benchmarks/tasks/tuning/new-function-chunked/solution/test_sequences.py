import unittest

from sequences import flatten, last, unique


class SequencesTest(unittest.TestCase):
    def test_flatten(self):
        self.assertEqual(flatten([[1], [2, 3], []]), [1, 2, 3])

    def test_unique(self):
        self.assertEqual(unique([3, 1, 3]), [3, 1])

    def test_last(self):
        self.assertIsNone(last([]))
        self.assertEqual(last([1, 2]), 2)


if __name__ == "__main__":
    unittest.main()
