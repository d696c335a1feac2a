"""What a merge must not do: overwrite what no ref holds, run hooks, follow settings; and what it leaves behind."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from git_draft.drafter import raise_for_attention
from git_draft.errors import AttentionError, ClobberError, GitCommandError, OperationInProgressError, RepoError
from git_draft.git.refs import RefUpdate
from git_draft.model import Folio, MergeStrategy
from git_draft.protocols import Worktree
from git_draft.saves import save_state
from tests.support.bots import Edit, write
from tests.support.gitrepo import GitRepo
from tests.support.studio import Studio


def _see(repo: GitRepo) -> object:
    """Give all that a refused merge must leave as it is."""
    return repo.list_refs(), repo.hash_index(), repo.hash_files(), (repo.path / ".git/HEAD").read_text()


# What is on disk and in no ref


def _replace_folder(files: Worktree) -> None:
    files.delete_file("dir/tracked")
    files.write_file("dir", "now a file\n")


@pytest.mark.parametrize(
    "edit, named",
    [
        (write("ignored.o", "bot\n"), "ignored.o"),
        (write("build/out", "bot\n"), "build"),
        (write("cache/x", "bot\n"), "cache/x"),
        (_replace_folder, "dir/deep/ignored.o"),
    ],
    ids=["file", "file-for-folder", "in-ignored-folder", "folder-for-file"],
)
@pytest.mark.parametrize("strategy", [MergeStrategy.DEFAULT, MergeStrategy.THEIRS])
def test_ignored_files_are_never_overwritten(studio: Studio, edit: Edit, named: str, strategy: MergeStrategy) -> None:
    repo = studio.repo
    repo.commit({".gitignore": "*.o\nbuild\ncache/\n", "dir/tracked": "x\n"})
    for path in ("ignored.o", "build", "cache/x", "dir/deep/ignored.o"):
        repo.write(path, "precious\n")
    repo.write("README.md", "mine\n")
    studio.draft(edit)
    before = _see(repo)
    with pytest.raises(ClobberError, match=rf": {named}$"):
        studio.merge(strategy=strategy)
    assert _see(repo) == before


def test_ignored_symlink_is_not_overwritten(studio: Studio) -> None:
    studio.repo.commit({".gitignore": "link\n"})
    (studio.repo.path / "link").symlink_to("nowhere")
    studio.draft(write("link", "bot\n"))
    with pytest.raises(ClobberError, match="link"):
        studio.merge()


def test_ignored_files_elsewhere_are_no_obstacle(studio: Studio) -> None:
    studio.repo.commit({".gitignore": "*.o\n", "dir/tracked": "x\n"})
    studio.repo.write("dir/ignored.o", "precious\n")
    studio.draft(write("dir/new", "bot\n"), lambda files: files.delete_file("dir/tracked"))
    studio.merge()
    assert studio.repo.read("dir/ignored.o") == "precious\n"


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_changes_that_git_was_told_to_overlook_are_not_overwritten(studio: Studio, flag: str) -> None:
    repo = studio.repo
    repo.git("update-index", flag, "README.md")
    repo.write("README.md", "precious\n")
    studio.draft(write("README.md", "bot\n"))
    before = _see(repo)
    with pytest.raises(ClobberError, match=r"told to overlook: README\.md"):
        studio.merge(strategy=MergeStrategy.THEIRS)
    assert _see(repo) == before


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_was_told_to_overlook_are_merged_where_they_have_not_changed(studio: Studio, flag: str) -> None:
    studio.repo.git("update-index", flag, "README.md")
    studio.draft(write("README.md", "bot\n"))
    assert studio.merge().result.is_clean
    assert studio.repo.read("README.md") == "bot\n"


def test_untracked_file_that_the_draft_adds_too_is_merged_as_the_users(studio: Studio) -> None:
    studio.draft(write("new", "bot\n"))
    studio.repo.write("new", "mine\n")
    merge = studio.merge(strategy=MergeStrategy.OURS)
    assert merge.result.is_clean
    assert studio.repo.read("new") == "mine\n"


def test_left_out_files_stay_untracked_and_are_not_overwritten(studio: Studio) -> None:
    repo = studio.repo
    repo.git("config", "draft.maxUntrackedSize", "1k")
    repo.write("large", "x" * 2000)
    repo.git("init", "--quiet", "nested")
    repo.git("-C", "nested", "commit", "--quiet", "--allow-empty", "-m", "x")
    studio.draft(write("a", "a\n"))
    merge = studio.merge()
    assert sorted(map(str, merge.left_out)) == ["large", "nested"]
    assert repo.status() == ["?? large", "?? nested/"]
    studio.draft(write("large", "bot\n"))
    with pytest.raises(ClobberError, match="large"):
        studio.merge(strategy=MergeStrategy.THEIRS)
    studio.quit()
    assert repo.status() == ["A  a", "?? large", "?? nested/"]


# Other commands at work


def test_held_index_lock_is_refused_before_anything_moves(studio: Studio) -> None:
    repo = studio.repo
    repo.write("README.md", "mine\n")
    studio.draft(write("a", "a\n"))
    lock = repo.path / ".git/index.lock"
    lock.touch()
    before = _see(repo)
    with pytest.raises(OperationInProgressError, match="writing the index") as caught:
        studio.merge()
    assert _see(repo) == before
    assert caught.value.hint == f"if no git command is running: rm {lock}"
    with pytest.raises(OperationInProgressError, match="writing the index"):
        studio.quit()
    assert _see(repo) == before
    lock.unlink()
    assert studio.merge().result.is_clean


@pytest.mark.parametrize("operation", ["merge", "cherry-pick", "rebase"])
def test_other_operation_is_refused_before_anything_moves(studio: Studio, operation: str) -> None:
    repo = studio.repo
    repo.git("branch", "other")
    studio.draft(write("a", "a\n"))
    repo.commit({"f": "mine\n"}, message="mine")
    repo.git("switch", "--quiet", "other")
    repo.commit({"f": "other\n"}, message="other")
    repo.git("switch", "--quiet", "draft/1")
    assert repo.run(operation, "other").returncode == 1
    before = _see(repo)
    with pytest.raises(OperationInProgressError, match=f"a {operation} is under way"):
        studio.merge()
    with pytest.raises(OperationInProgressError, match=f"a {operation} is under way"):
        studio.quit()
    assert _see(repo) == before


# Conflicts


def _make_conflict(studio: Studio) -> None:
    studio.draft(write("README.md", "bot\n"), write("new", "bot\n"))
    studio.repo.write("README.md", "mine\n")
    merge = studio.merge()
    assert list(map(str, merge.result.conflicts)) == ["README.md"]
    with pytest.raises(AttentionError, match=r"1/1 left conflicts in README\.md"):
        raise_for_attention(None, merge)


def test_conflict_is_left_as_git_merge_leaves_it(studio: Studio) -> None:
    repo = studio.repo
    _make_conflict(studio)
    left = (repo.hash_files(), repo.git("ls-files", "--stage"), repo.status(), repo.git("rev-parse", "MERGE_HEAD"))
    message = (repo.path / ".git/MERGE_MSG").read_text()
    assert repo.resolve("MERGE_HEAD") == repo.resolve("drafts/1/1")
    assert message.splitlines()[0] == "draft! merge"
    repo.git("merge", "--abort")
    assert repo.run("merge", "--no-ff", "-m", "draft! merge", "drafts/1/1").returncode == 1
    again = (repo.hash_files(), repo.git("ls-files", "--stage"), repo.status(), repo.git("rev-parse", "MERGE_HEAD"))
    assert again == left
    assert (repo.path / ".git/MERGE_MSG").read_text() == message


def test_conflict_can_be_called_off(studio: Studio) -> None:
    repo = studio.repo
    _make_conflict(studio)
    repo.git("merge", "--abort")
    assert (repo.read("README.md"), repo.status(), (repo.path / "new").exists()) == ("mine\n", [], False)
    assert studio.tidy_up() == []
    assert repo.resolve("draft/1+") == repo.resolve("drafts/1/1")
    assert studio.merge(strategy=MergeStrategy.THEIRS).result.is_clean
    assert repo.read("README.md") == "bot\n"


def test_upstream_follows_when_the_user_has_committed(studio: Studio) -> None:
    repo = studio.repo
    _make_conflict(studio)
    assert repo.resolve("draft/1+") == repo.resolve("drafts/1/1")
    repo.write("README.md", "both\n")
    repo.git("commit", "--quiet", "-a", "--no-edit")
    assert studio.tidy_up() == []
    assert repo.resolve("draft/1+") == repo.resolve("HEAD")
    assert (
        repo.git("log", "-1", "--format=%s %P") == f"draft! merge {repo.resolve('HEAD^1')} {repo.resolve('drafts/1/1')}"
    )


def test_upstream_follows_also_when_an_older_draft_had_the_conflict(studio: Studio) -> None:
    repo = studio.repo
    studio.draft(write("README.md", "bot\n"))
    studio.draft(write("other", "bot\n"))
    repo.write("README.md", "mine\n")
    assert not studio.merge("1/1").result.is_clean
    repo.git("commit", "--quiet", "-a", "--no-edit")
    studio.tidy_up()
    assert repo.resolve("draft/1+") == repo.resolve("HEAD")


def test_upstream_stays_where_a_draft_landed_after_the_conflict(studio: Studio) -> None:
    repo = studio.repo
    _make_conflict(studio)
    repo.git("commit", "--quiet", "-a", "--no-edit")
    with studio.opened() as project:  # a run that began before lands before the next command looks
        commit = project.objects.write_commit(repo.resolve("HEAD^{tree}"), [repo.resolve("main")], "draft! prompt: x")
        refs = [RefUpdate("refs/drafts/1/2", None, commit)]
        refs.append(RefUpdate("refs/heads/draft/1+", repo.resolve("draft/1+"), commit))
        project.refs.commit(refs, "draft: landed")
    studio.tidy_up()
    assert repo.resolve("draft/1+") == commit


# Settings and hooks


def test_hooks_signatures_and_settings_have_no_say(studio: Studio) -> None:
    repo = studio.repo
    trace = repo.path.parent / "hooks-that-ran"
    for hook in ("pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "pre-merge-commit", "post-merge"):
        repo.write(f".git/hooks/{hook}", f"#!/bin/sh\necho {hook} >>'{trace}'\nexit 1\n", mode=0o755)
    (repo.path.parent / "template").write_text("a template\n")
    for key, value in {
        "commit.template": str(repo.path.parent / "template"),
        "commit.gpgSign": "true",
        "gpg.program": "false",
        "merge.ff": "only",
        "merge.log": "true",
        "merge.stat": "true",
        "merge.autoStash": "true",
        "merge.verifySignatures": "true",
        "commit.cleanup": "scissors",
        "branch.draft/1.mergeOptions": "--squash --signoff --edit --log",
        "core.editor": "false",
    }.items():
        repo.git("config", key, value)
    repo.write("README.md", "mine\n")
    studio.draft(write("a", "a\n"))
    assert studio.merge().result.is_clean
    studio.repo.write("README.md", "mine again\n")
    studio.quit()
    assert not trace.exists()
    assert repo.git("log", "-1", "--format=%B", "drafts/1/@^1") == "draft! merge"
    assert "gpgsig" not in repo.git("cat-file", "commit", "drafts/1/@^1")
    assert repo.git("log", "-1", "--format=%P", "drafts/1/@^1").count(" ") == 1


@pytest.mark.parametrize("options", ["-s ours", "-X theirs", "--allow-unrelated-histories -Xours"])
def test_options_of_the_branch_do_not_change_how_it_merges(studio: Studio, options: str) -> None:
    studio.draft(write("README.md", "bot\n"))
    studio.repo.git("config", "branch.draft/1.mergeOptions", options)
    studio.repo.write("README.md", "mine\n")
    assert not studio.merge().result.is_clean


# Saves


def test_save_holds_the_working_state_the_index_and_head(studio: Studio) -> None:
    repo = studio.repo
    repo.commit({"both": "1\n", "staged": "1\n", "gone": "1\n"})
    studio.draft(write("a", "a\n"))
    head = repo.resolve("HEAD")
    repo.write("both", "2\n")
    repo.git("add", "both")
    repo.write("both", "3\n")
    repo.write("staged", "2\n")
    repo.git("add", "staged")
    repo.write("untracked", "1\n")
    (repo.path / "gone").unlink()
    index = repo.git("write-tree")
    upstream = repo.resolve("draft/1+")
    studio.merge()
    save = "refs/drafts-undo/1/1"
    assert repo.list_refs("refs/drafts-undo/").keys() == {save}
    assert repo.git("log", "-1", "--format=%P", save).split() == [
        head,
        repo.resolve(f"{save}^2"),
        repo.resolve(f"{save}^3"),
    ]
    assert repo.resolve(f"{save}^2^{{tree}}") == index
    assert repo.resolve(f"{save}^2^") == head
    assert repo.list_files(save) == ["README.md", "both", "staged", "untracked"]
    assert repo.show(save, "both") == "3\n"
    assert repo.list_files(f"{save}^3") == ["untracked"]
    told = repo.git("log", "-1", "--format=%b", save).splitlines()
    assert told == [
        "Operation: merge",
        "Head-branch: refs/heads/draft/1",
        f"Ref: refs/heads/draft/1 {head}",
        f"Upstream: refs/heads/draft/1+ {upstream}",
        "Final: refs/drafts/1/@ absent",
        "Origin: main",
        f"Draft: 1/1 {repo.resolve('drafts/1/1')}",
        f"Target: {repo.resolve('HEAD^1')}",
        "Strategy: default",
    ]


def test_last_twenty_saves_are_kept(studio: Studio) -> None:
    studio.draft(write("a", "a\n"))
    studio.merge()
    with studio.opened() as project:
        snapshot = project.workdir.take_snapshot()
        for _ in range(24):
            save_state(project, Folio(1, "main"), "merge", snapshot, {})
    assert sorted(int(ref.rpartition("/")[2]) for ref in studio.repo.list_refs("refs/drafts-undo/")) == list(
        range(6, 26)
    )


def test_git_that_crashes_leaves_no_lock(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are such bugs in git 2.39: ``BUG: merge-ort.c``, then an abort with the index locked."""
    studio.draft(write("a", "a\n"))
    git = shutil.which("git")
    shim = tmp_path / "shim/git"
    shim.parent.mkdir()
    lock = studio.repo.path / ".git/index.lock"
    shim.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *"merge --no-ff"*) touch {lock}; echo "BUG: it broke" >&2; kill -ABRT $$ ;; esac\n'
        f'exec {git} "$@"\n'
    )
    shim.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{shim.parent}:{os.environ['PATH']}")
        with pytest.raises(GitCommandError, match="git crashed while merging: BUG: it broke"):
            studio.merge()
    assert not lock.exists()
    assert studio.merge().result.is_clean


