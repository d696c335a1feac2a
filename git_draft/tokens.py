"""Which lines of a text hold a well-known kind of secret: keys, tokens, passwords in addresses, private keys.

Only what the text itself tells: files are withheld by their name in `secrets.py`. What is done about such a line is
`masking.py`'s to say. Placeholders that plainly stand for a secret, as documents have them, are none.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from git_draft.frozen import frozen


@frozen
class Kind:
    """A kind of secret that fits into a line.

    Args:
        name: what a bot and the user are told.
        anchors: pieces of text, one of which is in every such secret; found much faster than the pattern.
        pattern: the secret, or, as group ``secret``, the part that is to be judged.
    """

    name: str
    anchors: tuple[str, ...]
    pattern: re.Pattern[str]


def _make_kind(name: str, anchors: str, pattern: str) -> Kind:
    return Kind(name, tuple(anchors.split()), re.compile(pattern))


_END = r"(?![A-Za-z0-9_-])"
KINDS = (
    _make_kind("aws-access-key", "AKIA ASIA ABIA ACCA", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])"),
    _make_kind(
        "aws-secret-key",
        "secret_access_key SECRET_ACCESS_KEY secretAccessKey SecretAccessKey secretaccesskey secret_key SECRET_KEY secretKey",
        r"(?i:secret_?(?:access_?)?key)[\"']?[ \t]{0,20}(?::|=>?|,)?[ \t]{0,20}[\"']?(?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    ),
    _make_kind("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36,255}" + _END),
    _make_kind("github-fine-grained-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{60,255}"),
    _make_kind(
        "gitlab-token",
        "glpat- gldt- glrt- glcbt- glptt- glft- glimt- glagent- gloas- glsoat-",
        r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[A-Za-z0-9_.-]{20,300}",
    ),
    _make_kind("slack-token", "xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe. xapp-", r"(?:xox[abeoprs][-.]|xapp-\d-)[A-Za-z0-9-]{16,300}"),
    _make_kind(
        "slack-webhook", "hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9_/+-]{30,200})"
    ),
    _make_kind("google-api-key", "AIza", r"(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}" + _END),
    _make_kind("stripe-key", "k_live_", r"(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{16,250}"),
    _make_kind("anthropic-key", "sk-ant-", r"(?<![A-Za-z0-9])sk-ant-[A-Za-z0-9_-]{20,250}"),
    _make_kind(
        "openai-key",
        "sk-proj- sk-svcacct- sk-admin- sk-",
        r"(?<![A-Za-z0-9-])sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,300}|[A-Za-z0-9]{40,64}" + _END + ")",
    ),
    _make_kind("npm-token", "npm_", r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36}" + _END),
    _make_kind("pypi-token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{50,1000}"),
    _make_kind("sendgrid-key", "SG.", r"(?<![A-Za-z0-9])SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}" + _END),
    _make_kind(
        "twilio-key",
        "SK twilio Twilio TWILIO",
        r"(?<![A-Za-z0-9])SK[0-9a-f]{32}(?![A-Za-z0-9])|(?i:twilio[\w.-]{0,20}(?:auth|token|secret))[\w\"' \t]{0,20}[:=][\"' \t]{0,5}"
        r"(?P<secret>[0-9a-f]{32})(?![A-Za-z0-9])",
    ),
    _make_kind("azure-storage-key", "AccountKey=", r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)"),
    _make_kind("json-web-token", "eyJ", r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{20,2000}"),
    _make_kind(
        "password-in-url", "://", r"://(?P<user>[^\s:/@'\"<>]{0,100}):(?P<secret>[^\s@/'\"<>{}$]{4,200})@(?P<host>[\w.\[-]{1,200})"
    ),
)  # fmt: skip
"""In the order in which they are tried; the first names the line."""

PRIVATE_KEY = "private-key"
_BLOCK_START = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BLOCK_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_BLOCK_LINE = re.compile(  # at most one word, in quotes perhaps, or a header such as "Proc-Type: 4,ENCRYPTED"
    r"[^A-Za-z0-9+/=\n]{0,40}(?:[A-Za-z0-9+/=]+|[A-Z][A-Za-z-]{3,30}: [^\n]{0,200})?(?:\\[nr]){0,2}[^A-Za-z0-9+/=\n]{0,40}(?:\n|$)"
)
_KEY_LETTERS = re.compile(r"[A-Za-z0-9+/=]{16,}")
_LEAST_KEY_LETTERS = 64
_MAX_LINE_CHARS = 32_000  # of a key in one line

_EXAMPLE_WORDS = re.compile(
    r"example|sample|placeholder|redacted|changeme|your[_-]|abcdefgh|12345678|(.)\1{4}|\.\.\.|(?:[A-Z]{4,}[_-]){2}",
    re.IGNORECASE,
)
_EXAMPLE_PASSWORDS = frozenset(
    (
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "root",
        "admin",
        "test",
        "user",
        "username",
        "guest",
        "postgres",
        "mysql",
        "pw",
    )
)
_NO_PASSWORD = re.compile(r"example|password|^x+$|^\.+$|%[(s]|your")
_FEW_LETTERS = 6


def find_secret_lines(text: str) -> Mapping[int, str]:
    """Find the lines that hold a secret, by number from 0, with the name of its kind; lines end at LF."""
    found: dict[int, str] = {}
    starts: list[int] = []
    for start, end, name in _iter_secrets(text):
        starts = starts or [0, *(match.end() for match in re.finditer("\n", text))]
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1
        for line in range(first, last + 1):
            found.setdefault(line, name)
    return dict(sorted(found.items()))


def _iter_secrets(text: str) -> Iterator[tuple[int, int, str]]:
    """Give start, end and kind of each secret."""
    for kind in KINDS:
        if any(anchor in text for anchor in kind.anchors):
            for match in kind.pattern.finditer(text):
                if not _is_example(kind, match):
                    yield *match.span(), kind.name
    if "PRIVATE KEY" in text:
        yield from _iter_blocks(text)


def _iter_blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Give private keys from the first line to the last, also where the last is missing."""
    endings = [match.end() for match in _BLOCK_END.finditer(text)]
    end = 0
    for match in _BLOCK_START.finditer(text):
        if match.start() < end:  # within the one before
            continue
        end = _find_block_end(text, match.end(), endings)
        letters = "".join(_KEY_LETTERS.findall(text, match.end(), end))
        if len(letters) >= _LEAST_KEY_LETTERS and len(set(letters)) > _FEW_LETTERS:
            yield match.start(), end, PRIVATE_KEY


