"""Random merges: three trees each, made so that one strategy of `git merge -X` has something to do.

`make_case` invents, `MergeCase` tells what a case holds, `import_cases` puts all of them into one repository at once.
Nothing here runs a merge. Used by `tests/git/test_merge.py`.
"""

from __future__ import annotations

import difflib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from git_draft.model import MergeStrategy
from tests.support.gitrepo import GitRepo

FILE, EXECUTABLE, SYMLINK = 0o100644, 0o100755, 0o120000

_WORDS = (
    "alder",
    "birch",
    "cedar",
    "elm",
    "fir",
    "hazel",
    "larch",
    "linden",
    "maple",
    "oak",
    "pine",
    "poplar",
    "rowan",
    "spruce",
    "willow",
    "yew",
)
_PATHS = ("README", "run.sh", "src/a.txt", "src/b.txt", "src/deep/c.txt", "lib/d.txt", "lib/e.txt")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a tree.

    Args:
        contents: its bytes; of a symlink, where it points.
        mode: as git writes it.
    """

    contents: bytes
    mode: int = FILE

    @property
    def lines(self) -> list[bytes]:
        """The lines with their ends."""
        return self.contents.splitlines(keepends=True)


Tree = dict[str, File]


@dataclass(frozen=True, slots=True)
class MergeCase:
    """Two changes to one tree.

    Args:
        base: what both started from.
        ours: the user's state.
        theirs: the draft.
    """

    base: Tree
    ours: Tree
    theirs: Tree

    @property
    def is_rich(self) -> bool:
        """Whether a side renames a file, changes a mode, or has CRLF line ends."""
        return any(
            self._has_mode_change(side)
            or self._has_rename(side)
            or any(b"\r\n" in file.contents for file in side.values())
            for side in (self.ours, self.theirs)
        )

    def _has_mode_change(self, side: Tree) -> bool:
        return any(path in self.base and self.base[path].mode != file.mode for path, file in side.items())

    def _has_rename(self, side: Tree) -> bool:
        gone = [file.lines for path, file in self.base.items() if path not in side]
        come = [file.lines for path, file in side.items() if path not in self.base]
        return any(difflib.SequenceMatcher(None, old, new).ratio() > 0.6 for old in gone for new in come)


# Inventing


def make_case(strategy: MergeStrategy, seed: int) -> MergeCase:
    """Invent a case; the same one for the same arguments."""
    rng = Random(f"{strategy} {seed}")  # noqa: S311  # repeatable, no secret
    base = {path: File(b"".join(_make_lines(rng))) for path in sorted(rng.sample(_PATHS, rng.randint(4, 6)))}
    ours, theirs = dict(base), dict(base)
    sides = [ours, theirs]
    rng.shuffle(sides)
    contested = rng.choice(sorted(base))
    if rng.random() < 0.8:
        _CONTESTS[strategy](rng, contested, *sides)
    for side in (ours, theirs):
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            free = [path for path in sorted(side) if path != contested]
            if free:
                rng.choice(_CHANGES)(rng, side, rng.choice(free))
    if rng.random() < 0.2:
        _contest_words(rng, rng.choice([path for path in sorted(base) if path != contested]), *sides)
    return MergeCase(base, ours, theirs)


def _make_lines(rng: Random) -> list[bytes]:
    return [
        f"{'  ' * rng.randint(0, 2)}{rng.choice(_WORDS)} {rng.choice(_WORDS)} {number} {rng.randint(0, 999)}\n".encode()
        for number in range(rng.randint(8, 16))
    ]


def _reword(rng: Random, line: bytes) -> bytes:
    words = line.split(b" ")
    words[-2:-1] = [rng.choice(_WORDS).encode() + b"%d" % rng.randint(0, 999)]
    return b" ".join(words)


def _change_lines(rng: Random, tree: Tree, path: str, at: slice, change: Callable[[Random, bytes], bytes]) -> None:
    file = tree.get(path)
    if file is not None and file.mode != SYMLINK:
        lines = file.lines
        lines[at] = [change(rng, line) for line in lines[at]]
        tree[path] = File(b"".join(lines), file.mode)


def _pick_slice(rng: Random) -> slice:
    start = rng.randint(0, 5)
    return slice(start, start + rng.randint(1, 3))


# What both sides do to one file, first and second in random order


def _contest_words(rng: Random, path: str, first: Tree, second: Tree) -> None:
    at = _pick_slice(rng)
    _change_lines(rng, first, path, at, _reword)
    _change_lines(rng, second, path, at, _reword)


def _contest_space(*kinds: Callable[[Random, bytes], bytes]) -> Callable[[Random, str, Tree, Tree], None]:
    def contest(rng: Random, path: str, first: Tree, second: Tree) -> None:
        at = _pick_slice(rng)
        everywhere = rng.random() < 0.4
        _change_lines(rng, first, path, slice(None) if everywhere else at, rng.choice(kinds))
        _change_lines(rng, second, path, at, _reword)

    return contest


def _contest_rename(rng: Random, path: str, first: Tree, second: Tree) -> None:
    _move(rng, first, path)
    _change_lines(rng, second, path, _pick_slice(rng), _reword)


def _widen(_rng: Random, line: bytes) -> bytes:
    body = line.lstrip(b" ")
    return line[: len(line) - len(body)] + body.replace(b" ", b" \t ")


def _squeeze(_rng: Random, line: bytes) -> bytes:
    return line.replace(b" ", b"")


def _indent(rng: Random, line: bytes) -> bytes:
    return b" " * rng.randint(1, 6) + line


def _trail(rng: Random, line: bytes) -> bytes:
    return line.rstrip(b"\n") + rng.choice([b" ", b"\t", b"  "]) + b"\n"


def _end_in_crlf(_rng: Random, line: bytes) -> bytes:
    return line.rstrip(b"\r\n") + b"\r\n"


_CONTESTS: Mapping[MergeStrategy, Callable[[Random, str, Tree, Tree], None]] = {
    MergeStrategy.OURS: _contest_words,
    MergeStrategy.THEIRS: _contest_words,
    MergeStrategy.IGNORE_SPACE_CHANGE: _contest_space(_widen, _widen, _trail, _squeeze, _end_in_crlf),
    MergeStrategy.IGNORE_ALL_SPACE: _contest_space(_squeeze, _indent, _widen, _trail),
    MergeStrategy.IGNORE_SPACE_AT_EOL: _contest_space(_trail, _trail, _end_in_crlf, _widen),
    MergeStrategy.IGNORE_CR_AT_EOL: _contest_space(_end_in_crlf, _end_in_crlf, _trail),
    MergeStrategy.FIND_RENAMES: _contest_rename,
    MergeStrategy.DEFAULT: _contest_words,
}


# What one side does to one file


def _edit(rng: Random, side: Tree, path: str) -> None:
    _change_lines(rng, side, path, _pick_slice(rng), _reword)


def _move(rng: Random, side: Tree, path: str) -> None:
    target = rng.choice(["moved.txt", "src/moved.txt", "new/moved.txt", f"{path}.new"])
    if _is_free(side, target):
        side[target] = side.pop(path)
        if rng.random() < 0.3:
            _change_lines(rng, side, target, slice(6, 7), _reword)


def _move_folder(rng: Random, side: Tree, path: str) -> None:
    folder, slash, _ = path.rpartition("/")
    for each in [name for name in side if slash and name.startswith(f"{folder}/")]:
        target = f"other/{each.removeprefix(f'{folder}/')}"
        if _is_free(side, target):
            side[target] = side.pop(each)


def _is_free(side: Tree, path: str) -> bool:
    parents = ["/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 1)]
    return path not in side and not any(parent in side for parent in parents) and not _has_folder(side, path)


def _has_folder(side: Tree, path: str) -> bool:
    return any(name.startswith(f"{path}/") for name in side)


def _remove(rng: Random, side: Tree, path: str) -> None:
    del side[path]


def _add(rng: Random, side: Tree, path: str) -> None:
    target = rng.choice(["added.txt", "src/added.txt", "lib/added.txt", "lib/f.txt"])
    if _is_free(side, target):
        side[target] = File(b"".join(_make_lines(rng)))


def _change_mode(rng: Random, side: Tree, path: str) -> None:
    if side[path].mode != SYMLINK:
        side[path] = File(side[path].contents, FILE if side[path].mode == EXECUTABLE else EXECUTABLE)


def _convert_to_crlf(rng: Random, side: Tree, path: str) -> None:
    _change_lines(rng, side, path, slice(None), _end_in_crlf)


def _change_type(rng: Random, side: Tree, path: str) -> None:
    if rng.random() < 0.5:
        side[path] = File(b"somewhere", SYMLINK)
    else:
        side[f"{path}/inner"] = side.pop(path)


_CHANGES = (_edit, _edit, _edit, _add, _add, _move, _move_folder, _remove, _change_mode, _convert_to_crlf, _change_type)


# Putting them into a repository


def import_cases(repo: GitRepo, cases: Sequence[MergeCase]) -> None:
    """Make of each case an open folio with one draft: case 0 is folio 1 with its draft 1/1.

    ``refs/cases/<folio>/ours`` holds the user's state as a commit.
    """
    repo.git(
        "fast-import", "--quiet", stdin=b"".join(line for i, case in enumerate(cases, 1) for line in _dump(i, case))
    )
    with (repo.path / ".git/config").open("a") as config:
        for i in range(1, len(cases) + 1):
            config.write(f'[branch "draft/{i}"]\n\tremote = .\n\tmerge = refs/heads/draft/{i}+\n\tdraftOrigin = main\n')
    repo.git("pack-refs", "--all")


def _dump(i: int, case: MergeCase) -> Iterator[bytes]:
    yield from _dump_commit(f"refs/heads/draft/{i}", case.base, b"base", mark=3 * i)
    yield from _dump_commit(f"refs/cases/{i}/ours", case.ours, b"ours", mark=3 * i + 1, parent=3 * i)
    message = b"draft! prompt: change\n\nchange\n"
    yield from _dump_commit(f"refs/drafts/{i}/1", case.theirs, message, mark=3 * i + 2, parent=3 * i)
    yield b"reset refs/heads/draft/%d+\nfrom :%d\n\n" % (i, 3 * i + 2)


def _dump_commit(ref: str, tree: Tree, message: bytes, *, mark: int, parent: int | None = None) -> Iterator[bytes]:
    yield b"commit %s\nmark :%d\ncommitter A <a@b> 1700000000 +0000\n" % (ref.encode(), mark)
    yield b"data %d\n%s\n" % (len(message), message)
    yield b"from :%d\n" % parent if parent else b""
    yield b"deleteall\n"
    for path, file in tree.items():
        yield b"M %o inline %s\ndata %d\n%s\n" % (file.mode, path.encode(), len(file.contents), file.contents)
    yield b"\n"


def clear_folder(folder: Path) -> None:
    """Remove everything from a working directory."""
    for each in folder.iterdir():
        if each.name != ".git":
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def write_files(folder: Path, tree: Tree) -> None:
    """Put the files of a tree on disk."""
    for path, file in tree.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if file.mode == SYMLINK:
            place.symlink_to(os.fsdecode(file.contents))
        else:
            place.write_bytes(file.contents)
            place.chmod(file.mode & 0o777)


def read_files(folder: Path) -> Tree:
    """Read all files of a working directory, the pair of `write_files`."""
    tree: Tree = {}
    for parent, folders, files in os.walk(folder):
        if ".git" in folders and Path(parent) == folder:
            folders.remove(".git")
        for name in [*files, *(each for each in folders if Path(parent, each).is_symlink())]:
            place = Path(parent, name)
            path = place.relative_to(folder).as_posix()
            if place.is_symlink():
                tree[path] = File(os.fsencode(place.readlink()), SYMLINK)
            else:
                tree[path] = File(place.read_bytes(), EXECUTABLE if place.stat().st_mode & 0o100 else FILE)
    return tree
