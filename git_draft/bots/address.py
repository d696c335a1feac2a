"""Base URLs and keys: read, shown without what is secret in them, and told whether they lead off this machine.

Pure functions for `openai.py`.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from git_draft.errors import ConfigError

DEFAULT_BASE_URL = "https://api.openai.com/v1"
NO_KEY = "placeholder-as-no-api-key-is-set"
"""Sent where there is no key: the openai package wants one, a server on this machine mostly does not."""


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
