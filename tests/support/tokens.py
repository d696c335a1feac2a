"""Secrets as they look, made up while the tests run: none of them stands in a file, where a scanner would find it."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping

_LETTERS = string.ascii_letters + string.digits
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_HEX = "0123456789abcdef"


def _draw(letters: str, count: int) -> Callable[[random.Random], str]:
    return lambda rng: "".join(rng.choice(letters) for _ in range(count))


def _format(template: str, *parts: Callable[[random.Random], str]) -> Callable[[random.Random], str]:
    return lambda rng: template.format(*(part(rng) for part in parts))


MAKERS: Mapping[str, Callable[[random.Random], str]] = {
    "aws-access-key": _format("AKIA{}", _draw(_UPPER, 16)),
    "aws-secret-key": _format('aws_secret_access_key = "{}"', _draw(_LETTERS + "/+", 40)),
    "github-token": _format("ghp_{}", _draw(_LETTERS, 36)),
    "github-fine-grained-token": _format("github_pat_{}_{}", _draw(_LETTERS, 22), _draw(_LETTERS, 59)),
    "gitlab-token": _format("glpat-{}", _draw(_LETTERS, 20)),
    "slack-token": _format("xoxb-{}-{}", _draw("1234567890", 12), _draw(_LETTERS, 24)),
    "slack-webhook": _format(
        "https://hooks.slack.com/services/T{}/B{}/{}", _draw(_UPPER, 9), _draw(_UPPER, 9), _draw(_LETTERS, 24)
    ),
    "google-api-key": _format("AIza{}", _draw(_LETTERS, 35)),
    "stripe-key": _format("sk_live_{}", _draw(_LETTERS, 24)),
    "anthropic-key": _format("sk-ant-api03-{}", _draw(_LETTERS, 90)),
    "openai-key": _format("sk-proj-{}", _draw(_LETTERS, 80)),
    "npm-token": _format("npm_{}", _draw(_LETTERS, 36)),
    "pypi-token": _format("pypi-AgE{}", _draw(_LETTERS, 120)),
    "sendgrid-key": _format("SG.{}.{}", _draw(_LETTERS, 22), _draw(_LETTERS, 43)),
    "twilio-key": _format("SK{}", _draw(_HEX, 32)),
    "azure-storage-key": _format("AccountName=a;AccountKey={}==;", _draw(_LETTERS, 86)),
    "json-web-token": _format("eyJ{}.eyJ{}.{}", _draw(_LETTERS, 30), _draw(_LETTERS, 60), _draw(_LETTERS, 43)),
    "password-in-url": _format("postgresql+psycopg2://app:{}@db.corp:5432/app", _draw(_LETTERS, 12)),
}
"""A maker for each kind of secret that fits into a line, by its name."""


def make_token(kind: str, seed: int = 1) -> str:
    """Make up a secret, the same for the same seed.

    Args:
        kind: its name in `git_draft.tokens`.
        seed: which one.
    """
    return MAKERS[kind](random.Random(f"{kind} {seed}"))  # noqa: S311  # made up, no secret


def make_private_key(lines: int = 6, *, seed: int = 1, label: str = "RSA ") -> str:
    """Make up a private key as it stands in a file, with a final line end."""
    rng = random.Random(seed)  # noqa: S311  # made up, no secret
    body = "".join(_draw(_LETTERS + "+/", 64)(rng) + "\n" for _ in range(lines - 1)) + _draw(_LETTERS, 30)(rng) + "==\n"
    return f"-----BEGIN {label}PRIVATE KEY-----\n{body}-----END {label}PRIVATE KEY-----\n"
