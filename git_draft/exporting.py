"""The files of a worktree in a folder, for a bot that is a program, and its changes taken back by the rules for bots.

Which files a program may be given and which paths it may change is `worktree.py`'s to say, the caller; how files get to
the disk and back is `git/checkout.py`'s. Here is what lies between: what is left out, what of the changes is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from git_draft.errors import ToolError
from git_draft.events import FileDeleted, FileRenamed, FileWritten, Warned
from git_draft.frozen import frozen
from git_draft.git.checkout import Checkout
from git_draft.git.objects import Objects
from git_draft.git.tree import MODE_SUBMODULE, MODE_SYMLINK, TreeEditor, TreeEntry
from git_draft.gitmodules import GITMODULES, check_modules
from git_draft.paths import compile_glob, has_git_name
from git_draft.protocols import Feedback

_MAX_NAMED = 5
_MAX_LINK_BYTES = 4096


@frozen
class Handover:
    """What there is to hand over.

    Args:
        editor: all files; what is taken back is changed here.
        withheld: those among them that no bot may see.
        tree: the id of the tree of the others.
    """

    editor: TreeEditor
    withheld: frozenset[PurePosixPath]
    tree: str


def hand_over(objects: Objects, editor: TreeEditor, is_open: Callable[[PurePosixPath], bool]) -> Handover:
    """Part the files into those for a program and those that are kept from it.

    Args:
        objects: where the tree is written.
        editor: all files.
        is_open: whether a bot may know of a path.
    """
    given, withheld = objects.edit_tree(editor.write_tree()), set()
    for path, entry in list(editor.iter_files()):
        if not is_open(path) or (entry.mode == MODE_SYMLINK and leads_out(path, editor.read(entry))):
            withheld.add(path)
            given.remove(path)
    return Handover(editor, frozenset(withheld), given.write_tree())


def leads_out(link: PurePosixPath, target: bytes) -> bool:
    """Tell whether a symbolic link leads, or could lead, out of the repository or to git's own files.

    Args:
        link: where it is; no part of its path is a link itself.
        target: what it says.
    """
    parts = os.fsdecode(target).split("/")
    names = [part for part in parts if part not in ("", ".")]
    depth = next((at for at, part in enumerate(names) if part != ".."), len(names))
    is_absolute = not parts[0] and len(parts) > 1
    climbs = depth > len(link.parent.parts) or ".." in names[depth:]  # after a name, which may be a link: who knows
    return is_absolute or climbs or len(target) > _MAX_LINK_BYTES or has_git_name(PurePosixPath(*names[depth:]))


class Export:
    """The files in a folder; implements `git_draft.protocols.Exported`.

    Args:
        checkout: the folder.
        objects: the object database.
        handover: what was put there.
        check: raises `ToolError` for a path that a bot may not change.
        feedback: told what is changed and what is not.
    """

    def __init__(
        self,
        checkout: Checkout,
        objects: Objects,
        handover: Handover,
        check: Callable[[PurePosixPath], None],
        feedback: Feedback,
    ) -> None:
        self._checkout = checkout
        self._objects = objects
        self._handover = handover
        self._editor = handover.editor
        self._check = check
        self._feedback = feedback
        self._taken = checkout.untouched
        self._refusals: dict[PurePosixPath, str] = {}

    @property
    def folder(self) -> Path:
        """The top of the files."""
        return self._checkout.folder

    def take_in(self, unwanted: Sequence[str] = ()) -> bool:
        """Take the files as they are in the folder now; tell whether that changed anything.

        What may not be taken stays as it was, and is named in a warning.

        Args:
            unwanted: patterns as in .gitignore, for new files that stay out without a word.
        """
        patterns = [compile_glob(glob) for glob in unwanted]
        known = self._editor.write_tree()
        tree, left_out = self._checkout.record()
        before, after = self._objects.edit_tree(self._taken), self._objects.edit_tree(tree)
        changed = sorted(
            (
                path
                for path in self._objects.list_changed(self._taken, tree).keys() - left_out.keys()
                if before.find(path) is not None or not any(each.fullmatch(str(path)) for each in patterns)
            ),
            key=lambda path: path.parts,
        )
        self._refusals = dict(left_out)
        removed = self._remove(changed, before, after)
        self._put(changed, after, removed)
        self._taken = tree
        self._warn()
        return self._editor.write_tree() != known

    def _remove(
        self, changed: Iterable[PurePosixPath], before: TreeEditor, after: TreeEditor
    ) -> dict[PurePosixPath, TreeEntry]:
        """Remove what is gone, folders that became files and files that became folders among it."""
        removed = {}
        for path in changed:
            old = before.find(path)
            if old is None or after.find(path) is not None:
                continue
            try:
                self._check_change(path, old)
            except ToolError as error:
                self._refusals[path] = str(error)
                continue
            self._editor.remove(path)
            removed[path] = old
        return removed

    def _put(
        self, changed: Iterable[PurePosixPath], after: TreeEditor, removed: dict[PurePosixPath, TreeEntry]
    ) -> None:
        """Put what is new or different; what is removed here and new there, as it was, counts as moved."""
        sources = {entry: path for path, entry in removed.items()}
        events: list[FileWritten | FileRenamed] = []
        for path in changed:
            new = after.find(path)
            if new is None:
                continue
            try:
                self._check_change(path, new)
                check_modules(self._objects, path, new, self._editor.read(new) if path.name == GITMODULES else b"")
                self._editor.put(path, new)
            except (ToolError, ValueError) as error:  # ValueError: what was withheld is in the way
                self._refusals[path] = str(error)
                self._restore(path, removed)
                continue
            source = sources.pop(new, None)
            if source is not None and source in removed:
                events.append(FileRenamed(src_path=_show(source), dst_path=_show(path)))
                del removed[source]
            else:
                events.append(FileWritten(path=_show(path), size_bytes=self._editor.measure(new)))
        for path in removed:
            self._feedback.emit(FileDeleted(path=_show(path)))
        for event in events:
            self._feedback.emit(event)

    def _check_change(self, path: PurePosixPath, entry: TreeEntry) -> None:
        if path in self._handover.withheld:
            raise ToolError("it was withheld")
        if entry.mode == MODE_SUBMODULE:
            raise ToolError("a submodule")
        if has_git_name(path):
            raise ToolError("git's own files are not to be touched")
        if entry.mode == MODE_SYMLINK and leads_out(path, self._objects.read_blob(entry.oid)):
            raise ToolError("a link that leads out of the repository")
        self._check(path)

    def _restore(self, refused: PurePosixPath, removed: dict[PurePosixPath, TreeEntry]) -> None:
        """Put back what had to make room for something that is refused: a folder, for a link that leads out."""
        for path in [path for path in removed if refused in path.parents]:
            self._editor.put(path, removed.pop(path))

    def _warn(self) -> None:
        if not self._refusals:
            return
        items = [f"{_show(path)} ({reason})" for path, reason in self._refusals.items()]
        more = f", and {len(items) - _MAX_NAMED} more" if len(items) > _MAX_NAMED else ""
        self._feedback.emit(Warned(message=f"not taken from the program: {', '.join(items[:_MAX_NAMED])}{more}"))


def _show(path: PurePosixPath) -> str:
    """Give a path as text that can be kept and printed, also where its bytes are no UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")
