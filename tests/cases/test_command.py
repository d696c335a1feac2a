"""Programs as bots: what they find, what of it comes back, and what of the user's they can't touch."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from git_draft.errors import BotError, RepoError
from git_draft.model import OutcomeKind
from git_draft.worktree import TreeWorktree
from tests.support.gitrepo import GitRepo
from tests.support.programs import draft_by_script, list_output, make_command_bot
from tests.support.studio import Studio


def changes(repo: GitRepo, name: str = "drafts/1/1") -> list[str]:
    """Give letters and paths of what a draft changes."""
    return repo.git("diff", "--name-status", "--no-renames", f"{name}^", name).replace("\t", " ").splitlines()


def test_edits_deletions_renames_modes_and_links_come_back(studio: Studio) -> None:
    repo = studio.repo
    repo.commit({"a": "a\n", "gone": "gone\n", "old": "moved\n", "run": "run\n", "sub/x": "x\n"})
    script = "echo b >> a; rm gone; mv old sub/new; chmod +x run; ln -s run link; mkdir -p deep/er; echo d > deep/er/d; rm -r sub/x"
    draft_by_script(studio, script)
    assert changes(repo) == ["M a", "A deep/er/d", "D gone", "A link", "D old", "M run", "A sub/new", "D sub/x"]
    assert repo.show("drafts/1/1", "a") == "a\nb\n"
    assert repo.show("drafts/1/1", "link") == "run"
    assert repo.git("ls-tree", "drafts/1/1", "run", "link", "--format=%(objectmode)").split() == ["120000", "100755"]
    kinds = [event.kind for event in studio.feedback.events]
    assert kinds == ["open", "start", "delete", "delete", "write", "write", "write", "write", "rename", "end"]


def test_users_files_and_index_stay_byte_for_byte(studio: Studio) -> None:
    repo = studio.repo
    repo.commit({"a": "a\n", "b": "b\n"})
    repo.write("a", "staged\n")
    repo.git("add", "a")
    repo.write("a", "and more\n")
    repo.write("untracked", "u\n")
    before = repo.hash_index(), repo.hash_files(), (repo.path / ".git/config").read_bytes()
    script = "git add -A; rm -rf a b; git commit -qam gone; git checkout -q -b other; git gc -q; git reflog expire --all; echo u >> untracked"
    draft_by_script(studio, script, env={**os.environ, "GIT_DIR": str(repo.path / ".git")})
    assert (repo.hash_index(), repo.hash_files()) == before[:2]
    assert changes(repo) == ["D a", "D b", "M untracked"]
    assert sorted(repo.list_refs()) == [
        *("refs/drafts/1/1", "refs/heads/draft/1", "refs/heads/draft/1+", "refs/heads/main", "refs/notes/drafts"),
    ]


def test_command_that_commits_is_compared_with_the_base(studio: Studio) -> None:
    studio.repo.commit({".gitignore": "*.log\n"})
    draft_by_script(studio, "echo x > x; echo y > y.log; git add -f .; git commit -qm mine; git rm -q README.md")
    assert changes(studio.repo) == ["D README.md", "A x"]
    (draft,) = studio.list_drafts()
    assert (draft.title, draft.record.model, draft.record.outcome) == ("do it", None, OutcomeKind.COMPLETE)


def test_new_files_that_are_not_wanted_stay_out(studio: Studio) -> None:
    studio.repo.commit({".agent.yml": "a\n"})
    script = "mkdir .agent.cache; touch .agent.cache/x .agent.log x.tmp x; echo b > .agent.yml"
    draft_by_script(studio, script, {"ignore": ".agent*, *.tmp"})
    assert changes(studio.repo) == ["M .agent.yml", "A x"]


def test_secrets_are_neither_seen_nor_lost(studio: Studio) -> None:
    repo = studio.repo
    repo.commit({".env": "KEY=1\n", "conf/secrets.yml": "x\n", "conf/plain": "p\n", "id_rsa": "k\n"})
    draft_by_script(
        studio,
        "find . -name .git -prune -o -type f -print | sort; git show --stat --format=; rm -rf conf; echo new > .env; echo k > my.pem",
    )
    assert [line.split()[0] for line in list_output(studio)] == [
        "./README.md",
        "./conf/plain",
        "README.md",
        "conf/plain",
        "2",
    ]
    assert changes(repo) == ["D conf/plain"]
    assert repo.show("drafts/1/1", ".env") == "KEY=1\n"
    (warning,) = studio.warnings
    assert warning.startswith("not taken from the program: .env (it was withheld), my.pem (my.pem is withheld")


def test_what_is_withheld_by_other_rules_is_kept_from_a_program_too(studio: Studio) -> None:
    key = "AKIA" + "Q7RTY2ZXCVBN4MLP"
    repo = studio.repo
    repo.commit({".draftignore": "private/\n", "private/a": "a\n", "conf.py": f'KEY = "{key}"\n', "b": "b\n"})
    draft_by_script(
        studio, "ls -A | sort; mkdir private; echo x > private/a; echo x > conf.py; echo x > private/new; echo x > b"
    )
    assert list_output(studio) == [".draftignore", ".git", "README.md", "b"]
    assert changes(repo) == ["M b"]
    assert key in repo.show("drafts/1/1", "conf.py")
    assert "conf.py (" in studio.warnings[-1]
    assert "private/a (" in studio.warnings[-1]
    assert "private/new (" in studio.warnings[-1]


def test_a_program_changes_only_what_the_user_allows(studio: Studio) -> None:
    studio.repo.commit({"src/a": "a\n", "b": "b\n"})
    bot = make_command_bot("echo x > src/a; echo x > b; echo n > src/new; rm README.md", {"shell": True})
    studio.draft(bot=bot, only=["src"])
    assert changes(studio.repo) == ["M src/a", "A src/new"]
    assert "b (" in studio.warnings[-1]


def test_withheld_file_is_not_overlaid(studio: Studio) -> None:
    """A file where the folder of a withheld one is, and a folder where a withheld file is."""
    studio.repo.commit({"conf/secrets.yml": "x\n", "top": "t\n", "id_rsa": "k\n"})
    draft_by_script(studio, "rm -rf conf; echo f > conf; mkdir id_rsa; echo x > id_rsa/a; echo more >> top")
    assert changes(studio.repo) == ["M top"]
    assert "conf (conf is a folder), id_rsa/a (" in studio.warnings[0]


@pytest.mark.parametrize("target", ["/etc/passwd", "../x", "sub/../../x", "sub/..", ".git/config", "sub/../.GIT/x"])
def test_link_that_leads_out_is_refused_by_name(studio: Studio, target: str) -> None:
    studio.repo.commit({"sub/a": "a\n", "dir/b": "b\n"})
    draft_by_script(
        studio,
        f"ln -s {target} link; ln -s ../sub/a sub/fine; rm -r dir; ln -s {target} dir; rm README.md; ln -s {target} README.md",
    )
    assert changes(studio.repo) == ["A sub/fine"]
    reason = "a link that leads out of the repository"
    assert studio.warnings == [f"not taken from the program: README.md ({reason}), dir ({reason}), link ({reason})"]


def test_link_of_the_repository_that_leads_out_is_kept_from_the_program(studio: Studio) -> None:
    repo = studio.repo
    (repo.path / "mine").symlink_to(repo.path / "README.md")
    (repo.path / "fine").symlink_to("README.md")
    repo.git("add", ".")
    repo.commit()
    before = repo.hash_files()
    draft_by_script(studio, "echo x >> mine; echo y >> fine; ln -sf other fine2")
    assert repo.hash_files() == before
    assert changes(repo) == ["M README.md", "A fine2"]
    assert studio.warnings == ["not taken from the program: mine (it was withheld)"]


def test_gits_own_files_and_nested_repositories_are_refused(studio: Studio) -> None:
    studio.repo.commit({".gitmodules": "[submodule]\n"})
    draft_by_script(
        studio,
        "echo '[' > .gitmodules; git init -q nested; echo n > nested/n; echo a > a; mkdir d; echo '[' > d/.gitmodules",
    )
    assert changes(studio.repo) == ["A a"]
    (warning,) = studio.warnings
    assert "nested (too large, or a nested repository)" in warning
    assert ".gitmodules (.gitmodules is not in git's configuration syntax), d/.gitmodules (d/" in warning


def test_links_that_git_refuses_stay_out_and_cost_nothing_else(studio: Studio) -> None:
    studio.repo.commit({".gitmodules": "[submodule]\n"})
    draft_by_script(studio, "ln -sf target .gitmodules; mkdir d; ln -s target d/.GITMODULES; echo a > a")
    assert changes(studio.repo) == ["A a"]
    assert studio.warnings == [
        "not taken from the program: .gitmodules (git takes no such link), d/.GITMODULES (git takes no such link)"
    ]


def test_names_that_are_no_utf8_come_through(studio: Studio) -> None:
    repo = studio.repo
    names = [os.fsdecode(name) for name in (b"caf\xe9", b"caf\xe8", b"back\\slash", b"new\nline")]
    for name in names:
        repo.write(name, "old\n")
    repo.git("add", ".")
    repo.commit()
    draft_by_script(
        studio, "for f in caf* back*; do echo new > $f; done; mv new* moved; echo x > \"$(printf '\\351')\""
    )
    paths = repo.git("diff", "--name-only", "--no-renames", "-z", "drafts/1/1^", "drafts/1/1").split("\0")[:-1]
    assert sorted(paths) == sorted([*names, "moved", os.fsdecode(b"\xe9")])
    assert studio.warnings == []


def test_line_endings_and_filters_apply(studio: Studio) -> None:
    repo = studio.repo
    repo.git("config", "core.autocrlf", "true")
    repo.git("config", "filter.rot.clean", "tr a-y b-z")
    repo.git("config", "filter.rot.smudge", "tr b-z a-y")
    repo.write(".gitattributes", "*.rot filter=rot\n")
    repo.write("a.rot", "abc\n")
    repo.write("a.txt", "one\r\ntwo\r\n")
    repo.git("add", ".")
    repo.commit()
    draft_by_script(
        studio, r"grep -c '\r$' a.txt; cat a.rot; git status --short; printf 'three\r\n' >> a.txt; echo xyx >> a.rot"
    )
    assert list_output(studio)[1:] == ["abc"]
    assert changes(repo) == ["M a.rot", "M a.txt"]
    assert repo.show("drafts/1/1", "a.txt") == "one\ntwo\nthree\n"
    assert repo.show("drafts/1/1", "a.rot") == "bcd\nyzy\n"


def test_submodule_stays(studio: Studio) -> None:
    repo = studio.repo
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.resolve('HEAD')},module")
    repo.git("commit", "--quiet", "--message", "module")
    (repo.path / "module").mkdir()
    draft_by_script(studio, "rmdir module; echo a > a")
    assert changes(repo) == ["A a"]
    assert studio.warnings == ["not taken from the program: module (a submodule)"]


def test_earlier_prompts_are_put_in_front(studio: Studio) -> None:
    studio.draft(bot=make_command_bot("sh -c 'echo 1 > a'"), prompt="one")
    studio.draft(bot=make_command_bot("sh -c 'printf %s \"$1\" > a' - {prompt}"), prompt="two", on="1/1")
    text = studio.repo.show("drafts/1/2", "a")
    assert "<earlier>\none\n</earlier>" in text
    assert text.endswith("Now:\n\ntwo")


def test_script_of_the_repository_runs(studio: Studio) -> None:
    studio.repo.write("tools/fix", "#!/bin/sh\necho fixed > README.md\n", mode=0o755)
    studio.repo.git("add", ".")
    studio.repo.commit()
    studio.draft(bot=make_command_bot("./tools/fix"))
    assert changes(studio.repo) == ["M README.md"]
    with pytest.raises(BotError, match=r"can't start \./tools/none: No such file"):
        studio.draft(bot=make_command_bot("./tools/none"))


def test_failure_after_changes_is_recorded(studio: Studio) -> None:
    draft_by_script(studio, "echo x > x; echo 'it broke' >&2; exit 2")
    (draft,) = studio.list_drafts()
    assert (draft.record.outcome, draft.record.detail) == (OutcomeKind.FAILED, "exit status 2")
    draft_by_script(studio, "echo y > y; kill -9 $$")
    assert studio.list_drafts()[1].record.detail == "signal 9"


def test_failure_without_changes_is_an_error_with_the_last_line(studio: Studio) -> None:
    with pytest.raises(BotError, match=r"^echo begun; .* failed with exit status 3: it broke$"):
        draft_by_script(studio, "echo begun; echo 'it broke' >&2; exit 3")
    assert (studio.head(), studio.list_drafts()) == ("main", [])


def test_worktree_without_checkouts_says_so(studio: Studio) -> None:
    with studio.opened() as project:
        files = TreeWorktree(project.objects, studio.repo.resolve("HEAD^{tree}"), studio.feedback)
        with pytest.raises(RepoError, match="can't be put into a folder"), files.exported():
            pass


def test_ruff_fixes(studio: Studio) -> None:
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    assert ruff
    studio.repo.commit({"a.py": "import os\nimport sys\n\nprint(sys.argv)\n", "ruff.toml": ""})
    studio.draft(bot=make_command_bot(f"{ruff} check --no-cache --fix ."), prompt="fix lint")
    assert studio.repo.show("drafts/1/1", "a.py") == "import sys\n\nprint(sys.argv)\n"
    assert list_output(studio) == ["Found 1 error (1 fixed, 0 remaining)."]
