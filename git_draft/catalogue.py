"""The models that git-draft knows by name, and where their files are on this machine.

The entries are data, `models.toml`, read when the first is asked for. How a file gets here is `pulling.py`'s business.
Called by the local bot, `pulling.py` and `cli/models.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from git_draft.errors import UsageError
from git_draft.frozen import frozen

DEFAULT_MODEL = "qwen2.5-coder-1.5b"
"""What is meant where no model is named."""

_FILE = "models.toml"


@frozen
class Model:
    """A file of weights: what it must be, and where it can be had.

    Args:
        name: what users call it.
        file: the name of the file, here and on Hugging Face.
        size_bytes: of the file, exactly.
        sha256: of the file, in hexadecimal digits.
        licence: of the weights, as SPDX writes it.
        huggingface: the repository, ``owner/name``.
        wheels: the Python packages that hold the file in pieces, their names without the number at the end.
        parts: how many of these there are, counted from 1.
        version: of these packages.
        member: the piece's path in its wheel, with ``{part}`` for the number.
        description: a few words for the user.
    """

    name: str
    file: str
    size_bytes: int
    sha256: str
    licence: str
    huggingface: str
    wheels: str
    parts: int
    version: str
    member: str
    description: str


class _Catalogue(Mapping[str, Model]):
    """Reads the entries when the first is asked for, so that importing this module costs nothing."""

    @cached_property
    def _models(self) -> Mapping[str, Model]:
        import tomllib

        entries: dict[str, Any] = tomllib.loads(Path(__file__).with_name(_FILE).read_text("utf-8"))
        return {name: Model(name=name, **entry) for name, entry in entries.items()}

    def __getitem__(self, name: str) -> Model:
        return self._models[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


CATALOGUE: Mapping[str, Model] = _Catalogue()
"""Every model by its name."""


def get_model(name: str, catalogue: Mapping[str, Model] = CATALOGUE) -> Model:
    """Give a model by its name.

    Raises:
        UsageError: where the catalogue has no such model; it names those that it has.
    """
    model = catalogue.get(name)
    if model is None:
        from difflib import get_close_matches

        close = get_close_matches(name, catalogue, n=1, cutoff=0.4)
        meant = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"there is no model {name}{meant}", hint=f"the models are {', '.join(catalogue)}")
    return model


def find_cache_dir(env: Mapping[str, str]) -> Path:
    """Give the folder for weights, whether it is there or not."""
    cache = Path(env.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # the standard says to ignore those
        cache = Path("~/.cache").expanduser()
    return cache / "git-draft" / "models"


def find_file(model: Model, env: Mapping[str, str]) -> Path | None:
    """Find a model's file; None where it is not here, or not of its size.

    Its hash was checked before it got its name, and is not checked again: that takes seconds.
    """
    path = find_cache_dir(env) / model.file
    try:
        return path if path.stat().st_size == model.size_bytes else None
    except OSError:
        return None


def find_model(name: str, env: Mapping[str, str]) -> Path | None:
    """Find the file of a model of the catalogue; None where it is not here, or the name is unknown."""
    model = CATALOGUE.get(name)
    return find_file(model, env) if model else None
