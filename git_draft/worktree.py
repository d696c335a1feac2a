"""What a bot sees: the files of a git tree, by rules that keep it from everything else.

This is the one place where files are read for a bot, so it is here that paths are checked, that files whose name looks
like a secret are withheld, that text is told from binary, and that events say what was read and written. Nothing here
touches the working directory. The drafter makes a `TreeWorktree` for a run and takes its tree at the end; bots and
tools know only the protocol `Worktree`.
"""

from __future__ import annotations

import codecs
import re
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from git_draft.errors import RepoError, ToolError
from git_draft.events import FileDeleted, FileRead, FileRenamed, FilesListed, FilesSearched, FileWritten
from git_draft.git.objects import Objects
from git_draft.git.tree import MODE_FILE, MODE_SUBMODULE, MODE_SYMLINK, TreeEntry
from git_draft.protocols import MAX_HITS, Feedback

if TYPE_CHECKING:
    import regex

SEARCH_TIMEOUT_S = 3.0
"""How long one search may take; nothing else happens meanwhile."""
MAX_FILE_BYTES = 4 << 20
"""Larger files are not text that a model could work with; `search` passes them by."""
MAX_GUIDANCE_BYTES = 8192
"""How much of a repository's guidance is sent."""

# Secrets

SECRET_NAMES = (
    *(".env*", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass", ".my.cnf", ".htpasswd", ".git-credentials"),
    *(".ssh", ".gnupg", ".aws", ".azure", ".kube", ".docker", ".vault-piece", ".terraformrc"),
    *("*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "*.asc.key", "*.ovpn"),
    *("*.tfstate", "*.tfstate.*", "*.tfvars", "service-account*.json", "service_account*.json"),
)
"""Names of files and folders that are withheld, matched in lower case on every part of a path."""

SECRET_WORDS = ("id_*", "credential*", "secret", "secrets", "secret.*", "secrets.*", "*_secret.*", "*-secret.*")
"""Names that mean a secret but in source code: ``credentials.json`` and ``.md`` are withheld, ``credentials.py`` not."""

HARMLESS_NAMES = ("*.pub", "*.example", "*.sample", "*.template", "*.dist", ".env.d.ts")
"""Names of files that are made to be shared, ``.env.example``; they win over the above for the file itself."""

_SOURCE_NAME = re.compile(
    r".+\.(c|cc|clj|cpp|cs|css|dart|ex|exs|fs|go|h|hpp|hs|java|jl|js|jsx|kt|lua|m|ml|mjs|php|pl|pm|py|pyi|r|rb|rs|scala"
    r"|scss|svelte|swift|ts|tsx|vue|zig)",
)


def _compile_names(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate(glob) for glob in globs))


_SECRET_NAMES, _SECRET_WORDS, _HARMLESS_NAMES = map(_compile_names, (SECRET_NAMES, SECRET_WORDS, HARMLESS_NAMES))


def looks_secret(path: PurePosixPath) -> bool:
    """Tell by the name whether a file may hold a secret.

    Every part of the path counts, so that a file in ``.ssh`` is one too. Upper and lower case are the same.
    """
    *folders, name = (part.lower() for part in path.parts)
    if any(_SECRET_NAMES.match(folder) for folder in folders):
        return True
    if _HARMLESS_NAMES.match(name):
        return False
    if _SECRET_NAMES.match(name):
        return True
    return not _SOURCE_NAME.fullmatch(name) and any(map(_SECRET_WORDS.match, (*folders, name)))


# Paths

_IGNORED_BY_HFS = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_GIT_NAME = re.compile(r"\.git|git~\d+|\.gitmodules|gitmod~\d+|gi7eba~\d+", re.ASCII)
_BAD_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\\\\]")


