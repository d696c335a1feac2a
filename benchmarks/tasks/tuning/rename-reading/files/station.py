"""Tell about the weather at the station."""

from pathlib import Path

from sensors import Rec, Recorder, parse


def coldest(records):
    """Give the coldest of some records; where there is none it is zero degrees nowhere."""
    return min(records, key=lambda record: record.celsius, default=Rec("nowhere", 0.0))


def describe(record):
    """Say what was measured."""
    if not isinstance(record, Rec):
        raise TypeError("that was not measured")
    return f"{record.place} {record.celsius}" + (" (frost)" if record.is_frost() else "")


def main():
    """Print what is in the file of today."""
    recorder = Recorder()
    for line in Path("today.txt").read_text().splitlines():
        rec = parse(line)
        recorder.record(rec.place, rec.celsius)
        print(describe(rec))
    print(f"coldest: {coldest(recorder.records).place}")


if __name__ == "__main__":
    main()
