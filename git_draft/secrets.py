"""Which files may hold a secret, by their names: no bot sees them.

Only names live here; that such files are withheld is done in `worktree.py`. Called by it and by the drafter, which warns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from pathlib import PurePosixPath

SECRET_NAMES = (
    *(".env*", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd", ".git-credentials"),
    *(".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".vault-piece", ".terraformrc"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "*.asc.key", "*.ovpn"),
    *("*.tfstate", "*.tfstate.*", "*.tfvars", "service-account*.json", "service_account*.json"),
)
"""Names of files and folders that are withheld, matched in lower case on every part of a path."""

SECRET_WORDS = ("id_*", "credential*", "secret", "secrets", "secret.*", "secrets.*", "*_secret.*", "*-secret.*")
"""Names that mean a secret but in source code: ``credentials.json`` and ``.md`` are withheld, ``credentials.py`` not."""

HARMLESS_NAMES = ("*.pub", "*.example", "*.sample", "*.template", "*.dist", ".env.d.ts")
"""Names of files that are made to be shared, ``.env.example``; they win over the above for the file itself."""

_SOURCE_NAME = re.compile(
    r".+\.(c|cc|clj|cpp|cs|css|dart|ex|exs|fs|go|h|hpp|hs|java|jl|js|jsx|kt|lua|m|ml|mjs|php|pl|pm|py|pyi|r|rb|rs|scala"
    r"|scss|svelte|swift|ts|tsx|vue|zig)",
)


def _compile_names(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs))


_SECRET_NAMES, _SECRET_WORDS, _HARMLESS_NAMES = map(_compile_names, (SECRET_NAMES, SECRET_WORDS, HARMLESS_NAMES))


def looks_secret(path: PurePosixPath) -> bool:
    """Tell by the name whether a file may hold a secret.

    Every part of the path counts, so that a file in ``.ssh`` is one too. Upper and lower case are the same.
    """
    *folders, name = (part.lower() for part in path.parts)
    if any(map(_is_secret, folders)):
        return True
    if _HARMLESS_NAMES.match(name):
        return False
    if _SECRET_NAMES.match(name):
        return True
    return not _SOURCE_NAME.fullmatch(name) and (_SECRET_WORDS.match(name) is not None or any(map(_is_word, folders)))


@lru_cache(maxsize=1 << 14)
def _is_secret(folder: str) -> bool:
    return _SECRET_NAMES.match(folder) is not None


@lru_cache(maxsize=1 << 14)
def _is_word(folder: str) -> bool:
    return _SECRET_WORDS.match(folder) is not None
