"""Drafts and folios as the repository holds them: refs say which there are, notes and commits what they are.

The index (`store.py`) spares reading each commit and note; a draft that it lacks, or a note that was changed by hand,
is read from git and put in. So a lost index costs events and nothing else. Called by folios, landing, merging, drafter
and the commands that look around.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from git_draft.errors import NoDraftError, RepoError
from git_draft.git.notes import parse_note
from git_draft.git.refs import (
    DRAFTS,
    format_draft_ref,
    format_final_ref,
    format_folio_branch,
    parse_folio_branch,
)
from git_draft.git.repo import BRANCHES
from git_draft.model import Draft, DraftName, Folio
from git_draft.project import Project
from git_draft.rows import DraftRow

PROMPT_MARK = "draft! prompt: "
SYNC_MARK = "draft! sync("


class Records:
    """The drafts and folios of a repository.

    Args:
        project: the open repository.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    # The index

    def fill_index(self) -> bool:
        """Fill the index from refs, notes and configuration where it never was filled; tell whether it was so."""
        store = self._project.store
        if store.is_complete():
            return False
        origins = dict(self._iter_configured_origins())
        notes_tip = self._project.notes.find_tip()
        drafts = self.list_drafts()
        with store.transaction():
            for draft in drafts:
                origins.setdefault(draft.name.folio, draft.record.origin)
            for number in self._list_numbers():
                store.add_folio(number, origins.get(number))
            store.set_notes_tip(notes_tip)
            store.mark_complete()
        return True

    def _iter_configured_origins(self) -> Iterable[tuple[int, str | None]]:
        for branch, origin in self._project.repo.config.iter_subsections("branch", "draftOrigin"):
            number = parse_folio_branch(branch)
            if number is not None:
                yield number, origin

    def _list_numbers(self) -> dict[int, bool]:
        """Give the numbers of all folios that refs tell of, each with whether it is open."""
        numbers: dict[int, bool] = {}
        for ref in self._project.refs.iter_names(f"{BRANCHES}draft/", DRAFTS):
            if ref.startswith(BRANCHES):
                branch = ref.removeprefix(BRANCHES)
                number = parse_folio_branch(branch) or 0
                numbers[number] = numbers.get(number, False) or branch == format_folio_branch(number)
                continue
            folio, slash, last = ref.removeprefix(DRAFTS).partition("/")
            if slash and folio.isascii() and folio.isdecimal() and (last == "@" or last.isdecimal()):
                numbers.setdefault(int(folio), False)
        return {number: is_open for number, is_open in sorted(numbers.items()) if number}

    def read_row(self, name: DraftName, oid: str) -> DraftRow:
        """Read a draft from git for the index.

        Raises:
            RepoError: where the object is no commit with a parent.
        """
        objects = self._project.objects
        commit = objects.read_commit(oid)
        if not commit.parents:
            raise RepoError(f"commit {oid} has no parent, so it is no draft")
        parent = objects.read_commit(commit.parents[0])
        is_sync = parent.message.startswith(SYNC_MARK) and len(parent.parents) == 1
        return DraftRow(
            name=name,
            oid=oid,
            parent=parent.oid,
            message=commit.message,
            note=self._project.notes.find(oid) or "",
            sync_head=parent.parents[0] if is_sync else None,
            sync_tree=parent.tree if is_sync else None,
        )

    # Drafts

    def list_drafts(self, folios: Collection[int] | None = None) -> list[Draft]:
        """Give the drafts of these folios, or of all, by number."""
        return self.survey_drafts(folios)[0]

    def survey_drafts(self, folios: Collection[int] | None = None) -> tuple[list[Draft], list[str]]:
        """Give the drafts of these folios, or of all, by number; and the refs that are named like drafts and hold none.

        Only a survey of all brings the index up to date where notes were changed by hand.
        """
        store, notes_tip = self._project.store, self._project.notes.find_tip()
        is_agreed = store.find_notes_tip() == (notes_tip or "")
        rows = {row.name: row for row in store.list_drafts(folios)} if is_agreed else {}
        found, missing, odd = [], [], []
        for name, oid in sorted(self._project.refs.iter_drafts(folios)):
            known = rows.get(name)
            row = known if known and known.oid == oid and self._has(oid) else self._find_row(name, oid)
            if row is None:
                odd.append(format_draft_ref(name))
                continue
            found.append(row)
            if row is not known:
                missing.append(row)
        if missing and folios is None:
            with store.transaction():
                for row in missing:
                    store.add_draft(row)
                store.set_notes_tip(notes_tip)
        return [_read_draft(row) for row in found], odd

    def _has(self, oid: str) -> bool:
        return not oid.startswith("refs/") and self._project.objects.has(oid)  # else it is a symbolic ref

    def _find_row(self, name: DraftName, oid: str) -> DraftRow | None:
        """Read a draft from git; give None where the user, or a fault, put something else into its ref."""
        try:
            return self.read_row(name, oid) if self._has(oid) else None
        except RepoError:
            return None

    def find_draft(self, name: DraftName) -> Draft | None:
        """Find a draft by its name."""
        oid = self._project.refs.find(format_draft_ref(name))
        row = self._find_row(name, oid) if oid else None
        return _read_draft(row) if row else None

    def get_draft(self, text: str, active: int | None) -> Draft:
        """Give the draft that the user means: ``3/2``, ``2``, ``@``, ``3/``, or a ref name.

        Args:
            text: what the user wrote.
            active: the number of the active folio, for ``2`` and ``@``.

        Raises:
            NoDraftError: where there is none.
        """
        name = DraftName.parse(text)
        is_number = text.isascii() and text.isdecimal() and int(text) > 0
        if (is_number or text == "@") and active is None:
            raise NoDraftError(f"no folio is active, so draft {text} needs its folio", hint="git draft list --all")
        if is_number:
            name = DraftName(active or 0, int(text))
        elif text == "@" or (text.endswith("/") and text[:-1].isascii() and text[:-1].isdecimal()):
            return self.get_newest(active or 0 if text == "@" else int(text[:-1]))
        elif name is None:
            return self._get_by_ref(text)
        draft = self.find_draft(name)
        if draft is None:
            raise NoDraftError(f"no draft {name} in this repository", hint="git draft list --all")
        return draft

    def get_newest(self, folio: int) -> Draft:
        """Give a folio's draft with the highest number.

        Raises:
            NoDraftError: where it has none.
        """
        names = sorted((name for name, _ in self._project.refs.iter_drafts([folio])), reverse=True)
        draft = next(filter(None, map(self.find_draft, names)), None)
        if draft is None:
            raise NoDraftError(f"folio {folio} has no drafts", hint="git draft list --all")
        return draft

    def _get_by_ref(self, text: str) -> Draft:
        commit = self._project.objects.find_commit(text)
        names = [name for name, oid in self._project.refs.iter_drafts() if oid == commit]
        draft = self.find_draft(max(names)) if names else None
        if draft is None:
            what = f"{text} is not a draft" if commit else f"no draft {text} in this repository"
            raise NoDraftError(what, hint="git draft list --all")
        return draft

    # Folios

    def find_active(self) -> Folio | None:
        """Find the folio that is checked out in this worktree."""
        head = self._project.repo.read_head()
        number = parse_folio_branch(head.branch) if head.branch else None
        if number is None or head.branch != format_folio_branch(number):
            return None
        origin = self.find_origin(head.branch)
        return Folio(number, origin) if origin else None

    def find_origin(self, branch: str) -> str | None:
        """Find the origin branch that the configuration names for a folio branch."""
        repo, key = self._project.repo, f"branch.{branch}.draftOrigin"
        origin = repo.config.get(key)
        if origin is None:  # the folio may be younger than what was read when the repository was opened
            origin = os.fsdecode(repo.run("config", "--null", "--get", key, check=False).stdout).removesuffix("\0")
        return origin or None

    def list_folios(self) -> list[Folio]:
        """Give all folios, open and closed, by number."""
        origins = {**self._project.store.list_folios(), **dict(self._iter_configured_origins())}
        return [Folio(number, origins.get(number), is_open) for number, is_open in self._list_numbers().items()]

    def find_checkout(self, folio: int) -> Path | None:
        """Find the working directory, this one or another, that has a folio's branch checked out."""
        return self._project.find_checkout(BRANCHES + format_folio_branch(folio))

    def list_merged(self, folio: int, drafts: Iterable[Draft]) -> set[DraftName]:
        """Tell which drafts have been merged into their folio, by ancestry."""
        tip = self.find_tip(folio)
        return {draft.name for draft in drafts if tip and self._project.objects.is_ancestor(draft.commit, tip)}

    def find_tip(self, folio: int) -> str | None:
        """Find the last commit of a folio: of its branch, or the state that was kept when it was quit."""
        refs = self._project.refs
        tip = refs.find_branch(format_folio_branch(folio)) or refs.find(format_final_ref(folio))
        return self._project.objects.find_commit(tip) if tip else None


def make_draft(name: DraftName, commit: str, parent: str, message: str, note: str) -> Draft:
    """Make the draft that a commit and its note are.

    Args:
        name: what its ref is named.
        commit: the id of the commit.
        parent: the id of its parent.
        message: of the commit.
        note: the text of the note.
    """
    subject, _, body = message.partition("\n\n")
    title = subject.removeprefix(PROMPT_MARK)
    return Draft(
        name=name,
        commit=commit,
        parent=parent,
        title=title,
        prompt=body.removesuffix("\n") or title,
        record=parse_note(note, name),
    )


def _read_draft(row: DraftRow) -> Draft:
    return make_draft(row.name, row.oid, row.parent, row.message, row.note)
