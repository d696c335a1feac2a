"""Edits to a tree against git's index, and what they cost."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_draft.git.objects import Objects
from git_draft.git.repo import Repository
from git_draft.git.tree import (
    EMPTY_TREE,
    MODE_EXECUTABLE,
    MODE_FILE,
    MODE_FOLDER,
    MODE_SUBMODULE,
    MODE_SYMLINK,
    TreeEditor,
    TreeEntry,
    format_tree,
    parse_tree,
)
from tests.support.dirt import DirtyState, states
from tests.support.gitrepo import GitRepo

BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


class CountingObjects(Objects):
    """Counts what is read and written."""

    def __init__(self, repo: Repository) -> None:
        super().__init__(repo)
        self.trees_read = self.trees_written = self.blobs_read = self.blobs_written = 0

    def read_tree(self, oid: str) -> dict[bytes, TreeEntry]:
        self.trees_read += 1
        return super().read_tree(oid)

    def write_tree(self, entries: dict[bytes, TreeEntry]) -> str:
        self.trees_written += 1
        return super().write_tree(entries)

    def read_blob(self, oid: str) -> bytes:
        self.blobs_read += 1
        return super().read_blob(oid)

    def write_blob(self, contents: bytes) -> str:
        self.blobs_written += 1
        return super().write_blob(contents)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self.trees_read, self.trees_written, self.blobs_read, self.blobs_written


@dataclass(frozen=True)
class Bench:
    """A repository for many trees."""

    repo: GitRepo
    objects: CountingObjects

    def write_by_git(self, files: dict[str, TreeEntry]) -> str:
        """Write a tree through an index."""
        env = {"GIT_INDEX_FILE": str(self.repo.path / ".git/scratch-index")}
        (self.repo.path / ".git/scratch-index").unlink(missing_ok=True)
        lines = [
            b"%06o %s\t%s\0" % (entry.mode, entry.oid.encode(), os.fsencode(path)) for path, entry in files.items()
        ]
        self.repo.git("update-index", "-z", "--index-info", stdin=b"".join(lines), env=env)
        return self.repo.git("write-tree", "--missing-ok", env=env)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    repo = GitRepo.create(tmp_path_factory.mktemp("trees"))
    repo.git("hash-object", "-w", "--stdin")
    return Bench(repo, CountingObjects(Repository.open(repo.path, os.environ)))


names = st.sampled_from(
    ["a", "b", "a.b", "a-b", "a0", "A", "caf\udce9", "\u00e9", "new\nline", 'q"uote', "\U0001f600", "back\\slash"]
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
entries = st.builds(
    TreeEntry,
    st.sampled_from([MODE_FILE, MODE_EXECUTABLE, MODE_SYMLINK, MODE_SUBMODULE]),
    st.just(BLOB) | st.integers(1, 9).map(lambda digit: str(digit) * 40),
)


def _is_in_the_way(files: dict[str, TreeEntry], path: str) -> bool:
    return any(path.startswith(f"{other}/") or other.startswith(f"{path}/") for other in files)


def _merge_clean(drawn: dict[str, TreeEntry]) -> dict[str, TreeEntry]:
    files: dict[str, TreeEntry] = {}
    for path, entry in drawn.items():
        if not _is_in_the_way(files, path):
            files[path] = entry
    return files


trees = st.dictionaries(paths, entries, max_size=12).map(_merge_clean)


@given(trees, st.lists(st.tuples(paths, entries | st.none()), max_size=12), st.booleans())
def test_edits_give_the_tree_that_git_writes(
    bench: Bench, files: dict[str, TreeEntry], edits: list[tuple[str, TreeEntry | None]], at_once: bool
) -> None:
    editor = bench.objects.edit_tree(bench.write_by_git(files))
    files = dict(files)
    for path, entry in edits:
        if entry is None and path in files:
            editor.remove(PurePosixPath(path))
            del files[path]
        elif entry is None:
            with pytest.raises(KeyError):
                editor.remove(PurePosixPath(path))
        elif _is_in_the_way(files, path):
            with pytest.raises(ValueError, match="folder"):
                editor.put(PurePosixPath(path), entry)
        else:
            editor.put(PurePosixPath(path), entry)
            files[path] = entry
        if not at_once:
            editor.write_tree()  # writing in between changes nothing
        assert editor.find(PurePosixPath(path)) == files.get(path)
        assert editor.is_folder(PurePosixPath(path)) == any(each.startswith(f"{path}/") for each in files)
    assert editor.write_tree() == bench.write_by_git(files)
    assert {str(path): entry for path, entry in editor.iter_files()} == files
    assert [os.fsencode(path) for path, _ in editor.iter_files()] == sorted(
        map(os.fsencode, files), key=lambda path: path.split(b"/")
    )


@given(trees)
def test_raw_trees_are_read_and_written_as_they_are(bench: Bench, files: dict[str, TreeEntry]) -> None:
    data = bench.repo.git_bytes("cat-file", "tree", bench.write_by_git(files)) if files else b""
    assert format_tree(dict(reversed(parse_tree(data).items()))) == data


def _make_tree(bench: Bench, count: int) -> str:
    """Make a tree with some files beside, and some in other folders of, src/deep/down."""
    files = {f"src/deep/down/{name}": TreeEntry(MODE_FILE, BLOB) for name in "abcd"}
    files |= {
        f"{folder}/{number}": TreeEntry(MODE_FILE, BLOB) for number in range(count) for folder in ("src", "src/x", "y")
    }
    return bench.write_by_git(files)


@pytest.mark.parametrize("count", [10, 1000])
def test_edits_cost_the_depth_of_their_path(bench: Bench, count: int) -> None:
    tree = _make_tree(bench, count)
    objects = CountingObjects(bench.objects._repo)
    editor = objects.edit_tree(tree)
    place = PurePosixPath("src/deep/down")
    assert editor.find(place / "a") is not None
    assert objects.counts == (4, 0, 0, 0)
    editor.write(place / "a", b"new")
    editor.write(place / "e", b"newer")
    editor.remove(place / "b")
    assert objects.counts == (4, 0, 0, 2)
    editor.write_tree()
    assert objects.counts == (4, 4, 0, 2)
    editor.write(PurePosixPath("z"), b"")
    editor.write_tree()
    assert objects.trees_read == 4


def test_reading_alone_writes_nothing(bench: Bench) -> None:
    tree = _make_tree(bench, 3)
    objects = CountingObjects(bench.objects._repo)
    editor = objects.edit_tree(tree)
    assert len(list(editor.iter_files())) == 13
    assert editor.find(PurePosixPath("src/deep/down/a/no/such")) is None
    assert editor.write_tree() == tree
    assert objects.trees_written == objects.blobs_written == 0


@pytest.mark.parametrize("name", ["caf\udce9", "\udcff\udcfe", "new\nline", "\u65e5\u672c"])
def test_names_of_any_bytes_survive(bench: Bench, name: str) -> None:
    editor = bench.objects.edit_tree(EMPTY_TREE)
    editor.write(PurePosixPath("dir") / name / name, b"contents")
    tree = editor.write_tree()
    assert bench.repo.list_files(tree) == [f"dir/{name}/{name}"]
    entry = bench.objects.edit_tree(tree).find(PurePosixPath("dir") / name / name)
    assert entry is not None
    assert bench.objects.edit_tree(tree).read(entry) == b"contents"


def test_emptied_folders_go(bench: Bench) -> None:
    editor = bench.objects.edit_tree(EMPTY_TREE)
    editor.write(PurePosixPath("a/b/c"), b"")
    editor.write(PurePosixPath("a/d"), b"")
    editor.remove(PurePosixPath("a/b/c"))
    assert not editor.is_folder(PurePosixPath("a/b"))
    assert editor.is_folder(PurePosixPath("a"))
    editor.write(PurePosixPath("a/b"), b"a file now")
    editor.remove(PurePosixPath("a/b"))
    editor.remove(PurePosixPath("a/d"))
    assert editor.write_tree() == EMPTY_TREE
    assert bench.repo.git("cat-file", "-t", EMPTY_TREE) == "tree"


@pytest.mark.parametrize(
    "path, message",
    [("file/inner", "file is not a folder"), ("dir/file/x/y", "dir/file is not a folder"), ("dir", "dir is a folder")],
)
def test_file_and_folder_of_one_name_are_refused(bench: Bench, path: str, message: str) -> None:
    editor = bench.objects.edit_tree(EMPTY_TREE)
    editor.write(PurePosixPath("file"), b"")
    editor.write(PurePosixPath("dir/file"), b"")
    before = editor.write_tree()
    with pytest.raises(ValueError, match=f"^{message}$"):
        editor.write(PurePosixPath(path), b"")
    assert editor.write_tree() == before


@pytest.mark.parametrize("path", ["no", "dir", "dir/no", "file/no"])
def test_only_files_are_removed(bench: Bench, path: str) -> None:
    editor = bench.objects.edit_tree(EMPTY_TREE)
    editor.write(PurePosixPath("file"), b"")
    editor.write(PurePosixPath("dir/file"), b"")
    before = editor.write_tree()
    with pytest.raises(KeyError):
        editor.remove(PurePosixPath(path))
    assert editor.write_tree() == before


def test_modes_are_kept(bench: Bench) -> None:
    editor = bench.objects.edit_tree(EMPTY_TREE)
    editor.write(PurePosixPath("run"), b"", mode=MODE_EXECUTABLE)
    editor.write(PurePosixPath("link"), b"run", mode=MODE_SYMLINK)
    editor.put(PurePosixPath("sub"), TreeEntry(MODE_SUBMODULE, "1" * 40))
    modes = {line.split()[-1]: line.split()[0] for line in bench.repo.git("ls-tree", editor.write_tree()).splitlines()}
    assert modes == {"run": "100755", "link": "120000", "sub": "160000"}
    assert [entry.is_file for _, entry in editor.iter_files()] == [False, True, False]
    assert not TreeEntry(MODE_FOLDER, EMPTY_TREE).is_file


def test_tree_of_nothing_needs_no_object(tmp_path: Path) -> None:
    repo = GitRepo.create(tmp_path / "new")
    editor = TreeEditor(Objects(Repository.open(repo.path, os.environ)), EMPTY_TREE)
    assert list(editor.iter_files()) == []
    assert editor.write_tree() == EMPTY_TREE


@given(states())
def test_changed_paths_are_those_of_git(state: DirtyState) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repo = state.build(Path(folder))
        before = repo.resolve("HEAD^{tree}")
        repo.git("add", "--all")
        trees = before, repo.git("write-tree")
        objects = Objects(Repository.open(repo.path, os.environ))
        for one, other in (trees, reversed(trees), (EMPTY_TREE, before), (before, before)):
            listing = repo.git("diff-tree", "-r", "--no-renames", "--name-status", "-z", one, other).split("\0")
            expected = dict(zip(listing[1::2], listing[::2], strict=False))
            found = {str(path): letter for path, letter in objects.list_changed(one, other).items()}
            assert list(found.items()) == list(expected.items())


def test_changed_kinds_are_those_of_git(repo: GitRepo) -> None:
    repo.commit({"file": "1", "folder/a": "2", "folder.x": "3", "link": "4", "run": "5"})
    before = repo.resolve("HEAD^{tree}")
    for name in ("file", "link", "folder/a"):
        (repo.path / name).unlink()
    (repo.path / "folder").rmdir()
    repo.write("file/now", "6")
    repo.write("folder", "7")
    repo.write("folder.x", "8")
    (repo.path / "link").symlink_to("run")
    (repo.path / "run").chmod(0o755)
    repo.git("add", "--all")
    repo.commit()
    objects = Objects(Repository.open(repo.path, os.environ))
    found = objects.list_changed(before, repo.resolve("HEAD^{tree}"))
    listing = repo.git("diff-tree", "-r", "--no-renames", "--name-status", before, "HEAD")
    assert [f"{letter}\t{path}" for path, letter in found.items()] == listing.splitlines()
    assert set(found.values()) == {"A", "D", "M", "T"}
