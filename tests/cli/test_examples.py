"""Each command that README, manual and tutorial name works: run in a copy of a repository where such drafts are.

The sessions of the tutorial and of the reference are run elsewhere (`test_generated.py`).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.console import Console, opened_console
from tests.support.docs import MANUAL, README, TUTORIAL
from tests.support.reference import EXAMPLES_SCRIPT, read_examples

UNRUN = {
    "git clone <this repository> git-draft && cd git-draft": "the test of the demo does it",
    "git draft models pull": "it downloads a gigabyte",
    "git draft --help": "it opens the manual, as test_transcripts.py does",
}
"""Why these are not run."""

MEANT = {
    'git draft -n 2 "…"': 'git draft -n 2 "fix it"',
    "git draft --explain …": 'git draft --explain "fix it"',
    "git draft bots add NAME --base-url … --model … --api-key '$NAME'": (
        "git draft bots add new --base-url http://localhost:1/v1 --model one --api-key '$NEW'"
    ),
    "git draft completion bash >~/.local/share/bash-completion/completions/git-draft": (
        "mkdir -p ~/.local/share/bash-completion/completions\n"
        "git draft completion bash >~/.local/share/bash-completion/completions/git-draft"
    ),
    "git draft COMMAND -h": "git draft list -h",
    "git draft pick 3/2 -- PATH": "git draft pick 3/2 -- README.md",
    "git draft pick 2/1 -- PATH": "git draft pick 3/2 -- README.md",
    "git config draft.bot NAME": "git config draft.bot gpt",
    "make test 2>&1 | git draft -t fix-test-failure -": "echo 1 failed | git draft -t fix-test-failure -",
}
"""What stands for lines with words to fill in."""

TYPED = {"git draft drop --folio 1": ["y"], "git draft pick -p 3/2": ["n", "y"]}
"""What is typed where one asks."""


def iter_markdown(text: str) -> Iterator[str]:
    """Find the commands of git in blocks for a shell and in spans; sessions with what they print are left out."""
    prose, language = "", None
    for line in text.splitlines():
        if line.startswith("```"):
            language = line.removeprefix("```") if language is None else None
        elif language is None:
            prose += line + "\n"
        elif language == "sh" and "git" in line:
            yield line.split("  #")[0].strip()
    for found in re.finditer(r"`([^`]+)`", prose):
        yield " ".join(found[1].split())


def iter_roff(text: str) -> Iterator[str]:
    """Find the commands of git in a manual page, but for the examples of COMMANDS, which are run as a session."""
    for part in re.split(r"^\.SH ", text, flags=re.MULTILINE):
        if not part.startswith(("COMMANDS", "SYNOPSIS")):
            for line in part.replace("\\-", "-").replace("\\(dq", '"').splitlines():
                if found := re.match(r'(?:\.BR? )?"?(git .*?)"?(?: [,.;])?$', line):
                    yield found[1]


def find_commands() -> list[str]:
    """Find all, each once, that are commands of git-draft or of git on drafts."""
    found = [*iter_markdown(README.read_text("utf-8")), *iter_markdown(TUTORIAL.read_text("utf-8"))]
    found += iter_roff(MANUAL.read_text("utf-8"))
    ran = {example.line for example in read_examples()}
    return [
        line
        for line in dict.fromkeys(found)
        if re.match(r"(.*\| )?git (draft\b|.*\bdrafts?\b)", line) and line not in ran and line not in UNRUN
    ]


@pytest.fixture(scope="module")
def prepared() -> Iterator[dict[str, Console]]:
    """Prepare a repository in the first folio, and one in the third, with drafts and saves."""
    with opened_console(EXAMPLES_SCRIPT) as console:
        home = console.folder
        for command in (
            "mkdir one && cd one && git init --quiet && mkdir src && echo 1 >src/count.py && echo 1 >README.md",
            "git add . && git commit --quiet --message One",
            'git draft -q "off-by-one" && git draft -q --merge theirs && git draft -q "tests for it"',
            "cp -r . ../three && cd ../three && git draft quit -q && git reset -q --hard && git draft -q 'off-by-one' && git draft quit -q",
            'git draft -q "off-by-one" && git draft -q "tests for it" && git draft merge -q 3/1',
        ):
            console.run(command, expected=(0,))
        yield {name: Console(home / name, console.environ) for name in ("one", "three")}


@pytest.mark.deep
@pytest.mark.parametrize("line", find_commands())
def test_it_works(line: str, prepared: dict[str, Console], tmp_path: Path) -> None:
    start = prepared["three" if re.search(r"\b[23]/|--folio 1", line) else "one"]
    folder = shutil.copytree(start.folder, tmp_path / "copy", symlinks=True)
    console = Console(folder, start.environ)
    console.run(MEANT.get(line, line), TYPED.get(line, ()), expected=(0,))


def test_nothing_is_excused_that_is_not_there() -> None:
    ran = {example.line for example in read_examples()}
    texts = [README.read_text("utf-8"), TUTORIAL.read_text("utf-8")]
    found = {line for text in texts for line in iter_markdown(text)} | set(iter_roff(MANUAL.read_text("utf-8")))
    assert {*MEANT, *TYPED, *UNRUN} - ran <= found
