"""Undo: the last merge, quit or undo of a folio is taken back; HEAD, index and files are as they were.

The state of now is saved first, as before each operation, so nothing is lost however this ends, and an undo can be undone
in turn. It is refused where the state is not the one that the operation left: what was done since would be mixed up with
it. Called by the drafter, inside the lock of the worktree.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from git_draft.errors import FolioError, RefLockedError, RefMovedError, RepoError
from git_draft.folios import find_active, make_sync, remove_folio_branches, write_folio_section
from git_draft.frozen import frozen
from git_draft.git.refs import DRAFTS, UNDO, RefUpdate, format_final_ref, format_folio_branch, format_upstream
from git_draft.git.repo import BRANCHES
from git_draft.git.snapshots import Snapshot
from git_draft.merging import check_clobber, format_paths
from git_draft.model import Folio, MergeStrategy
from git_draft.project import Project
from git_draft.quitting import finish_quit, move_head
from git_draft.saves import Save, begun, find_save, is_merged

_STAGE_ATTEMPTS = 3


@frozen
class Undo:
    """An operation that was taken back.

    Args:
        folio: the folio's number.
        what: the operation in words, ``the merge of 1/2`` for example.
        branch: the short name of the branch that HEAD names now.
        left_out: untracked files and nested repositories that no commit of ours holds.
        save: the ref that holds the user's state as it was before.
    """

    folio: int
    what: str
    branch: str
    left_out: tuple[PurePosixPath, ...]
    save: str


def get_last_save(project: Project) -> Save:
    """Give the save of the last operation here: of the active folio, or of the one that was left for this branch.

    Raises:
        FolioError: where there is nothing to undo.
    """
    active = find_active(project)
    if active is not None:
        save = find_save(project, active.number)
        if save is None:
            raise FolioError(f"folio {active.number} has no merge or quit to undo", hint="git draft list")
        return save
    branch = project.repo.get_head()[0]
    found = [save for save in _list_left(project) if save.origin == branch]
    if not found:
        raise FolioError(f"no folio was left for {branch}, there is nothing to undo", hint="git draft list --all")
    return max(found, key=lambda save: (project.objects.read_time(save.commit), save.folio))


def _list_left(project: Project) -> list[Save]:
    """Give the last saves of the folios that a quit left, or the undo of its undo."""
    numbers = {ref.removeprefix(UNDO).partition("/")[0] for ref in project.refs.iter_names(UNDO)}
    folios = sorted(int(number) for number in numbers if number.isascii() and number.isdecimal())
    return [save for save in (find_save(project, folio) for folio in folios) if save and _was_left(project, save)]


def _was_left(project: Project, save: Save) -> bool:
    branch = format_folio_branch(save.folio)
    if project.refs.find_branch(branch) and project.repo.config.get(f"branch.{branch}.draftOrigin"):
        return False  # it is open, and another branch is checked out
    undone = find_save(project, save.folio, save.undid) if save.undid else None
    # the second is an undo of a quit that was killed, the third the undo of one
    return save.operation == "quit" or save.branch == save.origin or bool(undone and undone.branch == save.origin)


def end_stopped_merge(project: Project, last: Save) -> None:
    """Take back what git left of a merge that stopped at conflicts or was killed, if the files are as git left them.

    Raises:
        OperationInProgressError: where another merge is under way, or the user is resolving this one.
    """
    merging = project.repo.find_merging()
    is_at_target = last.operation == "merge" and project.repo.get_head()[1] == last.lines.get("Target")
    if merging is None and not (is_at_target and project.workdir.list_unmerged()):
        return
    is_ours = merging in (None, "", last.find_value("Draft")) and (is_at_target or is_merged(project, last))
    files = project.workdir.record_files(with_conflicts=True).tree
    if not is_ours or (is_at_target and _list_unexpected(project, last, files)):
        project.repo.check_no_operation()
        return
    project.workdir.check_index_lock()
    project.workdir.end_merge()


def undo_operation(project: Project, last: Save) -> Undo:
    """Take back what came after a save.

    Args:
        project: the open repository.
        last: the last save of a folio.

    Raises:
        FolioError: where files, index or HEAD changed since.
        ClobberError: where a file that no ref holds is where one is put back.
        OperationInProgressError: where another git operation is under way.
        RepoError: where files or refs keep changing meanwhile.
    """
    project.repo.check_no_operation()
    project.workdir.check_index_lock()
    folio = Folio(last.folio, last.origin)
    for _attempt in range(_STAGE_ATTEMPTS):
        snapshot = project.workdir.take_snapshot()
        save = _get_target(project, last, snapshot)
        check_clobber(project, snapshot, save.tree, "undoing")
        if save.branch != snapshot.branch and project.refs.find_branch(save.branch) and save.branch != save.origin:
            raise FolioError(
                f"there is a branch {save.branch} by now", hint=f"git branch -m {save.branch} <another name>"
            )
        extra = {"Undid": str(save.number)}
        with begun(project, folio, "undo", snapshot, extra) as operation:
            if not (project.workdir.stage(snapshot) and _restore(project, folio, snapshot, save)):
                operation.give_up()
                continue  # a file or a ref changed since the snapshot
            operation.keep()
            if save is not last:  # an undo that was killed is finished: undoing it goes back to where it began
                again = RefUpdate(f"{UNDO}{last.folio}/{int(operation.ref.rpartition('/')[2]) + 1}", None, last.commit)
                project.refs.commit([again], "draft: an undo that was interrupted")
        return Undo(last.folio, _describe(project, save), save.branch, snapshot.left_out, operation.ref)
    raise RepoError("files or refs keep changing, nothing was undone", hint="run it again when they stand still")


def _describe(project: Project, save: Save) -> str:
    if save.operation == "merge":
        return f"the merge of {save.lines.get('Draft', '').partition(' ')[0]}"
    if save.operation == "quit":
        return f"the quit of folio {save.folio}"
    undone = find_save(project, save.folio, save.undid) if save.undid else None
    inner = _describe(project, undone) if undone else "an operation"
    return inner.replace("the undo of", "the redo of") if "the undo of" in inner else f"the undo of {inner}"


# Whether the state is the one that the operation left


def _get_target(project: Project, last: Save, now: Snapshot) -> Save:
    """Give the save to go back to: the last one, or the one before it where an undo was killed half way.

    Raises:
        FolioError: where something changed since.
    """
    if last.operation == "merge":
        _check_after_merge(project, last, now)
        return last
    if last.operation == "quit":
        _check_after_quit(project, last, now)
        return last
    undone = find_save(project, last.folio, last.undid) if last.undid else None
    if undone is None:
        raise FolioError(f"the last operation of folio {last.folio} was an undo, and what it undid is not kept")
    if (now.branch, now.head, now.index_tree, now.tree) == (undone.branch, undone.head, undone.index_tree, undone.tree):
        return last
    # it was killed while it wrote files, or when it had all but the index
    if (now.branch, now.head) == (last.branch, last.head) != (undone.branch, undone.head):
        foreign = _list_foreign(project, now.tree, last.tree, undone.tree)
        if foreign:
            raise _describe_changed("undo", last, foreign)
        return undone
    _check_same(project, undone.head, now.head, "undo", now.branch)
    if now.tree == undone.tree and now.index_tree in (undone.tree, last.index_tree):
        return undone
    differing = project.objects.list_changed(undone.tree, now.tree).keys()
    if not differing:
        raise FolioError(
            "the index changed since the undo", hint=f"git diff --cached {undone.ref.removeprefix('refs/')}^2"
        )
    raise _describe_changed("undo", undone, differing)


def _check_after_merge(project: Project, save: Save, now: Snapshot) -> None:
    objects = project.objects
    target, draft = save.lines.get("Target", ""), save.find_value("Draft")
    commit = objects.read_commit(now.head)
    if commit.parents == (target, draft):
        if (now.tree, now.index_tree) != (commit.tree, commit.tree):
            changed = {
                **objects.list_changed(commit.tree, now.tree),
                **objects.list_changed(commit.tree, now.index_tree),
            }
            raise FolioError(
                f"files changed since the merge: {format_paths(sorted(changed))}",
                hint="git stash -u, then git draft undo",
            )
        return
    if now.head not in (save.head, target):
        raise FolioError(
            f"{now.branch} has commits since the merge", hint=_advise_revert(project, now.head, (target, draft or ""))
        )
    if now.tree == save.tree:
        return
    is_cut_off = now.head == target  # git may have been killed while it wrote files
    foreign = _list_unexpected(project, save, now.tree) if is_cut_off else objects.list_changed(save.tree, now.tree)
    if foreign:
        raise _describe_changed("merge", save, foreign)


def _list_unexpected(project: Project, save: Save, tree: str) -> list[PurePosixPath]:
    """Give the files that are neither as before a merge nor as the merge writes them."""
    name, _, draft = save.lines.get("Draft", "").partition(" ")
    if not project.objects.has(draft):
        return list(project.objects.list_changed(save.tree, tree))
    # marks of conflicts name the draft as the merge did
    theirs = f"drafts/{name}" if project.refs.find(f"{DRAFTS}{name}") == draft else draft
    strategy = MergeStrategy(save.lines.get("Strategy", MergeStrategy.DEFAULT))
    meant, conflicts = project.workdir.predict_merge(save.lines["Target"], theirs, strategy)
    foreign = _list_foreign(project, tree, save.tree, meant)
    # what a strategy makes of them is not in the prediction
    return foreign if strategy is MergeStrategy.DEFAULT else [path for path in foreign if path not in conflicts]


def _list_foreign(project: Project, now: str, before: str, after: str) -> list[PurePosixPath]:
    """Give the files that are neither as before nor on their way to what git was writing when it was killed."""
    written = project.objects.list_changed(before, after)
    found, meant = project.objects.edit_tree(now), project.objects.edit_tree(after)

    def is_half_written(path: PurePosixPath) -> bool:
        entry, wanted = found.find(path), meant.find(path)
        if entry is None or entry == wanted:
            return True
        return wanted is not None and meant.read(wanted).startswith(found.read(entry))

    changed = project.objects.list_changed(before, now)
    return [path for path in changed if path not in written or not is_half_written(path)]


def _advise_revert(project: Project, head: str, parents: tuple[str, str]) -> str:
    for commit in reversed(project.objects.iter_own(head, [parents[0]])):
        if commit.parents == parents:
            return f"git revert -m 1 {commit.oid[:10]}"
    return "git log --first-parent"


def _check_after_quit(project: Project, save: Save, now: Snapshot) -> None:
    if (now.branch, now.head) != (save.branch, save.head):  # else it was killed before HEAD moved
        _check_same(project, save.lines.get("Left-head", ""), now.head, "quit", now.branch)
        left = save.lines.get("Left-index", "")
        if now.tree == save.tree and now.index_tree != left:
            changed = sorted(project.objects.list_changed(left, now.index_tree))
            raise FolioError(
                f"the index changed since the quit: {format_paths(changed)}",
                hint=f"git read-tree -m {left[:10]} puts it back; then git draft undo",
            )
    differing = project.objects.list_changed(save.tree, now.tree)
    if differing:
        raise _describe_changed("quit", save, differing)


def _check_same(project: Project, expected: str, head: str, operation: str, branch: str) -> None:
    if head != expected:
        own = project.objects.iter_own(head, [expected])
        what = f"has commits since the {operation}: {own[-1].subject}" if own else f"moved since the {operation}"
        raise FolioError(f"{branch} {what}", hint=f"git log {expected[:10]}..{branch}")


def _describe_changed(operation: str, save: Save, paths: Iterable[PurePosixPath]) -> FolioError:
    return FolioError(
        f"files changed since the {operation}: {format_paths(sorted(paths))}",
        hint=f"git diff {save.ref.removeprefix('refs/')} shows how",
    )


# Going back


def _restore(project: Project, folio: Folio, now: Snapshot, save: Save) -> bool:
    """Put files, refs and index back; tell whether it could be done, or a ref moved and all is as it was."""
    project.workdir.replace_files(now.tree, save.tree)
    try:
        if now.branch == save.branch:
            _move_branch(project, folio, now, save)
        elif save.branch == format_folio_branch(folio.number):
            _enter_again(project, folio, now, save)
        elif not move_head(project, folio, now.head, save.head, _find_final(project, now, save)):
            raise RefMovedError(f"{now.branch} or {save.branch} moved")
    except RefMovedError:
        project.workdir.replace_files(save.tree, now.tree)
        return False
    project.workdir.replace_index(save.index_tree, save.intended)
    if save.branch == folio.origin != now.branch:
        finish_quit(project, folio.number, now.head)
    return True


def _move_branch(project: Project, folio: Folio, now: Snapshot, save: Save) -> None:
    branch, upstream = BRANCHES + save.branch, BRANCHES + format_upstream(folio.number)
    updates = [RefUpdate("HEAD", branch, branch), RefUpdate(branch, now.head, save.head)]
    found, saved = project.refs.find(upstream), save.find_value("Upstream")
    undone = find_save(project, folio.number, save.undid) if save.undid else None
    if found and saved and found in (now.head, undone and undone.find_value("Upstream")):
        updates.append(RefUpdate(upstream, found, saved))  # else it names a draft that landed since
    project.refs.commit(updates, "draft: undo")


def _find_final(project: Project, now: Snapshot, save: Save) -> str:
    """Give the commit of the state at quit: the one of then, unless git has cleared it away since."""
    final = save.find_value("Final")
    has_it = final is not None and project.objects.has(final) and project.objects.read_commit(final).tree == now.tree
    return final if final and has_it else make_sync(project, save.folio, now, "finalize")


def _enter_again(project: Project, folio: Folio, now: Snapshot, save: Save) -> None:
    """Make branch, upstream and configuration of a folio again, then HEAD; what is swept or kept is told by HEAD.

    Another command does not take that for a quit to finish: the undo is noted as under way.
    """
    branch, upstream = BRANCHES + save.branch, BRANCHES + format_upstream(folio.number)
    origin, final = BRANCHES + now.branch, format_final_ref(folio.number)
    made = [RefUpdate(branch, None, save.head), RefUpdate(upstream, None, save.find_value("Upstream") or save.head)]
    entering = [
        RefUpdate("HEAD", origin, branch),
        RefUpdate(origin, now.head, now.head),
        RefUpdate(branch, save.head, save.head),
        RefUpdate(final, project.refs.find(final), save.find_value("Final")),
    ]
    write_folio_section(project, folio)  # first: it tells branches of a folio, which can be swept, from the user's
    project.refs.commit(made, "draft: undo")
    write_folio_section(project, folio)  # another command may just have removed what it took for left over
    try:
        project.refs.commit(entering, f"checkout: moving from {now.branch} to {save.branch}")
    except (RefMovedError, RefLockedError):
        remove_folio_branches(project, folio.number, [RefUpdate(each.name, each.new, None) for each in made])
        raise
