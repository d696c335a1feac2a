from checking import keep_definitions, keep_unchanged

import compass
import wind

assert compass.compass_point(350) == "N"
assert compass.compass_point(338) == "N"
assert compass.compass_point(337.5) == "N"
assert compass.compass_point(360) == "N"
assert compass.compass_point(337) == "NW"
names = [compass.compass_point(angle) for angle in range(0, 360, 45)]
assert names == ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
assert compass.compass_point(22) == "N"
assert compass.compass_point(23) == "NE"
assert compass.POINTS[:8] == ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]
assert compass.normalize(-90) == 270
assert compass.opposite(200) == 20
assert compass.turn(350, 10) == 20
assert compass.turn(10, 350) == -20
assert wind.describe(170, 12) == "wind from N, 12 km/h"
assert wind.describe(90, 5) == "wind from W, 5 km/h"
keep_definitions("compass.py")
keep_unchanged("wind.py")
