"""Base URLs and keys: read, shown without what is secret in them, and told whether they lead off this machine.

Pure functions for `openai.py`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from git_draft.errors import ConfigError

DEFAULT_BASE_URL = "https://api.openai.com/v1"
NO_KEY = "placeholder-as-no-api-key-is-set"
"""Sent where there is no key: most servers on this machine want none, those that do are told what is missing."""

_ACCOUNT = {"OPENAI_ORG_ID": "OpenAI-Organization", "OPENAI_PROJECT_ID": "OpenAI-Project"}
"""Variables of the environment that say whom the key's use is counted for, with the headers they are sent in."""


def parse_base_url(text: str) -> SplitResult:
    """Read a base URL.

    Raises:
        ConfigError: where it is none; a password in it is not repeated.
    """
    try:
        url = urlsplit(text.strip())
        is_complete = url.scheme in {"http", "https"} and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        is_complete = False
    if not is_complete:
        shown = f"***@{text.rpartition('@')[2]}" if "@" in text else text  # before it: user and password
        raise ConfigError(f"bad base URL: {shown}", hint="it looks like http://localhost:11434/v1")
    return url


def format_url(url: SplitResult) -> str:
    """Give a URL as it may be shown, without user and password."""
    return url._replace(netloc=url.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")


def is_this_machine(name: str) -> bool:
    """Tell whether a host's name or address is this machine's own."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def check_key(key: str, host: str | None) -> str:
    """Give the key that is sent.

    Args:
        key: the key, empty where there is none.
        host: the remote host, None for this machine, which needs none.

    Raises:
        ConfigError: where there is none, or it can't be sent.
    """
    key = key.strip()
    if not key and host is None:
        return NO_KEY
    if not key:
        raise ConfigError(
            f"no API key for {host}",
            hint="set api_key of this bot, or, for the default host and OPENAI_BASE_URL, OPENAI_API_KEY",
        )
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"the API key for {host or 'this machine'} has characters that can't be sent")
    return key


def make_account_headers(env: Mapping[str, str]) -> Mapping[str, str]:
    """Give the headers that name organization and project of an account with several.

    Args:
        env: where OPENAI_ORG_ID and OPENAI_PROJECT_ID are read.

    Raises:
        ConfigError: where one can't be sent.
    """
    headers = {header: env[variable].strip() for variable, header in _ACCOUNT.items() if env.get(variable)}
    for variable, header in _ACCOUNT.items():
        value = headers.get(header, "")
        if value and not (value.isascii() and value.isprintable()):
            raise ConfigError(f"{variable} has characters that can't be sent")
    return headers
