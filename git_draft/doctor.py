"""fsck: where refs, notes, configuration and the index disagree, and what puts them right again.

Refs and notes are the data; the index is an image of them, which can be made again at any time. Nothing here removes a
draft or a note: what only the user can decide is said with the command that does it. Called by the drafter.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator
from functools import partial

from git_draft.errors import RefMovedError
from git_draft.folios import write_folio_section
from git_draft.frozen import frozen
from git_draft.git.notes import format_note
from git_draft.git.refs import (
    NOTES,
    UNDO,
    RefUpdate,
    format_draft_ref,
    format_folio_branch,
    format_upstream,
    parse_folio_branch,
)
from git_draft.git.repo import BRANCHES
from git_draft.model import DraftName, Folio, Record
from git_draft.project import Project
from git_draft.records import PROMPT_MARK, Records
from git_draft.rows import DraftRow
from git_draft.saves import list_saves


@frozen
class Disagreement:
    """Something that is not as it should be.

    Args:
        what: in words.
        advice: a command for the user, where only they can decide; None where `repair` helps.
        repair: puts it right; None where nothing here can.
    """

    what: str
    advice: str | None = None
    repair: Callable[[], None] | None = None


@frozen
class Health:
    """How a repository is.

    Args:
        drafts: how many drafts there are.
        folios: how many folios they are in.
        disagreements: what was found.
    """

    drafts: int
    folios: int
    disagreements: tuple[Disagreement, ...]


class Doctor:
    """Looks at everything once, and repairs what can be.

    Args:
        project: the open repository.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._records = Records(project)
        self._rows = {row.name: row for row in project.store.list_drafts()}
        self._refs = dict(project.refs.iter_drafts())

    def examine(self) -> Health:
        """Find all disagreements."""
        found = [
            *self._examine_records(),
            *self._examine_notes(),
            *self._examine_folios(),
            *self._examine_renamed(),
            *self._examine_saves(),
            *self._examine_index(),
        ]
        return Health(len(self._refs), len({name.folio for name in self._refs}), tuple(found))

    def repair(self, health: Health) -> None:
        """Put right what can be, the index last, since it is an image of the rest."""
        repairs = [each.repair for each in health.disagreements if each.repair]
        for repair in repairs:
            repair()
        if repairs:
            self._rebuild_index()

    # The index

    def _examine_index(self) -> Iterator[Disagreement]:
        differing = [name for name in sorted({*self._rows, *self._refs}) if not self._is_indexed(name)]
        if differing:
            names = ", ".join(map(str, differing[:5])) + (
                f" and {len(differing) - 5} more" if len(differing) > 5 else ""
            )
            yield Disagreement(f"the index differs from refs and notes in {names}", repair=self._rebuild_index)

    def _is_indexed(self, name: DraftName) -> bool:
        row, oid = self._rows.get(name), self._refs.get(name)
        if oid is None or not self._is_commit(oid):  # such a ref is told of below
            return row is None
        return row is not None and row.oid == oid and row.note == (self._project.notes.find(oid) or "")

    def _rebuild_index(self) -> None:
        self._project.store.forget_drafts()
        self._records.fill_index()

    # Refs and notes

    def _is_commit(self, oid: str) -> bool:
        return not oid.startswith("refs/") and self._project.objects.find_commit(oid) == oid

    def _examine_records(self) -> Iterator[Disagreement]:
        for name, oid in sorted(self._refs.items()):
            ref = format_draft_ref(name)
            if not self._is_commit(oid) or not self._project.objects.read_commit(oid).parents:
                yield Disagreement(f"{ref} holds no commit that a draft could be", advice=f"git update-ref -d {ref}")
            elif self._project.notes.find(oid) is None:
                yield Disagreement(f"draft {name} has no record", repair=partial(self._record, name, oid))

    def _record(self, name: DraftName, oid: str) -> None:
        row: DraftRow | None = self._rows.get(name)
        note = row.note if row and row.oid == oid else ""
        if not note:  # all that refs and commits tell
            origin = self._project.store.list_folios().get(name.folio)
            note = format_note(Record(draft=name, origin=origin, recorded_by="git-draft fsck"))
        tips = self._project.notes.add(oid, note)
        if tips:
            self._project.store.advance_notes_tip(*tips)

    def _examine_notes(self) -> Iterator[Disagreement]:
        known = set(self._refs.values())
        for oid in self._project.notes.iter_commits():
            if oid in known:
                continue
            commit = self._project.objects.find_commit(oid)
            if commit is None:
                yield Disagreement(f"a record is on {oid[:10]}, which is not there", repair=partial(self._forget, oid))
                continue
            title = (self._project.notes.find(oid) or "").partition("\n")[0]
            name = DraftName.parse(title.removeprefix("draft "))
            if name is None or not self._project.objects.read_commit(oid).message.startswith(PROMPT_MARK):
                advice = f"git notes --ref={NOTES} remove {oid[:10]}"
                yield Disagreement(f"a record is on {oid[:10]}, which is no draft", advice=advice)
            elif name not in self._refs:
                advice = f"git update-ref {format_draft_ref(name)} {oid[:10]} ''"
                yield Disagreement(f"draft {name} has a record and no ref", advice=advice)

    def _forget(self, oid: str) -> None:
        tips = self._project.notes.remove([oid])
        if tips:
            self._project.store.advance_notes_tip(*tips)

    # Folios

    def _examine_folios(self) -> Iterator[Disagreement]:
        refs = self._project.refs
        origins = self._project.store.list_folios()
        for folio in self._records.list_folios():
            branch = format_folio_branch(folio.number)
            if not folio.is_open:
                continue
            origin = self._records.find_origin(branch)
            known = origin or origins.get(folio.number)
            if origin is None and known:
                yield Disagreement(
                    f"the configuration does not name the origin branch of folio {folio.number}, which was {known}",
                    repair=partial(write_folio_section, self._project, Folio(folio.number, known)),
                )
            if known and refs.find_branch(format_upstream(folio.number)) is None:
                yield Disagreement(
                    f"folio {folio.number} has no upstream",
                    repair=partial(self._make_upstream, folio.number),
                )

    def _make_upstream(self, number: int) -> None:
        drafts = self._records.list_drafts([number])
        tip = drafts[-1].commit if drafts else self._project.refs.find_branch(format_folio_branch(number))
        if tip:
            with contextlib.suppress(RefMovedError):  # another command made it meanwhile
                update = RefUpdate(BRANCHES + format_upstream(number), None, tip)
                self._project.refs.commit([update], "draft: fsck")

    def _examine_renamed(self) -> Iterator[Disagreement]:
        for branch, _origin in self._project.repo.config.iter_subsections("branch", "draftOrigin"):
            if parse_folio_branch(branch) is not None or self._project.refs.find_branch(branch) is None:
                continue
            merge = self._project.repo.config.get(f"branch.{branch}.merge") or ""
            number = parse_folio_branch(merge.removeprefix(BRANCHES))
            if number:
                words = shlex.join(["git", "branch", "-m", branch, format_folio_branch(number)])
                yield Disagreement(f"the branch of folio {number} was renamed to {branch}", advice=words)

    def _examine_saves(self) -> Iterator[Disagreement]:
        folios = {ref.removeprefix(UNDO).partition("/")[0] for ref in self._project.refs.iter_names(UNDO)}
        for folio in sorted(int(number) for number in folios if number.isascii() and number.isdecimal()):
            for number, oid in list_saves(self._project, folio):
                if not self._is_commit(oid) or len(self._project.objects.read_commit(oid).parents) != 3:
                    ref = f"{UNDO}{folio}/{number}"
                    yield Disagreement(f"{ref} is no saved state", advice=f"git update-ref -d {ref}")
