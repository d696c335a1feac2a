"""Drop: drafts, or whole folios, are removed with all that is recorded of them: refs, notes, configuration, index.

What would go is found first, as a value, so that the user can be asked; then it is removed. Refs go before notes, so
that there is never a draft without its record. The commits stay in the object database until git clears them away.
Called by the drafter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from git_draft.errors import FolioError
from git_draft.frozen import frozen
from git_draft.git.refs import (
    DRAFTS,
    NOTES,
    UNDO,
    RefUpdate,
    format_draft_ref,
    format_final_ref,
    format_folio_branch,
    format_upstream,
    parse_draft_ref,
)
from git_draft.git.repo import BRANCHES
from git_draft.model import Draft, Folio
from git_draft.project import Project
from git_draft.quitting import list_own_commits
from git_draft.records import Records
from git_draft.saves import list_saves


@frozen
class Doomed:
    """What a drop would remove.

    Args:
        drafts: the drafts, by number.
        folios: the folios that go whole, each with what else there is of it, in words.
        kept: why other things stay, a line for each.
    """

    drafts: tuple[Draft, ...] = ()
    folios: tuple[tuple[Folio, tuple[str, ...]], ...] = ()
    kept: tuple[str, ...] = ()


class Dropping:
    """Finds what would go, and removes it.

    Args:
        project: the open repository.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._records = Records(project)

    # Finding

    def plan_draft(self, draft: Draft) -> Doomed:
        """Find what goes with one draft.

        Raises:
            FolioError: where it is merged into a folio that is open, whose quit still needs to know it.
        """
        folio = self._get_folio(draft.name.folio)
        if self._find_use(folio, draft):
            raise FolioError(
                f"draft {draft.name} is merged into {format_folio_branch(folio.number)}, which is open",
                hint="git draft --quit, then drop it",
            )
        return Doomed(drafts=(draft,))

    def plan_folio(self, number: int) -> Doomed:
        """Find what goes with one folio.

        Raises:
            FolioError: where there is none, it is checked out somewhere, or a run works in it.
        """
        folio = self._get_folio(number)
        reason = self._find_reason_to_keep(folio)
        if reason:
            raise FolioError(reason[0], hint=reason[1])
        return Doomed(tuple(self._records.list_drafts([number])), (self._describe(folio),))

    def plan_all(self) -> Doomed:
        """Find what goes when everything does but what is in use."""
        return self._plan(None)

    def plan_older(self, than: datetime) -> Doomed:
        """Find the drafts that were made before a moment, and the folios that are closed and all older.

        Folios that are checked out somewhere stay whole.
        """
        return self._plan(than)

    def _plan(self, than: datetime | None) -> Doomed:
        drafts: list[Draft] = []
        folios: list[tuple[Folio, tuple[str, ...]]] = []
        kept: list[str] = []
        by_folio: dict[int, list[Draft]] = {}
        for draft in self._records.list_drafts():
            by_folio.setdefault(draft.name.folio, []).append(draft)
        for folio in self._list_folios():
            all_drafts = by_folio.get(folio.number, [])
            old = [draft for draft in all_drafts if than is None or self._is_older(draft.commit, than)]
            reason = self._find_reason_to_keep(folio)
            if reason:
                kept += [reason[0]] if old or than is None else []
                continue
            goes_whole = len(old) == len(all_drafts) and (than is None or self._is_over(folio, than))
            used = [] if goes_whole else [draft for draft in old if self._find_use(folio, draft)]
            kept += [f"draft {draft.name} is merged into a folio that is open" for draft in used]
            drafts += [draft for draft in old if draft not in used]
            folios += [self._describe(folio)] if goes_whole else []
        return Doomed(tuple(drafts), tuple(folios), tuple(kept))

    def _list_folios(self) -> list[Folio]:
        known = {folio.number: folio for folio in self._records.list_folios()}
        origins = self._project.store.list_folios()
        for ref in self._project.refs.iter_names(UNDO):
            number = ref.removeprefix(UNDO).partition("/")[0]
            if number.isascii() and number.isdecimal():
                known.setdefault(int(number), Folio(int(number), origins.get(int(number)), is_open=False))
        return [known[number] for number in sorted(known)]

    def _get_folio(self, number: int) -> Folio:
        folio = next((each for each in self._list_folios() if each.number == number), None)
        if folio is None:
            raise FolioError(f"no folio {number} in this repository", hint="git draft list --all")
        return folio

    def _find_reason_to_keep(self, folio: Folio) -> tuple[str, str] | None:
        """Tell why a folio can't go, and what helps."""
        for branch in (format_folio_branch(folio.number), format_upstream(folio.number)):
            folder = self._project.find_checkout(BRANCHES + branch)
            if folder:
                is_here = folder == self._project.repo.toplevel.resolve()
                where = "here" if is_here else f"in {folder}"
                return f"folio {folio.number} is active {where}", "git draft --quit" if is_here else f"cd {folder}"
        run = next((run for run in self._project.store.list_runs_under_way() if run.folio == folio.number), None)
        return (f"a run is under way in folio {folio.number}", f"git draft stop {run.id}") if run else None

    def _find_use(self, folio: Folio, draft: Draft) -> bool:
        return folio.is_open and draft.name in self._records.list_merged(folio.number, [draft])

    def _is_older(self, commit: str, than: datetime) -> bool:
        return self._project.objects.read_time(commit) < than.timestamp()

    def _is_over(self, folio: Folio, than: datetime) -> bool:
        """Tell whether a folio is closed, and its last state and save are older, too."""
        if folio.is_open:
            return False
        final = self._project.refs.find(format_final_ref(folio.number))
        commits = [final] if final else []
        commits += [commit for _, commit in list_saves(self._project, folio.number)]
        return all(self._is_older(commit, than) for commit in commits)

    def _describe(self, folio: Folio) -> tuple[Folio, tuple[str, ...]]:
        project, parts = self._project, []
        if project.refs.find(format_final_ref(folio.number)):
            parts.append("its state at quit")
        saves = len(list_saves(project, folio.number))
        if saves:
            parts.append(f"{saves} saved state{'s' if saves > 1 else ''} of your files")
        origin = project.refs.find_branch(folio.origin) if folio.origin else None
        if folio.is_open:
            parts.append(f"the branch {format_folio_branch(folio.number)}")
            own = len(list_own_commits(project, folio, origin)) if origin else 0
            if own:
                parts.append(f"{own} commit{'s' if own > 1 else ''} of your own on it")
        return folio, tuple(parts)

    # Removing

    def drop(self, doomed: Doomed) -> None:
        """Remove it.

        Raises:
            RefMovedError: where a ref has changed since; nothing of its folio is removed then.
            RefLockedError: where another process holds a lock.
        """
        project = self._project
        whole = {folio.number for folio, _ in doomed.folios}
        refs = dict(self._iter_refs(doomed, whole))
        for folio in sorted({draft.name.folio for draft in doomed.drafts} - whole):
            self._move_upstream(folio, {draft.commit for draft in doomed.drafts})
        if refs:
            project.refs.remove(refs)
        tips = project.notes.remove(draft.commit for draft in doomed.drafts)
        if tips:
            project.store.advance_notes_tip(*tips)
        if whole and not any(project.refs.iter_drafts()):  # what is left there is of nobody
            notes = project.notes.find_tip()
            if notes:
                project.refs.remove({NOTES: notes})
        for number in sorted(whole):
            project.repo.remove_config_section(f"branch.{format_folio_branch(number)}")
            project.store.remove_drafts(number)
        for number in sorted({draft.name.folio for draft in doomed.drafts} - whole):
            own = {draft.name.number for draft in doomed.drafts if draft.name.folio == number}
            project.store.remove_drafts(number, own)

    def _iter_refs(self, doomed: Doomed, whole: Iterable[int]) -> Iterator[tuple[str, str]]:
        for draft in doomed.drafts:
            yield format_draft_ref(draft.name), draft.commit
        for number in whole:
            names = [BRANCHES + format_folio_branch(number), BRANCHES + format_upstream(number)]
            names += [format_final_ref(number), *self._project.refs.iter_names(f"{UNDO}{number}/")]
            names += [name for name in self._project.refs.iter_names(f"{DRAFTS}{number}/") if parse_draft_ref(name)]
            for name in names:
                found = self._project.refs.find(name)
                if found and not found.startswith("refs/"):  # a symbolic ref is nothing that we made
                    yield name, found

    def _move_upstream(self, folio: int, going: set[str]) -> None:
        """Let the upstream of an open folio name its newest draft that stays, or the folio branch."""
        refs = self._project.refs
        upstream = BRANCHES + format_upstream(folio)
        found = refs.find(upstream)
        if found not in going or found is None:
            return
        staying = [draft.commit for draft in self._records.list_drafts([folio]) if draft.commit not in going]
        target = staying[-1] if staying else refs.find_branch(format_folio_branch(folio))
        if target:
            refs.commit([RefUpdate(upstream, found, target)], "draft: dropped")
