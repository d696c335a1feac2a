"""The log: what was sent to models and what came back, by size and timing; the contents only where that is wanted.

A file in the state folder, begun anew when it is large, written by several processes at once, and never a reason for a
command to fail. Whatever is written passes `hide_secrets`, here and nowhere else. Only our own lines: what libraries
log is not let in. Opened by `cli/making.py` around a run, written by `bots/`; `git draft list` does without.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sized
from contextvars import ContextVar
from io import TextIOWrapper
from itertools import count
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from urllib.parse import quote

from git_draft import __version__
from git_draft.folders import find_state_folder
from git_draft.model import Usage

MAX_LOG_BYTES = 1 << 20
OLD_LOGS = 3
MAX_CONTENT_CHARS = 200_000
"""Of one request or reply, where contents are logged at all."""

A = TypeVar("A", bound="Answer")

_NAME = "log"
_TELLING_CHARS = 8
"""The first characters of a key up to here say no more than what kind of key it is."""
_MIN_SECRET_CHARS = 4
_LOCK_TRIES = 5
_LOCK_WAIT_S = 0.01

_LOGGER = logging.getLogger("git_draft.log")
_LOGGER.propagate = False
_LOGGER.addHandler(logging.NullHandler())  # without a file, nothing goes to standard error
_RUN: ContextVar[int | None] = ContextVar("run", default=None)
_numbers = count(1)
_secrets: set[str] = set()


# Secrets


def register_secret(text: str | None) -> None:
    """Have a secret hidden in all that is written from now on, also where it is cut or quoted."""
    if text and len(text) >= _MIN_SECRET_CHARS:
        _secrets.update((text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], quote(text, "")))


def hide_secrets(text: str) -> str:
    """Put ``***`` in place of secrets, and of their beginnings: texts are cut."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
        if secret[:_TELLING_CHARS] in text:
            for length in range(len(secret) - 1, _TELLING_CHARS - 1, -1):
                text = text.replace(secret[:length], "***")
    return text


# The file


def find_log_path(env: Mapping[str, str]) -> Path:
    """Give the place of the log, whether it is there or not."""
    return find_state_folder(env) / _NAME


@contextlib.contextmanager
def opened_log(env: Mapping[str, str], level: str = "INFO") -> Iterator[None]:
    """Write a log as long as it lasts; where the file can't be written, do without.

    Args:
        env: for its folder.
        level: ``DEBUG`` for contents, ``INFO`` for requests and replies, ``WARNING`` for what failed.
    """
    handler = _open_handler(find_log_path(env))
    if handler is None:
        yield
        return
    _LOGGER.setLevel(level)
    _LOGGER.addHandler(handler)
    try:
        _LOGGER.info("git-draft %s, Python %s, %s", __version__, sys.version.split()[0], sys.platform)
        yield
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.setLevel(logging.NOTSET)
        with contextlib.suppress(OSError, ValueError):
            handler.close()


@contextlib.contextmanager
def run_named(run: int) -> Iterator[None]:
    """Let what is logged within name a run."""
    token = _RUN.set(run)
    try:
        yield
    finally:
        _RUN.reset(token)


def _open_handler(path: Path) -> logging.Handler | None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # where it is not ours
            path.parent.chmod(0o700)
        handler = _SharedFileHandler(path)
    except OSError:
        return None
    handler.setFormatter(_LineFormatter())
    return handler


# Requests


class Answer(Protocol):
    """What is logged of a reply; `git_draft.bots.replies.Reply` is one."""

    @property
    def message(self) -> Mapping[str, Any]:
        """The assistant's message."""
        ...

    @property
    def calls(self) -> Sized:
        """Its calls."""
        ...

    @property
    def usage(self) -> Usage:
        """What it took."""
        ...

    @property
    def is_cut(self) -> bool:
        """Whether it reached its length limit."""
        ...


