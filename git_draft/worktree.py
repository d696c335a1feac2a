"""What a bot sees: the files of a git tree, by rules that keep it from everything else.

This is the one place where files are read for a bot, so it is here that every path is checked (by `paths.py`), that
files (by `withholding.py`) and lines (by `masking.py`) are withheld, that binary files are refused (by `texts.py`), and
that events say what was read and written. Nothing here touches the working directory, and which files matter is `ranking.py`'s to say.
The drafter makes a `TreeWorktree` for a run and takes its tree at the end; bots and tools know only the protocol.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from git_draft.errors import RepoError, ToolError
from git_draft.events import FileDeleted, FileRead, FileRenamed, FilesIndexed, FilesListed, FilesSearched, FileWritten
from git_draft.exporting import Export, hand_over
from git_draft.generated import has_generated_name
from git_draft.git.checkout import Checkouts
from git_draft.git.objects import Objects
from git_draft.git.tree import MODE_FILE, MODE_SUBMODULE, MODE_SYMLINK, TreeEntry
from git_draft.gitmodules import GITMODULES, check_modules
from git_draft.listing import Listing
from git_draft.masking import Masked, mask_text
from git_draft.paths import compile_glob, find_fault, has_git_name, parse_path
from git_draft.pathspecs import Only
from git_draft.protocols import MAX_HITS, Feedback
from git_draft.ranking import MAX_RANKED_BYTES, Ranking
from git_draft.texts import TextFormat, decode_text, has_only_crlf
from git_draft.withholding import Withholding

if TYPE_CHECKING:
    import regex

SEARCH_TIMEOUT_S = 3.0
"""How long one search may take; nothing else happens meanwhile."""
MAX_FILE_BYTES = 4 << 20
"""Larger files are not text that a model could work with; `search` passes them by."""
MAX_GUIDANCE_BYTES = 8192
"""How much of a repository's guidance is sent."""
_JUDGED_ALONE = 5
INDEXED_WORTH_TELLING = 300
"""Fewer new files are indexed in no time."""