def test_a_nested_repository_is_not_merged_into(studio: Studio) -> None:
    """Once git records a file in there, it takes the folder for its own, with all that is in it."""
    nested = GitRepo.create(studio.repo.path / "nest")
    nested.commit({"n": "n\n"})
    nested.write("untracked", "precious\n")
    studio.draft(write("nest/new", "bot\n"))
    before = _see(studio.repo)
    with pytest.raises(ClobberError, match="would put files into a nested repository: nest/new"):
        studio.merge()
    assert _see(studio.repo) == before


def test_a_merge_that_is_given_up_leaves_index_and_saves_as_they_were(studio: Studio, tmp_path: Path) -> None:
    repo = studio.repo
    repo.commit({"staged": "1\n", "both": "1\n", ".gitattributes": "restless filter=restless\n", "restless": "1\n"})
    studio.draft(write("new", "new\n"))
    repo.git("config", "filter.restless.clean", f"date +%N >>{tmp_path / 'ticks'}; cat {tmp_path / 'ticks'}")
    repo.write("staged", "2\n")
    repo.git("add", "staged")
    repo.write("both", "2\n")
    repo.write("restless", "2\n")
    before = _see(repo)
    with pytest.raises(RepoError, match="the files keep changing, nothing was merged"):
        studio.merge()
    assert _see(repo) == before


def test_fsck_misses_nothing_after_a_merge(studio: Studio) -> None:
    studio.draft(write("new", "new\n"))
    studio.merge()
    assert studio.repo.run("fsck", "--strict").returncode == 0


def test_a_save_gives_the_files_back(studio: Studio) -> None:
    repo = studio.repo
    repo.write("README.md", "mine\n")
    repo.write("untracked", "mine\n")
    studio.draft(write("README.md", "bot\n"), write("new", "bot\n"))
    files = repo.hash_files()
    save = studio.merge(strategy=MergeStrategy.THEIRS).save
    assert repo.read("README.md") == "bot\n"
    repo.git("restore", f"--source={save}", ":/")
    assert repo.hash_files() == files
