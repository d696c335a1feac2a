"""Refs: names, reading, and several refs changed in one transaction.

A transaction locks all refs that it reads or writes, reads them again, compares, makes sure that the objects exist, and
only then sets them; libgit2 itself does none of these checks and never waits for a lock. Called by folios, landing,
merging, saves and notes.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager

import pygit2

from git_draft.errors import RefLockedError, RefMovedError, RepoError
from git_draft.frozen import frozen
from git_draft.git.locks import retry_while_locked
from git_draft.git.program import first_line
from git_draft.git.repo import BRANCHES, Repository
from git_draft.model import DraftName

DRAFTS = "refs/drafts/"
UNDO = "refs/drafts-undo/"
NOTES = "refs/notes/drafts"

_CHECK_ATTEMPTS = 10
_CHECK_PAUSE_S = 0.1

LockJournal = Callable[[Sequence[str]], AbstractContextManager[None]]
"""Writes down which refs this process is about to lock, so that locks of a killed process can be told and removed."""


def format_draft_ref(name: DraftName) -> str:
    """Give the ref of a draft, ``refs/drafts/3/2``."""
    return f"{DRAFTS}{name}"


def parse_draft_ref(ref: str) -> DraftName | None:
    """Read the ref of a draft; give None for any other ref, ``refs/drafts/3/@`` too."""
    return DraftName.parse(ref.removeprefix(DRAFTS)) if ref.startswith(DRAFTS) else None


def format_final_ref(folio: int) -> str:
    """Give the ref that keeps a folio's state at quit, ``refs/drafts/3/@``."""
    return f"{DRAFTS}{folio}/@"


def format_folio_branch(folio: int) -> str:
    """Give the short name of the folio branch, ``draft/3``."""
    return f"draft/{folio}"


def format_upstream(folio: int) -> str:
    """Give the short name of the folio's upstream, ``draft/3+``."""
    return f"draft/{folio}+"


def parse_folio_branch(branch: str) -> int | None:
    """Read the short name of a folio branch or of its upstream; give None for any other branch."""
    match = re.fullmatch(r"draft/([1-9][0-9]*)\+?", branch, re.ASCII)
    return int(match[1]) if match else None


@frozen
class RefUpdate:
    """One ref of a transaction.

    Args:
        name: the full name.
        old: what it must be: an id, a ref name for a symbolic ref, None for absent.
        new: what it becomes, of the same kind; None removes it; the same as `old` only locks and compares.
    """

    name: str
    old: str | None
    new: str | None


def _iter_loose(folder: bytes, start: bytes) -> Iterator[bytes]:
    """Give the names of refs that have a file of their own below a prefix."""
    for where, _, files in os.walk(folder + b"/" + start):
        below = where[len(folder) + 1 :].rstrip(b"/")
        yield from (below + b"/" + file for file in files if not file.endswith(b".lock"))


