import re
from pathlib import Path

from checking import expect_error, keep_definitions, keep_unchanged, run_python

import sensors
import station

roof = sensors.Reading("roof", -1.0)
assert (roof.place, roof.celsius, roof.is_frost()) == ("roof", -1.0, True)
assert not sensors.Reading("yard", 0.0).is_frost()
assert sensors.parse("yard : 3") == sensors.Reading("yard", 3.0)
assert not hasattr(sensors, "Rec"), "the old name is still there"
assert not re.search(r"\bRec\b", Path("station.py").read_text())
recorder = sensors.Recorder()
recorder.record("yard", 4.0)
assert recorder.records == [sensors.Reading("yard", 4.0)]
assert station.coldest([]) == sensors.Reading("nowhere", 0.0)
assert station.describe(roof) == "roof -1.0 (frost)"
expect_error(TypeError, station.describe, "roof")
assert run_python("station.py") == "roof -2.5 (frost)\nyard 1.0\ncellar 11.5\ncoldest: roof\n"
keep_definitions("sensors.py", but=["Rec", "Rec.is_frost"])
keep_definitions("station.py")
assert sensors.Reading.__doc__ == "A temperature that was measured at some place."
keep_unchanged("today.txt")
