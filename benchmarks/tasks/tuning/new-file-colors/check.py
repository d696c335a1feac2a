from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

import colors
import theme

assert tuple(colors.hex_to_rgb("#ff8000")) == (255, 128, 0)
assert tuple(colors.hex_to_rgb("#010203")) == (1, 2, 3)
assert tuple(colors.hex_to_rgb("#ABCDEF")) == (171, 205, 239)
assert theme.describe("link", "#ff8000") == "link: red 255, green 128, blue 0"
assert theme.brightness("#ffffff") == 255
assert theme.brightness("#0000ff") == 29
assert theme.is_dark("#202020") and not theme.is_dark("#ff8000")
assert run_python("theme.py") == (
    "paper: red 255, green 255, blue 255\n"
    "ink: red 32, green 32, blue 32 (dark)\n"
    "link: red 255, green 128, blue 0\n"
)
text = Path("theme.py").read_text()
assert text.count("hex_to_rgb(") >= 2, "theme.py does not use it twice"
assert "def hex_to_rgb" not in text, "it is defined twice"
assert "16)" not in text, "theme.py still takes colors apart"
keep_definitions("theme.py")
keep_unchanged("theme.txt")
