"""What a bot may see and do in its worktree, by table; the trees are real ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from git_draft.errors import ToolError
from git_draft.git.objects import Objects
from git_draft.git.repo import Repository
from git_draft.git.tree import MODE_EXECUTABLE, TreeEditor, TreeEntry
from git_draft.protocols import MAX_HITS
from git_draft.secrets import looks_secret
from git_draft.worktree import MAX_FILE_BYTES, MAX_GUIDANCE_BYTES, TreeWorktree
from tests.support.trees import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "repo")


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "..", "../x", "a/../b", "a//b", "a/", "/etc/passwd", "~/x", "C:/x", "c:x", "a\\b", "a\nb", "a\x7fb", "a\x9bb", "\udcffa",
        ".git/config", "x/.git/config", ".GIT/config", ".git", ".git./x", ".git /x", ".git . /x", "git~1/config", "GIT~2", ".g\u200cit/x",
        "\ufeff.git/x", ".git::$INDEX_ALLOCATION/x", ".gitmodules/x", ".gitmodules.", ".GitModules", "gitmod~1", "gi7eba~1", "a/./b", "n" * 256,
    ],
)  # fmt: skip
def test_a_path_that_is_none_of_the_files_is_refused_for_everything(bench: Bench, path: str) -> None:
    for call in (
        lambda: bench.files.read_file(path),
        lambda: bench.files.write_file(path, "x"),
        lambda: bench.files.delete_file(path),
        lambda: bench.files.rename_file("README", path),
        lambda: bench.files.rename_file(path, "new"),
    ):
        with pytest.raises(ToolError, match="bad path"):
            call()
    assert bench.files.write_tree() == bench.base


@pytest.mark.parametrize(
    "path", [".gitignore", ".github/x.yml", "git/config", "a b/ü.txt", "...", "a..b", "~x", "./new", ".gitx"]
)
def test_a_path_that_only_looks_odd_is_fine(bench: Bench, path: str) -> None:
    bench.files.write_file(path, "x\n")
    assert bench.bytes_of(path.removeprefix("./")) == b"x\n"


@pytest.mark.parametrize(
    "path",
    [
        ".env", ".env.local", ".ENV", "app/.env.production", "server.pem", "a/b/tls.KEY", "id_rsa", "id_ed25519", "keys/id_rsa.bak",
        "credentials", "credentials.json", ".aws/config", ".ssh/known_hosts", ".netrc", "terraform.tfstate", "terraform.tfstate.backup",
        "cert.p12", "x.pfx", ".npmrc", ".pypirc", ".pgpass", ".htpasswd", "vault.kdbx", "service-account-prod.json", "secrets.yaml",
        "secrets/prod.yaml", "client_secret.json", ".env/x", ".git-credentials", ".ssh/config.example",
        "credentials.md", "secrets.sh", "secrets.sql", "id_rsa.md", "secrets.html", "secrets/notes.txt", "credentials.rst", "docs/secrets.md",
    ],
)  # fmt: skip
def test_a_name_that_looks_like_a_secret_is_withheld(tmp_path: Path, path: str) -> None:
    assert looks_secret(PurePosixPath(path))
    bench = Bench(tmp_path / "repo", {path: b"hunter2\n", "plain.txt": b"hunter2\n"})
    assert [str(p) for p in bench.files.list_files()] == ["plain.txt", "run.sh"]
    assert [str(p) for p, _, _ in bench.files.search("hunter2")] == ["plain.txt"]
    for call in (
        lambda: bench.files.read_file(path),
        lambda: bench.files.write_file(path, "x"),
        lambda: bench.files.delete_file(path),
        lambda: bench.files.rename_file(path, "other"),
        lambda: bench.files.rename_file("plain.txt", path),
    ):
        with pytest.raises(ToolError, match="withheld"):
            call()
    assert bench.files.write_tree() == bench.base


@pytest.mark.parametrize(
    "path",
    [
        "env.py", "environment.yml", ".env.example", ".env.sample", "credentials.py", "src/credentials/store.go", "secrets.py", "id_generator.py",
        "id_rsa.pub", "docs/secretary.md", "keys.py", "monkey.txt", "secretary.txt", ".envoy/../x", "tokens.css", "valid_id.txt",
    ],
)  # fmt: skip
def test_source_code_and_examples_are_no_secrets(path: str) -> None:
    assert looks_secret(PurePosixPath(path)) == (path == ".envoy/../x")


@pytest.mark.parametrize(
    "glob, expected",
    [
        (None, ["README", "logo.png", "run.sh", "src/app.py", "src/deep/util.py", "src/deep/util.ts"]),
        ("*.py", ["src/app.py", "src/deep/util.py"]),
        ("**/*.py", ["src/app.py", "src/deep/util.py"]),
        ("/*.py", []),
        ("src/*.py", ["src/app.py"]),
        ("./src/*.py", ["src/app.py"]),
        ("src/**/*.py", ["src/app.py", "src/deep/util.py"]),
        ("src/**", ["src/app.py", "src/deep/util.py", "src/deep/util.ts"]),
        ("deep", ["src/deep/util.py", "src/deep/util.ts"]),
        ("deep/", ["src/deep/util.py", "src/deep/util.ts"]),
        ("util.?s", ["src/deep/util.ts"]),
        ("util.[a-q]?", ["src/deep/util.py"]),
        ("util.[!a-q]?", ["src/deep/util.ts"]),
        ("*.{py,ts}", ["src/app.py", "src/deep/util.py", "src/deep/util.ts"]),
        ("run.sh", ["run.sh"]),
        ("run[.sh", []),
        ("run[.]sh", ["run.sh"]),
        ("**", ["README", "logo.png", "run.sh", "src/app.py", "src/deep/util.py", "src/deep/util.ts"]),
    ],
)
def test_globs_are_those_of_gitignore(bench: Bench, glob: str | None, expected: list[str]) -> None:
    assert [str(path) for path in bench.files.list_files(glob)] == expected
    assert bench.feedback.events[-1].describe().endswith(f": {len(expected)}")


def test_a_glob_that_makes_no_sense_is_refused(bench: Bench) -> None:
    with pytest.raises(ToolError, match="bad glob"):
        bench.files.list_files("run[z-a]sh")


def test_names_that_no_call_could_give_are_not_listed(tmp_path: Path) -> None:
    odd = dict.fromkeys((".GITMODULES", "a\\b", "tab\there", "latin-\udce9", "sub/.gitmodules/x"), b"x\n")
    bench = Bench(tmp_path / "repo", {**odd, "fine": b"x\n"})
    assert [str(path) for path in bench.files.list_files()] == ["fine", "run.sh"]
    assert [str(path) for path, _, _ in bench.files.search("x")] == ["fine"]


def test_contents_that_are_not_here_are_said_to_be_unreadable(bench: Bench) -> None:
    editor = bench.objects.edit_tree(bench.base)
    editor.put(PurePosixPath("promised"), TreeEntry(0o100644, "2" * 40))
    files = TreeWorktree(bench.objects, editor.write_tree(), bench.feedback)
    with pytest.raises(ToolError, match="promised can't be read"):
        files.read_file("promised")
    assert [str(path) for path, _, _ in files.search("print")] == ["src/app.py"]


@pytest.mark.parametrize(
    "path, reason",
    [
        ("link", "symbolic link"),
        ("link/x", "symbolic link, not a folder"),
        ("lib", "submodule"),
        ("lib/x", "submodule, not a folder"),
        ("README/x", "a file, not a folder"),
        ("src", "is a folder"),
        ("logo.png", "binary"),
    ],
)
def test_what_is_no_text_file_can_be_neither_read_nor_written(bench: Bench, path: str, reason: str) -> None:
    with pytest.raises(ToolError, match=reason):
        bench.files.read_file(path)
    with pytest.raises(ToolError, match=reason):
        bench.files.write_file(path, "x")
    assert bench.files.write_tree() == bench.base


def test_a_missing_file_is_named_with_the_one_that_was_meant(bench: Bench) -> None:
    with pytest.raises(ToolError, match=r"no file util\.py; did you mean src/deep/util\.py\?"):
        bench.files.read_file("util.py")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"a", b"a\nb", b"a\r\nb\r\n", b"a\rb\r", b"mixed\r\nand\n", b"\xef\xbb\xbfmarked\n", "ümläut\n".encode(), "ümläut\n".encode("latin-1"),
        b"\xff\xfea\0b\0\n\0", b"\xfe\xff\0a\0\n", b"form\x0cfeed \x1b[1m\n",
    ],
)  # fmt: skip
def test_text_comes_back_byte_for_byte(tmp_path: Path, data: bytes) -> None:
    bench = Bench(tmp_path / "repo", {"f.txt": data})
    text = bench.files.read_file("f.txt")
    assert not text.startswith("\ufeff")
    bench.files.write_file("f.txt", text)
    assert bench.bytes_of("f.txt") == data
    assert bench.files.write_tree() == bench.base


@pytest.mark.parametrize(
    "before, contents, after",
    [
        (b"a\r\nb\r\n", "a\nc\n", b"a\r\nc\r\n"),
        (b"a\r\nb\n", "a\nc\n", b"a\nc\n"),
        (b"a\nb\n", "a\r\nc\r\n", b"a\r\nc\r\n"),
        (b"\xef\xbb\xbfa\n", "b\n", b"\xef\xbb\xbfb\n"),
        (b"a\n", "\ufeffb\n", b"b\n"),
        ("é\n".encode("latin-1"), "è\n", "è\n".encode("latin-1")),
    ],
)
def test_a_rewrite_keeps_how_the_file_was_written(tmp_path: Path, before: bytes, contents: str, after: bytes) -> None:
    bench = Bench(tmp_path / "repo", {"f.txt": before})
    bench.files.write_file("f.txt", contents)
    assert bench.bytes_of("f.txt") == after


def test_a_character_that_the_encoding_lacks_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo", {"f.txt": "é\n".encode("latin-1")})
    with pytest.raises(ToolError, match=r"LATIN-1, which has no '\\u20ac'"):
        bench.files.write_file("f.txt", "€\n")
    with pytest.raises(ToolError, match="UTF-8, which has no"):
        bench.files.write_file("new.txt", "\ud800")


@pytest.mark.parametrize("data", [b"a\0b", b"\xff\xfe\x00\xd8", b"\xc3\x01", b"\xff\xfea\0\0\0"])
def test_binary_is_told_from_text(tmp_path: Path, data: bytes) -> None:
    bench = Bench(tmp_path / "repo", {"f": data})
    with pytest.raises(ToolError, match="binary"):
        bench.files.read_file("f")


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo", {"big": b"x" * (MAX_FILE_BYTES + 1)})
    with pytest.raises(ToolError, match="too large"):
        bench.files.read_file("big")
    with pytest.raises(ToolError, match="too large"):
        bench.files.write_file("new", "x" * (MAX_FILE_BYTES + 1))
    assert bench.files.search("x") == []


def test_modes_survive_a_rewrite_and_a_rename(bench: Bench) -> None:
    bench.files.write_file("run.sh", "#!/bin/bash\n")
    bench.files.rename_file("run.sh", "bin/run")
    entry = bench.objects.edit_tree(bench.files.write_tree()).find(PurePosixPath("bin/run"))
    assert entry is not None
    assert entry.mode == MODE_EXECUTABLE


def test_search_gives_path_number_and_line(bench: Bench) -> None:
    assert [(str(p), n, line) for p, n, line in bench.files.search(r"^print|^x", "*.py")] == [
        ("src/app.py", 2, "print('hi')"),
        ("src/deep/util.py", 1, "x = 1"),
    ]
    with pytest.raises(ToolError, match="bad regular expression"):
        bench.files.search("(")


def test_a_pattern_that_takes_for_ever_is_given_up(bench: Bench) -> None:
    bench.files.write_file("long.txt", "a" * 200)
    files = TreeWorktree(bench.objects, bench.files.write_tree(), bench.feedback, search_timeout_s=0.05)
    with pytest.raises(ToolError, match=r"the search took too long, it got as far as long\.txt"):
        files.search("(a|aa)+c")


@pytest.mark.parametrize("data", [b"a\n" * 100_000, b"\0" * 4_000_000])
def test_the_time_of_a_search_is_for_all_its_lines(tmp_path: Path, data: bytes) -> None:
    bench = Bench(tmp_path / "repo", {"a.txt": data, "b.txt": b"b\n"})
    files = TreeWorktree(bench.objects, bench.base, bench.feedback, search_timeout_s=0.001)
    with pytest.raises(ToolError, match=r"as far as a\.txt; use a simpler pattern or a narrower glob"):
        files.search("b")


def test_a_search_stops_when_there_is_enough(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo", {"a.txt": b"a\n" * (MAX_HITS - 1), "b.txt": b"a\na\n"})
    found = bench.files.search("a", "*.txt")
    assert len(found) == MAX_HITS
    assert (str(found[-1][0]), found[-1][1]) == ("b.txt", 1)


class CountingEditor(TreeEditor):
    """Counts how often all files are gone through."""

    walks = 0

    def iter_texts(self) -> Iterator[tuple[str, TreeEntry]]:
        self.walks += 1
        return super().iter_texts()


class CountingObjects(Objects):
    """Gives an editor that counts."""

    def edit_tree(self, tree: str) -> CountingEditor:
        self.editor = CountingEditor(self, tree)
        return self.editor


def test_what_may_be_seen_is_found_out_once(bench: Bench) -> None:
    objects = CountingObjects(Repository.open(bench.folder, dict(os.environ)))
    bench.files = TreeWorktree(objects, bench.base, bench.feedback)
    bench.files.list_files()
    bench.files.list_files("*.txt")
    bench.files.search("x")
    assert objects.editor.walks == 1
    bench.files.write_file("new.txt", "x")
    assert "new.txt" in map(str, bench.files.list_files())
    bench.files.rename_file("new.txt", "newer.txt")
    assert "newer.txt" in map(str, bench.files.list_files())
    bench.files.delete_file("newer.txt")
    assert "newer.txt" not in map(str, bench.files.list_files())
    assert objects.editor.walks == 1


def test_guidance_is_what_git_tracks_up_to_a_size(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo", {"AGENTS.md": b"Use tabs. " + "é".encode() * MAX_GUIDANCE_BYTES})
    guidance = bench.files.read_guidance() or ""
    assert guidance.startswith("Use tabs. é")
    assert MAX_GUIDANCE_BYTES - 1 <= len(guidance.encode()) <= MAX_GUIDANCE_BYTES
    untracked = TreeWorktree(bench.objects, bench.base, bench.feedback, untracked=[PurePosixPath("AGENTS.md")])
    assert untracked.read_guidance() is None
    assert untracked.read_file("AGENTS.md").startswith("Use tabs."), "the model may still read it"
    bench.files.delete_file("AGENTS.md")
    assert bench.files.read_guidance() is None


def test_a_rename_never_overwrites(bench: Bench) -> None:
    for target, reason in {
        "src/app.py": "exists",
        "README": "exists",
        "src": "exists",
        "README/x": "not a folder",
    }.items():
        with pytest.raises(ToolError, match=reason):
            bench.files.rename_file("README", target)
    with pytest.raises(ToolError, match="no file"):
        bench.files.rename_file("none", "x")


def test_each_operation_tells_what_it_did(bench: Bench) -> None:
    bench.files.read_file("README")
    bench.files.write_file("a.txt", "xyz")
    bench.files.rename_file("a.txt", "b.txt")
    bench.files.delete_file("b.txt")
    bench.files.search("hello")
    assert [f"{event.kind} {event.describe()}" for event in bench.feedback.events] == [
        "read README",
        "write a.txt (3 bytes)",
        "rename a.txt -> b.txt",
        "delete b.txt",
        "search hello: 1",
    ]
    assert bench.files.write_tree() == bench.base
    bench.files.delete_file("src/deep/util.py")
    assert bench.files.write_tree() != bench.base