def _find_block_end(text: str, at: int, endings: Sequence[int]) -> int:
    """Find the end of a key: in the same line, as in JSON, or after lines that may be part of one."""
    closing = _find_in_line(text, at, endings)
    if closing is None:
        while at < len(text) and (match := _BLOCK_LINE.match(text, at)):
            at = match.end()
        closing = _find_in_line(text, at, endings)
    return at if closing is None else closing


def _find_in_line(text: str, at: int, endings: Sequence[int]) -> int | None:
    index = bisect_right(endings, at)
    if index == len(endings) or "\n" in text[at : min(endings[index], at + _MAX_LINE_CHARS)]:
        return None
    return endings[index] if endings[index] <= at + _MAX_LINE_CHARS else None


def _is_example(kind: Kind, match: re.Match[str]) -> bool:
    """Tell whether a secret is plainly made up."""
    secret = match["secret"] if "secret" in kind.pattern.groupindex else None
    if kind.name == "password-in-url" and secret is not None:
        word = secret.lower().strip("[]()*")
        is_placeholder = not word or word in _EXAMPLE_PASSWORDS or secret == match["user"]
        return is_placeholder or "example" in match["host"] or _NO_PASSWORD.search(word) is not None
    text = secret or match[0]
    return _EXAMPLE_WORDS.search(text) is not None or len(set(text[4:])) <= _FEW_LETTERS
