from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

import app
import config

assert config.load_config("settings.json") == {"size": 12}
assert not hasattr(config, "load_cfg"), "the old name is still there"
assert "load_cfg" not in Path("app.py").read_text()
assert app.settings_for("settings.json") == {"color": "blue", "size": 12}
assert app.settings_for() == {"color": "blue", "size": 10}
assert run_python("app.py", "settings.json") == "color=blue\nsize=12\n"
keep_definitions("config.py", but=["load_cfg"])
keep_definitions("app.py")
keep_unchanged("settings.json")
