"""The plug-in of docs/bots.md: it is what stands there, and works as a package of its own beside git-draft."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.cli.test_examples import iter_markdown
from tests.support.console import Console, opened_console
from tests.support.reference import EXAMPLES_SCRIPT

DOCS = Path(__file__).resolve().parents[2] / "docs"
PLUG_IN = DOCS / "plug-in"
TEXT = (DOCS / "bots.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["git_draft_licenser.py", "pyproject.toml"])
def test_it_is_what_stands_there(name: str) -> None:
    assert f"\n{(PLUG_IN / name).read_text('utf-8')}```" in TEXT


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Install the plug-in into an environment of its own, which sees git-draft's; give the folder with the program."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv/bin/python"
    site = sysconfig.get_path("purelib", vars={"base": str(tmp_path / "venv")})
    (Path(site) / "git_draft.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    constrained = {**os.environ, "PIP_CONSTRAINT": str(DOCS.parent / "constraints.txt")}
    subprocess.run([*pip, "--no-deps", str(PLUG_IN)], env=constrained, check=True)
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "git-draft"
    program.write_text(f'#!/bin/sh\nexec {python} -I -m git_draft "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.deep
def test_it_works_as_it_is_told(installed: Path) -> None:
    lines = [line for line in iter_markdown(TEXT) if re.match('git draft .*licenser.* "', line)]
    with opened_console(EXAMPLES_SCRIPT) as console:
        environ = console.environ | {"PATH": f"{installed}:{console.environ['PATH']}"}
        user = Console(console.folder, environ)
        user.run(
            "git init -q . && printf '#!/bin/sh\\nls\\n' >run.sh && printf 'x = 1\\n' >a.py && touch b.py README.md"
        )
        user.run("git add . && git commit -qm Files", expected=(0,))
        by_option, by_batch, by_answer = (user.run(line, expected=(0, 3)) for line in dict.fromkeys(lines))
        assert "draft 1/1: Name the licence in source files (2 files +2 -0)" in by_option
        assert 'git draft --on 1/2 "<answer>"' in by_batch
        assert user.run("git show drafts/1/1:run.sh") == "#!/bin/sh\n# SPDX-License-Identifier: MIT\nls\n"
        assert "(2 files +2 -0)" in by_answer
        assert user.run("git show drafts/1/3:a.py") == "# SPDX-License-Identifier: Apache-2.0\nx = 1\n"
        assert "error: licenser has no option colour" in user.run(
            "git draft -b licenser -o colour=red x", expected=(1,)
        )
