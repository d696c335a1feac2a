"""Frozen values with slots, as `@dataclass(frozen=True, slots=True)` makes them, in a fifth of the time.

The standard decorator writes six methods for each class and compiles them, half a millisecond: with the hundred classes
that a command needs that was a tenth of what a draft took. Here `__init__` alone is compiled, which is called often; the
others are shared. `dataclasses` reads the fields, so its `field`, `fields`, `replace` and `asdict` work on values too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, TypeVar, cast, dataclass_transform

T = TypeVar("T")

_read_fields = dataclasses.dataclass(init=False, repr=False, eq=False)
_set = object.__setattr__


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def frozen(cls: type[T]) -> type[T]:
    """Make a class one of frozen values: its annotated names are the arguments, compared, shown, and never set again.

    What the class defines itself stays. As with the standard decorator and `slots=True`, the class that is given back is
    another one, so `super()` without arguments does not work in it.

    Args:
        cls: a class with annotations, with or without defaults; `dataclasses.field` with `init` or `kw_only` is not for it.
    """
    _read_fields(cls)
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # it has become one
    inherited = {name for base in cls.__mro__[1:] for name in getattr(base, "__dataclass_fields__", ())}
    own = [each.name for each in fields if each.name not in inherited]
    kept = {name: found for name, found in cls.__dict__.items() if name not in {*own, "__dict__", "__weakref__"}}
    made = {**_make_methods(fields), "__init__": _make_init(fields), "__slots__": tuple(own)}
    make_class: Any = type(cls)  # mostly `type`, but a protocol or an abstract class has another
    new = make_class(cls.__name__, cls.__bases__, {**made, **kept})
    new.__qualname__ = cls.__qualname__
    return cast("type[T]", new)


def _make_init(fields: Sequence[dataclasses.Field[Any]]) -> Callable[..., None]:
    known: dict[str, object] = {"set_": _set}
    parameters, lines = ["self"], []
    for each in fields:
        name = given = each.name
        if each.default is not dataclasses.MISSING:
            known[f"default_{name}"] = each.default
            parameters.append(f"{name}=default_{name}")
        elif each.default_factory is not dataclasses.MISSING:
            known[f"make_{name}"], known["missing"] = each.default_factory, dataclasses.MISSING
            parameters.append(f"{name}=missing")
            given = f"make_{name}() if {name} is missing else {name}"
        else:
            parameters.append(name)
        lines.append(f" set_(self, {name!r}, {given})")
    made: dict[str, Callable[..., None]] = {}
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), known, made)  # noqa: S102  # as dataclasses
    return made["__init__"]


def _make_methods(fields: Sequence[dataclasses.Field[Any]]) -> Mapping[str, Callable[..., Any]]:
    compare = _make_getter([each.name for each in fields if each.compare])
    everything = [each.name for each in fields]
    shown = [each.name for each in fields if each.repr]

    def eq(self: object, other: object) -> bool:
        return bool(compare(self) == compare(other)) if other.__class__ is self.__class__ else NotImplemented

    def show(self: object) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def reduce(self: object) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in everything)

    return {
        "__eq__": eq,
        "__hash__": lambda self: hash(compare(self)),
        "__repr__": show,
        "__reduce__": reduce,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
    }


def _make_getter(names: Sequence[str]) -> Callable[[object], Any]:
    return attrgetter(*names) if names else lambda _: ()


def _refuse(self: object, name: str, _value: object = None) -> None:
    raise dataclasses.FrozenInstanceError(f"{type(self).__qualname__}.{name} can't be changed")
