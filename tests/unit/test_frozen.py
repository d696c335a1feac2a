"""Frozen values behave as frozen dataclasses with slots do, and cost a fraction of them."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys
import time
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from git_draft.frozen import frozen


def declare(decorate: Callable[[type], type]) -> Any:
    """Give a class with all that a field may be."""

    class Point:
        """A point."""

        x: int
        secret: str = field(repr=False)
        tags: tuple[str, ...] = ()
        seen: list[int] = field(default_factory=list, compare=False)

        @property
        def double(self) -> int:
            """Give twice its place."""
            return self.x * 2

    return decorate(Point)


OURS, STANDARD = declare(frozen), declare(dataclass(frozen=True, slots=True))


@frozen
class Named:
    name: str


@frozen
class Aged(Named):
    age: int = 0

    def __repr__(self) -> str:
        return f"<{self.name}>"


@pytest.mark.parametrize("make", [OURS, STANDARD], ids=["ours", "standard"])
class TestValue:
    def test_arguments(self, make: Any) -> None:
        point = make(1, "s", seen=[3])
        assert (point.x, point.secret, point.tags, point.seen, point.double) == (1, "s", (), [3], 2)
        assert make(1, "s").seen is not make(1, "s").seen
        with pytest.raises(TypeError, match=r"__init__\(\) missing 1 required positional argument: 'secret'"):
            make(1)
        with pytest.raises(TypeError, match="unexpected keyword argument 'y'"):
            make(1, "s", y=2)

    def test_nothing_is_set_or_removed(self, make: Any) -> None:
        point = make(1, "s")
        for name in ("x", "y"):
            with pytest.raises((FrozenInstanceError, TypeError)):  # TypeError: a bug of Python 3.11 with slots
                setattr(point, name, 2)
            with pytest.raises((FrozenInstanceError, TypeError)):
                delattr(point, name)
        assert point.x == 1
        assert not hasattr(point, "__dict__")

    def test_equal_and_as_key(self, make: Any) -> None:
        assert make(1, "s") == make(1, "s", seen=[1])
        assert make(1, "s") != make(2, "s")
        assert make(1, "s") != (1, "s", ())
        assert {make(1, "s"): "found"}[make(1, "s")] == "found"

    def test_shown_without_what_is_secret(self, make: Any) -> None:
        assert repr(make(1, "hush")).endswith(".Point(x=1, tags=(), seen=[])")

    def test_fields_and_changes(self, make: Any) -> None:
        assert [each.name for each in fields(make)] == ["x", "secret", "tags", "seen"]
        assert replace(make(1, "s"), x=5) == make(5, "s")
        assert dataclasses.asdict(make(1, "s")) == {"x": 1, "secret": "s", "tags": (), "seen": []}

    def test_patterns(self, make: Any) -> None:
        match make(1, "s"):
            case make(x, secret):
                assert (x, secret) == (1, "s")
            case _:
                pytest.fail("no match")

    def test_copies(self, make: Any) -> None:
        assert copy.deepcopy(make(1, "s")) == make(1, "s")
        assert make.__doc__ == "A point."


def test_values_are_sent_elsewhere() -> None:
    assert pickle.loads(pickle.dumps(Aged("Ada", 36))) == Aged("Ada", 36)  # noqa: S301  # it is our own


def test_a_class_goes_on_from_another() -> None:
    assert [each.name for each in fields(Aged)] == ["name", "age"]
    assert Aged.__slots__ == ("age",)  # type: ignore[attr-defined]  # mypy does not know of it
    assert repr(Aged("Ada")) == "<Ada>"
    assert repr(Named("Ada")) == "Named(name='Ada')"
    assert Named("Ada") != Aged("Ada")


def test_it_is_cheap() -> None:
    def measure(decorate: Callable[[type], type]) -> float:
        started = time.perf_counter()
        for _ in range(50):
            declare(decorate)
        return time.perf_counter() - started

    trace, ratios = sys.gettrace(), []
    sys.settrace(None)  # coverage counts our lines, not the standard library's
    try:
        ratios = [measure(frozen) / measure(dataclass(frozen=True, slots=True)) for _ in range(7)]
    finally:
        sys.settrace(trace)
    assert min(ratios) < 0.6