class TreeWorktree:
    """A git tree in memory that a bot reads and edits; implements `git_draft.protocols.Worktree`.

    Args:
        objects: where the tree is read and written.
        tree: the id of the tree to start from.
        feedback: told what is read and written.
        untracked: paths of the tree that the user's git does not track.
        withholding: which files are withheld; by their names alone if it is left out.
        only: where the bot may write; None for everywhere.
        index_path: the file that keeps which blobs hold which words, from one run to the next; None to keep nothing.
        checkouts: puts the files into folders, for programs; None where that is not offered.
        search_timeout_s: how long one search may take.
    """

    def __init__(
        self,
        objects: Objects,
        tree: str,
        feedback: Feedback,
        *,
        untracked: Collection[PurePosixPath] = (),
        withholding: Withholding | None = None,
        only: Only | None = None,
        index_path: Path | None = None,
        checkouts: Checkouts | None = None,
        search_timeout_s: float = SEARCH_TIMEOUT_S,
    ) -> None:
        self._objects = objects
        self._editor = objects.edit_tree(tree)
        self._feedback = feedback
        self._untracked = set(map(str, untracked))
        self._withholding = withholding or Withholding()
        self._has_rules = False
        self._judged = 0
        self._only = only
        self._ranking = Ranking(index_path, self._find_text, self._tell_indexed)
        self._checkouts = checkouts
        self._search_timeout_s = search_timeout_s
        self._open: Listing | None = None  # once it was asked for
        self._told: set[PurePosixPath] = set()  # read, and told so, since their last change

    # For the drafter

    def write_tree(self) -> str:
        """Write what there is now and give the id of the tree."""
        return self._editor.write_tree()

    def list_withheld(self) -> Sequence[tuple[PurePosixPath, str]]:
        """Give the files that are withheld, or of which lines are, with the reason; reads all files."""
        shown = self._list_open()
        found = [
            (path, reason)
            for path, entry in self._editor.iter_files()
            if entry.is_file and (reason := self._withholding.find_reason(str(path))) is not None
        ]
        for text, oid in shown:
            if (lines := self._find_withheld_lines(PurePosixPath(text), oid)) is not None:
                found.append((PurePosixPath(text), lines))
        return sorted(found, key=lambda item: item[0].parts)

    # For bots

    def list_files(self, glob: str | None = None) -> Sequence[str]:
        """Give the paths of all files that may be read, sorted."""
        paths = self._list_open(glob).texts
        self._feedback.emit(FilesListed(glob=glob, count=len(paths)))
        return paths

    def read_file(self, path: str) -> str:
        """Give a text file's contents, line endings as they are, without a byte order mark."""
        checked = self._check(path)
        masked, _ = self._read_text(checked, self._get(checked).oid)
        if checked not in self._told:  # an edit reads the file anew that the model has just read
            self._told.add(checked)
            self._feedback.emit(FileRead(path=str(checked)))
        return masked.text

    def read_guidance(self) -> str | None:
        """Give the start of a tracked AGENTS.md; None where there is none: what is untracked may be anybody's."""
        if "AGENTS.md" in self._untracked or self._editor.find(PurePosixPath("AGENTS.md")) is None:
            return None
        try:
            text = self.read_file("AGENTS.md")
        except ToolError:
            return None
        return text.encode(errors="replace")[:MAX_GUIDANCE_BYTES].decode(errors="ignore").strip() or None

    def list_tracked(self) -> Sequence[str]:
        """Give the paths of the files that git tracks and that may be read, sorted; what is text is not looked at."""
        return [text for text in self._list_open().texts if text not in self._untracked]

    def rank_files(self, words: Collection[str]) -> Sequence[PurePosixPath]:
        """Give the tracked text files that hold some of the words, the most relevant first; see `ranking.py`."""
        return self._ranking.rank(self._list_ranked(), words)

    def find_definitions(self, names: Collection[str]) -> Mapping[str, Sequence[PurePosixPath]]:
        """Give for each name that tracked files define those files, sorted; see `definitions.py`."""
        return self._ranking.find_definitions(self._list_ranked(), names)

    def _list_ranked(self) -> Listing:
        return self._list_open().choose(lambda text: text not in self._untracked and not has_generated_name(text))

    def _find_text(self, oid: str) -> str | None:
        """Find the text of a blob that is worth an index."""
        if not self._objects.has(oid):  # a partial clone: git would ask the server for each of them
            raise ToolError(f"{oid} is not here")
        if self._objects.measure_blob(oid) > MAX_RANKED_BYTES:
            return None
        data = self._objects.read_blob(oid)
        try:
            return mask_text(decode_text(data)[0]).text
        except ValueError:
            return None

    def _tell_indexed(self, count: int) -> None:
        if count >= INDEXED_WORTH_TELLING:
            self._feedback.emit(FilesIndexed(count=count))

    def search(self, pattern: str, glob: str | None = None) -> Sequence[tuple[PurePosixPath, int, str]]:
        """Find lines that match a regular expression, up to `MAX_HITS`; binary and very large files are passed by."""
        import regex  # in place of re, which a pattern such as (a+)+$ can keep busy for ever

        try:
            matcher = regex.compile(pattern)
        except regex.error as error:
            raise ToolError(f"bad regular expression {pattern!r}: {error}") from None
        self._list_open(glob)  # which is not the pattern's to answer for
        deadline_s = time.monotonic() + self._search_timeout_s
        found = list(islice(self._iter_hits(matcher, glob, deadline_s), MAX_HITS))
        self._feedback.emit(FilesSearched(pattern=pattern, glob=glob, count=len(found)))
        return found

    def _iter_hits(
        self, matcher: regex.Pattern[str], glob: str | None, deadline_s: float
    ) -> Iterator[tuple[PurePosixPath, int, str]]:
        for text, oid in self._list_open(glob):
            path = PurePosixPath(text)
            try:
                for number, line in enumerate(self._split_lines(path, oid), 1):
                    if matcher.search(line, timeout=_count_left_s(deadline_s)):
                        yield path, number, line
                _count_left_s(deadline_s)  # files without a line cost time too
            except TimeoutError:
                reason = f"the search took too long, it got as far as {path}; use a simpler pattern or a narrower glob"
                raise ToolError(reason) from None

    def _split_lines(self, path: PurePosixPath, oid: str) -> list[str]:
        """Give the lines of a file, none where it has no text."""
        try:
            masked, _ = self._read_text(path, oid)
        except ToolError:
            return []
        return masked.text.removesuffix("\n").replace("\r\n", "\n").split("\n")

    def write_file(self, path: str, contents: str) -> None:
        """Make or replace a file.

        Of a file that exists mode, byte order mark and encoding stay, and its line endings too if they are all CRLF
        and the new contents have none: models tend to lose the CR. So do lines that are withheld, see `masking.py`.
        """
        checked = self._check_writable(path)
        entry, text_format = self._editor.find(checked), TextFormat()
        contents = contents.removeprefix("\ufeff")
        if entry is not None:
            self._get(checked)
            masked, text_format = self._read_text(checked, entry.oid)
            if has_only_crlf(masked.text) and "\r\n" not in contents:
                contents = contents.replace("\n", "\r\n")
            contents = masked.restore(contents)
        data = text_format.encode(contents)
        if len(data) > MAX_FILE_BYTES:
            raise ToolError(f"{checked} would be too large: {len(data)} bytes")
        check_modules(self._objects, checked, entry or TreeEntry(MODE_FILE, ""), data)
        try:
            written = self._editor.write(checked, data, mode=entry.mode if entry else MODE_FILE)
        except ValueError as error:
            raise ToolError(f"can't write {checked}: {error}") from None
        if self._open is not None:
            self._open.put(str(checked), written.oid)
        self._told.discard(checked)
        self._feedback.emit(FileWritten(path=str(checked), size_bytes=len(data)))

    def check_rewritable(self, path: str) -> None:
        """See that all of a file may be written anew; one that is not there may."""
        checked = self._check_writable(path)
        if self._editor.find(checked) is not None:
            self._check_unmasked(
                checked, "written as a whole; change other lines of it, by an edit of these lines alone"
            )

    def delete_file(self, path: str) -> None:
        """Remove a file."""
        checked = self._check_writable(path)
        self._check_unmasked(checked, "deleted")
        self._editor.remove(checked)
        if self._open is not None:
            self._open.remove(str(checked))
        self._feedback.emit(FileDeleted(path=str(checked)))

    def rename_file(self, src_path: str, dst_path: str) -> None:
        """Move a file as it is, bytes and mode."""
        src, dst = self._check_writable(src_path), self._check_writable(dst_path)
        entry = self._get(src)
        if self._editor.find(dst) is not None or self._editor.is_folder(dst):
            raise ToolError(f"{dst} exists already")
        check_modules(self._objects, dst, entry, self._editor.read(entry) if dst.name == GITMODULES else b"")
        self._editor.put(dst, entry)
        if str(src) in self._untracked:  # under another name it is still not what the user chose to share
            self._untracked.add(str(dst))
        self._editor.remove(src)
        if self._open is not None:
            self._open.remove(str(src))
            self._open.put(str(dst), entry.oid)
        self._told -= {src, dst}
        self._feedback.emit(FileRenamed(src_path=str(src), dst_path=str(dst)))

    # For bots that are programs

    @contextmanager
    def exported(self) -> Iterator[Export]:
        """Put the files that a bot may see into a new folder, which is gone when the context ends."""
        if self._checkouts is None:
            raise RepoError("these files can't be put into a folder")
        shown = {text for text, oid in self._list_open() if not self._find_withheld_lines(PurePosixPath(text), oid)}
        handover = hand_over(self._objects, self._editor, lambda path: str(path) in shown or self._is_only_odd(path))
        with self._checkouts.checked_out(handover.tree) as checkout:
            yield Export(checkout, self._objects, handover, self._check_any, self._feedback)
        self._open = None

    def _is_only_odd(self, path: PurePosixPath) -> bool:
        """Tell whether a path is kept from models only for being no file, or for a name that no model could write."""
        entry = self._editor.find(path)
        is_odd = entry is not None and (not entry.is_file or find_fault(str(path)) is not None)
        return is_odd and not has_git_name(path) and self._withholding.find_reason(str(path)) is None

    def _check_any(self, path: PurePosixPath) -> None:
        """Do as `_check_writable` does, with names too that no model could write."""
        if find_fault(str(path)) is None:
            self._check_writable(str(path))
            entry = self._editor.find(path)
            if entry is not None and entry.is_file:
                self._check_unmasked(path, "changed by a program")
        elif (reason := self._withholding.find_reason(str(path))) is not None:
            raise ToolError(reason)
        elif self._only is not None and not self._only.allows(path):
            raise ToolError("the user allows changes elsewhere alone")

    # Rules

    def _check(self, text: str) -> PurePosixPath:
        """Read a path and see that it leads to no secret and through no link."""
        path = parse_path(text)
        self._judge(path)
        if (reason := self._withholding.find_reason(str(path))) is not None:
            raise ToolError(f"{path} is withheld, {reason}; go on without it")
        for parent in path.parents:
            entry = self._editor.find(parent) if parent.parts else None
            if entry is not None:
                raise ToolError(f"{parent} is {_describe_kind(entry)}, not a folder")
        return path

    def _judge(self, path: PurePosixPath) -> None:
        """See to it that the rules for a path are known: git is asked for a few of them, and then for all at once."""
        if self._has_rules or self._withholding.knows(str(path)):
            return
        self._judged += 1
        if self._judged <= _JUDGED_ALONE:
            self._withholding.learn([str(path)])
        else:
            self._list_open(further=(str(path),))

    def _check_writable(self, text: str) -> PurePosixPath:
        path = self._check(text)
        if self._only is not None and not self._only.allows(path):
            where = ", ".join(self._only.texts)
            raise ToolError(
                f"{path} can be read only: the user allows changes in {where} alone; go on without this one"
            )
        return path

    def _get(self, path: PurePosixPath) -> TreeEntry:
        entry = self._editor.find(path)
        if entry is None:
            if self._editor.is_folder(path):
                raise ToolError(f"{path} is a folder")
            near = [text for text in self._list_open().texts if text.rpartition("/")[2] == path.name][:3]
            raise ToolError(f"there is no file {path}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
        if not entry.is_file:
            raise ToolError(f"{path} is {_describe_kind(entry)}, which can't be read or changed")
        return entry

    def _find_withheld_lines(self, path: PurePosixPath, oid: str) -> str | None:
        """Find which lines of a file are withheld, in words; None where there are none."""
        try:
            masked, _ = self._read_text(path, oid)
        except ToolError:  # no text, so there are no lines
            return None
        return masked.describe() if masked.withheld else None

    def _check_unmasked(self, path: PurePosixPath, what: str) -> None:
        if (lines := self._find_withheld_lines(path, self._get(path).oid)) is not None:
            raise ToolError(f"{lines} of {path} may hold a secret, so it can't be {what}")

    def _read_text(self, path: PurePosixPath, oid: str) -> tuple[Masked, TextFormat]:
        try:
            size_bytes = self._objects.measure_blob(oid)
            data = self._objects.read_blob(oid) if size_bytes <= MAX_FILE_BYTES else b""
        except RepoError as error:  # a partial clone whose server does not answer
            raise ToolError(f"{path} can't be read: {error}") from error
        if size_bytes > MAX_FILE_BYTES:
            raise ToolError(f"{path} is too large: {size_bytes} bytes")
        try:
            text, text_format = decode_text(data)
        except ValueError:
            raise ToolError(f"{path} is a binary file") from None
        return mask_text(text), text_format

    def _list_open(self, glob: str | None = None, *, further: Collection[str] = ()) -> Listing:
        """Give the files that a bot may know of, sorted; they are looked for once, and then kept up to date.

        Args:
            glob: only those that match.
            further: paths that are judged with them.
        """
        if self._open is None:
            found = Listing((text, entry.oid) for text, entry in self._editor.iter_texts() if entry.is_file)
            self._withholding.learn([*found.texts, *further])
            self._has_rules = True
            is_shown = partial(_is_shown, self._withholding)
            self._open = found if all(map(is_shown, found.texts)) else found.choose(is_shown)
        return self._open.choose(compile_glob(glob).fullmatch) if glob else self._open


def _count_left_s(deadline_s: float) -> float:
    if (left_s := deadline_s - time.monotonic()) <= 0:
        raise TimeoutError
    return left_s


def _is_shown(withholding: Withholding, text: str) -> bool:
    return find_fault(text) is None and withholding.find_reason(text) is None


def _describe_kind(entry: TreeEntry) -> str:
    return {MODE_SYMLINK: "a symbolic link", MODE_SUBMODULE: "a submodule"}.get(entry.mode, "a file")
