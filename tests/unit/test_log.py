"""The log: what is in it and what never is, who may read it, and that it stops nobody."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from git_draft.bots.replies import Reply, ToolCall
from git_draft.bots.retry import RequestError
from git_draft.log import (
    MAX_LOG_BYTES,
    OLD_LOGS,
    Exchange,
    find_log_path,
    hide_secrets,
    opened_log,
    register_secret,
    run_named,
)
from git_draft.model import Usage

SECRET = 'sk-"quoted\\key'
BODY = {"model": "m", "messages": [{"role": "user", "content": "why?\x1b"}]}
REPLY = Reply({"role": "assistant", "content": "because"}, calls=(ToolCall("1", "x", {}),), usage=Usage(1200, 30))


@pytest.fixture
def path(home: Path) -> Path:
    """Give the place of the log."""
    return home / ".local/state/git-draft/log"


def read(path: Path) -> list[str]:
    """Give the lines without the first, and without time and process."""
    return [re.sub(r"^\S+ \d+ ", "", line) for line in path.read_text().splitlines()[1:]]


def exchange(*chunks: bytes, error: BaseException | None = None, reply: Reply = REPLY) -> None:
    """Log a request that has no server."""

    async def answer() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def talk() -> None:
        with Exchange("http://x/v1", "m", BODY) as exchange:
            _ = [chunk async for chunk in exchange.listen(answer())]
            if error:
                raise error
            assert exchange.note(reply) is reply

    if error:
        with pytest.raises(type(error)):
            asyncio.run(talk())
    else:
        asyncio.run(talk())


def test_a_request_and_its_reply_are_a_line_each(path: Path) -> None:
    with opened_log(os.environ), run_named(7):
        exchange(b"12345", b"67")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000 \d+ INFO git-draft \S+, Python \S+, \w+",
        path.read_text().splitlines()[0],
    )
    request, reply = (re.sub(r"(request|reply) \d+", r"\1 N", line) for line in read(path))
    assert request == "run 7 INFO request N to http://x/v1 model m: 1 message, 71 bytes"
    assert reply == "run 7 INFO reply N: 0.0 s, first byte after 0.0 s, 7 bytes, 1 call, 1,200 tokens in, 30 out, whole"


@pytest.mark.parametrize(
    "error, line",
    [
        (RequestError("rate limit", status=429), "WARNING error N: status 429, 0.0 s: rate limit"),
        (RequestError("no\nconnection"), "WARNING error N: RequestError, 0.0 s: no connection"),
        (asyncio.CancelledError(), "INFO stopped N: 0.0 s"),
    ],
)
def test_what_came_to_nothing_is_said(path: Path, error: BaseException, line: str) -> None:
    with opened_log(os.environ):
        exchange(error=error)
    assert re.sub(r" \d+:", " N:", read(path)[1]) == line


@pytest.mark.parametrize(
    "level, kinds",
    [
        ("DEBUG", ["INFO request", "DEBUG request", "INFO reply", "DEBUG reply", "INFO request", "DEBUG request", "WARNING error"]),
        ("INFO", ["INFO request", "INFO reply", "INFO request", "WARNING error"]),
        ("WARNING", ["WARNING error"]),
    ],
)  # fmt: skip
def test_contents_are_logged_only_where_they_are_wanted(path: Path, level: str, kinds: Sequence[str]) -> None:
    with opened_log({"XDG_STATE_HOME": str(path.parents[1])}, level):
        exchange(b"x", reply=Reply({"content": "because"}, is_cut=True))
        exchange(error=RequestError("bad"))
    text = path.read_text()
    assert re.findall(r" ((?:INFO|DEBUG|WARNING) (?:request|reply|error))", text) == kinds
    assert ('"why?\\u001b"' in text, '{"content": "because"}' in text) == (
        (True, True) if level == "DEBUG" else (False, False)
    )
    assert ("0 calls, cut off" in text) == (level != "WARNING")


def test_nothing_is_logged_without_a_log(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    exchange(error=RequestError("bad"))
    with opened_log(os.environ, "DEBUG"):
        pass
    assert not logging.getLogger("git_draft.log").isEnabledFor(logging.INFO), "nothing is made up that nobody reads"
    exchange(error=RequestError("bad"))
    assert read(find_log_path(os.environ)) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("start", ["", "import logging; logging.basicConfig(level=logging.DEBUG)"])
def test_no_line_goes_to_standard_error(start: str) -> None:
    code = f"{start}\nfrom git_draft.log import Exchange\nwith Exchange('http://x', 'm', {{}}): raise ValueError"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "error 1" not in done.stderr


def test_libraries_are_not_let_in(path: Path) -> None:
    with opened_log(os.environ, "DEBUG"):
        for name in ("openai", "httpx2", "httpcore2", ""):
            logging.getLogger(name).warning("Authorization: Bearer x")
        exchange()
    assert "Bearer" not in path.read_text()


# Secrets


def test_secrets_are_hidden_however_they_are_written() -> None:
    register_secret(SECRET)
    register_secret("")
    register_secret(None)
    register_secret("abc")
    for text in (SECRET, SECRET[:-1], SECRET[:8], 'sk-\\"quoted\\\\key', "sk-%22quoted%5Ckey"):
        assert hide_secrets(f"<{text}>") == "<***>"
    assert hide_secrets("abc sk-") == "abc sk-"


def test_a_secret_is_in_no_line_and_no_traceback(path: Path) -> None:
    register_secret(SECRET)
    with opened_log(os.environ, "DEBUG"):
        exchange(error=RequestError(f"wrong key {SECRET}", status=401))
        exchange(b"x", reply=Reply({"content": f"your key is {SECRET}"}))
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("git_draft.log").exception("it failed with %s", SECRET)
    text = path.read_text()
    assert "quoted" not in text
    assert text.count("***") == 4
    assert re.search(r"ERROR it failed with \*\*\*\n    Traceback .*\n(    .*\n)+    ValueError: \*\*\*\n", text)


# The file


def test_only_the_user_may_read_it(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o755)
    path.touch(mode=0o644)
    with opened_log(os.environ):
        exchange()
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


_WRITER = """
import os, sys
from git_draft.log import Exchange, opened_log
with opened_log(os.environ):
    for number in range(400):
        with Exchange("http://x/" + sys.argv[1] * 1000, str(number), {}):
            pass
