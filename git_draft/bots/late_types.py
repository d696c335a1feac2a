"""The openai package without its modules of types until one is used: they are nine tenths of what it takes to load.

Its packages of types only hand names on from their modules, five hundred in all, of which speaking to a server needs a
few dozen. In place of each comes a package that loads a module when its name is asked for; the table of names is read
from the package's own file. One that does anything else is loaded as it is, and so is all of openai where it can't be
loaded in this way. Called by `client.py`; why: docs/decisions/0009-late-types.md.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

_PACKAGE = "openai.types"
_NOTHING = re.compile(r"(?:#[^\n]*|from __future__ import annotations|)\n")
_IMPORT = re.compile(r"from (\.+\w[.\w]*) import (?:\(([\w\s,]+)\)|([\w ,]+))\n")

Names = Mapping[str, tuple[str, str]]
"""For each name of a package the module that has it, relative to the package, and its name there."""


def load_openai() -> None:
    """Load the openai package, its types later."""
    if "openai" in sys.modules:
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        importlib.import_module("openai")
    except (ImportError, AttributeError):  # not as expected: nothing is kept of it
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == "openai"]:
            del sys.modules[name]
        importlib.import_module("openai")


def parse_names(text: str) -> Names | None:
    """Read what the file of a package hands on; None where it does anything else.

    Args:
        text: the package's ``__init__.py``.
    """
    names: dict[str, tuple[str, str]] = {}
    at = 0
    while at < len(text):
        if found := _NOTHING.match(text, at):
            at = found.end()
            continue
        found = _IMPORT.match(text, at)
        if found is None:
            return None
        at = found.end()
        for each in filter(None, (part.strip() for part in (found[2] or found[3]).split(","))):
            there, _, here = each.partition(" as ")
            names[here.strip() or there] = (found[1], there)
    modules = {module.lstrip(".").partition(".")[0] for module, _ in names.values()}
    return None if modules & names.keys() else names  # else a name would be now a module, now what is in it


class _Finder(MetaPathFinder):
    """Finds packages of types, and has them loaded by `_LateLoader`."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a package of types; None for anything else."""
        if fullname != _PACKAGE and not fullname.startswith(f"{_PACKAGE}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or spec.submodule_search_locations is None:
            return spec
        names = parse_names(Path(spec.origin).read_text("utf-8"))
        if names is not None:
            spec.loader = _LateLoader(names)
        return spec


class _LateLoader(Loader):
    """Makes a package whose names are loaded when they are asked for.

    Args:
        names: what it hands on.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def exec_module(self, module: ModuleType) -> None:
        """Put the names within reach."""
        names = self._names

        def get_attribute(name: str) -> object:
            if name not in names:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            where, there = names[name]
            value = getattr(importlib.import_module(where, module.__name__), there)
            setattr(module, name, value)
            return value

        vars(module).update(
            __getattr__=get_attribute, __dir__=lambda: sorted({*vars(module), *names}), __all__=[*names]
        )
