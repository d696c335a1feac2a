"""Sessions in documents: commands that are run again, each on a terminal, and what is then seen is written in.

    ```console
    $ git draft "fix it"          a command for the shell; lines right below that begin with "> " belong to it
    draft 1/1: Fixed …            what is seen
    ```

`<!-- typed: seven -->` above a block is what a user types where a program waits, a word for each time. `cd` lasts to
the end of the session. Ids, times and ports are masked.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.environment import seal_environment
from tests.support.pseudo import opened_terminal
from tests.support.screen import Screen
from tests.support.server import ScriptedServer

COLUMNS = 100
"""How wide the terminal is, as programs are told."""

_MANY = 10_000  # lines that are longer are not broken: how a document shows them is its own affair

BLOCK = re.compile(r"(?:<!-- typed: (?P<typed>.*) -->\n)?```console\n(?P<text>.*?)```\n", re.DOTALL)
_BIN = Path(__file__).resolve().parents[2] / "bin"
_EXPECTED = (0, 1, 3)  # 1: git diff --exit-code, git merge; what else fails is a mistake in the document
_CONFIG = """\
[[bots]]
name = "gpt"
options = {{ model = "gpt-4.1", base_url = "{url}" }}
"""


class Console:
    """A user's session.

    Args:
        folder: where it begins.
        environ: for each command.
    """

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        self.environ = environ

    def run(self, command: str, typed: Sequence[str] = (), expected: Sequence[int] = _EXPECTED) -> str:
        """Run a command of the shell and give what is seen of it, masked.

        Args:
            command: it may have several lines.
            typed: what is typed where a program waits in the middle of a line.
            expected: exit codes that are no mistake.
        """
        where = self.folder.parent / "where"
        script = f'{command}\nstatus=$?; pwd >"$WHERE"; exit $status'
        environ = {**self.environ, "WHERE": str(where)}
        with opened_terminal(["sh", "-c", script], self.folder, environ, columns=COLUMNS) as terminal:
            for text in typed:
                terminal.wait_for_prompt()
                terminal.type(text + "\r")
            status = terminal.finish()
        screen = Screen(_MANY)
        screen.write(terminal.screen)
        seen = "".join(f"{row}\n" for row in screen.seen)
        assert status in expected, f"{command}: {status}\n{seen}"
        self.folder = Path(where.read_text().rstrip("\n"))
        return mask(seen).replace(self.environ["HOME"], "~")

    def renew(self, document: str) -> str:
        """Run the blocks of a document, and give it with what is seen now."""
        return BLOCK.sub(self._renew_block, document)

    def _renew_block(self, found: re.Match[str]) -> str:
        typed = (found["typed"] or "").split()
        text = ""
        for command in iter_commands(found["text"]):
            lines = command.split("\n")
            text += "\n".join([f"$ {lines[0]}", *(f"> {line}" for line in lines[1:])]) + "\n"
            text += self.run(command, typed)
            typed = []
        return found[0].replace(found["text"], text)


def iter_commands(block: str) -> Iterator[str]:
    """Find the commands of a block; those of several lines have newlines."""
    for found in re.finditer(r"^\$ (.*(?:\n> .*)*)", block, re.MULTILINE):
        yield found[1].replace("\n> ", "\n")


def mask(text: str) -> str:
    """Take out what differs from one time to the next: ids, times and ports."""
    text = re.sub(r"\b[0-9a-f]{7,40}\b", "0000000", text)
    text = re.sub(r"(?m)^([| ]*Date: +).*", r"\1Thu Jan 1 10:00:00 2026 +0000", text)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:8080", text)
    text = re.sub(r"\b\d+\.\d s\b", "1.0 s", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?([+-]\d\d:\d\d)?", "2026-01-01 10:00", text)
    return re.sub(r"\b\d+ (second|minute)s? ago", "now", text)


@contextmanager
def opened_console(script: Path) -> Iterator[Console]:
    """Open a session in an empty folder, with the program and a bot whose answers are scripted.

    Args:
        script: what its server answers, as `server.py` reads it.
    """
    with (
        TemporaryDirectory(prefix="git-draft-console-") as folder,
        ScriptedServer.parse(json.loads(script.read_text("utf-8"))) as server,
    ):
        home = Path(folder).resolve() / "home"
        home.mkdir()
        environ = seal_environment(os.environ, home)
        environ |= {"PATH": f"{_BIN}:{environ['PATH']}", "GIT_EDITOR": "true"}
        config = home / ".config/git-draft/config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(_CONFIG.format(url=server.url))
        work = home / "work"
        work.mkdir()
        yield Console(work, environ)
