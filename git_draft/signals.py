"""The signals that ask a program to stop, and how to put them off where half done is worse than done.

Called by running (a bot may be stopped at any time) and by what moves refs and files (which may not).
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def put_off() -> Iterator[None]:
    """Put off what asks to stop until the end of the block, then let it happen."""
    if threading.current_thread() is not threading.main_thread():  # only there can handlers be set
        yield
        return
    arrived: list[int] = []
    before = {number: signal.getsignal(number) for number in STOPPING}
    handled = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in handled:
        signal.signal(number, lambda arrived_number, _frame: arrived.append(arrived_number))
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, before[number])
        if arrived:
            signal.raise_signal(arrived[0])
