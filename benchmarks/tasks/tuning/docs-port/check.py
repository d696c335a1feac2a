from pathlib import Path

from checking import keep_definitions, original

import clock

assert clock.parse_args([]).port == 8080
assert clock.parse_args(["--port", "9000"]).port == 9000
assert clock.DEFAULT_PORT == 8080
assert hasattr(clock.Handler, "do_GET")
readme = Path("README.md").read_text()
assert readme.split() == original("README.md").replace("8000", "8080").split(), "README.md"
keep_definitions("clock.py")
