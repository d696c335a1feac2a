"""Save refs: the user's state before a merge, a quit or an undo, as ``refs/drafts-undo/<folio>/<k>``.

A save is shaped like the stash of ``git stash -u``: its tree is the working state, its parents are HEAD, a commit of the
index, and a commit of the files that were untracked. The third adds up over a folio, since quit makes them untracked
again. The message holds the values of the refs, and what is needed to tell the state that the operation left. Called by
merging, quitting and sweeping; by history, which undoes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from git_draft.frozen import frozen
from git_draft.git.notes import escape_value, unescape_value
from git_draft.git.refs import UNDO, RefUpdate, format_final_ref, format_folio_branch, format_upstream
from git_draft.git.repo import BRANCHES
from git_draft.git.snapshots import Snapshot
from git_draft.git.tree import EMPTY_TREE
from git_draft.model import Folio
from git_draft.project import Project
from git_draft.signals import put_off

KEPT_SAVES = 20
UNDER_WAY = "under way: "
"""Before the name of a save, in the place of a ref that is locked, for as long as its operation lasts."""

_ABSENT = "absent"
_INTENDED = "Intent-to-add: "


@frozen
class Save:
    """A save that is kept.

    Args:
        folio: the folio's number.
        number: its own, from 1 within the folio.
        commit: its commit.
        tree: the id of the tree of the files, untracked ones included.
        head: the commit that HEAD named.
        index_tree: the id of the tree that the index held.
        intended: the files of ``git add --intent-to-add``, which are in no tree of an index.
        lines: what the message says: ``Operation``, ``Head-branch`` …
    """

    folio: int
    number: int
    commit: str
    tree: str
    head: str
    index_tree: str
    intended: tuple[PurePosixPath, ...]
    lines: Mapping[str, str]

    @property
    def ref(self) -> str:
        """The full name of its ref."""
        return f"{UNDO}{self.folio}/{self.number}"

    @property
    def operation(self) -> str:
        """What came after it: ``merge``, ``quit`` or ``undo``."""
        return self.lines.get("Operation", "")

    @property
    def branch(self) -> str:
        """The short name of the branch that HEAD named."""
        return self.lines.get("Head-branch", "").removeprefix(BRANCHES)

    @property
    def origin(self) -> str:
        """The folio's origin branch."""
        return self.lines.get("Origin", "")

    @property
    def undid(self) -> int | None:
        """The number of the save that an undo went back to."""
        text = self.lines.get("Undid", "")
        return int(text) if text.isdecimal() else None

    def find_value(self, key: str) -> str | None:
        """Find the commit that a line ends in, of ``Ref``, ``Upstream`` or ``Final``; None where the ref was absent."""
        value = self.lines.get(key, _ABSENT).rpartition(" ")[2]
        return None if value == _ABSENT else value


def is_merged(project: Project, save: Save) -> bool:
    """Tell whether the merge that came after a save was committed, and HEAD names that commit."""
    head = project.repo.read_head().commit
    made = project.objects.read_commit(head).parents if head else ()
    return save.operation == "merge" and made == (save.lines.get("Target"), save.find_value("Draft"))


def list_saves(project: Project, folio: int) -> list[tuple[int, str]]:
    """Give number and commit of each save of a folio, oldest first."""
    saves = []
    for ref in project.refs.iter_names(f"{UNDO}{folio}/"):
        last = ref.rpartition("/")[2]
        commit = project.refs.find(ref)
        if last.isdecimal() and commit:
            saves.append((int(last), commit))
    return sorted(saves)


def find_save(project: Project, folio: int, number: int | None = None) -> Save | None:
    """Find a save of a folio, the last one where no number is given; what the user put there is skipped."""
    for found, commit in reversed(list_saves(project, folio)):
        if number in (None, found) and (save := _read_save(project, folio, found, commit)):
            return save
    return None


def _read_save(project: Project, folio: int, number: int, commit: str) -> Save | None:
    if project.objects.find_commit(commit) != commit:
        return None
    found = project.objects.read_commit(commit)
    if len(found.parents) != 3:
        return None
    index = project.objects.read_commit(found.parents[1])
    intended = (line.removeprefix(_INTENDED) for line in index.message.splitlines() if line.startswith(_INTENDED))
    pairs = (line.partition(": ") for line in found.message.splitlines()[2:])
    return Save(
        folio=folio,
        number=number,
        commit=commit,
        tree=found.tree,
        head=found.parents[0],
        index_tree=index.tree,
        intended=tuple(PurePosixPath(_decode(text)) for text in intended),
        lines={key: value for key, _, value in pairs},
    )


def find_saved_upstream(project: Project, folio: int) -> str | None:
    """Find the commit that the upstream named when the folio's last save was made; None where no merge made it."""
    save = find_save(project, folio)
    return save.find_value("Upstream") if save and save.operation == "merge" else None