def parse_path(text: str) -> PurePosixPath:
    """Read a path as a model writes it.

    Raises:
        ToolError: where it is no path within the repository's files, whatever stands there.
    """
    if _BAD_CHARACTERS.search(text):
        raise ToolError(f"bad path {text!a}: use plain characters, and / between folders")
    if text.startswith(("/", "~/")) or re.match(r"[A-Za-z]:", text):
        raise ToolError(f"bad path {text}: give it relative to the top of the repository")
    parts = text.removeprefix("./").split("/")
    if any(part in {"", ".", ".."} for part in parts):
        raise ToolError(f"bad path {text!r}: no empty, '.' or '..' parts")
    if any(len(part.encode()) > 255 for part in parts):
        raise ToolError(f"bad path {text[:60]}…: a name is too long")
    if any(_is_git_name(part) for part in parts):
        raise ToolError(f"bad path {text}: git's own files are not to be touched")
    return PurePosixPath(*parts)


def _is_git_name(part: str) -> bool:
    """Tell whether some file system takes a name for ``.git`` or ``.gitmodules``, as git's verify_path does."""
    plain = _IGNORED_BY_HFS.sub("", part).lower()  # HFS+ leaves these out when it compares names
    return _GIT_NAME.fullmatch(plain.split(":", 1)[0].rstrip(" .")) is not None  # NTFS: streams, final dots and spaces


_GLOB_PIECE = re.compile(r"\*\*/|/\*\*$|\*+|\?|\[[!^]?\]?[^\]/]*\]|\{[^{}/]*,[^{}/]*\}|\\.|.", re.DOTALL)


def _compile_glob(glob: str) -> re.Pattern[str]:
    """Make a regular expression of a pattern as in .gitignore, with ``{a,b}`` added since models write it."""
    text = glob.removeprefix("./")
    is_anchored = "/" in text.rstrip("/")
    pattern = "" if is_anchored else "(?:.*/)?"
    for piece in _GLOB_PIECE.findall(text.strip("/")):
        if piece == "**/":
            pattern += "(?:.*/)?"
        elif piece == "/**":
            pattern += "/.*"
        elif piece[0] == "*":
            pattern += "[^/]*"
        elif piece == "?":
            pattern += "[^/]"
        elif piece[0] == "[" and len(piece) > 2:
            negation = "^" if piece[1] in "!^" else ""
            members = "".join(c if c == "-" else re.escape(c) for c in piece[1 + len(negation) : -1])
            pattern += f"(?!/)[{negation}{members}]"
        elif piece[0] == "{" and len(piece) > 1:
            options = (re.escape(option).replace(r"\*", "[^/]*") for option in piece[1:-1].split(","))
            pattern += f"(?:{'|'.join(options)})"
        else:
            pattern += re.escape(piece[-1])
    try:
        return re.compile(pattern + "(?:/.*)?", re.DOTALL)  # a pattern for a folder means all that is in it
    except re.error as error:
        raise ToolError(f"bad glob {glob!r}: {error}") from None


# Text

_BINARY_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class _Format:
    """How a file's text is written as bytes."""

    encoding: str = "utf-8"
    bom: bytes = b""

    def encode(self, text: str) -> bytes:
        try:
            return self.bom + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            bad, name = text[error.start], self.encoding.upper()
            raise ToolError(f"the file's encoding is {name}, which has no {bad!a}; leave it out") from None


