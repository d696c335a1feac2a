"""The house that tests live in: sealed, closed to the network, and with no skip that CI does not know of."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.environment import seal_environment
from tests.support.gitrepo import GitRepo
from tests.support.skips import parse_skips, require_program

CHECKOUT = Path(__file__).parents[2]


def test_environment_lets_only_named_variables_through(tmp_path: Path) -> None:
    sealed = seal_environment(
        {"GIT_DIR": "/elsewhere", "OPENAI_API_KEY": "k", "HTTPS_PROXY": "p", "GIT_AUTHOR_DATE": "1", "PATH": "/bin"},
        tmp_path,
    )
    assert sealed["PATH"] == "/bin"
    assert not sealed.keys() & {"GIT_DIR", "OPENAI_API_KEY", "HTTPS_PROXY", "GIT_AUTHOR_DATE"}
    assert sealed["HOME"] == str(tmp_path)


def test_every_test_has_a_home_of_its_own(home: Path) -> None:
    assert os.environ["HOME"] == str(home)
    assert [file.name for file in home.iterdir()] == [".gitconfig"]
    assert time.tzname == ("UTC", "UTC")


@given(st.integers())
def test_autouse_fixtures_get_along_with_hypothesis(number: int) -> None:
    assert isinstance(number, int)


@pytest.mark.parametrize("host", ["example.org", "192.0.2.1", "2001:db8::1"])
def test_sockets_reach_no_other_machine(host: str) -> None:
    with pytest.raises(pytest.fail.Exception, match="only loopback"):
        socket.create_connection((host, 80), timeout=1)


def test_datagrams_reach_no_other_machine() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as datagrams,
        pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"),
    ):
        datagrams.sendto(b"", ("192.0.2.1", 53))


def test_sockets_reach_loopback_and_unix_sockets(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "socket"))
        server.listen()
        client.connect(str(tmp_path / "socket"))


def test_missing_program_skips_with_the_name_of_its_package() -> None:
    with pytest.raises(pytest.skip.Exception, match="apt-get install no-such-package"):
        require_program("no-such-program", package="no-such-package")


SKIPPING = """
import pytest
def test_skipped(): pytest.skip("no such program")
@pytest.mark.xfail(strict=True)
def test_known_to_fail(): assert False
"""


@pytest.mark.parametrize(
    "ci, skips, outcomes",
    [
        ("", "", {"skipped": 1, "xfailed": 1}),
        ("true", "", {"failed": 1, "xfailed": 1}),
        ("true", "test_it.py::test_skipped — a reason\n", {"skipped": 1, "xfailed": 1}),
        ("true", "test_it.py::test_other — a reason\n", {"failed": 1, "xfailed": 1}),
    ],
    ids=["elsewhere", "unlisted", "listed", "other-listed"],
)
def test_skip_is_a_failure_under_ci_unless_listed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str, skips: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makepyfile(test_it=SKIPPING)
    (pytester.mkdir("tests") / "skips.txt").write_text(skips)
    pytester.makepyprojecttoml("[tool.pytest]\n")
    pytester.runpytest_inprocess("-p", "tests.support.skips").assert_outcomes(**outcomes)


def test_skipped_module_is_a_failure_under_ci(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(test_it='import pytest\npytest.skip("not here", allow_module_level=True)')
    pytester.makepyprojecttoml("[tool.pytest]\n")
    pytester.runpytest_inprocess("-p", "tests.support.skips").assert_outcomes(errors=1)


def test_skips_need_a_reason() -> None:
    assert parse_skips("# why\n\ntests/x.py::test[a b] — not on this kind of machine\n") == {
        "tests/x.py::test[a b]": "not on this kind of machine"
    }
    with pytest.raises(ValueError, match="no reason"):
        parse_skips("tests/x.py::test\n")


def test_listed_skips_exist() -> None:
    for test_id in parse_skips((CHECKOUT / "tests/skips.txt").read_text(encoding="utf-8")):
        path, _, name = test_id.partition("::")
        assert f"def {name.partition('[')[0]}(" in (CHECKOUT / path).read_text(encoding="utf-8"), test_id


def test_built_repository_is_what_git_makes(repo: GitRepo) -> None:
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert repo.git("log", "--format=%an <%ae> %s") == "Ada Lovelace <ada@example.org> first"
    assert repo.status() == []
    before = repo.hash_index(), repo.hash_files()
    repo.write("README.md", "bye\n")
    repo.write("new/file", b"\xff", mode=0o755)
    assert repo.status() == [" M README.md", "?? new/file"]
    assert before[0] == repo.hash_index()
    assert {path for path, digest in repo.hash_files().items() if before[1].get(path) != digest} == {
        "README.md",
        "new/file",
    }
    assert repo.commit({"README.md": None}, message="remove") == repo.resolve("main")
    assert repo.list_files() == []
    assert repo.find("no-such-branch") is None


def test_child_processes_are_sealed(repo: GitRepo) -> None:
    asked = [sys.executable, "-c", "import os; print(sorted(name for name in os.environ if name.startswith('GIT_')))"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "['GIT_CEILING_DIRECTORIES',",
        "'GIT_CONFIG_GLOBAL',",
        "'GIT_CONFIG_NOSYSTEM',",
        "'GIT_TERMINAL_PROMPT']",
    ]
