"""git's configuration, as ``git config --list`` sees it: files, includes, ``git -c`` and GIT_CONFIG_* together.

Read once when the repository is opened. Called by `git/repo.py`; what a setting of ours may say is checked where it is
used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from git_draft.errors import ConfigError

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off", ""})
_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class GitConfig:
    """All settings of git, last value first in rank.

    Args:
        values: the values of each key in the order of the files; a key without ``=`` has the value None.
    """

    def __init__(self, values: Mapping[str, list[str | None]]) -> None:
        self._values = values

    @classmethod
    def parse(cls, listing: bytes) -> GitConfig:
        """Read the output of ``git config -z --list``."""
        values: dict[str, list[str | None]] = {}
        for item in listing.decode("utf-8", "surrogateescape").split("\0"):
            if item:
                key, has_value, value = item.partition("\n")
                values.setdefault(key, []).append(value if has_value else None)
        return cls(values)

    @staticmethod
    def _normalize(key: str) -> str:
        section, _, rest = key.partition(".")
        subsection, dot, name = rest.rpartition(".")
        return f"{section.lower()}.{subsection}{dot}{name.lower()}"

    def get(self, key: str) -> str | None:
        """Give the last value of a key, None where it is not set; section and name in any case."""
        values = self._values.get(self._normalize(key))
        return None if not values else values[-1] or ""

    def get_bool(self, key: str, default: bool = False) -> bool:
        """Give a boolean, read as git reads it.

        Raises:
            ConfigError: where the value is no boolean.
        """
        values = self._values.get(self._normalize(key))
        if not values:
            return default
        value = values[-1]
        if value is None or value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        number = _parse_int(value)
        if number is None:
            raise ConfigError(f"bad boolean in git's configuration: {key} = {value}")
        return number != 0

    def get_int(self, key: str, default: int) -> int:
        """Give a number, read as git reads it: ``k``, ``m`` and ``g`` multiply by 1024.

        Raises:
            ConfigError: where the value is no number.
        """
        value = self.get(key)
        if value is None:
            return default
        number = _parse_int(value)
        if number is None:
            raise ConfigError(f"bad number in git's configuration: {key} = {value}")
        return number

    def iter_subsections(self, section: str, name: str) -> Iterator[tuple[str, str]]:
        """Give (subsection, last value) for every ``section.<subsection>.name``."""
        head, tail = f"{section.lower()}.", f".{name.lower()}"
        for key, values in self._values.items():
            if key.startswith(head) and key.endswith(tail) and len(key) > len(head) + len(tail):
                yield key[len(head) : -len(tail)], values[-1] or ""


def _parse_int(text: str) -> int | None:
    match = re.fullmatch(r"\s*([+-]?)(?:0x([0-9a-f]+)|(0[0-7]*)|([1-9][0-9]*))([kmg]?)", text, re.ASCII | re.IGNORECASE)
    if match is None:
        return None
    sign, hexadecimal, octal, decimal, unit = match.groups()
    number = int(hexadecimal, 16) if hexadecimal else int(octal, 8) if octal else int(decimal)
    return (-number if sign == "-" else number) * _UNITS.get(unit.lower(), 1)
