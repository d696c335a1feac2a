from checking import keep_definitions, keep_unchanged

from tram.board import show, show_lines
from tram.times import to_minutes, wait
from tram.timetable import Timetable

stop = Timetable()
stop.add(2, "10:05", "9:50", "8:30")
stop.add(11, "10:00", "22:15", "0:10")
stop.add(5, "9:05", "23:59")
assert show(stop, "9:00") == ["9:05 5 Airport (5 min)", "9:50 2 Castle (50 min)", "10:00 11 Zoo (60 min)"]
assert show(stop, "9:50", 2) == ["9:50 2 Castle (now)", "10:00 11 Zoo (10 min)"]
assert show(stop, "22:15") == ["22:15 11 Zoo (now)", "23:59 5 Airport (104 min)"]
order = ["0:10", "8:30", "9:05", "9:50", "10:00", "10:05", "22:15", "23:59"]
assert [text.split()[0] for text in show(stop, "0:00", 20)] == order
assert [time for time, line in stop.departures("0:00")] == order
assert stop.departures("22:00") == [("22:15", 11), ("23:59", 5)]
assert show(Timetable(), "9:00") == []
assert show_lines(stop) == "2 Castle, 5 Airport, 11 Zoo"
assert stop.lines() == [2, 5, 11]
assert (to_minutes("1:05"), wait("9:05", "10:00")) == (65, "55 min")
keep_definitions("tram/times.py", but=["parts"])
keep_definitions("tram/timetable.py")
keep_definitions("tram/board.py")
keep_unchanged("tram/lines.py", "tram/__init__.py")
