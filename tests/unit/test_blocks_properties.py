"""What holds for all answers and all files, found out with random ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from hypothesis import given
from hypothesis import strategies as st

from git_draft.bots.blocks import parse_answer
from git_draft.bots.edits import Deletion, Edit, Renaming, Replacement, WholeFile, format_edits
from git_draft.bots.patching import apply_answer
from git_draft.lines import list_left_out_marks
from tests.support.models import DictWorktree

TRICKY = (
    *(
        "```",
        "````",
        "```python",
        "```python stats.py",
        "~~~",
        "   ```",
        "<<<<<<< SEARCH",
        "=======",
        ">>>>>>> REPLACE",
    ),
    *(
        "<<<<<",
        "=====",
        ">>>>>",
        "<<<<<<<<< SEARCH",
        "=========",
        ">>>>>>>>> REPLACE",
        "stats.py",
        "**src/app.js**",
        "# stats.py",
    ),
    *(
        "Delete file: `stats.py`",
        "Delete old.md",
        "Rename file: `a b.txt` -> `c.txt`",
        "rename stats.py to x.py",
        "...",
        "…",
    ),
    *(
        "File: `a b.txt`",
        "path/to/stats.py",
        "```diff",
        "```bash",
        "+whole",
        "+no-newline",
        "// ... existing code ...",
        "",
    ),
    *(
        "def mean(x):",
        "    return 1",
        "def total(x):",
        "class A:",
        "function f() {",
        "}",
        "  x = '{'",
        "ü\u2028\x85\x0b",
        "\t",
        " ",
    ),
)
FILES = {
    "stats.py": "import os\n\n\ndef mean(x):\n    return os.sep\n\n\ndef total(x):\n    return 2\n",
    "src/app.js": "function f() {\r\n  return '}';\r\n}\r\n\r\nfunction g() {\r\n}\r\n",
    "old.md": "# Old\n\n```\nmake\n```\n\nText without end",
    "lib/stats.py": "def mean(x):\n    return 3\n",
    "old/app.js": "function f() {\n  return 4;\n}\n",
    "a b.txt": "one\ntwo\r\nthree\n",
    "empty.txt": "",
}
LINES = st.one_of(st.sampled_from(TRICKY), st.text(max_size=12).map(lambda text: text.replace("\n", "")))
ENDS = st.sampled_from(["\n", "\r\n"])
TEXTS = st.builds(
    lambda lines, last: "".join(line + end for line, end in lines) + last,
    st.lists(st.tuples(LINES, ENDS), max_size=8),
    st.one_of(st.just(""), LINES),
)
NAMES = st.text(st.sampled_from("abz.-_ üZ09"), min_size=1, max_size=8).filter(
    lambda name: name == name.strip() and name.strip(".") and not name.startswith("-")
)
PATHS = st.one_of(
    st.sampled_from([*FILES, "new.py", "Makefile", "docs/x.unknown"]),
    st.lists(NAMES, min_size=1, max_size=3).map("/".join),
)
EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.builds(Replacement, PATHS, TEXTS, TEXTS),
    st.builds(WholeFile, PATHS, TEXTS),
    st.builds(Deletion, PATHS),
    st.builds(Renaming, PATHS, PATHS),
)


@given(st.lists(EDITS, max_size=4), st.booleans())
def test_what_we_write_we_read_back(edits: Sequence[Edit], is_known: bool) -> None:
    parsed = parse_answer(format_edits(edits), FILES if is_known else ())
    assert (parsed.edits, parsed.problems, parsed.text) == (tuple(edits), (), "")


def _split(text: str) -> list[str]:
    """Split into lines without their ends."""
    return [line.rstrip("\r") for line in text.split("\n")]


@given(TEXTS, st.data())
def test_a_replacement_does_what_it_means(text: str, data: st.DataObject) -> None:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    start = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(start, len(lines)))
    search = "".join(line if line.endswith("\n") else line + "\n" for line in lines[start:end])
    replace = data.draw(TEXTS.filter(lambda new: new.endswith("\n") and not _leaves_out(new)))
    worktree = DictWorktree({"f.txt": text})
    answer = parse_answer(format_edits([Replacement("f.txt", search, replace)]), ["f.txt"])
    applied = apply_answer(answer, worktree, prompt="", warned=set(), shown=["f.txt"])
    after, bare = worktree.files["f.txt"], [line.rstrip("\r\n") for line in lines]
    wanted = bare[start:end]
    places = [at for at in range(len(bare)) if wanted and bare[at : at + len(wanted)] == wanted]
    if places == [start] and any(line.strip() for line in wanted):
        new = [*bare[:start], *_split(replace)[:-1], *bare[end:]]
        assert applied.refusals == ()
        assert after.startswith("".join(lines[:start]).rstrip("\r\n" if end == len(lines) else ""))
        if any(new[-1:]):  # blank lines at the end may be taken for line ends
            assert [line.rstrip("\r\n") for line in re.findall(r"[^\n]*\n|[^\n]+", after)] == new
            assert _ends_alike(text, after)
    else:
        assert len(applied.refusals) == 1 or not text.strip()


def _leaves_out(text: str) -> bool:
    return bool(list_left_out_marks(text)) or "…" in text or "..." in text


def _ends_alike(before: str, after: str) -> bool:
    return before.endswith("\n") == after.endswith("\n")


@given(TEXTS, TEXTS)
def test_whole_contents_are_what_the_file_holds(text: str, contents: str) -> None:
    worktree = DictWorktree({"f.txt": text})
    answer = parse_answer(format_edits([WholeFile("f.txt", contents)]), ["f.txt"])
    applied = apply_answer(answer, worktree, prompt="rewrite it", warned={"f.txt"}, shown=["f.txt"])
    after = worktree.files["f.txt"]
    if applied.refusals:
        assert (after, contents.strip()) == (text, "")
    else:
        assert _split(after.rstrip("\r\n")) == _split(contents.rstrip("\r\n"))
        assert _ends_alike(text, after) or not text or not after or _split(contents)[-2:] == ["", ""]
    if "\r\n" in text and text.count("\r\n") == text.count("\n"):
        assert after.count("\r\n") == after.count("\n")


PIECES = st.one_of(LINES, st.lists(EDITS, max_size=2).map(format_edits))


@st.composite
def broken_answers(draw: st.DrawFn) -> str:
    """Draw a mixture of marks, prose and edits, with pieces of it lost, doubled and swapped."""
    answer = draw(ENDS).join(draw(st.lists(PIECES, max_size=14)))
    for _ in range(draw(st.integers(0, 3))):
        first, last = sorted((draw(st.integers(0, len(answer))), draw(st.integers(0, len(answer)))))
        answer = draw(
            st.sampled_from(
                [answer[:first] + answer[last:], answer[:last] + answer[first:], answer[last:] + answer[:first]]
            )
        )
    return answer


def _is_named(path: str, answer: str, files: Collection[str]) -> bool:
    """Tell whether an answer names a file: by its path, or by its name alone where no other of the files has it.

    A path in a folder that is not there may be meant for the only file of that name, so that counts too.
    """
    if re.search(rf"(?<![\w/.-])(?:\.?/+|[ab]/)*{re.escape(path)}(?![\w/])", answer):
        return True
    name = path.rpartition("/")[2]
    is_alone = all(other == path or other.rpartition("/")[2] != name for other in files)
    return is_alone and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w/])", answer) is not None


@given(broken_answers(), st.sampled_from(["", "remove the function mean and add total", "simplify"]))
def test_no_answer_however_broken_raises_or_touches_what_it_does_not_name(answer: str, prompt: str) -> None:
    worktree = DictWorktree(FILES)
    warned, reported = set[str](), set[str]()
    for _ in range(2):  # what is refused once goes through the second time
        parsed = parse_answer(answer, worktree.files)
        applied = apply_answer(parsed, worktree, prompt=prompt, warned=warned, shown=FILES)
        changed = {path for path in {*FILES, *worktree.files} if FILES.get(path) != worktree.files.get(path)}
        assert [path for path in changed if not _is_named(path, answer, worktree.files)] == []
        assert changed - reported <= set(applied.changed)
        reported |= changed


@given(st.sampled_from(sorted(FILES)), st.sampled_from(["blocks", "whole", "order"]))
def test_of_files_with_one_name_only_the_named_one_is_touched(path: str, form: str) -> None:
    worktree = DictWorktree(FILES)
    edits: dict[str, Edit] = {
        "blocks": Replacement(path, FILES[path].replace("\r\n", "\n"), "changed\n"),
        "whole": WholeFile(path, FILES[path].replace("\r\n", "\n") + "\nz = 1\n"),
        "order": Deletion(path),
    }
    answer = parse_answer(format_edits([edits[form]]), FILES)
    apply_answer(answer, worktree, prompt=f"delete and rewrite {path}", warned={path}, shown=FILES)
    changed = {each for each in FILES if worktree.files.get(each) != FILES[each]}
    assert changed <= {path}
    assert changed or form == "order" or not FILES[path].strip()  # whether it may go is the prompt's to say


@given(st.text(max_size=400))
def test_no_text_raises(answer: str) -> None:
    worktree = DictWorktree(FILES)
    parsed = parse_answer(answer, FILES)
    applied = apply_answer(parsed, worktree, prompt="", warned=set(), shown=FILES)
    if not re.search("```|~~~|<<<<<|delete|remove|rename|move", answer, re.IGNORECASE):
        assert (parsed.edits, parsed.problems, parsed.text.split()) == ((), (), answer.split())
    assert all(_is_named(path, answer, FILES) for path in applied.changed)
