"""What starts git-draft from a checkout: `bin/git-draft`, and the words of `make install` where something is missing."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.sources import CHECKOUT

SHOW = '#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n'


def _write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def _run(*command: str | Path, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True, check=False)


def _copy_makefile(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(CHECKOUT / name, folder / name)


@pytest.fixture(params=["plain", "with 'odd' name"])
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Make a checkout whose environment says how it is started."""
    checkout = tmp_path / str(request.param)
    _write_program(checkout / ".venv/bin/python", SHOW)
    (checkout / ".venv/installed").write_text(f"{checkout}\n")
    (checkout / "bin").mkdir()
    shutil.copy(CHECKOUT / "bin/git-draft", checkout / "bin/git-draft")
    return checkout


def test_launcher_starts_the_checkouts_own_environment_isolated(checkout: Path, tmp_path: Path) -> None:
    done = _run(checkout / "bin/git-draft", "a b", "", cwd=tmp_path)
    assert done.stdout.splitlines() == [f"{checkout}/.venv/bin/python", "-I", "-m", "git_draft", "a b", ""]


def test_launcher_is_found_through_links_and_path(checkout: Path, tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    (links / "far").symlink_to(checkout / "bin/git-draft")
    (links / "git-near").symlink_to("far")
    (tmp_path / "folder").symlink_to(checkout / "bin")
    python = f"{checkout}/.venv/bin/python"
    assert _run(links / "git-near").stdout.splitlines()[0] == python
    assert _run("./git-near", cwd=links).stdout.splitlines()[0] == python
    assert _run(tmp_path / "folder/git-draft").stdout.splitlines()[0] == python
    assert _run("sh", "git-draft", cwd=checkout / "bin", CDPATH="/").stdout.splitlines()[0] == python
    assert _run("git", "near", PATH=f"{links}:{os.environ['PATH']}").stdout.splitlines()[0] == python


@pytest.mark.parametrize("state", ["absent", "unfinished", "moved"])
def test_launcher_says_what_to_do_where_nothing_is_installed(checkout: Path, state: str) -> None:
    if state == "absent":
        shutil.rmtree(checkout / ".venv")
    elif state == "unfinished":
        (checkout / ".venv/installed").unlink()
    else:
        checkout = checkout.rename(checkout.with_name("moved"))
    done = _run(checkout / "bin/git-draft", "list", HOME="/")
    error, hint = done.stderr.splitlines()
    assert error == "error: git-draft is not installed"
    assert shlex.split(hint) == ["hint:", "make", "-C", str(checkout), "install"]
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize(
    "python, said",
    [
        (None, "error: {python} is missing: apt-get install python3 python3-venv"),
        (
            "exit 1",
            "error: {python} is older than 3.11: apt-get install python3.11-venv, then make install PYTHON=python3.11",
        ),
        (
            "[ -z $PYTHONPATH ] || exit 1; case $2 in *ensurepip*) exit 1 ;; *print*) echo python3.13-venv ;; esac",
            "error: {python} can't make environments: apt-get install python3.13-venv",
        ),
    ],
    ids=["missing", "too-old", "without-ensurepip"],
)
def test_install_names_the_package_that_is_missing(tmp_path: Path, python: str | None, said: str) -> None:
    _copy_makefile(tmp_path)
    program = tmp_path / "python"
    if python is not None:
        _write_program(program, f"#!/bin/sh\n{python}\n")
    done = _run("make", "-C", tmp_path, "install", f"PYTHON={program}", PYTHONPATH="/nowhere")
    ours = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert ours == [said.format(python=program)]
    assert done.returncode == 2
    assert not (tmp_path / ".venv").exists()


PRETEND_PYTHON = """#!/bin/sh
case "$1 $2" in
    "-m venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python && rm -f .venv/installed* && echo venv ;;
    "-m pip") for last; do :; done; echo "pip $last by $PIP_CONSTRAINT" ;;
esac
"""


def _make(checkout: Path, target: str, python: Path) -> list[str]:
    done = _run("make", "-C", checkout, target, f"PYTHON={python}")
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.startswith(("venv", "pip"))]


def test_install_does_only_what_is_not_done_yet(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    _copy_makefile(checkout)
    python = _write_program(tmp_path / "python", PRETEND_PYTHON)
    installed, developing = "pip . by constraints.txt", "pip .[dev,local] by constraints.txt"
    assert _make(checkout, "install", python) == ["venv", installed]
    assert _make(checkout, "install", python) == []
    assert _make(checkout, ".venv/installed-dev", python) == [developing]
    assert _make(checkout, "install", python) == []
    later = time.time() + 1
    os.utime(checkout / "constraints.txt", (later, later))
    assert _make(checkout, "install", python) == [installed]
    moved = checkout.rename(tmp_path / "moved")
    assert _make(moved, ".venv/installed-dev", python) == ["venv", installed, developing]


def test_ci_installs_what_is_missing_and_ends_with_the_tests(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(CHECKOUT / ".ci/run", tmp_path / ".ci/run")
    programs = tmp_path / "programs"
    for name in ("apt-get", "make"):
        _write_program(programs / name, f'#!/bin/sh\necho "{name} $* CI=$CI"\n')
    for name in ("fish", "git", "git-lfs", "man", "node", "npm", "python3", "strace", "zsh"):
        _write_program(programs / name, "#!/bin/sh\n")
    for name in ("bash", "dirname", "sh"):
        (programs / name).symlink_to(str(shutil.which(name)))
    done = _run(programs / "bash", tmp_path / ".ci/run", PATH=str(programs), CI="")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "apt-get update -qq CI=true",
        "apt-get install -y -qq --no-install-recommends util-linux CI=true",
        "make lint CI=true",
        "make test-deep CI=true",
        "make test CI=true",
    ]
