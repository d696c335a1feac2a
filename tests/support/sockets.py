"""A guard that lets this process talk to loopback and Unix sockets only.

`tests/conftest.py` puts it up. It listens to Python's audit events, so that nothing has to be patched.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

import pytest


def is_local(host: object) -> bool:
    """Tell whether a host name or address is this machine's loopback."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def guard_sockets() -> None:
    """Fail any test from now on that looks up or connects to another machine; there is no way back."""
    sys.addaudithook(_refuse_remote)


def _refuse_remote(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # else the path of a Unix socket
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = args[0]
    else:
        return
    if not is_local(host):
        pytest.fail(f"a test tried to reach {host}; only loopback is open to tests")
