"""Which lines hold a secret, by table: each kind where it stands in files, and what only looks like one."""

from __future__ import annotations

import time

import pytest

from git_draft.tokens import KINDS, PRIVATE_KEY, find_secret_lines
from tests.support.tokens import MAKERS, make_private_key, make_token

_PLACES = (
    "{}",
    'key = "{}"',
    "export KEY='{}'",
    "- token: {} # of the build",
    '{{"a": 1, "key": "{}"}}',
    "url={}&x",
    "x\t{},",
)


def test_each_kind_has_a_maker_and_so_a_test() -> None:
    assert [kind.name for kind in KINDS] == list(MAKERS)


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize("kind", MAKERS)
def test_a_secret_withholds_its_line_alone(kind: str, place: str) -> None:
    for seed in range(20):
        line = place.format(make_token(kind, seed))
        assert find_secret_lines(f"one\n{line}\r\nthree\n") == {1: kind}, line
        assert find_secret_lines(line) == {0: kind}, line


@pytest.mark.parametrize(
    "line",
    [
        "AKIAIOSFODNN7" + "EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
        "ghp_" + "x" * 36,
        "ghp_" + "X" * 30 + "abcdef",
        "ghp_" + "0123456789" * 4,
        "github_pat_" + "1" * 22 + "_" + "a" * 59,
        "sk-" + "your-key-here",
        "sk-proj-" + "your_openai_api_key_goes_here_and_is_long",
        "sk-" + "a" * 48,
        "sk_live_" + "abcdefghijklmnopqrstuvwx",
        "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "AIza" + "SyEXAMPLE" + "a1b2c3d4e5" * 3,
        "https://hooks.slack.com/services/T00000000/B00000000/" + "X" * 24,
        "xoxb-" + "0" * 12 + "-" + "0" * 24,
        "AccountKey=" + "A" * 86 + "==",
        "pip install pypi-Agent",
        "postgres://user:password@localhost/db",
        "postgres://postgres:postgres@localhost:5432/test",
        "postgres://${USER}:${PASSWORD}@db/app",
        "mysql://app:{password}@{host}/app",
        "mysql://app:<password>@host/app",
        "redis://:%(password)s@host",
        "https://jo:hunter2@www.example.com/",
        "https://host:8080/path@2x.png",
        "http://[::1]:8080/a:b@c",
        "git clone ssh://git@host.org:2222/repo",
        "SKILLS SK1234 sk-learn task-force-of-the-many-words-and-more-of-them",
        "SG.short.x",
        "-----BEGIN PRIVATE KEY-----",
        "if '-----BEGIN RSA PRIVATE KEY-----' in text:",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "eyJhbGciOiJIUzI1NiJ9",
        "secret_key = os.environ['SECRET_KEY']",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    ],
)
def test_what_is_plainly_no_secret_is_shown(line: str) -> None:
    assert find_secret_lines(f"{line}\n") == {}


@pytest.mark.parametrize("label", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize("indent", ["", "    ", '  "', "# "])
def test_all_lines_of_a_private_key_are_withheld(label: str, indent: str) -> None:
    key = make_private_key(label=label)
    block = "".join(indent + line + "\n" for line in key.splitlines())
    found = find_secret_lines(f"first line of it\n{block}last line of it\n")
    assert found == dict.fromkeys(range(1, 9), PRIVATE_KEY)


def test_a_private_key_in_one_line_of_json() -> None:
    text = '{\n "private_key": "' + make_private_key().replace("\n", "\\n") + '",\n "type": "x"\n}\n'
    assert find_secret_lines(text) == {1: PRIVATE_KEY}


def test_a_private_key_put_together_from_strings() -> None:
    text = "key = (\n" + "".join(f'    "{line}\\n"\n' for line in make_private_key().splitlines()) + ")\n"
    assert find_secret_lines(text) == dict.fromkeys(range(1, 9), PRIVATE_KEY)


def test_a_private_key_with_headers_and_one_without_its_end() -> None:
    first, *rest = make_private_key().splitlines(keepends=True)
    headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123\n\n"
    assert list(find_secret_lines(first + headers + "".join(rest) + "a word\n")) == list(range(11))
    assert list(find_secret_lines("x = 1\n" + first + "".join(rest[:-1]) + "def f(): pass\n")) == list(range(1, 8))


def test_code_between_the_names_of_both_ends_is_no_key() -> None:
    code = "".join(f"    call_some_function_{n}(with_an_argument_of_length={n})\n" for n in range(9))
    text = f"START = '-----BEGIN PRIVATE KEY-----'\n{code}END = '-----END PRIVATE KEY-----'\n"
    assert find_secret_lines(text) == {}


@pytest.mark.parametrize(
    "piece", ["://a:", "eyJa.", "-----BEGIN PRIVATE KEY-----", "twilio_auth ", "secret_key ", "AKIA", "sk-", "A" * 64]
)
def test_no_text_keeps_the_search_busy(piece: str) -> None:
    text = piece * (400_000 // len(piece))
    started = time.perf_counter()
    find_secret_lines(text)
    find_secret_lines(text.replace("-----B", "\n-----B"))
    assert time.perf_counter() - started < 5
