"""Repositories of a size that nobody makes by hand: many files, one huge file, thousands of drafts; by git fast-import."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.support.gitrepo import GitRepo

_WHO = "Ada Lovelace <ada@example.org> 1700000000 +0000"


def make_wide(folder: Path, files: int, folders: int) -> GitRepo:
    """Make a repository with many small files in many folders, no two alike, checked out."""
    repo = GitRepo.create(folder)
    entries = "".join(
        f"M 100644 inline src/folder{n % folders}/file{n}.py\ndata <<E\nclass Thing{n}:\n    line = {n}\nE\n"
        for n in range(files)
    )
    stream = f"commit refs/heads/main\ncommitter {_WHO}\ndata 5\nfirst\n{entries}"
    repo.git("fast-import", "--quiet", stdin=stream.encode())
    repo.git("reset", "--hard", "--quiet")
    return repo


def make_dirty(repo: GitRepo, changed: int, untracked: int) -> None:
    """Change files, spread over the folders, and add untracked ones."""
    names = repo.list_files()
    for name in names[:: max(1, len(names) // changed)][:changed]:
        repo.write(name, "mine\n")
    for number in range(untracked):
        repo.write(f"src/folder{number}/untracked.py", f"{number}\n")


def make_drafts(repo: GitRepo, folios: int, drafts: int) -> None:
    """Add merged-looking drafts of folios that are long quit: refs, commits and notes, as git-draft writes them."""
    repo.git("fast-import", "--quiet", "--force", stdin="".join(_iter_drafts(repo, folios, drafts)).encode())


def _iter_drafts(repo: GitRepo, folios: int, drafts: int) -> Iterator[str]:
    base = repo.resolve("HEAD")
    yield "blob\nmark :1\ndata 4\nbot\n\n"
    mark = 2
    notes = []
    for folio in range(1, folios + 1):
        for number in range(1, drafts + 1):
            message = f"draft! prompt: do {folio}/{number}\n\ndo {folio}/{number}\n"
            yield f"commit refs/drafts/{folio}/{number}\nmark :{mark}\ncommitter {_WHO}\n"
            yield f"data {len(message)}\n{message}\nfrom {base}\nM 100644 :1 made/{folio}-{number}\n\n"
            record = f"draft {folio}/{number}\n\nDraft: {folio}/{number}\nOrigin: main\nBot: scripted\nBase: {base}\nOutcome: complete\n"
            record += "Started: 2026-01-01T12:00:00+00:00\nWalltime: 1.0 s\nFiles: 1 changed, +1 -0\n"
            notes.append(f"N inline :{mark}\ndata {len(record)}\n{record}\n")
            mark += 1
    yield f"commit refs/notes/drafts\ncommitter {_WHO}\ndata 5\nnotes\n{''.join(notes)}\n"
