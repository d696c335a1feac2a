from pathlib import Path

from checking import keep_definitions, run_python

from greet import GREETINGS, greet

assert run_python("greet.py", "Ada", "Grace", "--upper") == "HELLO, ADA!\nHELLO, GRACE!\n"
assert run_python("greet.py", "--upper", "--language", "fr", "Ada") == "BONJOUR, ADA!\n"
assert run_python("greet.py", "Ada", "--language", "de") == "Hallo, Ada!\n"
assert "--upper" in run_python("greet.py", "--help")
assert greet("Ada") == "Hello, Ada!"
assert greet("Ada", "fr") == "Bonjour, Ada!"
assert GREETINGS == {"en": "Hello", "fr": "Bonjour", "de": "Hallo"}
keep_definitions("greet.py")
assert "python greet.py Ada Grace --language fr" in Path("README.md").read_text()