class Refs:
    """The refs of a repository.

    Args:
        repo: the repository.
        journal: told which refs are about to be locked.
    """

    def __init__(self, repo: Repository, journal: LockJournal | None = None) -> None:
        self._repo = repo
        self._journal = journal

    def find(self, name: str) -> str | None:
        """Find what a ref holds: an id, or for a symbolic ref the name of another; None where it is absent."""
        try:
            target = self._repo.odb.lookup_reference(name).raw_target
        except (KeyError, pygit2.InvalidSpecError):
            return None
        return str(target) if isinstance(target, pygit2.Oid) else os.fsdecode(target)

    def find_branch(self, branch: str) -> str | None:
        """Find the commit of a branch by its short name."""
        return self.find(BRANCHES + branch)

    def iter_names(self, *prefixes: str) -> Iterator[str]:
        """Give the full names of all refs below prefixes, each of which ends in a slash; sorted.

        libgit2 reads every ref of the repository for that, so only the folders of these are looked into, and the list
        of packed refs. A name may be that of a ref which holds nothing of use: `find` tells.
        """
        loose, packed = self._look_below(prefixes)
        yield from sorted(map(os.fsdecode, loose | packed.keys()))

    def iter_below(self, *prefixes: str) -> Iterator[tuple[str, str]]:
        """Give the full names of all refs below prefixes, with what they hold, as `find` does; broken ones are left out."""
        loose, packed = self._look_below(prefixes)
        for name in sorted(loose | packed.keys()):
            held = None
            with contextlib.suppress(pygit2.GitError):
                # one by one libgit2 would look for a file of each packed ref first: half the time among ten thousand
                held = self.find(os.fsdecode(name)) if name in loose else packed[name].decode("ascii")
            if held is not None:
                yield os.fsdecode(name), held

    def _look_below(self, prefixes: Iterable[str]) -> tuple[set[bytes], dict[bytes, bytes]]:
        """Give the names of the refs that have a file of their own, and what the others below prefixes hold.

        In this order, as git does: who packs refs at the same time writes the list before the files go.
        """
        folder = os.fsencode(self._repo.common_dir)
        starts = tuple(map(os.fsencode, prefixes))
        loose = {name for start in starts for name in _iter_loose(folder, start)}
        with contextlib.suppress(FileNotFoundError), open(folder + b"/packed-refs", "rb") as packed:  # noqa: PTH123  # bytes
            pairs = (line.rstrip(b"\n").partition(b" ") for line in packed)
            return loose, {name: held for held, _, name in pairs if name.startswith(starts)}
        return loose, {}

    def iter_drafts(self, folios: Collection[int] | None = None) -> Iterator[tuple[DraftName, str]]:
        """Give name and commit of each draft, of these folios or of all, unordered."""
        for ref, held in self.iter_below(*(DRAFTS,) if folios is None else (f"{DRAFTS}{folio}/" for folio in folios)):
            name = parse_draft_ref(ref)
            if name:
                yield name, held

    def commit(self, updates: Sequence[RefUpdate], message: str) -> None:
        """Change all refs, or none if one is not as expected; `message` goes to the reflogs.

        Raises:
            RefMovedError: where one is not as expected, or an object that it should name is not there.
            RefLockedError: where another process holds a lock for some seconds.
            RepoError: where git clears away what a ref would lead to.
        """
        if not updates:
            return
        journal = self._journal or (lambda _names: contextlib.nullcontext())
        identity = self._repo.committer.who.decode("utf-8", "replace").rpartition(" <")
        self._repo.odb.set_ident(identity[0] or "git-draft", identity[2].removesuffix(">"))

        def change() -> None:
            with journal([update.name for update in updates]):
                self._commit_once(updates, message)

        retry_while_locked(change, updates[0].name)
        self._check_whole(updates, message)

    def _check_whole(self, updates: Sequence[RefUpdate], message: str) -> None:
        """See that nothing is missing of what refs lead to now, where git cleared objects away at the same time."""
        made = {each.new for each in updates if each.new and each.new != each.old and not each.new.startswith("refs/")}
        if not made:
            return
        damage = ""
        for _attempt in range(_CHECK_ATTEMPTS):
            if not self._repo.housekeeping.was_at_work():
                return
            # without the user's own refs all of history would be looked at
            known = ["--not", "--exclude=draft/*", "--branches", "--tags", "--remotes"]
            if self._repo.config.get("extensions.partialClone"):
                known.insert(0, "--exclude-promisor-objects")
            done = self._repo.run("rev-list", "--objects", "--quiet", *made, *known, check=False, shielded=True)
            if done.returncode == 0:
                return
            damage = first_line(os.fsdecode(done.stderr))
            self._repo.housekeeping.write_again()  # and give others time for theirs, on which ours may stand
            time.sleep(_CHECK_PAUSE_S)
        back = [RefUpdate(each.name, each.new, each.old) for each in updates if each.new != each.old]
        retry_while_locked(lambda: self._commit_once(back, f"{message}, taken back"), updates[0].name)
        raise RepoError(f"git cleared away objects as they were written: {damage}", hint="run it again")

    def remove(self, refs: Mapping[str, str]) -> None:
        """Remove refs, with their logs, if all of them are as expected; by git, which does many of them at once.

        Args:
            refs: full names, each with the id that it must have.

        Raises:
            RefMovedError: where one is not as expected; nothing is removed then.
            RefLockedError: where another process holds a lock.
        """
        orders = b"".join(b"delete %s\0%s\0" % (os.fsencode(name), oid.encode()) for name, oid in refs.items())
        done = self._repo.run(
            *("-c", "core.hooksPath=/dev/null", "update-ref", "--no-deref", "-z", "--stdin"),
            stdin=orders,
            check=False,
            shielded=True,
        )
        if done.returncode:
            said = first_line(os.fsdecode(done.stderr))
            if "but expected" in said or "unable to resolve" in said:
                raise RefMovedError(said)
            raise RefLockedError(f"can't remove refs: {said}")

    def _is_there(self, oid: str) -> bool:
        if pygit2.Oid(hex=oid) not in self._repo.odb:
            self._repo.housekeeping.bring_back()
        return pygit2.Oid(hex=oid) in self._repo.odb

    def _commit_once(self, updates: Sequence[RefUpdate], message: str) -> None:
        transaction = self._repo.odb.transaction()
        with transaction:
            for update in sorted(updates, key=lambda each: each.name):
                transaction.lock_ref(update.name)
            for update in updates:
                found = self.find(update.name)
                if found != update.old:
                    raise RefMovedError(f"{update.name} is {found or 'absent'}, not {update.old or 'absent'}")
            for update in updates:
                if update.new == update.old:
                    continue
                if update.new is None:
                    transaction.remove(update.name)
                elif update.new.startswith("refs/"):
                    transaction.set_symbolic_target(update.name, update.new, message=message)
                elif self._is_there(update.new):
                    transaction.set_target(update.name, pygit2.Oid(hex=update.new), message=message)
                else:
                    raise RefMovedError(f"{update.name} can't become {update.new}: there is no such object")
