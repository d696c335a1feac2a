"""What is expected of git-draft in odd repositories, which `odd_repositories.py` makes: one table.

`ODDITIES` are those in which everything works, as git itself would do it; `REFUSED` those where a draft is refused, with
the line that says so. Nothing here runs git-draft. Used by `tests/git/test_odd_repositories.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from git_draft.errors import (
    DetachedHeadError,
    FolioError,
    GitDraftError,
    NotARepositoryError,
    OperationInProgressError,
    UnbornBranchError,
    UnsupportedRepositoryError,
)
from tests.support.odd_repositories import (
    Build,
    configure,
    convert_lines,
    encode,
    expand,
    filter_contents,
    ignore_modes,
    intend,
    lengthen,
    link,
    make_executable,
    mark,
    name_oddly,
    normalise,
    rename_case,
    sparse,
    stage_partly,
    store_large,
    swap_kinds,
    watch,
)
from tests.support.odd_surroundings import (
    begin,
    claim_ref_storage,
    clone,
    clone_partly,
    conflict_in_index,
    create,
    dirty_submodule,
    enlarge,
    forbid,
    have_submodule,
    hook,
    hook_elsewhere,
    hostile_diff,
    leave_submodule,
    link_worktree,
    link_worktree_with_settings,
    move_submodule,
    nest,
    occupy,
    replace,
    share,
    template,
)


@dataclass(frozen=True)
class Oddity:
    """A way to be odd in which drafting, merging, quitting and undoing work as anywhere.

    Args:
        build: makes it so, with uncommitted changes of the user's.
        later: what the user does between draft and merge, besides editing ``f.txt``.
        environ: added to the environment of git-draft; ``{repo}`` stands for the top of the working directory.
        left_out: paths that no snapshot takes, and that are warned of.
        program: what must be installed.
        line_end: that of ``f.txt`` on disk; with any other git itself would not give the same bytes back.
    """

    build: Build
    later: Build | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    program: str | None = None
    line_end: str = "\n"


@dataclass(frozen=True)
class Refusal:
    """A way to be odd in which nothing can be drafted.

    Args:
        build: makes it so.
        kind: the error.
        line: what it says.
    """

    build: Build
    kind: type[GitDraftError]
    line: str


ODDITIES: Mapping[str, Oddity] = {
    "autocrlf true": Oddity(convert_lines("true"), line_end="\r\n"),
    "autocrlf input": Oddity(convert_lines("input")),
    "eol=crlf": Oddity(convert_lines("", "*.txt eol=crlf\n"), line_end="\r\n"),
    "text=auto": Oddity(convert_lines("", "* text=auto\n")),
    "-text": Oddity(convert_lines("true", "* -text\n")),
    "working-tree-encoding": Oddity(encode),
    "clean and smudge": Oddity(filter_contents),
    "git-lfs": Oddity(store_large, program="git-lfs"),
    "ident": Oddity(expand),
    "symlinks": Oddity(link),
    "executable bits": Oddity(make_executable),
    "fileMode false": Oddity(ignore_modes),
    "file and folder swapped": Oddity(swap_kinds),
    "odd names": Oddity(name_oddly),
    "NFC and NFD": Oddity(normalise),
    "a path of nearly 4 KiB": Oddity(lengthen),
    "case-only renames": Oddity(rename_case),
    "staged and modified again": Oddity(stage_partly, later=lambda repo: repo.git("add", "f.txt")),
    "intent-to-add": Oddity(intend),
    "assume-unchanged": Oddity(mark("--assume-unchanged")),
    "skip-worktree": Oddity(mark("--skip-worktree")),
    "sparse, cone": Oddity(sparse("--cone")),
    "sparse, not cone": Oddity(sparse("--no-cone")),
    "sparse index": Oddity(sparse("--cone", "--sparse-index")),
    "split index": Oddity(configure(("core.splitIndex", "true"), then=("update-index", "--split-index"))),
    "index v4": Oddity(configure(then=("update-index", "--index-version", "4"))),
    "untracked cache": Oddity(configure(then=("update-index", "--force-untracked-cache"))),
    "many index features": Oddity(configure(("feature.manyFiles", "true"), ("index.threads", "2"))),
    "fsmonitor hook": Oddity(watch),
    "submodule, clean": Oddity(have_submodule),
    "submodule, dirty": Oddity(dirty_submodule),
    "submodule, moved": Oddity(move_submodule),
    "submodule, not initialised": Oddity(leave_submodule),
    "nested repositories": Oddity(nest, left_out=("empty nested", "nested")),
    "large untracked file": Oddity(enlarge, left_out=("large",)),
    "linked worktree": Oddity(link_worktree),
    "worktreeConfig": Oddity(link_worktree_with_settings, line_end="\r\n"),
    "shallow": Oddity(lambda repo: repo.commit() and clone(repo, "--depth=1")),
    "partial clone": Oddity(clone_partly),
    "alternates": Oddity(share),
    "replace refs": Oddity(replace),
    "hooks that fail": Oddity(hook),
    "hooks elsewhere that fail": Oddity(hook_elsewhere),
    "gpg that fails": Oddity(forbid(("commit.gpgSign", "true"), ("gpg.program", "false"), ("tag.gpgSign", "true"))),
    "merge.verifySignatures": Oddity(forbid(("merge.verifySignatures", "true"))),
    "mergeOptions": Oddity(
        forbid(("branch.draft/1.mergeOptions", "--squash"), ("branch.main.mergeOptions", "--squash"))
    ),
    "merge settings": Oddity(
        forbid(("merge.log", "true"), ("merge.ff", "only"), ("merge.stat", "true"), ("merge.autoStash", "true"))
    ),
    "rerere": Oddity(forbid(("rerere.enabled", "true"), ("rerere.autoUpdate", "true"))),
    "other output": Oddity(
        forbid(("color.ui", "always"), ("status.short", "true"), ("core.quotePath", "false"), ("column.ui", "always"))
    ),
    "diff settings": Oddity(
        forbid(("diff.noprefix", "true"), ("diff.renames", "copies"), ("diff.ignoreSubmodules", "all"))
    ),
    "commit.template": Oddity(template),
    "hostile diff programs": Oddity(hostile_diff),
    "branch draft/1, ref refs/drafts/2": Oddity(occupy),
    "GIT_DIR and GIT_WORK_TREE": Oddity(forbid(), environ={"GIT_DIR": "{repo}/.git", "GIT_WORK_TREE": "{repo}"}),
    "identities and dates": Oddity(
        forbid(),
        environ={
            "GIT_AUTHOR_NAME": "Grace",
            "GIT_COMMITTER_EMAIL": "grace@example.org",
            "GIT_AUTHOR_DATE": "2001-02-03T04:05:06+0700",
            "GIT_COMMITTER_DATE": "@1000000000 -0300",
        },
    ),
    "settings by the environment": Oddity(
        forbid(), environ={"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.quotePath", "GIT_CONFIG_VALUE_0": "false"}
    ),
    "literal pathspecs": Oddity(forbid(), environ={"GIT_LITERAL_PATHSPECS": "1"}),
    "case-blind pathspecs": Oddity(forbid(), environ={"GIT_ICASE_PATHSPECS": "1"}),
    "logAllRefUpdates": Oddity(forbid(("core.logAllRefUpdates", "always"))),
}


REFUSED: Mapping[str, Refusal] = {
    "detached": Refusal(
        lambda repo: repo.git("checkout", "-q", "--detach"),
        DetachedHeadError,
        "HEAD is detached, a folio starts from a branch",
    ),
    "unborn": Refusal(create("-b", "main"), UnbornBranchError, "branch main has no commit yet"),
    "bare": Refusal(create("--bare"), NotARepositoryError, "this repository is bare, it has no working directory"),
    "merge under way": Refusal(
        begin("merge main"), OperationInProgressError, "a merge is under way in this repository"
    ),
    "rebase under way": Refusal(
        begin("rebase main"), OperationInProgressError, "a rebase is under way in this repository"
    ),
    "old rebase under way": Refusal(
        begin("rebase --apply main"), OperationInProgressError, "a rebase is under way in this repository"
    ),
    "cherry-pick under way": Refusal(
        begin("cherry-pick main"), OperationInProgressError, "a cherry-pick is under way in this repository"
    ),
    "revert under way": Refusal(
        begin("revert --no-edit base"), OperationInProgressError, "a revert is under way in this repository"
    ),
    "bisect under way": Refusal(
        begin("bisect start", "bisect bad"), OperationInProgressError, "a bisect is under way in this repository"
    ),
    "conflicted index": Refusal(conflict_in_index, OperationInProgressError, "the index holds conflicts: f.txt"),
    "SHA-256": Refusal(
        create("--object-format=sha256", "-b", "main"),
        UnsupportedRepositoryError,
        "this repository uses sha256 object ids, git-draft reads SHA-1 only",
    ),
    "refStorage": Refusal(
        claim_ref_storage,
        UnsupportedRepositoryError,
        "git can't read this repository: unknown repository extension found: refstorage",
    ),
    "a branch named draft": Refusal(
        lambda repo: repo.git("branch", "draft"),
        FolioError,
        "a branch named draft leaves no room for folio branches such as draft/1",
    ),
}


QUICK = frozenset(
    {
        *("autocrlf true", "clean and smudge", "symlinks", "odd names", "staged and modified again", "intent-to-add"),
        *("sparse index", "split index", "submodule, dirty", "nested repositories", "linked worktree"),
        *("hooks that fail", "hostile diff programs"),
    }
)
"""Those that every run of the tests goes through; the rest is for the deep ones."""
