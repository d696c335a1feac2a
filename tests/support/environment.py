"""The environment that tests and the programs they start see: nothing of the user's or the machine's.

`tests/conftest.py` applies it. A variable is let through only if it is named here, so that one nobody thought of can't
change a result.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from git_draft.catalogue import find_cache_dir

_KEPT = frozenset({"CI", "LD_LIBRARY_PATH", "PATH", "PYTHONDONTWRITEBYTECODE", "SSL_CERT_FILE", "TMPDIR"})
_KEPT_PREFIXES = ("COVERAGE_", "COV_CORE_", "PIP_", "PYTEST_")  # measuring child processes; `make install` in a clone

USERS_CACHE = find_cache_dir(os.environ).parents[1]
"""Where the user's own model weights are, below; read before the environment is sealed."""

_GIT_CONFIG = """\
[user]
    name = Ada Lovelace
    email = ada@example.org
[init]
    defaultBranch = main
[gc]
    auto = 0
[protocol "file"]
    allow = always
"""


@contextmanager
def sealed_environment() -> Iterator[Path]:
    """Run with a sealed environment; give its home folder, which is new."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="git-draft-home-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        _replace_environment(seal_environment(before, home))
        try:
            yield home
        finally:
            _replace_environment(before)


def _replace_environment(environ: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environ.keys():
        del os.environ[name]
    os.environ.update(environ)
    time.tzset()


def seal_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Make the environment for a test; git's global settings are written into its home folder.

    Args:
        environ: the environment as it is.
        home: an empty folder for everything that belongs to a user.
    """
    global_config = home / ".gitconfig"
    global_config.write_text(_GIT_CONFIG)
    kept = {name: value for name, value in environ.items() if name in _KEPT or name.startswith(_KEPT_PREFIXES)}
    return kept | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "GIT_CONFIG_GLOBAL": str(global_config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(home.parent),
        "GIT_TERMINAL_PROMPT": "0",
        "EDITOR": "false",  # the last that git looks at: a test sets any of the others
        "PAGER": "cat",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
        "TZ": "UTC",
    }
