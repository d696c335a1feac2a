"""`.gitmodules` from a bot: what git's own fsck refuses is refused, what people write is not."""

from __future__ import annotations

import os
import re
from pathlib import PurePosixPath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from git_draft.errors import ToolError
from git_draft.git.objects import Objects
from git_draft.git.repo import Repository
from git_draft.git.tree import MODE_FILE, MODE_SYMLINK, TreeEntry
from git_draft.gitmodules import check_modules
from tests.support.gitrepo import GitRepo
from tests.support.programs import draft_by_script
from tests.support.studio import Studio

FILE = TreeEntry(MODE_FILE, "0" * 40)
PLAIN = '[submodule "lib"]\n\tpath = vendor/lib\n\turl = {}\n'


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Objects:
    repo = GitRepo.create(tmp_path_factory.mktemp("modules") / "repo")
    return Objects(Repository.open(repo.path, os.environ))


def is_taken(objects: Objects, contents: bytes, entry: TreeEntry = FILE) -> bool:
    try:
        check_modules(objects, PurePosixPath(".gitmodules"), entry, contents)
    except ToolError:
        return False
    return True


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://example.org/lib.git",
            "http://example.org:8080/a%20b",
            "https://user@[::1]:80/x",
            "ssh://git@host/x",
        ),
        *(
            "git@example.org:group/lib.git",
            "../lib.git",
            "./lib",
            "../../group/lib",
            "git://host/x",
            "/srv/git/lib.git",
        ),
        *("file:///srv/lib.git", "HTTPS://EXAMPLE.org/x", "C:/lib"),
    ],
)
def test_plain_ones_are_taken(objects: Objects, url: str) -> None:
    assert is_taken(objects, PLAIN.format(url).encode())


@pytest.mark.parametrize(
    "contents",
    [
        *(PLAIN.format(url) for url in ("-u./payload", "--upload-pack=touch", "ext::sh -c touch%20x", "fd::17", '""')),
        *(PLAIN.format(url) for url in ("https://example.org/%0ahost=evil", "http://x%0d/y", '"a\\nb"', "../%0aevil")),
        *(PLAIN.format(url) for url in ("https:/x", "https:///x", "http://:80/x", "https://a:b:c/x", "https://x/%zz")),
        *(PLAIN.format(url) for url in ("../../../../:evil/x", "./../..//evil", "..//evil.com/x", "https://")),
        '[submodule "../../x"]\n\turl = a\n',
        '[submodule "a/..\\\\..\\\\b"]\n\turl = a\n',
        '[submodule ""]\n\turl = a\n',
        '[submodule "x"]\n\tpath = -x\n',
        '[submodule "x"]\n\tpath = .git/hooks\n',
        '[submodule "x"]\n\tpath = ../out\n',
        '[submodule "x"]\n\tupdate = !touch pwned\n',
        '[submodule "x"\n',
        "no settings at all",
    ],
)
def test_harm_is_refused(objects: Objects, contents: str) -> None:
    assert not is_taken(objects, contents.encode())


def test_a_name_may_have_a_space(objects: Objects) -> None:
    assert is_taken(objects, b'[submodule "my lib"]\n\tpath = my lib\n\turl = ../lib\n')


def test_a_link_is_refused(objects: Objects) -> None:
    assert not is_taken(objects, b"../elsewhere", TreeEntry(MODE_SYMLINK, "0" * 40))


_PIECES = st.sampled_from(
    ["..", ".", "/", "\\", ":", "-", "--", "%0a", "%0A", "%", "a", "host", "http", "https", "ftp", "git", "ssh", "://"]
    + ["@", "[::1]", ":80", ":99999", "?", "#", "%2e", "ext::", "lib.git", "\x01", " ", "é", "!touch", "checkout", "C:"]
)
_VALUES = st.lists(_PIECES, max_size=8).map("".join)
_FILES = st.lists(
    st.builds(
        lambda name, field, value: f'[submodule "{name}"]\n\t{field} = "{value}"\n'.replace("\\", "\\\\"),
        _VALUES.filter(lambda text: "\x01" not in text),
        st.sampled_from(["url", "path", "update", "URL", "branch"]),
        _VALUES,
    ),
    min_size=1,
    max_size=2,
).map("".join)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_FILES, min_size=100, max_size=100, unique=True))
def test_what_git_refuses_is_refused(objects: Objects, files: list[str]) -> None:
    repo = GitRepo(objects._repo.toplevel)
    names = [repo.path / f"sample{number}" for number in range(len(files))]
    for name, text in zip(names, files, strict=True):
        name.write_bytes(text.encode())
    oids = repo.git("hash-object", "-w", "--stdin-paths", stdin="\n".join(map(str, names)).encode()).splitlines()
    trees = "\n\n".join(f"100644 blob {oid}\t.gitmodules" for oid in oids)
    repo.git("mktree", "--batch", stdin=f"{trees}\n".encode())
    told = repo.run("fsck", "--strict", "--no-dangling")
    refused = set(re.findall(r"in blob ([0-9a-f]{40}): gitmodules", (told.stdout + told.stderr).decode()))
    taken = {oid for oid, text in zip(oids, files, strict=True) if is_taken(objects, text.encode())}
    assert refused
    assert taken & refused == set()


def test_a_program_can_not_bring_one_in(repo: GitRepo) -> None:
    studio = Studio(repo)
    script = "printf '[submodule \"x\"]\\n\\turl = -u./x\\n' > .gitmodules; echo 1 > other"
    draft_by_script(studio, script)
    assert studio.repo.list_files("drafts/1/1") == ["README.md", "other"]
    assert "not taken from the program: .gitmodules (.gitmodules: no such URL for a submodule: '-u./x')" in " ".join(
        studio.warnings
    )


def test_a_safe_one_is_a_draft_that_says_so(repo: GitRepo) -> None:
    studio = Studio(repo)
    result = studio.draft(lambda files: files.write_file(".gitmodules", PLAIN.format("../lib")))
    assert list(map(str, result.runnable)) == [".gitmodules"]
    assert studio.repo.run("fsck", "--strict").returncode == 0
