"""An answer's edits, done to the files as far as they can be.

What can't be done becomes a refusal that a model can act on; what could stays. Where a text stands in a file is found
by `matching.py`; what a fragment of a file is put in place of, by `fragments.py`. The worktree decides which files may
be touched at all. Called by the conversation for models without tool calls.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from git_draft.bots import naming
from git_draft.bots.edits import Answer, Deletion, Edit, Renaming, Replacement, WholeFile
from git_draft.bots.fragments import check_shrinking, fit_contents
from git_draft.bots.intents import judge_removal
from git_draft.bots.matching import Document
from git_draft.definitions import find_names
from git_draft.errors import ToolError
from git_draft.frozen import frozen
from git_draft.lines import cut_line, describe_nearest, find_elision, keep_form
from git_draft.textset import TextSet

MAX_NEAREST = 10
"""For so many refusals of one answer the nearest lines are shown."""

MAX_WHOLE = 20
"""So often one answer may write the same file that exists: each time all of it is read."""

_COMMON_NAMES = frozenset(
    ("__init__.py", "__main__.py", "index.js", "index.ts", "mod.rs", "README.md", "Makefile", "CMakeLists.txt")
)


class Files(Protocol):
    """What edits are done to, as `git_draft.protocols.Worktree` describes it; each method may raise `ToolError`."""

    def list_files(self) -> Collection[str]:
        """Give the paths of all files."""
        ...

    def read_file(self, path: str) -> str:
        """Give a file's contents."""
        ...

    def write_file(self, path: str, contents: str) -> None:
        """Make or replace a file."""
        ...

    def check_rewritable(self, path: str) -> None:
        """See that all of a file may be written anew."""
        ...

    def delete_file(self, path: str) -> None:
        """Remove a file."""
        ...

    def rename_file(self, src_path: str, dst_path: str) -> None:
        """Move a file."""
        ...


@frozen
class Applied:
    """What became of an answer.

    Args:
        changed: the paths of files that are no longer as they were, deleted ones and new names too.
        refusals: reasons, for the model, why edits were not done.
        repeated: the paths of files that the answer gives as they are; small models repeat what they were shown.
        made: the paths of new files, whose contents the model knows.
    """

    changed: tuple[str, ...]
    refusals: tuple[str, ...]
    repeated: tuple[str, ...] = ()
    made: tuple[str, ...] = ()


_UNCHANGED = re.compile(
    r"\W*(?:(?:file |is |stays |remains )*unchanged|no changes?(?: needed| required)?)\W*", re.IGNORECASE
)
_PLACEHOLDER = re.compile(r"\W*(?:the )?(?:complete |full |new |whole )+contents?\b[^\n]*", re.IGNORECASE)


def apply_answer(
    answer: Answer, worktree: Files, *, prompt: str, warned: set[str], shown: Collection[str] = ()
) -> Applied:
    """Do the edits of an answer, in order.

    Args:
        answer: what is to be done.
        worktree: the files.
        prompt: what the user asked for, which may justify that something goes.
        warned: what was refused once and is done when it comes again, and which files went; added to.
        shown: files whose contents the model was given; only these it can write whole.
    """
    patcher = _Patcher(worktree, prompt, warned, set(shown))
    for edit in answer.edits:
        patcher.try_edit(edit)
    patcher.flush()
    repeated = patcher.repeated - patcher.changed
    return Applied(
        tuple(sorted(patcher.changed)),
        tuple(dict.fromkeys(patcher.refusals)),
        tuple(sorted(repeated)),
        tuple(sorted(patcher.made)),
    )


