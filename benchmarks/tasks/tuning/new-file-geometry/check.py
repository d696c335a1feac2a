from pathlib import Path

from checking import keep_definitions, keep_unchanged, run_python

import geometry

calls = []
true_distance = geometry.distance


def spy(*args, **kwargs):
    calls.append(args)
    return true_distance(*args, **kwargs)


assert geometry.distance((0, 0), (3, 4)) == 5
assert geometry.distance((7, 9), (1, 1)) == 10
assert geometry.distance((2, 2), (2, 2)) == 0
geometry.distance = spy
import route

calls.clear()
assert route.route_length([(0, 0), (3, 4), (3, 10)]) == 11
assert calls, "route_length does not use distance"
assert route.route_length([(5, 5)]) == 0
calls.clear()
assert route.nearest(route.STOPS, (4, 8)) == "mill"
assert calls, "nearest does not use distance"
assert route.nearest([("a", (0, 0)), ("b", (2, 0))], (1, 0)) == "a"
assert route.walking_hours([(0, 0), (3, 4)]) == 2
assert run_python("route.py") == "21.0 km in 6 hours\nfrom (4, 8) go to the mill\n"
text = Path("route.py").read_text()
assert "sqrt(" not in text, "route.py still has the formula"
assert "def distance" not in text, "it is defined twice"
keep_definitions("route.py")
keep_unchanged("README.md")