def _decode(data: bytes) -> tuple[str, _Format]:
    """Read text so that encoding it again gives the same bytes.

    UTF-8, UTF-16 with its mark, and else Latin-1, which has a character for every byte; a file with control characters
    that no text has is binary.

    Raises:
        ValueError: where it is binary.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = data[len(bom) :].decode(encoding)
            if "\0" in text:
                raise ValueError("NUL in text")
            return text, _Format(encoding, bom)
    if b"\0" in data:
        raise ValueError("NUL in text")
    try:
        return data.decode(), _Format()
    except UnicodeDecodeError:
        if _BINARY_CONTROLS.search(data):
            raise
        return data.decode("latin-1"), _Format("latin-1")


def _has_only_crlf(text: str) -> bool:
    return "\r\n" in text and text.count("\n") == text.count("\r\n")


# The worktree


class TreeWorktree:
    """A git tree in memory that a bot reads and edits; implements `git_draft.protocols.Worktree`.

    Args:
        objects: where the tree is read and written.
        tree: the id of the tree to start from.
        feedback: told what is read and written.
        untracked: paths of the tree that the user's git does not track.
        search_timeout_s: how long one search may take.
    """

    def __init__(
        self,
        objects: Objects,
        tree: str,
        feedback: Feedback,
        *,
        untracked: Collection[PurePosixPath] = (),
        search_timeout_s: float = SEARCH_TIMEOUT_S,
    ) -> None:
        self._editor = objects.edit_tree(tree)
        self._feedback = feedback
        self._has_own_guidance = PurePosixPath("AGENTS.md") not in untracked
        self._search_timeout_s = search_timeout_s
        self._open: list[tuple[PurePosixPath, TreeEntry]] | None = None  # until the next change

    # For the drafter

    def write_tree(self) -> str:
        """Write what there is now and give the id of the tree."""
        return self._editor.write_tree()

    # For bots

    def list_files(self, glob: str | None = None) -> Sequence[PurePosixPath]:
        """Give the paths of all files that may be read, sorted."""
        paths = [path for path, _ in self._list_open(glob)]
        self._feedback.emit(FilesListed(glob=glob, count=len(paths)))
        return paths

    def read_file(self, path: str) -> str:
        """Give a text file's contents, line endings as they are, without a byte order mark."""
        checked = self._check(path)
        text, _ = self._read_text(checked, self._get(checked))
        self._feedback.emit(FileRead(path=str(checked)))
        return text

    def read_guidance(self) -> str | None:
        """Give the start of a tracked AGENTS.md; None where there is none: what is untracked may be anybody's."""
        if not self._has_own_guidance:
            return None
        try:
            text = self.read_file("AGENTS.md")
        except ToolError:
            return None
        return text.encode(errors="replace")[:MAX_GUIDANCE_BYTES].decode(errors="ignore").strip() or None

    def search(self, pattern: str, glob: str | None = None) -> Sequence[tuple[PurePosixPath, int, str]]:
        """Find lines that match a regular expression, up to `MAX_HITS`; binary and very large files are passed by."""
        import regex  # in place of re, which a pattern such as (a+)+$ can keep busy for ever

        try:
            matcher = regex.compile(pattern)
        except regex.error as error:
            raise ToolError(f"bad regular expression {pattern!r}: {error}") from None
        deadline_s = time.monotonic() + self._search_timeout_s
        found = list(islice(self._iter_hits(matcher, glob, deadline_s), MAX_HITS))
        self._feedback.emit(FilesSearched(pattern=pattern, glob=glob, count=len(found)))
        return found

    def _iter_hits(
        self, matcher: regex.Pattern[str], glob: str | None, deadline_s: float
    ) -> Iterator[tuple[PurePosixPath, int, str]]:
        for path, entry in self._list_open(glob):
            try:
                for number, line in enumerate(self._split_lines(path, entry), 1):
                    if matcher.search(line, timeout=_count_left_s(deadline_s)):
                        yield path, number, line
                _count_left_s(deadline_s)  # files without a line cost time too
            except TimeoutError:
                reason = f"the search took too long, it got as far as {path}; use a simpler pattern or a narrower glob"
                raise ToolError(reason) from None

    def _split_lines(self, path: PurePosixPath, entry: TreeEntry) -> list[str]:
        """Give the lines of a file, none where it has no text."""
        try:
            text, _ = self._read_text(path, entry)
        except ToolError:
            return []
        return text.removesuffix("\n").replace("\r\n", "\n").split("\n")

    def write_file(self, path: str, contents: str) -> None:
        """Make or replace a file.

        Of a file that exists mode, byte order mark and encoding stay, and its line endings too if they are all CRLF
        and the new contents have none: models tend to lose the CR.
        """
        checked = self._check(path)
        entry, text_format = self._editor.find(checked), _Format()
        contents = contents.removeprefix("\ufeff")
        if entry is not None:
            self._get(checked)
            old_text, text_format = self._read_text(checked, entry)
            if _has_only_crlf(old_text) and "\r\n" not in contents:
                contents = contents.replace("\n", "\r\n")
        data = text_format.encode(contents)
        if len(data) > MAX_FILE_BYTES:
            raise ToolError(f"{checked} would be too large: {len(data)} bytes")
        self._open = None
        try:
            self._editor.write(checked, data, mode=entry.mode if entry else MODE_FILE)
        except ValueError as error:
            raise ToolError(f"can't write {checked}: {error}") from None
        self._feedback.emit(FileWritten(path=str(checked), size_bytes=len(data)))

    def delete_file(self, path: str) -> None:
        """Remove a file."""
        checked = self._check(path)
        self._get(checked)
        self._open = None
        self._editor.remove(checked)
        self._feedback.emit(FileDeleted(path=str(checked)))

    def rename_file(self, src_path: str, dst_path: str) -> None:
        """Move a file as it is, bytes and mode."""
        src, dst = self._check(src_path), self._check(dst_path)
        entry = self._get(src)
        if self._editor.find(dst) is not None or self._editor.is_folder(dst):
            raise ToolError(f"{dst} exists already")
        self._open = None
        self._editor.put(dst, entry)
        self._editor.remove(src)
        self._feedback.emit(FileRenamed(src_path=str(src), dst_path=str(dst)))

    # Rules

    def _check(self, text: str) -> PurePosixPath:
        """Read a path and see that it leads to no secret and through no link."""
        path = parse_path(text)
        if looks_secret(path):
            raise ToolError(f"{path} is withheld, its name looks like a secret; go on without it")
        for parent in path.parents:
            entry = self._editor.find(parent) if parent.parts else None
            if entry is not None:
                raise ToolError(f"{parent} is {_describe_kind(entry)}, not a folder")
        return path

    def _get(self, path: PurePosixPath) -> TreeEntry:
        entry = self._editor.find(path)
        if entry is None:
            if self._editor.is_folder(path):
                raise ToolError(f"{path} is a folder")
            near = [str(p) for p, _ in self._list_open() if p.name == path.name][:3]
            raise ToolError(f"there is no file {path}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
        if not entry.is_file:
            raise ToolError(f"{path} is {_describe_kind(entry)}, which can't be read or changed")
        return entry

    def _read_text(self, path: PurePosixPath, entry: TreeEntry) -> tuple[str, _Format]:
        try:
            data = self._editor.read(entry)
        except RepoError as error:  # a partial clone whose server does not answer
            raise ToolError(f"{path} can't be read: {error}") from error
        if len(data) > MAX_FILE_BYTES:
            raise ToolError(f"{path} is too large: {len(data)} bytes")
        try:
            return _decode(data)
        except ValueError:
            raise ToolError(f"{path} is a binary file") from None

    def _list_open(self, glob: str | None = None) -> list[tuple[PurePosixPath, TreeEntry]]:
        """Give the files that a bot may know of, sorted; the rules are asked again only after a change."""
        if self._open is None:
            entries = (item for item in self._editor.iter_files() if item[1].is_file and _is_open(item[0]))
            self._open = sorted(entries, key=lambda item: item[0])
        matcher = _compile_glob(glob or "**")
        return [item for item in self._open if not glob or matcher.fullmatch(str(item[0]))]


def _count_left_s(deadline_s: float) -> float:
    if (left_s := deadline_s - time.monotonic()) <= 0:
        raise TimeoutError
    return left_s


def _is_open(path: PurePosixPath) -> bool:
    try:
        return not looks_secret(parse_path(str(path)))
    except ToolError:
        return False


def _describe_kind(entry: TreeEntry) -> str:
    return {MODE_SYMLINK: "a symbolic link", MODE_SUBMODULE: "a submodule"}.get(entry.mode, "a file")
