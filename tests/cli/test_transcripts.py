"""What users see, word by word: golden transcripts of whole sessions, by the program itself against a scripted server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.server import ScriptedServer
from tests.support.skips import require_program
from tests.support.transcript import run_transcript

FOLDER = Path(__file__).with_name("transcripts")
SERVER = Path(__file__).with_name("server.json")
IS_UPDATE = os.environ.get("GIT_DRAFT_UPDATE") == "1"  # read before the tests' environment is sealed
BIN = Path(__file__).resolve().parents[2] / "bin"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_transcript(path: Path, tmp_path: Path) -> None:
    """Everything printed, and every exit code, is as written down."""
    if path.stem == "help":
        require_program("man", package="man-db")
    expected = path.read_text("utf-8")
    with ScriptedServer.parse(json.loads(SERVER.read_text("utf-8"))) as server:
        environ = dict(os.environ) | {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "SERVER": server.url,
            "TRANSCRIPTS": str(FOLDER),
        }
        found = run_transcript(expected, tmp_path, environ)
    if IS_UPDATE:
        path.write_text(found, "utf-8")
    assert found == expected