def list_absorbed(project: Project, folio: int) -> list[PurePosixPath]:
    """Give the files that were untracked when a save of the folio was made, and that a merge has recorded since."""
    last = find_save(project, folio)
    if last is None:
        return []
    state = find_save(project, folio, last.undid) if last.undid else None
    tree = project.objects.read_commit(project.objects.read_commit((state or last).commit).parents[2]).tree
    paths = [path for path, _ in project.objects.edit_tree(tree).iter_files()]
    if state is None:
        return paths
    index = project.objects.edit_tree(state.index_tree)  # what was untracked in a state that came back is so again
    return [path for path in paths if index.find(path)]


@frozen
class Begun:
    """An operation that has its save.

    Args:
        ref: the save.
        keep: called when the operation can't fail any more: the index stays as it is then.
        give_up: called where it changes nothing, in place of that: the save goes.
    """

    ref: str
    keep: Callable[[], None]
    give_up: Callable[[], None]


@contextlib.contextmanager
def begun(
    project: Project, folio: Folio, operation: str, snapshot: Snapshot, extra: Mapping[str, str]
) -> Iterator[Begun]:
    """Save the state, and put off what asks to stop; the index is put back unless it is kept. Arguments as `save_state`.

    It is noted for as long as it lasts, so that the next command can tell that it was killed.
    """
    with put_off(), project.workdir.index_put_back() as keep:
        ref = save_state(project, folio, operation, snapshot, extra)
        with project.store.noted_locks([f"{UNDER_WAY}{ref}"]):
            yield Begun(ref, keep, lambda: _forget_save(project, ref))


def save_state(project: Project, folio: Folio, operation: str, snapshot: Snapshot, extra: Mapping[str, str]) -> str:
    """Keep the user's state before an operation; give the ref that does.

    Args:
        project: the open repository.
        folio: the folio.
        operation: ``merge``, ``quit`` or ``undo``.
        snapshot: the working state.
        extra: further lines for the message, what the operation is about to do.
    """
    objects = project.objects
    saves = list_saves(project, folio.number)
    number = saves[-1][0] + 1 if saves else 1
    head = snapshot.head
    intended = "".join(f"{_INTENDED}{_encode(path)}\n" for path in snapshot.intended)
    index = objects.write_commit(snapshot.index_tree, [head], f"draft! index({operation})\n\n{intended}".rstrip("\n"))
    untracked_tree = _write_untracked(project, snapshot, list_absorbed(project, folio.number))
    untracked = objects.write_commit(untracked_tree, [], f"draft! untracked({operation})")
    lines = {"Operation": operation, "Head-branch": BRANCHES + snapshot.branch, **_read_refs(project, folio), **extra}
    message = f"draft! save({operation})\n\n" + "".join(f"{key}: {value}\n" for key, value in lines.items())
    save = objects.write_commit(snapshot.tree, [head, index, untracked], message)
    ref = f"{UNDO}{folio.number}/{number}"
    project.refs.commit([RefUpdate(ref, None, save)], f"draft: save before {operation}")
    for old, commit in saves[: max(0, len(saves) + 1 - KEPT_SAVES)]:
        project.refs.commit([RefUpdate(f"{UNDO}{folio.number}/{old}", commit, None)], "draft: forget an old save")
    return ref


def _read_refs(project: Project, folio: Folio) -> dict[str, str]:
    names = {
        "Ref": BRANCHES + format_folio_branch(folio.number),
        "Upstream": BRANCHES + format_upstream(folio.number),
        "Final": format_final_ref(folio.number),
    }
    values = {key: f"{name} {project.refs.find(name) or _ABSENT}" for key, name in names.items()}
    return {**values, "Origin": folio.origin or ""}


def _forget_save(project: Project, ref: str) -> None:
    project.refs.commit([RefUpdate(ref, project.refs.find(ref), None)], "draft: given up")


def _write_untracked(project: Project, snapshot: Snapshot, absorbed: Sequence[PurePosixPath]) -> str:
    present = project.objects.edit_tree(snapshot.tree)
    editor = project.objects.edit_tree(EMPTY_TREE)
    for path in {*absorbed, *snapshot.untracked}:
        entry = present.find(path)
        if entry:
            editor.put(path, entry)
    return editor.write_tree()


def _encode(path: PurePosixPath) -> str:
    # a name need not be UTF-8, a message is: each byte that is not goes as the control character of its escape
    return escape_value(str(path).encode("utf-8", "surrogateescape").decode("latin-1"))


def _decode(text: str) -> str:
    return unescape_value(text).encode("latin-1", "replace").decode("utf-8", "surrogateescape")