"""


def test_several_processes_rotate_it_without_losing_a_line(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, name]) for name in "abcd"]
    assert [writer.wait() for writer in writers] == [0] * 4
    files = sorted(path.parent.iterdir())
    assert files == [path, path.with_name("log.1")]
    lines = [line for file in files for line in file.read_text().splitlines()]
    for name in "abcd":
        found = [re.search(rf"/{name}{{1000}} model (\d+):", line) for line in lines]
        assert sorted(int(each[1]) for each in found if each) == list(range(400))
    # a writer that does not get the lock in time, on a busy machine, writes without rotating: some lines more
    assert all(file.stat().st_size <= 1.1 * MAX_LOG_BYTES for file in files)
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)


def test_old_files_are_only_so_many(path: Path) -> None:
    path.parent.mkdir(parents=True)
    for _ in range(OLD_LOGS + 3):
        path.write_bytes(b"x" * MAX_LOG_BYTES)
        with opened_log(os.environ):
            pass
    assert len(list(path.parent.iterdir())) == 1 + OLD_LOGS
    assert path.stat().st_size < 100


def test_a_folder_that_can_not_be_made_stops_nobody(home: Path) -> None:
    (home / "file").touch()
    with opened_log({"XDG_STATE_HOME": str(home / "file")}):
        exchange()
    (home / "state/git-draft/log").mkdir(parents=True)
    with opened_log({"XDG_STATE_HOME": str(home / "state")}):
        exchange()


def test_a_folder_that_goes_away_stops_nobody(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with opened_log(os.environ):
        path.unlink()
        exchange()
        assert len(path.read_text().splitlines()) == 2
        path.unlink()
        path.parent.rmdir()
        exchange()
    assert not path.parent.exists()
    assert capfd.readouterr().err == ""


def test_a_full_disk_stops_nobody(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = home / "state/git-draft"
    folder.mkdir(parents=True)
    (folder / "log").symlink_to("/dev/full")
    with opened_log({"XDG_STATE_HOME": str(home / "state")}):
        exchange()
    assert capfd.readouterr().err == ""


def test_a_lock_that_is_kept_stops_nobody(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("x" * MAX_LOG_BYTES + "\n")
    descriptor = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with opened_log(os.environ):
            exchange()
    finally:
        os.close(descriptor)
    assert len(path.read_text().splitlines()) == 4, "written, but not rotated"
