import inspect
from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

import backup

assert list(inspect.signature(backup.copy_notes).parameters) == ["source", "target"]
assert "verbose" not in Path("backup.py").read_text(), "backup.py still speaks of verbose"
assert "verbose" not in Path("main.py").read_text(), "main.py still speaks of verbose"
assert [path.name for path in backup.list_notes("notes")] == ["milk.note", "tea.note"]
assert run_python("main.py", "notes", "kept/all") == "copied milk.note\ncopied tea.note\n2 of 2 notes\n"
assert Path("kept/all/tea.note").read_text() == "Drink tea.\n"
Path("kept/all/milk.note").unlink()
assert backup.copy_notes("notes", "kept/all") == ["milk.note"]
assert run_python("main.py", "notes", "kept/all") == "0 of 2 notes\n"
keep_definitions("backup.py")
keep_definitions("main.py")
keep_unchanged("notes/milk.note", "notes/tea.note")
