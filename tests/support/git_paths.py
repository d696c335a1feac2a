"""Which paths git itself takes, as its `verify_path` decides with all protections on: an oracle for tests.

Written from git's documentation and from what git 2.39 was seen to do, not from our own rules.
"""

from __future__ import annotations

from tests.support.gitrepo import GitRepo

_HFS_IGNORES = frozenset(map(chr, [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]))


def is_safe(path: str) -> bool:
    """Tell whether a path stays among the files, on Linux, macOS and Windows, by a reading of its parts."""
    if path.startswith(("/", "~/")):
        return False
    parts = path.removeprefix("./").replace("\\", "/").split("/")
    if path[1:2] == ":" and path[0].isascii() and path[0].isalpha():
        return False
    return all(_is_safe_part(part) for part in parts) and all(ord(character) >= 0x20 for character in path)


def _is_safe_part(part: str) -> bool:
    if part in ("", ".", ".."):
        return False
    plain = "".join(character for character in part if character not in _HFS_IGNORES).lower()
    windows = plain.split(":")[0].rstrip(" .")
    return windows not in (".git", "git~1")


def is_taken_by_git(repo: GitRepo, path: str) -> bool:
    """Tell whether git puts a path into an index, the protections for macOS and Windows on."""
    oid = repo.git("hash-object", "-w", "--stdin", stdin=b"x")
    protections = ("-c", "core.protectHFS=true", "-c", "core.protectNTFS=true")
    order = f"100644 {oid}\t{path}\0".encode("utf-8", "surrogateescape")
    done = repo.run(*protections, "update-index", "-z", "--index-info", stdin=order, env={"GIT_INDEX_FILE": "fuzzed"})
    (repo.path / "fuzzed").unlink(missing_ok=True)
    return done.returncode == 0
