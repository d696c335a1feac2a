"""What makes a repository odd besides its files and its index: other repositories, what would run, what is under way.

Functions as in `odd_repositories.py`, listed in `oddities.py`. Nothing here runs git-draft.
"""

from __future__ import annotations

from tests.support.gitrepo import GitRepo
from tests.support.odd_repositories import Build

# Repositories in repositories


def add_submodule(repo: GitRepo) -> GitRepo:
    """Have a submodule, and give it."""
    inner = GitRepo.create(repo.path.parent / "inner")
    inner.commit({"inside": "1\n"})
    inner.commit({"inside": "2\n"})
    repo.git("submodule", "--quiet", "add", str(inner.path), "lib")
    repo.git("commit", "-qm", "lib")
    return GitRepo(repo.path / "lib")


def have_submodule(repo: GitRepo) -> None:
    """Have a submodule."""
    add_submodule(repo)


def dirty_submodule(repo: GitRepo) -> None:
    """Have a submodule with changes of its own."""
    lib = add_submodule(repo)
    lib.write("inside", "mine\n")
    lib.write("untracked", "mine\n")


def move_submodule(repo: GitRepo) -> None:
    """Have a submodule at another commit."""
    add_submodule(repo).git("checkout", "-q", "HEAD^")


def leave_submodule(repo: GitRepo) -> GitRepo:
    """Have a submodule that was never checked out."""
    add_submodule(repo)
    return clone(repo, "--no-recurse-submodules")


def nest(repo: GitRepo) -> None:
    """Have repositories inside that are no submodules."""
    GitRepo.create(repo.path / "nested").commit({"inside": "1\n"})
    GitRepo.create(repo.path / "empty nested")


def enlarge(repo: GitRepo) -> None:
    """Have a file that is larger than the limit, and one that is just not."""
    repo.git("config", "draft.maxUntrackedSize", "1k")
    repo.write("large", "x" * 1025)
    repo.write("just not", "x" * 1024)


def clone(repo: GitRepo, *options: str) -> GitRepo:
    """Give a clone."""
    clone = repo.path.parent / "clone"
    repo.git("clone", "-q", *options, f"file://{repo.path}", str(clone))
    made = GitRepo(clone)
    made.write("new", "1\n")
    return made


def share(repo: GitRepo) -> GitRepo:
    """Give a clone that borrows its objects."""
    clone = repo.path.parent / "clone"
    repo.git("clone", "-q", "--shared", str(repo.path), str(clone))
    return GitRepo(clone)


def clone_partly(repo: GitRepo) -> GitRepo:
    """Give a clone that lacks blobs."""
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit({"old": "1\n"})
    repo.commit({"old": "2\n"})
    return clone(repo, "--filter=blob:none")


def link_worktree(repo: GitRepo) -> GitRepo:
    """Give a linked worktree."""
    repo.git("worktree", "add", "-q", "-b", "side", "../linked")
    linked = GitRepo(repo.path.parent / "linked")
    linked.write("new", "1\n")
    return linked


def link_worktree_with_settings(repo: GitRepo) -> GitRepo:
    """Give a linked worktree that has settings of its own."""
    repo.git("config", "extensions.worktreeConfig", "true")
    linked = link_worktree(repo)
    linked.git("config", "--worktree", "core.autocrlf", "true")
    linked.write("crlf", b"1\r\n")
    return linked


def replace(repo: GitRepo) -> None:
    """Have a commit and a blob replaced."""
    old = repo.commit({"a": "1\n"})
    new = repo.git("commit-tree", f"{old}^{{tree}}", "-p", f"{old}^", "-m", "replaced")
    repo.git("replace", old, new)
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"other\n")
    repo.git("replace", repo.resolve("HEAD:a"), blob)
    repo.write("b", "1\n")


# What runs


def hook(repo: GitRepo) -> None:
    """Have hooks that fail."""
    hooks = repo.path / ".git/hooks"
    for name in ("pre-commit", "commit-msg", "prepare-commit-msg", "pre-merge-commit", "post-commit", "post-merge"):
        repo.write(f".git/hooks/{name}", f"#!/bin/sh\necho ran >>{hooks}/ran\nexit 1\n", mode=0o755)
    repo.write("new", "1\n")


def hook_elsewhere(repo: GitRepo) -> None:
    """Have such hooks in a folder that is tracked."""
    repo.write(".githooks/pre-merge-commit", "#!/bin/sh\nexit 1\n", mode=0o755)
    repo.write(".githooks/pre-commit", "#!/bin/sh\nexit 1\n", mode=0o755)
    repo.git("config", "core.hooksPath", ".githooks")


def forbid(*settings: tuple[str, str]) -> Build:
    """Have settings that get in the way of commits or merges."""

    def build(repo: GitRepo) -> None:
        for key, value in settings:
            repo.git("config", key, value)
        repo.write("new", "1\n")

    return build


def hostile_diff(repo: GitRepo) -> None:
    """Have programs for diffs that leave a trace if they are run."""
    trap = f"sh -c 'touch {repo.path}/.git/ran; exit 1' trap"
    repo.commit({".gitattributes": "*.txt diff=trap merge=trap-unset\n"})
    for key in ("diff.external", "diff.trap.command", "diff.trap.textconv", "core.pager"):
        repo.git("config", key, trap)
    repo.write("new", "1\n")


def template(repo: GitRepo) -> None:
    """Have a template for commit messages."""
    repo.write(".git/template", "please fill in\n")
    repo.git("config", "commit.template", str(repo.path / ".git/template"))
    repo.write("new", "1\n")


# What is there besides


def occupy(repo: GitRepo) -> None:
    """Have a branch draft/1 and a ref refs/drafts/2."""
    repo.git("update-ref", "refs/drafts/2", "HEAD")
    repo.git("branch", "draft/1")
    repo.write("new", "1\n")


# Where nothing can be drafted


def begin(*commands: str) -> Build:
    """Have something under way that stopped at a conflict."""

    def build(repo: GitRepo) -> None:
        repo.git("branch", "base")
        repo.commit({"f.txt": "ours\n"})
        repo.git("switch", "-qc", "other", "base")
        repo.commit({"f.txt": "theirs\n"})
        for command in commands:
            repo.run(*command.split())  # stops with a conflict

    return build


def conflict_in_index(repo: GitRepo) -> None:
    """Have conflicts in the index and nothing under way."""
    begin("merge main")(repo)
    for name in ("MERGE_HEAD", "MERGE_MSG", "MERGE_MODE"):
        (repo.path / ".git" / name).unlink()


def create(*options: str) -> Build:
    """Give a repository that is made with options."""

    def build(repo: GitRepo) -> GitRepo:
        path = repo.path.parent / "made"
        repo.git("init", "-q", *options, str(path))
        return GitRepo(path)

    return build


def claim_ref_storage(repo: GitRepo) -> None:
    """Say that refs are kept in a way that this git does not know."""
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.refStorage", "reftable")
