from checking import keep_definitions, run_unittest

from glossary import by_letter, format_glossary, longest_term, parse_glossary

assert by_letter(["tea", "apple", "Toast"]) == {"T": ["tea", "Toast"], "A": ["apple"]}
assert by_letter([]) == {}
assert by_letter(["bun"]) == {"B": ["bun"]}
assert by_letter(["Zest", "egg", "zebra", "East", "eel"]) == {"Z": ["Zest", "zebra"], "E": ["egg", "East", "eel"]}
given = ["milk tea", "mint"]
assert by_letter(given) == {"M": ["milk tea", "mint"]}
assert given == ["milk tea", "mint"]
assert parse_glossary(" tea : hot: very\nno term\n") == {"tea": "hot: very"}
assert longest_term(["a", "bcd", "efg"]) == "bcd"
assert format_glossary({"tea": "hot", "toast": "crisp"}) == "tea    hot\ntoast  crisp"
assert run_unittest("test_glossary") >= 3
keep_definitions("glossary.py")
keep_definitions("test_glossary.py")