@dataclass(slots=True)
class _Patcher:
    """Does one answer's edits; texts under edit are written at the end, or before their file is moved."""

    worktree: Files
    prompt: str
    warned: set[str]
    shown: set[str]
    changed: set[str] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)
    refusals: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    documents: dict[str, Document] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)
    written: Counter[str] = field(default_factory=Counter)
    files: TextSet | None = None

    def try_edit(self, edit: Edit) -> None:
        """Do an edit, or note why not."""
        try:
            self._do(edit)
        except ToolError as error:
            self.refusals.append(str(error))

    def flush(self) -> None:
        """Write the texts under edit."""
        for path in list(self.documents):
            try:
                self._flush(path)
            except ToolError as error:
                self.refusals.append(str(error))

    def _do(self, edit: Edit) -> None:
        match edit:
            case Replacement():
                self._replace(edit)
            case WholeFile():
                self._write_whole(edit)
            case Deletion():
                self._delete(edit)
            case Renaming():
                self._rename(edit)

    # Which file

    def _list(self) -> TextSet:
        if self.files is None:
            self.files = TextSet(self.worktree.list_files())
        return self.files

    def _find_exact(self, path: str) -> str | None:
        """Find a file by its path, less what diffs and shells put before it."""
        files, clean = self._list(), naming.clean_path(path)
        clean = self.moved.get(clean, clean)
        bare = clean if self._has_folder(clean[:1]) else re.sub(r"^[ab]/", "", clean)
        return next((form for form in (path, clean, bare, clean.lstrip("/")) if form in files), None)

    def _has_folder(self, path: str) -> bool:
        return any(file.startswith(f"{path}/") for file in self._list())

    def _find_namesake(self, path: str) -> str | None:
        """Find the one file that has the same base name."""
        name = naming.clean_path(path).rpartition("/")[2]
        found = [file for file in self._list() if file.rpartition("/")[2] == name]
        return found[0] if len(found) == 1 else None

    def _get_existing(self, path: str) -> str:
        found = self._find_exact(path) or self._find_namesake(path)
        if found is None:
            near = sorted(f for f in self._list() if f.endswith("/" + path.rpartition("/")[2]))[:3]
            raise ToolError(f"there is no file {path}" + (f"; did you mean {' or '.join(near)}?" if near else ""))
        return found

    # Texts

    def _read(self, path: str) -> str:
        document = self.documents.get(path)
        return document.text if document else self.worktree.read_file(path)

    def _write(self, path: str, contents: str) -> None:
        self.documents.pop(path, None)
        self.before.pop(path, None)
        self.worktree.write_file(path, contents)
        self.changed.add(path)
        if path not in self._list():
            self.made.add(path)
            self.shown.add(path)
            self.files = None

    def _flush(self, path: str) -> None:
        document, before = self.documents.pop(path, None), self.before.pop(path, "")
        if document is not None and (text := keep_form(before, document.text)) != before:
            self._write(path, text)

    # Edits

    def _replace(self, edit: Replacement) -> None:
        if not edit.search.strip() and self._find_exact(edit.path) is None:
            self._write_new(WholeFile(edit.path, edit.replace))
            return
        path = self._get_existing(edit.path)
        if path not in self.documents:
            self.before[path] = self.worktree.read_file(path)
            self.documents[path] = Document(path, self.before[path])
        document = self.documents[path]
        if not edit.search.strip() and not document.text.strip():
            self._write(path, edit.replace)
            return
        try:
            document.replace(edit.search, edit.replace)
        except ToolError as error:
            near = describe_nearest(document.text, edit.search) if len(self.refusals) < MAX_NEAREST else ""
            raise ToolError(f"{error}" + (f". {near}" if near else "")) from None

    def _write_whole(self, edit: WholeFile) -> None:
        path = self._find_exact(edit.path) or self._find_similar(edit)
        if path is None:
            self._write_new(edit)
            return
        self.written[path] += 1
        if self.written[path] > MAX_WHOLE:
            raise ToolError(f"{path} is written more than {MAX_WHOLE} times; write each file once")
        old = self._read(path)
        contents = self._drop_path_comment(edit, path, old)
        if keep_form(old, contents) == old or _UNCHANGED.fullmatch(contents.strip()):
            self.repeated.add(path)
            return
        if _PLACEHOLDER.fullmatch(contents.strip()):
            raise ToolError(f"what you wrote for {path} is no contents; write all of it, or leave it out")
        if old.strip() and not contents.strip():
            raise ToolError(f"the contents for {path} are empty; to remove it write a line: Delete file: `{path}`")
        fitted = fit_contents(path, old, contents, self.prompt, self.warned)
        new = keep_form(old, fitted.contents)
        if new == old:
            self.repeated.add(path)
            return
        if not fitted.is_merged:
            self._check_whole(path, old, contents)
        self._write(path, new)

    def _check_whole(self, path: str, old: str, contents: str) -> None:
        """See that a model may write all of a file."""
        self.worktree.check_rewritable(path)
        if path not in self.shown:
            raise ToolError(
                f"you have not seen {path}, so you can't write all of it; change it with search/replace blocks"
            )
        mark = find_elision(old, contents)
        if mark and path not in self.warned:
            self.warned.add(path)
            raise ToolError(
                f"{path} would become shorter and has the line {cut_line(mark)!r}: write the whole contents, or "
                "search/replace blocks for what changes"
            )
        check_shrinking(path, old, contents, self.prompt, self.warned)

    def _find_similar(self, edit: WholeFile) -> str | None:
        """Find the file that is meant where the folder is wrong: one of the same name that has much in common."""
        found = self._find_namesake(edit.path)
        clean = naming.clean_path(edit.path)
        if found is None or naming.looks_like_example(clean):
            return found
        if self._is_folder_meant(clean, found):
            return None
        if clean.endswith("/" + found):
            return found
        if found.rpartition("/")[2] in _COMMON_NAMES:
            return None
        lines = [line.strip() for line in edit.contents.split("\n") if line.strip()]
        text, suffix = self._read(found), PurePosixPath(found).suffix
        theirs = {line.strip() for line in text.split("\n")}
        is_alike = 2 * sum(line in theirs for line in lines) > len(lines)
        return found if is_alike or find_names(text, suffix) & find_names(edit.contents, suffix) else None

    def _is_folder_meant(self, path: str, found: str) -> bool:
        """Tell whether a new file is meant to be in its folder, though another file has its name."""
        folder = path.rpartition("/")[0]
        if not folder or self._has_folder(folder):
            return bool(folder)
        own = set(PurePosixPath(folder.lower()).parts) - set(PurePosixPath(found.lower()).parts)
        return not path.endswith("/" + found) and not own.isdisjoint(re.split(r"[^\w.-]+", self.prompt.lower()))

    def _write_new(self, edit: WholeFile) -> None:
        path = naming.clean_path(edit.path)
        if naming.looks_like_example(path):
            raise ToolError(f"{path} is no path of this repository; write the path of the file that you mean")
        contents = self._drop_path_comment(edit, path, "")
        self._write(path, contents + "\n" if contents and not contents.endswith("\n") else contents)

    def _drop_path_comment(self, edit: WholeFile, path: str, old: str) -> str:
        """Leave out a first line that only names the file, unless the file has it or comments are what was asked for."""
        first, _, rest = edit.contents.partition("\n")
        named, is_only_path = naming.find_path_in_comment(first, naming.Known([edit.path, path]))
        is_own = is_only_path and named is not None and named.rpartition("/")[2] == path.rpartition("/")[2]
        if (
            not is_own
            or old.startswith(first)
            or re.search(r"\b(comment|header|first line)", self.prompt, re.IGNORECASE)
        ):
            return edit.contents
        return rest.removeprefix("\n")

    def _delete(self, edit: Deletion) -> None:
        path = self._find_exact(edit.path)
        if naming.clean_path(edit.path) in self.moved and path in self.moved.values():
            return  # it went when it was renamed
        key = f"{naming.clean_path(edit.path)}\0went"
        if path is None and key in self.warned:
            return  # said again, in a later answer; a namesake elsewhere is not meant
        if path is None and "/" not in naming.clean_path(edit.path):
            path = self._find_namesake(edit.path)
        if path is None:
            raise ToolError(f"there is no file {edit.path} to delete")
        self._check_consent(path, "deleted")
        self.warned.add(key)
        self.documents.pop(path, None)
        self.worktree.delete_file(path)
        self.files = None
        self.changed.add(path)

    def _check_consent(self, path: str, what: str) -> None:
        """See that the user asked that a file goes; where that is in doubt, let the model say it twice."""
        consent = "asked" if path in self.made else judge_removal(self.prompt, path)
        key = f"{path}\0{what}"
        if consent == "unasked" or (consent == "doubtful" and key not in self.warned):
            self.warned.add(key)
            again = "; if it does, write the line again" if consent == "doubtful" else ""
            raise ToolError(f"the request does not say that {path} is to be {what}{again}")

    def _rename(self, edit: Renaming) -> None:
        src, dst = self._find_exact(edit.src_path), naming.clean_path(edit.dst_path)
        if src is None and "/" not in naming.clean_path(edit.src_path):
            src = self._find_namesake(edit.src_path)
        if src is None:
            raise ToolError(f"there is no file {edit.src_path} to rename")
        if src == dst:
            return
        if dst in self._list() and dst not in self.made:
            raise ToolError(f"{dst} exists already, {src} can't be renamed to it")
        self._check_consent(src, "renamed")
        self._flush(src)
        contents = None
        if dst in self.made:  # written under its new name before
            contents = self._read(dst)
            self.worktree.delete_file(dst)
        self.worktree.rename_file(src, dst)
        self.files = None
        self.changed |= {src, dst}
        self.moved[src] = dst
        if src in self.shown:
            self.shown.add(dst)
        if contents is not None:
            self._write(dst, contents)
