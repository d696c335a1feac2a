from pathlib import Path

from checking import expect_error, keep_definitions, keep_unchanged

import notify

assert not hasattr(notify, "send_fax")
assert list(notify.CHANNELS) == ["mail", "letter"]
assert "fax" not in Path("notify.py").read_text().lower()
expect_error(ValueError, notify.notify, "Ada", "hi", "fax")
assert notify.notify("Ada", "hi") == "mail to Ada: hi"
assert notify.notify("Ada", "hi", "letter") == "letter to Ada: hi"
keep_definitions("notify.py", but=["send_fax"])
keep_unchanged("people.txt")
