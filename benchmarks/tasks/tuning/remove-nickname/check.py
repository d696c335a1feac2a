import inspect
from pathlib import Path

from checking import expect_error, keep_definitions, keep_unchanged, run_python

import clinic
import pets

assert list(inspect.signature(pets.Pet).parameters) == ["name", "kind", "kilos"]
assert "nickname" not in Path("pets.py").read_text().lower(), "pets.py still speaks of nicknames"
assert "nickname" not in Path("clinic.py").read_text().lower(), "clinic.py still speaks of nicknames"
expect_error(TypeError, pets.Pet, "Milo", "cat", 4.2, "Mimi")
milo = pets.Pet("Milo", "cat", 4.2)
assert pets.card(milo) == "Milo, cat, 4.2 kg"
assert milo.dose(10) == 42
assert milo == pets.Pet("Milo", "cat", 4.2)
assert clinic.heaviest(clinic.TODAY).name == "Rex"
assert run_python("clinic.py") == (
    "Milo, cat, 4.2 kg: 21.0 mg\n"
    "Rex, dog, 31.0 kg: 155.0 mg\n"
    "Coco, parrot, 0.4 kg: 2.0 mg\n"
    "ask for help with Rex\n"
)
keep_definitions("pets.py", but=["Pet.title"])
keep_definitions("clinic.py")
keep_unchanged("hours.txt")
