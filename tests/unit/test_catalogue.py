"""The models known by name, and where their files are looked for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from git_draft.catalogue import (
    CATALOGUE,
    DEFAULT_MODEL,
    Model,
    find_cache_dir,
    find_file,
    find_model,
    get_model,
)
from git_draft.errors import UsageError
from tests.support.weights import CONTENTS, MODEL


def test_the_default_is_in_the_catalogue() -> None:
    assert CATALOGUE[DEFAULT_MODEL].name == DEFAULT_MODEL
    assert len(CATALOGUE) == 2


@pytest.mark.parametrize("model", CATALOGUE.values(), ids=lambda model: model.name)
def test_entries_are_whole(model: Model) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", model.sha256)
    assert re.fullmatch(r"[\w.-]+\.gguf", model.file)  # a name, not a path
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", model.huggingface)
    members = {model.member.format(part=part) for part in range(1, model.parts + 1)}
    assert len(members) == model.parts
    prefix = model.wheels.replace("-", "_")
    assert model.member.format(part=5) == f"{prefix}5/data/part05.bin"


def test_unknown_names_lead_to_known_ones() -> None:
    assert get_model("qwen2.5-coder-0.5b").parts == 6
    with pytest.raises(UsageError, match=r"no model qwen-0\.5b; did you mean qwen2\.5-coder-0\.5b\?") as caught:
        get_model("qwen-0.5b")
    assert caught.value.hint == "the models are qwen2.5-coder-1.5b, qwen2.5-coder-0.5b"
    with pytest.raises(UsageError, match=r"no model xyz$"):
        get_model("xyz")


@pytest.mark.parametrize("value", ["", "relative/path", None])
def test_the_cache_is_in_the_home_folder(home: Path, value: str | None) -> None:
    env = {} if value is None else {"XDG_CACHE_HOME": value}
    assert find_cache_dir(env) == home / ".cache/git-draft/models"


def test_the_cache_is_where_the_environment_says(tmp_path: Path) -> None:
    assert find_cache_dir({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "git-draft/models"


def test_only_a_file_of_the_right_size_is_found(tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    assert find_file(MODEL, env) is None
    path = find_cache_dir(env) / MODEL.file
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENTS[:-1])
    assert find_file(MODEL, env) is None
    path.write_bytes(CONTENTS)
    assert find_file(MODEL, env) == path


def test_a_model_is_found_by_its_name(tmp_path: Path) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path)}
    assert find_model("no-such-model", env) is None
    assert find_model(DEFAULT_MODEL, env) is None
    path = find_cache_dir(env) / CATALOGUE[DEFAULT_MODEL].file
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(CATALOGUE[DEFAULT_MODEL].size_bytes)  # takes no room
    assert find_model(DEFAULT_MODEL, env) == path


def test_importing_it_reads_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import git_draft.catalogue; "  # what measures coverage loads some, too
        "print({'tomllib', 'pydantic', 'httpx2', 'difflib'} & (set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
