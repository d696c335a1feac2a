"""Durations as people write them."""

import re

SECONDS = {"s": 1, "m": 60, "h": 3600}


def parse_duration(text):
    """Read a duration such as 90s, 5m or 1h30m; give seconds.

    Raises ValueError for anything else, an empty text too.
    """
    parts = re.findall(r"(\d+)([smh])", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"no duration: {text!r}")
    return sum(int(number) * SECONDS[unit] for number, unit in parts)
