from checking import keep_definitions, keep_unchanged, run_python

from editor.document import Editor

editor = Editor("one")
editor.undo()
assert editor.text == "one"
editor.write(" two")
editor.write(" three")
assert editor.text == "one two three"
editor.undo()
assert editor.text == "one two"
editor.erase(3)
editor.erase()
assert editor.text == "one"
editor.undo()
assert editor.text == "one "
editor.undo()
assert editor.text == "one two"
editor.write("!")
editor.undo()
assert editor.text == "one two"
editor.undo()
assert editor.text == "one"
editor.undo()
editor.undo()
assert editor.text == "one"
editor.erase(10)
assert editor.text == ""
editor.undo()
assert editor.text == "one"
first, second = Editor(), Editor("x")
assert first.text == ""
first.write("a b")
second.write("y")
second.undo()
assert (first.text, second.text) == ("a b", "x")
assert first.count_words() == 2
first.undo()
assert first.text == ""
assert run_python("-m", "editor.main").startswith("Hello, world!\n2 words\n")
keep_definitions("editor/document.py")
keep_definitions("editor/main.py")
keep_unchanged("editor/__init__.py")
