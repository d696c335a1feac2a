"""llama.cpp's server in a child process: started, waited for, ended, and what is said where it fails.

What runs there is `llama.py`. The child never outlives this process: it is killed when it is no longer needed, it ends
when its standard input does, and on Linux the kernel ends it with its parent. Called by `local.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from git_draft.bots.llama import Answer, Order
from git_draft.bots.retry import clean_line
from git_draft.errors import BotError, ConfigError, GitDraftError
from git_draft.folders import find_state_folder
from git_draft.frozen import frozen

INSTALL_HINT = "make install-local"
_LOG = "llama.log"
_MAX_LOG_BYTES = 1 << 20
_NO_MEMORY = re.compile(r"insufficient memory|(?:unable|failed) to allocate|cannot allocate|no memory", re.IGNORECASE)
_REASON = re.compile(r"^[\d.]+ E (?:[^:]{1,40}: )?(?:error loading model: )?(.+)$", re.MULTILINE)


@frozen
class ModelFile:
    """A model and how it is to be run.

    Args:
        name: what it is called.
        path: its file.
        context_tokens: for prompt and answer together.
        threads: None for as many as llama.cpp thinks best.
    """

    name: str
    path: Path
    context_tokens: int
    threads: int | None = None


@frozen
class Served:
    """A server that listens; see `Answer`."""

    url: str
    api_key: str
    context_tokens: int


class ModelServer:
    """The child process, given by `started_server`.

    Args:
        model: what it serves.
        api_key: what it asks for.
        process: with pipes for standard input and output.
        log: where its standard error goes, from `log_start` on; None for nowhere.
        log_start: how much of the log is older.
    """

    def __init__(
        self, model: ModelFile, api_key: str, process: subprocess.Popen[bytes], log: Path | None, log_start: int
    ) -> None:
        self._model = model
        self._api_key = api_key
        self._process = process
        self._log = log
        self._log_start = log_start
        self._line = b""
        self._reading = asyncio.Lock()  # of several runs one reads, and all of them know then

    @property
    def is_ready(self) -> bool:
        """Whether it has answered, as far as that was read."""
        return self._line.endswith(b"\n")

    async def wait_until_ready(self, timeout_s: float) -> Served:
        """Wait until the model is loaded.

        Raises:
            BotError: where it can't be, or takes too long.
            ConfigError: where there is no llama.cpp.
        """
        try:
            async with asyncio.timeout(timeout_s):
                async with self._reading:
                    await self._read_line()
        except TimeoutError:
            raise BotError(
                f"{self._model.name} is not loaded after {timeout_s:g} s",
                hint="-o first_byte_timeout_s=... waits longer",
            ) from None
        if not self.is_ready:
            raise self._explain_death("while it loaded the model")
        answer = Answer.parse(self._line)
        if answer.url is None:
            raise self._explain(answer)
        return Served(f"{answer.url}/v1", self._api_key, answer.context_tokens)

    def find_death(self) -> BotError | None:
        """Say how the server ended, if it did."""
        return None if self._process.poll() is None else self._explain_death("while it was at work")

    async def _read_line(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  # it has a pipe
        descriptor = self._process.stdout.fileno()
        loop = asyncio.get_running_loop()
        while not self.is_ready:
            readable = asyncio.Event()
            loop.add_reader(descriptor, readable.set)
            try:
                await readable.wait()
            finally:
                loop.remove_reader(descriptor)
            data = os.read(descriptor, 4096)
            if not data:
                return
            self._line += data

    def _explain(self, answer: Answer) -> GitDraftError:
        """Say why the server does not listen."""
        if answer.is_missing:
            return ConfigError(f"xllamacpp can't be loaded: {clean_line(answer.problem)}", hint=INSTALL_HINT)
        said, model = self._read_log(), self._model
        if _NO_MEMORY.search(f"{said}\n{answer.problem}"):
            return BotError(
                f"not enough memory for {model.name} with a context of {model.context_tokens} tokens",
                hint="-o context_size=... takes a smaller one",
            )
        reason = _REASON.search(said)
        return BotError(
            f"can't load {model.name}: {clean_line(reason[1] if reason else answer.problem)}", hint=self._log_hint
        )

    def _explain_death(self, when: str) -> BotError:
        status = self._process.wait()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        memory = ", most likely for want of memory" if status == -signal.SIGKILL else ""
        return BotError(f"llama.cpp {how} {when}{memory}", hint=self._log_hint)

    @property
    def _log_hint(self) -> str | None:
        return f"llama.cpp's log is {self._log}" if self._log else None

    def _read_log(self) -> str:
        if self._log is None:
            return ""
        try:
            with self._log.open("rb") as file:
                file.seek(self._log_start)
                return file.read(_MAX_LOG_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""


@contextlib.contextmanager
def started_server(model: ModelFile, env: Mapping[str, str]) -> Iterator[ModelServer]:
    """Start to load a model, and end its server with the block.

    Args:
        model: the model.
        env: for the place of the log.

    Raises:
        BotError: where no process can be started.
    """
    log, log_path = _open_log(find_state_folder(env) / _LOG)
    with log:
        log_start = log.tell()
        try:
            process = subprocess.Popen(
                # nothing may be imported from the current folder, which is somebody's repository
                [sys.executable, "-I" if sys.flags.isolated else "-P", "-m", "git_draft.bots.llama"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                bufsize=0,  # what a child that died did not take would be written again when the pipe is closed
                start_new_session=True,  # Ctrl-C on the terminal is for us
            )
        except OSError as error:
            raise BotError(f"can't start a process for the model: {error.strerror}") from error
    with process:
        try:
            api_key = secrets.token_urlsafe(32)
            order = Order(os.getpid(), str(model.path), model.name, api_key, model.context_tokens, model.threads)
            _send(process, order)
            yield ModelServer(model, api_key, process, log_path, log_start)
        finally:
            process.kill()  # it holds nothing that could be lost


def _send(process: subprocess.Popen[bytes], order: Order) -> None:
    assert process.stdin is not None  # noqa: S101  # it has a pipe
    with contextlib.suppress(BrokenPipeError):  # why it died is said to who waits for it
        process.stdin.write(order.format())


def _open_log(path: Path) -> tuple[IO[bytes], Path | None]:
    """Open the log to add to it, anew where it is large; nothing is logged where there can be none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
            path.unlink()  # and not cut: another server may be writing it
        return path.open("ab"), path
    except OSError:
        return Path(os.devnull).open("ab"), None
