from pathlib import Path

from checking import expect_error, keep_definitions, run_python

import settings

loaded = settings.load_settings("nosuch.json")
assert loaded == {"theme": "light", "font_size": 12}
loaded["theme"] = "pink"
assert settings.DEFAULTS == {"theme": "light", "font_size": 12}, "it is no copy"
Path("broken.json").write_text('{"theme": ')
error = expect_error(settings.SettingsError, settings.load_settings, "broken.json")
assert "broken.json" in str(error)
settings.save_settings("own.json", {"theme": "dark", "font_size": 12})
assert Path("own.json").read_text() == '{\n  "theme": "dark"\n}'
assert settings.load_settings("own.json") == {"theme": "dark", "font_size": 12}
assert run_python("main.py", "own.json") == "theme dark\nfont_size 12\n"
keep_definitions("settings.py")
keep_definitions("main.py")
