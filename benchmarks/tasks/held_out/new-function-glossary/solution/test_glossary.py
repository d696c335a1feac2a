import unittest

from glossary import format_glossary, longest_term, parse_glossary


class GlossaryTest(unittest.TestCase):
    def test_parse(self):
        self.assertEqual(parse_glossary("tea: a hot drink\n\nbun:sweet"), {"tea": "a hot drink", "bun": "sweet"})

    def test_longest(self):
        self.assertEqual(longest_term(["tea", "toast", "apple"]), "toast")

    def test_format(self):
        self.assertEqual(format_glossary({"tea": "hot", "toast": "crisp"}), "tea    hot\ntoast  crisp")
        self.assertEqual(format_glossary({}), "")


if __name__ == "__main__":
    unittest.main()
