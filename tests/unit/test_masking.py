"""Lines that are withheld from a bot: what it sees in their place, and that no edit of it touches or shows them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from git_draft.bots.blocks import parse_answer
from git_draft.bots.patching import apply_answer
from git_draft.bots.staging import Staging
from git_draft.errors import ToolError
from git_draft.masking import mask_text
from git_draft.toolbox import Toolbox
from tests.support.tokens import MAKERS, make_private_key, make_token
from tests.support.trees import Bench

_KEY = make_token("aws-access-key")
_URL = make_token("password-in-url")
_SETTINGS = f"name = 'app'\nkey = '{_KEY}'\nregion = 'eu'\nurl = '{_URL}'\ndebug = 1\n"
_SEEN = "name = 'app'\n[withheld: aws-access-key]\nregion = 'eu'\n[withheld: password-in-url]\ndebug = 1\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path / "repo", {"settings.py": _SETTINGS.encode(), "plain.txt": b"one\n[withheld: x]\n"})


def _call(bench: Bench, name: str, **arguments: object) -> str:
    return asyncio.run(Toolbox(bench.files, bench.feedback).call(name, arguments))


def test_a_line_with_a_secret_is_seen_as_a_mark_everywhere(bench: Bench) -> None:
    assert bench.files.read_file("settings.py") == _SEEN
    assert _call(bench, "read_file", path="settings.py").count("[withheld: aws-access-key]") == 1
    found = [(str(path), number, line) for path, number, line in bench.files.search("(?i)key|app|db.corp")]
    assert found == [("settings.py", 1, "name = 'app'"), ("settings.py", 2, "[withheld: aws-access-key]")]
    assert not bench.files.search(_KEY[:8])
    assert not bench.files.rank_files([_KEY, "corp"])


def test_guidance_hides_its_secrets_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "repo", {"AGENTS.md": f"Use make.\nThe key is {_KEY}\n".encode()})
    assert bench.files.read_guidance() == "Use make.\n[withheld: aws-access-key]"


@pytest.mark.parametrize(
    "old, new",
    [("debug = 1", "debug = 2"), ("name = 'app'\n", ""), ("name", "# first\nname"), ("debug = 1\n", "debug = 1\nx = 2\n"),
     ("region = 'eu'\n[withheld: password-in-url]\ndebug = 1", "region = 'us'\n[withheld: password-in-url]\ndebug = 0")],
)  # fmt: skip
def test_an_edit_elsewhere_keeps_the_line_byte_for_byte(bench: Bench, old: str, new: str) -> None:
    assert _call(bench, "edit_file", path="settings.py", old=old, new=new) == "edited settings.py"
    assert bench.files.read_file("settings.py") == _SEEN.replace(old, new)
    data = bench.bytes_of("settings.py").decode()
    assert data.split("\n").count(f"key = '{_KEY}'") == 1
    assert data.split("\n").count(f"url = '{_URL}'") == 1


@pytest.mark.parametrize(
    "old, new",
    [
        ("[withheld: aws-access-key]", "key = 1"),
        ("[withheld: aws-access-key]\n", ""),
        ("[withheld: aws-access-key]", "x = '[withheld: aws-access-key]'"),
        ("[withheld: aws-access-key]", "[withheld: aws-access-key]\n[withheld: aws-access-key]"),
        ("[withheld: aws-access-key]", "[withheld: password-in-url]"),
        ("name", "[withheld: aws-access-key]\nname"),
        ("debug = 1", "# [withheld: it]"),
        ("[withheld: aws-access-key]\nregion = 'eu'\n[withheld: password-in-url]", "[withheld: password-in-url]\nr = 1\n[withheld: aws-access-key]"),
    ],
)  # fmt: skip
def test_an_edit_that_touches_the_line_is_refused_with_the_reason(bench: Bench, old: str, new: str) -> None:
    said = _call(bench, "edit_file", path="settings.py", old=old, new=new)
    assert said.startswith("error: lines 2 (aws-access-key), 4 (password-in-url) of the file may hold a secret"), said
    assert bench.files.write_tree() == bench.base


def test_all_of_such_a_file_is_neither_written_nor_deleted(bench: Bench) -> None:
    for name, arguments in (("write_file", {"contents": _SEEN}), ("delete_file", {})):
        said = _call(bench, name, path="settings.py", **arguments)
        assert said.startswith("error: lines 2 (aws-access-key), 4 (password-in-url) of settings.py may hold"), said
    assert bench.files.write_tree() == bench.base


def test_such_a_file_is_renamed_as_it_is(bench: Bench) -> None:
    _call(bench, "rename_file", src_path="settings.py", dst_path="config/settings.py")
    assert bench.files.read_file("config/settings.py") == _SEEN
    assert bench.bytes_of("config/settings.py") == _SETTINGS.encode()
    assert "may hold" in _call(bench, "write_file", path="config/settings.py", contents="")


def test_a_file_without_secrets_may_hold_what_looks_like_a_mark(bench: Bench) -> None:
    assert _call(bench, "edit_file", path="plain.txt", old="[withheld: x]", new="[withheld: y]") == "edited plain.txt"
    assert bench.bytes_of("plain.txt") == b"one\n[withheld: y]\n"


def test_what_only_looks_like_a_mark_beside_a_secret_stays_what_it_is(tmp_path: Path) -> None:
    text = f"[withheld: aws-access-key]\n{_KEY}\n  # [withheld: aws-access-key]\n"
    bench = Bench(tmp_path / "repo", {"a": text.encode()})
    assert (
        bench.files.read_file("a")
        == "[withheld: aws-access-key]\n[withheld: aws-access-key]\n  # [withheld: aws-access-key]\n"
    )
    bench.files.write_file("a", "x\n" + bench.files.read_file("a") + "y")
    assert bench.bytes_of("a").decode() == f"x\n{text}y"
    with pytest.raises(ToolError, match="line 3"):
        bench.files.write_file("a", "[withheld: aws-access-key]\n[withheld: aws-access-key]\n")


def test_nothing_is_put_into_a_private_key(tmp_path: Path) -> None:
    key = make_private_key()
    bench = Bench(tmp_path / "repo", {"a": f"one\n{key}two\n".encode()})
    seen = bench.files.read_file("a")
    assert seen == "one\n" + "[withheld: private-key]\n" * 8 + "two\n"
    for inside in ("-----END RSA PRIVATE KEY-----\n", "x\n"):
        with pytest.raises(ToolError, match="nothing between"):
            bench.files.write_file(
                "a", seen.replace("[withheld: private-key]\n", "[withheld: private-key]\n" + inside, 1)
            )
    bench.files.write_file("a", seen.replace("one", "-----BEGIN PRIVATE KEY-----").replace("two", "3"))
    assert key in bench.bytes_of("a").decode()
    assert set(make_private_key().split("\n")[1:-1]).isdisjoint(bench.files.read_file("a").split("\n"))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_form_and_encoding_survive(tmp_path: Path, ending: str, encoding: str) -> None:
    text = f"é\n{_KEY}\nend".replace("\n", ending)
    bench = Bench(tmp_path / "repo", {"a": text.encode(encoding)})
    assert _call(bench, "edit_file", path="a", old="end", new="the\nend") == "edited a"
    assert bench.bytes_of("a") == text.replace("end", f"the{ending}end").encode(encoding)


@pytest.mark.parametrize(
    "answer, refused, expected",
    [
        ("settings.py\n```\n<<<<<<< SEARCH\ndebug = 1\n=======\ndebug = 2\n>>>>>>> REPLACE\n```\n", "", _SETTINGS.replace("debug = 1", "debug = 2")),
        ("settings.py\n```\n<<<<<<< SEARCH\n[withheld: aws-access-key]\n=======\nkey = 1\n>>>>>>> REPLACE\n```\n", "may hold a secret", _SETTINGS),
        (f"settings.py\n```\n{_SEEN.replace('debug = 1', 'debug = 2')}```\n", "written as a whole", _SETTINGS),
        ("settings.py\n```\nname = 'app'\ndebug = 2\n```\n", "written as a whole", _SETTINGS),
        ("Delete file: `settings.py`\n", "can't be deleted", _SETTINGS),
        ("Rename file: `settings.py` -> `other.py`\n\nother.py\n```\nx = 1\n```\n", "written as a whole", None),
    ],
)  # fmt: skip
def test_edits_as_text_follow_the_same_rule(bench: Bench, answer: str, refused: str, expected: str | None) -> None:
    staging = Staging(bench.files)
    asked = "delete settings.py, rename settings.py to other.py"
    applied = apply_answer(
        parse_answer(answer, ["settings.py"]), staging, prompt=asked, warned=set(), shown=["settings.py", "other.py"]
    )
    said = "\n".join([*applied.refusals, *staging.commit().values()])
    assert (refused in said) if refused else not said
    assert bench.bytes_of("settings.py" if expected else "other.py") == (expected or _SETTINGS).encode()


# Any file, any edit

_TEXTS = st.sampled_from(["", "plain", "x = 1", "    }", "[withheld: aws-access-key]", "# [withheld: private-key]", "[withheld: ]", "é\r", "-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----", "AKIA", "word"])  # fmt: skip
_SECRETS = st.builds(
    lambda kind, seed, place: place.format(make_token(kind, seed)),
    st.sampled_from(list(MAKERS)),
    st.integers(0, 50),
    st.sampled_from(["{}", "  k = '{}'", "{}\r", "[withheld: aws-access-key] {}"]),
)
_BLOCKS = st.builds(
    lambda seed, lines: make_private_key(lines, seed=seed).removesuffix("\n"), st.integers(0, 50), st.integers(3, 6)
)
_FILES = st.builds(
    lambda lines, end: "\n".join(lines) + end,
    st.lists(st.one_of(_TEXTS, _TEXTS, _SECRETS, _BLOCKS), min_size=1, max_size=12),
    st.sampled_from(["", "\n"]),
)
_EDITS = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "replace", "swap", "double", "join"]), st.integers(0, 40), st.integers(0, 40), _TEXTS),
    min_size=1,
    max_size=4,
)  # fmt: skip


def _edit(text: str, edits: list[tuple[str, int, int, str]]) -> str:
    lines = text.split("\n")
    for kind, first, second, new in edits:
        at, other = first % len(lines), second % len(lines)
        match kind:
            case "insert":
                lines.insert(at, new)
            case "delete" if len(lines) > 1:
                del lines[at]
            case "replace":
                lines[at] = new
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
            case "double":
                lines.insert(other, lines[at])
            case "join" if at:
                lines[at - 1 : at + 1] = [lines[at - 1] + lines[at]]
    return "\n".join(lines)


def _list_withheld(text: str) -> list[str]:
    lines = text.split("\n")
    return [lines[number] for number in mask_text(text).withheld]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=_FILES, edits=st.lists(_EDITS, min_size=1, max_size=3))
def test_no_edit_shows_or_changes_a_withheld_line(text: str, edits: list[list[tuple[str, int, int, str]]]) -> None:
    secrets = _list_withheld(text)
    refusals: list[str] = []
    for each in edits:
        masked = mask_text(text)
        seen = masked.text.split("\n")
        assert [seen[number].removesuffix("\r") for number in masked.withheld] == [
            f"[withheld: {name}]" for name in masked.withheld.values()
        ]
        assert len(seen) == len(text.split("\n"))
        assert masked.restore(masked.text) == text
        try:
            text = masked.restore(_edit(masked.text, each))
        except ToolError as refusal:
            refusals.append(str(refusal))
            continue
        after = iter(_list_withheld(text))
        assert all(secret in after for secret in secrets), "in order, and still withheld; an edit may add others"
    assert not [secret for secret in secrets if _is_telling(secret) and secret in "\n".join(refusals)]


def _is_telling(line: str) -> bool:
    return len(line.strip()) > 12 and not line.startswith("-----")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(text=_FILES, edits=_EDITS, pattern=st.sampled_from([".", "[A-Za-z0-9]{8}", "KEY", "^", "withheld"]))
def test_no_tool_shows_or_changes_a_withheld_line(
    tmp_path_factory: pytest.TempPathFactory, text: str, edits: list[tuple[str, int, int, str]], pattern: str
) -> None:
    bench = Bench(tmp_path_factory.mktemp("repo"), {"a.txt": text.encode()})
    secrets = _list_withheld(text)
    masked = bench.files.read_file("a.txt")
    changed = _edit(masked, edits)
    said = [
        masked,
        _call(bench, "search", pattern=pattern),
        _call(bench, "edit_file", path="a.txt", old=masked, new=changed),
        _call(bench, "write_file", path="a.txt", contents=changed),
        _call(bench, "read_file", path="a.txt", start_line=1),
        _call(bench, "rename_file", src_path="a.txt", dst_path="b.txt"),
        _call(bench, "delete_file", path="b.txt"),
        _call(bench, "read_file", path="b.txt") if secrets else "",
        json.dumps([event.model_dump() for event in bench.feedback.events]),
    ]
    assert not [secret for secret in secrets if _is_telling(secret) and secret in "\n".join(said)]
    if secrets:
        after = iter(bench.bytes_of("b.txt").decode().split("\n"))
        assert all(secret in after for secret in secrets)