class Exchange:
    """A request and what came back, as two lines of the log; a context manager around sending and reading.

    Args:
        where: the URL, without user and password.
        model: who is asked.
        body: the request.
    """

    def __init__(self, where: str, model: str, body: Mapping[str, Any]) -> None:
        self._where, self._model, self._body = where, model, body
        self._number = next(_numbers)
        self._begun_s = time.monotonic()
        self._first_byte_s: float | None = None
        self._size_bytes = 0
        self._answer: Answer | None = None

    def __enter__(self) -> Self:
        if _LOGGER.isEnabledFor(logging.INFO):
            text = json.dumps(self._body, ensure_ascii=False)
            messages = self._body.get("messages") or self._body.get("input") or ()
            size_bytes = len(text.encode("utf-8", "replace"))
            what = f"{_format_count(len(messages), 'message')}, {_format_count(size_bytes, 'byte')}"
            _LOGGER.info("request %d to %s model %s: %s", self._number, self._where, self._model, what)
            _LOGGER.debug("request %d holds %s", self._number, text[:MAX_CONTENT_CHARS])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            status = getattr(error, "status", None)  # of an answer by HTTP, where there was one
            what = type(error).__name__ if status is None else f"status {status}"
            _LOGGER.warning("error %d: %s, %s: %s", self._number, what, self._describe_timing(), error)
        elif error is not None:  # Ctrl-C, a limit of time
            _LOGGER.info("stopped %d: %s", self._number, self._describe_timing())
        elif self._answer is not None:
            ending = _describe_answer(self._answer)
            _LOGGER.info("reply %d: %s, %s", self._number, self._describe_timing(), ending)
            if _LOGGER.isEnabledFor(logging.DEBUG):
                text = json.dumps(self._answer.message, ensure_ascii=False, default=str)
                _LOGGER.debug("reply %d holds %s", self._number, text[:MAX_CONTENT_CHARS])

    async def listen(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Hand on the bytes of the answer, and measure them."""
        async for chunk in chunks:
            if self._first_byte_s is None:
                self._first_byte_s = time.monotonic()
            self._size_bytes += len(chunk)
            yield chunk

    def note(self, answer: A) -> A:
        """Take note of the reply, and give it back."""
        self._answer = answer
        return answer

    def _describe_timing(self) -> str:
        spent = f"{time.monotonic() - self._begun_s:.1f} s"
        if self._first_byte_s is None:
            return spent
        first_s = self._first_byte_s - self._begun_s
        return f"{spent}, first byte after {first_s:.1f} s, {_format_count(self._size_bytes, 'byte')}"


def _describe_answer(answer: Answer) -> str:
    facts = [_format_count(len(answer.calls), "call")]
    if answer.usage.tokens_in is not None or answer.usage.tokens_out is not None:
        facts.append(f"{answer.usage.tokens_in or 0:,} tokens in, {answer.usage.tokens_out or 0:,} out")
    return ", ".join([*facts, "cut off" if answer.is_cut else "whole"])


def _format_count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


# Lines


class _LineFormatter(logging.Formatter):
    """One line for each record, and the lines of a traceback indented; no secrets in either."""

    def format(self, record: logging.LogRecord) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(record.created))
        zone = time.strftime("%z", time.localtime(record.created))
        run = _RUN.get()
        head = f"{seconds}.{record.msecs:03.0f}{zone} {record.process}" + ("" if run is None else f" run {run}")
        text = " ".join(record.getMessage().splitlines())
        printable = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
        if record.exc_info:
            printable += "\n" + self.formatException(record.exc_info)
        return f"{head} {record.levelname} " + hide_secrets(printable).replace("\n", "\n    ")


class _SharedFileHandler(RotatingFileHandler):
    """A rotated file that several processes write: each under a lock, and to the file that has the name now."""

    def __init__(self, path: Path) -> None:
        self._is_locked = False
        super().__init__(
            path, maxBytes=MAX_LOG_BYTES, backupCount=OLD_LOGS, encoding="utf-8", errors="backslashreplace"
        )

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with contextlib.suppress(OSError):
            os.fchmod(descriptor, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding, errors=self.errors)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            with _locked(Path(self.baseFilename).parent) as self._is_locked:
                self._follow()
                super().emit(record)
        except (OSError, ValueError):  # a full disk, a folder that is gone
            self.handleError(record)

    def _follow(self) -> None:
        """Open the file anew where another process has rotated it."""
        try:
            named = Path(self.baseFilename).stat()
        except FileNotFoundError:
            named = None
        held = os.fstat(self.stream.fileno()) if self.stream else None
        if held is None or named is None or (held.st_dev, held.st_ino) != (named.st_dev, named.st_ino):
            if self.stream:
                self.stream.close()
            self.stream = self._open()

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802  # the base class's name
        return self._is_locked and bool(super().shouldRollover(record))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the base class's
        """Say nothing: a log that can't be written stops nobody."""


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock, given up where another process keeps it; tells whether it is held."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield _try_lock(descriptor)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_WAIT_S)
        except OSError:  # a file system without locks
            return False
        else:
            return True
    return False
