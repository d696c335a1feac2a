"""Which files are made by programs, by name and by look: lock files, minified code, maps, output of generators.

They are text and a bot may read them, but nobody edits them by hand, so they are never chosen as relevant. Called by
`ranking.py` and `context.py`.
"""

from __future__ import annotations

import re

GENERATED_ENDINGS = (
    *(".lock", ".lockb", ".lockfile", ".lock.json", ".lock.hcl", "-lock.json", "-lock.yaml", "-lock.yml"),
    *(".min.js", ".min.mjs", ".min.css", ".min.html", "-min.js", "-min.css", ".bundle.js", ".map"),
    *("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", ".pb.go", ".pb.cc", ".pb.h", ".g.dart", ".designer.cs", ".snap"),
)
"""How names end, in lower case."""

GENERATED_NAMES = frozenset(("npm-shrinkwrap.json", "go.sum", "go.work.sum", "package.resolved"))
"""Whole names, in lower case."""

_MARK = re.compile(r"@generated\b|\bdo not edit\b", re.IGNORECASE)
_HEAD_CHARACTERS = 400
_LONG_LINE = 5000
_LONG_AVERAGE = 400


def has_generated_name(path: str) -> bool:
    """Tell by the name whether a file is made by a program."""
    name = path.rpartition("/")[2].lower()
    return name.endswith(GENERATED_ENDINGS) or name in GENERATED_NAMES


def looks_generated(text: str) -> bool:
    """Tell by its lines whether a text is made by a program: they are very long, or the first ones say so."""
    if _MARK.search(text, 0, _HEAD_CHARACTERS):
        return True
    if len(text) <= _LONG_LINE:
        return False
    lines = text.split("\n")
    return len(text) / len(lines) > _LONG_AVERAGE or max(map(len, lines)) > _LONG_LINE
